// Keys of every page: `data.keys` has what each one does, in the words that `?` shows. Streamlit's own are r, c, a and
// esc. A key does nothing while somebody types, nor where what has the focus uses that key itself.

const TYPES = "input:not([type=range], [type=checkbox], [type=radio], [type=button]), textarea, select, " +
  "[contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], [role=searchbox], [role=spinbutton]";
const CHOOSES = "input[type=range], input[type=radio], [role=slider], [role=radio], [role=tab], [role=option], " +
  "[role=listbox], [role=menu], [role=menuitem], [role=menuitemradio], [role=grid], [role=treegrid], canvas[tabindex]";
const PRESSES = "button, summary, input[type=checkbox], [role=button], [role=checkbox], [role=switch], " + CHOOSES;

const ACTS = { // by `event.key`: what it does, where a focused control uses it itself
  " ": [() => player("play"), PRESSES],
  ArrowLeft: [() => player("back"), CHOOSES],
  ArrowRight: [() => player("step"), CHOOSES],
  Home: [() => player("start"), CHOOSES],
  PageUp: [() => press(".st-key-previous_station button"), CHOOSES],
  PageDown: [() => press(".st-key-next_station button"), CHOOSES],
  p: [() => press(".st-key-present button"), "[role=listbox], [role=option], [role=menu], [role=menuitem]"],
  "?": [help, ""],
};

let keys = [];

export default function ({ data }) {
  keys = data.keys;
  if (document.keysOfThePage) return;
  document.keysOfThePage = true;
  document.addEventListener("keydown", event => {
    const [act, used] = ACTS[event.key] ?? [];
    if (!act || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.repeat && !event.key.startsWith("Arrow")) return;
    const focused = event.composedPath()[0];
    if (focused instanceof Element && (focused.closest(TYPES) || (used && focused.closest(used)))) return;
    if (document.querySelector("[role=dialog]") && event.key !== "?") return; // what lies above the page has the keys
    if (act()) event.preventDefault();
  });
}

function player(what) {
  const there = document.querySelector(".st-key-player") !== null;
  document.dispatchEvent(new CustomEvent("playerkey", { detail: what }));
  return there;
}

function press(selector) {
  const found = document.querySelector(selector);
  found?.click();
  return found !== null;
}

function help() {
  const open = document.querySelector("dialog.keys");
  if (open) return open.close(), true;
  const dialog = document.createElement("dialog");
  dialog.className = "keys";
  dialog.setAttribute("aria-label", "Keys");
  const list = document.createElement("dl");
  for (const [key, what] of keys) {
    for (const [tag, text] of [["dt", key], ["dd", what]]) {
      list.append(Object.assign(document.createElement(tag), { textContent: text }));
    }
  }
  const close = Object.assign(document.createElement("button"), { textContent: "Close" });
  close.onclick = () => dialog.close();
  dialog.append(list, close);
  dialog.onclose = () => dialog.remove();
  (document.querySelector(".stApp") ?? document.body).append(dialog); // it has the theme's colours and font
  dialog.showModal();
  return true;
}
