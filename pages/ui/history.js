// Moves of one control that follow each other within a second are one step of the browser's history. Streamlit adds an
// entry whenever the address changes; here the ones in between take the place of the one before.

const QUICK = 1000; // ms

export default function () {
  if (window.history.quick) return;
  const push = window.history.pushState.bind(window.history);
  let last = { at: -Infinity, moved: "", url: "" };
  window.history.quick = true;
  window.history.pushState = (state, title, url) => {
    const now = performance.now(), before = window.location.href, next = new URL(url, before).href;
    const moved = different(before, next);
    const goesOn = moved && moved === last.moved && before === last.url && now - last.at < QUICK;
    last = { at: now, moved, url: next };
    return goesOn ? window.history.replaceState(state, title, url) : push(state, title, url);
  };
}

// The names of the parameters in which two addresses of one page differ; "" for addresses of two pages.
function different(one, other) {
  const [a, b] = [new URL(one), new URL(other)];
  if (a.pathname !== b.pathname) return "";
  const names = new Set([...a.searchParams.keys(), ...b.searchParams.keys()]);
  names.delete("v"); // the version, which a link without settings does not have
  return [...names].filter(name => a.searchParams.get(name) !== b.searchParams.get(name)).sort().join();
}
