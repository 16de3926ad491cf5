// A room: a phone asks once a second whether anything has changed where its lecturer is, and follows; the lecturer's
// browser says where it is, and hears what the hall has chosen. Both speak to the server's routes (pages/routes), and
// no script runs for it. A tab keeps in which room it is (sessionStorage), so that a reload changes nothing; a browser
// keeps the number that it has made for itself (localStorage), so that two tabs of it are one phone.

const TICK = 150; // ms between two looks at this page's own address and play-head
const ASKS = 1000, RESTS = 10000; // ms between two questions to the server; after a refusal
const WAITS = 8000; // ms for an answer of the script before it is asked again
const STORE = "gradient-laboratory-room", PHONE = "gradient-laboratory-phone";

let view = null; // where Streamlit has mounted the bar last: { root, data, say }
let told = null, got = 0, error = "", busy = false, asked = -Infinity, wait = ASKS; // by the server, and when
let sent = {}, headDone = true, wanted = { what: "", at: -Infinity }, drawn = "", tally = false, phoneOnly = "";
let opening = ""; // the lecturer's page: it is "asked" for, or it "runs"

export default function ({ parentElement, data, setTriggerValue }) {
  view = { root: parentElement.querySelector(".room"), data, say: said => setTriggerValue("said", said) };
  drawn = "";
  enter();
  tick();
}

setInterval(() => view?.root.isConnected && tick(), TICK);
document.addEventListener("visibilitychange", () => { asked = -Infinity; }); // a phone that wakes asks at once

// What is kept

function mine() {
  try { return JSON.parse(sessionStorage.getItem(STORE)) ?? {}; } catch { return {}; }
}

function keep(changes) {
  try { sessionStorage.setItem(STORE, JSON.stringify({ ...mine(), ...changes })); } catch { } // it keeps nothing
}

function phone() {
  try { phoneOnly ||= localStorage.getItem(PHONE); } catch { }
  phoneOnly ||= [...crypto.getRandomValues(new Uint8Array(16))].map(one => one.toString(16).padStart(2, "0")).join("");
  try { localStorage.setItem(PHONE, phoneOnly); } catch { }
  return phoneOnly;
}

// The ways in and out

function enter() {
  const { data } = view, key = new URLSearchParams(location.hash.slice(1)).get("lead");
  const code = data.join || new URLSearchParams(location.search).get(data.parameter);
  if (key) { // the private link: its key stays out of the address, which the hall may see on the screen
    keep({ key, code: "" });
    history.replaceState(history.state, "", location.pathname + location.search);
  }
  if (data.refused) { keep(data.lead ? {} : { key: "" }); error = data.refused; }
  if (data.lead) keep({ key: data.lead.key, code: data.lead.code });
  else if (!mine().key && code && code !== mine().code) {
    keep({ code: code.replace(/[\s-]/g, "").toUpperCase().slice(0, 12), free: false });
    [told, error, asked, wait] = [null, "", -Infinity, ASKS];
  }
}

function leave() {
  sessionStorage.removeItem(STORE);
  const url = new URL(location.href);
  url.searchParams.delete(view.data.parameter);
  history.replaceState(history.state, "", url);
  [told, error, sent] = [null, "", {}];
}

function running() { // the script
  return document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "running";
}

function once(said) { // asks the script once it rests, and again if no answer comes
  if (running()) return;
  const what = JSON.stringify(said), now = performance.now();
  if (what === wanted.what && now - wanted.at < WAITS) return;
  wanted = { what, at: now };
  view.say(said);
}

// Where this page is

function split(path) { // what stands before a page's name, and the name
  const at = path.lastIndexOf("/") + 1, name = path.slice(at);
  return view.data.pages.includes(name) ? [path.slice(0, at), name] : [path.endsWith("/") ? path : `${path}/`, ""];
}

function address() {
  const query = new URLSearchParams(location.search);
  for (const name of [view.data.parameter, "view", "embed", "embed_options"]) query.delete(name);
  return split(location.pathname)[1] + (query.size ? `?${query}` : "");
}

