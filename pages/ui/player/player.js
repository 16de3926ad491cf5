// The play-head. It is kept on the document, as `document.body.value`, and every chart that moves has a parameter bound
// to it (Vega-Lite's `bind: {element, event}`), so a chart that is drawn later, or again, reads where it stands. Each
// has an event of its own, named after its place on the page: one that nobody sees rests until it comes into sight.
//
// A run comes in parts: `data.known` moments of it are there, and the event `more` asks the server for the next part.
// Once the head has rested for a moment, the event `rest` tells the server where, for what only the server can draw.

const RESTS = 200; // ms without a move, after which the head is said to rest
const SPREAD = 5000; // ms over which the phones of a room tell it, that they do not all come at once
const ASK_AGAIN = 20000; // ms without an answer, after which it asks again: a message may be lost with its connection

const PLACES = "[class*='st-key-main_'], [class*='st-key-place_']"; // of charts

// One bar a page, and one head: a bar that Streamlit mounts anew, because something appeared above it, goes on.
const head = { page: null, run: null, begun: 0, at: 0, goal: 0, playing: false, told: null, led: false };
let bar = null;

export default function ({ parentElement, data, setTriggerValue }) {
  if (bar?.root !== parentElement) bar = mounted(parentElement);
  bar.take(data, setTriggerValue);
  return () => bar?.root === parentElement && bar.rest();
}

const unseen = new Set(), watched = new WeakSet();
const sight = new IntersectionObserver(entries => entries.forEach(({ target, isIntersecting }) => {
  unseen[isIntersecting ? "delete" : "add"](target);
  if (isIntersecting) move(target);
}), { rootMargin: "0px 0px -60px 0px" }); // the bar itself covers as much

function move(place) { // a chart to the head
  document.body.dispatchEvent(new Event(`playhead-${/st-key-((?:main|place)_\S+)/.exec(place.className)[1]}`));
}

function follow(everywhere) { // charts to the head: those in sight, or all
  unseen.forEach(place => place.isConnected || unseen.delete(place));
  for (const place of document.querySelectorAll(PLACES)) {
    if (!watched.has(place)) sight.observe(place);
    watched.add(place);
    if (everywhere || !unseen.has(place)) move(place);
  }
}

