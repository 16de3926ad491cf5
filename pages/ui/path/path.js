// The way through the pages, with a mark at those that this browser has opened.
const KEY = "gradient-laboratory";

export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".path");
  let all = {};
  try { all = JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { }
  const seen = new Set([...(all.seen ?? []), data.page]);
  try { localStorage.setItem(KEY, JSON.stringify({ ...all, seen: [...seen] })); } catch { }
  root.replaceChildren(...data.pages.map(({ name, title }) => {
    const stop = document.createElement("span");
    stop.className = name === data.page ? "here" : seen.has(name) ? "seen" : "";
    stop.textContent = `${name === data.page ? "●" : seen.has(name) ? "✓" : "○"} ${title}`;
    return stop;
  }));
  root.setAttribute("aria-label", `Seen: ${data.pages.filter(({ name }) => seen.has(name)).length} of ` +
    `${data.pages.length} pages`);
}
