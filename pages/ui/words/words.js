// Marks each of `data.words` where it first stands in the prose before it, and shows its sentence on hover, tap or
// focus. What Streamlit has drawn is only measured: a button lies over each word, in a layer of the component's own.

const layers = new WeakMap();
const UNMARKED = "code, a, h1, h2, h3, h4, .katex-mathml";
const LEAVING = 150; // ms in which the pointer may cross from a word to its sentence

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".words");
  const asked = JSON.stringify(data.words);
  const known = layers.get(parentElement);
  if (known?.asked === asked) { known.place(); return known.end; }
  known?.end();
  const layer = made(root, data.words, asked);
  layers.set(parentElement, layer);
  return () => { layer.end(); layers.delete(parentElement); };
}

function made(root, words, asked) {
  const prose = (root.getRootNode().host ?? root).closest('[class*="st-key-prose_"]');
  if (!prose) return { asked, place() {}, end() {} };
  const tip = element("div", { role: "tooltip", id: "sentence", hidden: "" });
  const marks = words.map(word => ({ word, button: button(word) }));
  root.replaceChildren(...marks.map(mark => mark.button), tip);
  let open = null, leaving = 0;

  function button(word) {
    const one = element("button", { type: "button", "aria-label": word.term, "aria-expanded": "false" });
    one.onclick = () => show(one, word);
    one.onfocus = () => show(one, word);
    one.onmouseenter = () => show(one, word);
    one.onmouseleave = leave;
    one.onblur = hide;
    return one;
  }
  function show(one, word) {
    clearTimeout(leaving);
    if (open === one) return;
    hide();
    open = one;
    const term = element("strong", {});
    term.textContent = word.term;
    tip.replaceChildren(term, `: ${word.sentence}`);
    tip.hidden = false;
    one.setAttribute("aria-expanded", "true");
    one.setAttribute("aria-describedby", "sentence");
    const left = Math.min(one.offsetLeft, root.clientWidth - tip.offsetWidth);
    const below = one.getBoundingClientRect().bottom + tip.offsetHeight + 8 < window.innerHeight - 80; // the player's bar
    tip.style.left = `${Math.max(left, 0)}px`;
    tip.style.top = `${below ? one.offsetTop + one.offsetHeight + 4 : one.offsetTop - tip.offsetHeight - 4}px`;
  }
  function hide() {
    clearTimeout(leaving);
    tip.hidden = true;
    open?.setAttribute("aria-expanded", "false");
    open?.removeAttribute("aria-describedby");
    open = null;
  }
  function leave() { clearTimeout(leaving); leaving = setTimeout(hide, LEAVING); }
  tip.onmouseenter = () => clearTimeout(leaving);
  tip.onmouseleave = leave;
  const escape = event => { if (event.key === "Escape" && open) { hide(); event.stopPropagation(); } };
  const elsewhere = event => { if (open && !event.composedPath().includes(root)) hide(); };
  document.addEventListener("keydown", escape, true);
  document.addEventListener("pointerdown", elsewhere, true);

  function place() {
    const from = root.getBoundingClientRect(), taken = [];
    for (const { word, button } of marks) {
      const range = first(prose, word, taken);
      button.hidden = !range;
      if (!range) continue;
      taken.push(range);
      const { left, top, width, height } = range.getClientRects()[0] ?? range.getBoundingClientRect();
      Object.assign(button.style, { left: `${left - from.left}px`, top: `${top - from.top}px`, width: `${width}px`,
        height: `${height}px` });
    }
    const inOrder = [...marks].sort((one, other) => before(one.button, other.button)).map(mark => mark.button);
    if (inOrder.some((one, at) => root.children[at] !== one) && !root.contains(root.getRootNode().activeElement)) {
      root.replaceChildren(...inOrder, tip);
    }
  }
  let asking = 0;
  const later = () => { cancelAnimationFrame(asking); asking = requestAnimationFrame(place); };
  const sizes = new ResizeObserver(later), changes = new MutationObserver(later);
  sizes.observe(prose);
  changes.observe(prose, { childList: true, characterData: true, subtree: true });
  document.fonts?.ready.then(later);
  place();
  return { asked, place: later, end() {
    sizes.disconnect();
    changes.disconnect();
    cancelAnimationFrame(asking);
    clearTimeout(leaving);
    document.removeEventListener("keydown", escape, true);
    document.removeEventListener("pointerdown", elsewhere, true);
  } };
}

function element(tag, attributes) {
  const one = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => one.setAttribute(name, value));
  return one;
}

function before(one, other) {
  return one.offsetTop - other.offsetTop || one.offsetLeft - other.offsetLeft;
}

// Where the word first stands, not inside of one that was found already: a range of the text, or null.
function first(prose, { pattern, sign }, taken) {
  const texts = document.createTreeWalker(prose, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const parent = text.parentElement;
    if (!parent || parent.closest(UNMARKED) || (!sign && parent.closest(".katex"))) continue;
    for (const [at, length] of places(text, parent, pattern, sign)) {
      const range = document.createRange();
      range.setStart(text, at);
      range.setEnd(text, at + length);
      if (!taken.some(other => crosses(range, other))) return range;
    }
  }
  return null;
}

function places(text, parent, pattern, sign) {
  if (pattern) return [...text.data.matchAll(new RegExp(pattern, "gi"))].map(found => [found.index, found[0].length]);
  if (sign === "E[·]") return text.data.startsWith("E") && parent.closest(".mathbb") ? [[0, 1]] : [];
  const at = text.data.indexOf(sign);
  return at < 0 ? [] : [[at, sign.length]];
}

function crosses(range, other) {
  return range.compareBoundaryPoints(Range.END_TO_START, other) < 0 && range.compareBoundaryPoints(Range.START_TO_END, other) > 0;
}