function mounted(root) {
  const find = selector => root.querySelector(selector);
  const [reset, play, step, end] = [".reset", ".play", ".step", ".end"].map(find);
  const range = find("input"), label = find("output"), speed = find("select"), waits = find(".waits");
  let data = { known: 0, finished: false, labels: [] };
  let send = () => {}, asked = -Infinity, resting = 0, frame = 0, from = 0, since = 0;

  const last = () => (data.finished ? data.known : data.labels.length) - 1;
  const needs = () => !data.finished && (data.known === 0 || head.playing || head.goal >= data.known);

  function show(at) {
    head.at = Math.max(0, Math.min(at, data.known - 1));
    document.body.value = head.at;
    document.body.dispatchEvent(new Event("playhead"));
    follow();
    range.max = Math.max(last(), 0); // before the value, which may not be beyond it
    range.value = head.at;
    label.textContent = data.labels[head.at] ?? "";
    range.setAttribute("aria-valuetext", label.textContent);
    clearTimeout(resting);
    if (!head.playing) resting = setTimeout(tell, RESTS + head.led * Math.random() * SPREAD);
  }

  function tell() { // where the head rests
    follow(true);
    const place = `${head.run}:${head.at}`;
    if (data.known && !head.playing && head.told !== place) send("rest", { run: head.run, at: head.at });
    head.told = place;
  }

  function ask() {
    const now = performance.now();
    if (needs() && !document.hidden && now - asked > ASK_AGAIN) {
      asked = now;
      send("more", data.known);
      setTimeout(ask, ASK_AGAIN + 100);
    }
    draw();
  }

  function tick(now) {
    frame = 0;
    if (!head.playing) return;
    const wanted = momentAt(timeOf(from) + (now - since) * speed.value);
    if (wanted >= data.known && !data.finished) [from, since] = [head.at, now]; // the next part has not come
    else if (wanted > head.at) show(Math.min(wanted, last()));
    if (head.at >= last()) pause();
    else run();
    draw();
  }

  // ms from the beginning to a moment, at speed 1, and back: the first ones are slow, those after them may be strides.
  function timeOf(moment) {
    const { frame, slow, slowly, stride } = data.pace;
    return Math.min(moment, slow) * slowly + Math.max(moment - slow, 0) / stride * frame;
  }

  function momentAt(time) {
    const { frame, slow, slowly, stride } = data.pace, fast = time - slow * slowly + 1e-6;
    return fast < 0 ? Math.floor(time / slowly + 1e-9) : slow + Math.floor(fast / frame) * stride;
  }

  function run() { frame ||= requestAnimationFrame(tick); }
  function clock() { [from, since] = [head.at, performance.now()]; }

  function start() {
    head.goal = 0;
    head.playing = true;
    if (head.at >= last()) show(0);
    clock();
    run();
    ask();
  }

  function pause() {
    head.playing = false;
    show(head.at);
    draw();
  }

  function to(goal) { // as far as it is known, and the rest of the way when that has come
    head.playing = false;
    head.goal = Math.max(0, Math.min(goal, last()));
    show(head.goal);
    ask();
  }

  function led({ at, playing, speed: pace, age }) { // by the lecturer, who was there `age` s ago (pages/ui/rooms)
    [head.led, speed.value] = [true, pace];
    to(at);
    if (!playing) return;
    head.playing = true;
    [from, since] = [at, performance.now() - age * 1000];
    run();
    ask();
  }

  function draw() {
    const waiting = needs() && head.at >= data.known - 1;
    play.classList.toggle("playing", head.playing);
    play.querySelector("span").textContent = head.playing ? "Pause" : "Play";
    range.disabled = step.disabled = data.labels.length < 2;
    waits.textContent = waiting ? data.waits : data.came;
    root.querySelector(".player").setAttribute("aria-busy", waiting);
  }

  play.onclick = () => head.playing ? pause() : start();
  step.onclick = () => to(head.at + 1);
  end.onclick = () => to(last());
  reset.onclick = () => to(0);
  range.oninput = () => to(+range.value);
  speed.onchange = clock;
  for (const kind of ["pointerdown", "keydown"]) root.addEventListener(kind, () => { head.led = false; });
  const visited = ({ detail }) => { // a room asks where the head is, or says where it is to be
    if (detail.run && detail.run === head.run) led(detail);
    Object.assign(detail, { run: head.run, at: head.at, playing: head.playing, speed: +speed.value });
  };
  document.addEventListener("playerhead", visited);
  const woken = () => { clock(); ask(); }; // a hidden tab stands still and asks for nothing
  document.addEventListener("visibilitychange", woken);
  const keyed = ({ detail }) => ({ // pages/ui/keys.js
    play: () => play.click(), start: () => to(0), back: () => to(head.at - 1), step: () => to(head.at + 1),
  })[detail]?.();
  document.addEventListener("playerkey", keyed);

  function take(next, trigger) {
    const other = next.run !== head.run, began = next.begun !== head.begun && next.begun > 0;
    const goesOn = head.playing && next.page === head.page;
    [data, send, asked] = [next, trigger, -Infinity];
    [head.page, head.run, head.begun] = [next.page, next.run, next.begun];
    if (other || began) {
      [head.playing, head.goal, head.told] = [false, next.opens, `${next.run}:${next.opens}`];
      if (!next.known) head.told = null;
      show(next.opens);
      if (began ? next.plays : goesOn) return start();
    } else if (head.goal > head.at) show(head.goal);
    else show(head.at);
    if (head.playing) run();
    ask();
  }

  function rest() { // unmounted: another bar takes over
    cancelAnimationFrame(frame);
    clearTimeout(resting);
    document.removeEventListener("visibilitychange", woken);
    document.removeEventListener("playerkey", keyed);
    document.removeEventListener("playerhead", visited);
    frame = 0;
    bar = null;
  }

  return { root, take, rest };
}