function head(detail = {}) { // of the player's bar; with a run, it is to be there
  document.dispatchEvent(new CustomEvent("playerhead", { detail }));
  return detail;
}

// What is said to the server

async function speak(way, said) {
  busy = true;
  asked = performance.now();
  try {
    const url = `${split(location.pathname)[0]}room/${encodeURIComponent(mine().code)}${way}`;
    const answer = await fetch(url, said && {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(said) });
    wait = ASKS;
    if (answer.status === 204) { error = ""; return true; }
    const found = await answer.json();
    if (answer.ok) [told, got, error, headDone] = [found, performance.now(), "", !found.head];
    else {
      error = found.error;
      if (answer.status !== 400) { wait = RESTS * (0.5 + Math.random()); told = null; }
    }
    return answer.ok;
  } catch { // no network: what was last told stays
    error = "No connection. It is tried again.";
    wait = 2 * ASKS;
    return false;
  } finally {
    busy = false;
    draw();
  }
}

function tick() {
  const { code, key } = mine();
  if (key && !view.data.lead) once({ what: "lead", key });
  if (code && !busy && !document.hidden) key ? lead(key) : follow();
  draw();
}

function lead(key) { // says only what has changed here: another browser may lead with the same link
  const here = address(), at = head(), late = performance.now() - asked, lost = told && told.address === null;
  const moved = lost || here !== sent.here;
  const played = at.run && (lost || at.run !== sent.run || at.playing !== sent.playing || at.speed !== sent.speed
    || (!at.playing && at.at !== sent.at));
  if (late < wait && (error || !(moved || played))) return;
  const before = sent;
  sent = { here, ...at };
  speak("/lead", { key, ...(moved ? { address: here } : {}), ...(played ? { head: at } : {}) })
    .then(done => { if (!done) sent = before; });
}

function follow() {
  const { free } = mine(), now = performance.now();
  opening = opening && (running() ? "runs" : opening === "runs" ? "" : opening);
  if (told && !free) {
    if (told.address !== mine().at && told.address !== null) go();
    else if (!headDone) headDone = head({ ...told.head, age: told.head.age + (now - got) / 1000 }).led === true;
  }
  if (now - asked >= wait) speak(`?phone=${phone()}${told ? `&known=${told.version}` : ""}`);
}

function go() { // as the browser's back button does it: Streamlit opens what the address says, in one run of the script
  const [name, query] = told.address.split(/\?(.*)/s), place = split(location.pathname)[0] + name;
  if (running()) return;
  if (told.address !== address()) {
    opening = "asked";
    history.pushState(null, "", query ? `${place}?${query}` : place);
    window.dispatchEvent(new PopStateEvent("popstate"));
  }
  keep({ at: told.address });
}

// What is seen

function draw() {
  const { code, key, free } = mine(), { data, root } = view;
  if (code) document.body.dataset.room = key ? "leads" : "follows";
  else delete document.body.dataset.room;
  const { question, mine: choice, phones, tally: counts } = told ?? {};
  const seen = JSON.stringify([code, key, free, error, !told, opening, question, choice, phones, counts, tally, data.page, !!data.lead]);
  if (!code || seen === drawn) return;
  drawn = seen;
  const focus = root.getRootNode().activeElement?.textContent;
  root.replaceChildren(...(key ? leads(question, counts, phones) : follows(question, choice, free)));
  if (focus) [...root.querySelectorAll("button")].find(button => button.textContent === focus)?.focus();
}

function follows(question, choice, free) {
  const away = free ? "You look around on your own." : opening ? "The lecturer's page opens …"
    : "You follow the lecture.";
  const card = question && made("div", { className: "question" },
    made("p", { className: "text" }, question.text),
    group(question.text, question.choices.map((text, place) => button(text, () => speak("/answer", {
      phone: phone(), question: question.number, choice: place }), {
      ariaPressed: String(place === choice), disabled: question.right !== undefined,
      className: mark(place, choice, question.right) }))),
    made("p", { role: "status" }, question.right === undefined
      ? choice === undefined ? "Choose one." : "Your answer is in. You can change it until the answer is shown."
      : verdict(question, choice)));
  return [made("div", { className: "line" },
    made("span", { role: "status" }, made("b", {}, spaced(mine().code)), ` ${error || (told ? away : "…")}`),
    told && button(free ? "Back to the lecture" : "Look around on my own", () => {
      keep({ free: !free, at: "" });
      headDone = !told.head;
      tick();
    }),
    button("Leave", () => { leave(); view.say({ what: "leave" }); draw(); })),
  card || ""].filter(Boolean);
}

