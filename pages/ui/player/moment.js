// What is said of the moment at which the play-head stands. `data.texts` and `data.badges` have each text and badge
// once, `data.at` which text belongs to each moment; the last one stands for what comes after it.

const shown = new WeakMap();

export default function ({ parentElement, data }) {
  shown.get(parentElement)?.();
  const root = parentElement.querySelector(".moment");
  const texts = data.texts.map(text => ({ ...text, ...data.badges[text.badge] }));
  const longest = texts.reduce((one, other) => size(other) > size(one) ? other : one, texts[0]);
  const [room, now] = [root.querySelector(".room"), root.querySelector(".now")];
  room.replaceChildren(...written(longest)); // unseen: what stands below does not move when a text gets longer
  let before = null;
  const follow = () => {
    const at = data.at[Math.min(document.body.value ?? 0, data.at.length - 1)];
    if (at === before) return;
    before = at;
    const open = now.querySelector("details")?.open;
    now.replaceChildren(...written(texts[at]));
    if (open) now.querySelector("details")?.setAttribute("open", "");
  };
  follow();
  document.body.addEventListener("playhead", follow);
  shown.set(parentElement, () => document.body.removeEventListener("playhead", follow));
  return () => document.body.removeEventListener("playhead", follow);
}

function size(text) { return text.says.length + (text.word ?? "").length; }

function made(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

// A text: a badge (word, icon, colour) if it has one, a line `says`, and `more` behind a summary.
function written({ says, word, icon, colour, rule, more }) {
  const lines = says.split("\n\n").map(paragraph => made("p", "", ...marked(paragraph)));
  if (word) {
    const badge = made("span", "badge", made("span", "icon", icon), made("strong", "", word));
    badge.style.setProperty("--hue", `var(--st-${colour}-text-color)`);
    badge.style.setProperty("--ground", `var(--st-${colour}-background-color)`);
    badge.title = rule ?? "";
    lines[0].prepend(badge, " ");
  }
  if (!more) return lines;
  const details = made("details", "", made("summary", "", ...lines), ...more.split("\n\n").map(
    paragraph => made("p", "", ...marked(paragraph))));
  return [details];
}

// **bold** and `code`, as the sentences have them; nothing of a text is ever taken for HTML.
function marked(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).filter(Boolean).map(piece =>
    piece.startsWith("**") ? made("strong", "", piece.slice(2, -2))
      : piece.startsWith("`") ? made("code", "", piece.slice(1, -1)) : piece);
}
