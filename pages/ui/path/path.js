// The way through the pages, with a mark at those that this browser has opened.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".path");
  const seen = new Set([...(kept().seen ?? []), data.page]);
  keep({ seen: [...seen] });
  root.replaceChildren(...data.pages.map(({ name, title }) => {
    const stop = document.createElement("span");
    stop.className = name === data.page ? "here" : seen.has(name) ? "seen" : "";
    stop.textContent = `${name === data.page ? "●" : seen.has(name) ? "✓" : "○"} ${title}`;
    return stop;
  }));
  root.setAttribute("aria-label", `Seen: ${data.pages.filter(({ name }) => seen.has(name)).length} of ` +
    `${data.pages.length} pages`);
}