function mark(place, choice, right) {
  if (right === undefined) return "";
  return place === right ? "right" : place === choice ? "wrong" : "";
}

function verdict({ right, choices, because }, choice) {
  const said = choice === right ? "✓ Right." : choice === undefined ? `The answer: ${choices[right]}.` : "✗ Not so.";
  return `${said} ${because}`;
}

function leads(question, counts, phones = 0) {
  const { data } = view, page = mine().asked;
  const all = counts?.reduce((sum, count) => sum + count, 0) ?? 0;
  const line = made("div", { className: "line" },
    made("span", { role: "status" }, "You lead ", made("b", {}, spaced(mine().code)),
      error ? `: ${error}` : ` · ${phones} phone${phones === 1 ? "" : "s"} here${question ? ` · ${all} answered` : ""}`),
    data.lead && button("Show the code", show),
    data.lead && button("Copy my link", () => navigator.clipboard?.writeText(data.lead.mine), {
      title: "Your private link leads this room, also after the server was started anew. Keep it from the hall." }),
    !question && data.quiz && button("Ask the hall", () => {
      keep({ asked: data.page });
      tally = false;
      view.say({ what: "ask", page: data.page });
    }, { title: data.quiz.text }),
    question && button(tally ? "Hide the answers" : "Show the answers", () => { tally = !tally; draw(); }),
    question && question.right === undefined && button("Reveal", () => view.say({ what: "reveal", page })),
    question && button("End the question", () => view.say({ what: "done" })),
    button("End the room", () => {
      if (!confirm("The phones of the hall will follow no longer. End the room?")) return;
      view.say({ what: "end" });
      view.data.lead = null;
      leave();
      draw();
    }));
  if (!question) return [line];
  const most = Math.max(1, ...counts ?? []);
  return [line, made("div", { className: "question" },
    made("p", { className: "text" }, question.text),
    tally ? made("ul", { ariaLabel: "Answers" }, ...question.choices.map((text, place) => {
      const bar = made("span", { className: "bar" });
      bar.style.width = `${100 * counts[place] / most}%`;
      return made("li", { className: mark(place, undefined, question.right) },
        made("span", {}, `${place === question.right ? "✓ " : ""}${text}`), made("span", { className: "track" }, bar),
        made("span", { className: "count" }, `${counts[place]}${all ? ` · ${Math.round(100 * counts[place] / all)} %` : ""}`));
    })) : made("p", {}, question.choices.map((text, place) =>
      `${place === question.right ? "✓ " : ""}${text}`).join(" · ")),
    question.right === undefined ? "" : made("p", { role: "status" }, question.because))];
}

function show() { // code and picture as large as the window
  const { code, hall, picture } = view.data.lead;
  const dialog = made("dialog", {}, made("img", { src: picture, alt: `QR code of ${hall}` }),
    made("div", {}, made("p", { className: "code" }, spaced(code)), made("p", {}, hall),
      button("Close", () => dialog.close())));
  dialog.onclose = () => dialog.remove();
  dialog.onclick = () => dialog.close();
  view.root.parentNode.append(dialog);
  dialog.showModal();
}

function spaced(code) { return `${code.slice(0, 3)} ${code.slice(3)}`; }

function made(tag, { role, ariaLabel, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  if (role) element.setAttribute("role", role);
  if (ariaLabel) element.setAttribute("aria-label", ariaLabel);
  element.append(...children.filter(child => child || child === 0));
  return element;
}

function group(label, buttons) {
  return made("div", { className: "choices", role: "group", ariaLabel: label }, ...buttons);
}

function button(text, onclick, more = {}) {
  return made("button", { type: "button", onclick, ...more }, text);
}
