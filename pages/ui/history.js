// Moves of one control that follow each other within a second are one step of the browser's history. Streamlit adds an
// entry whenever the address changes; here the ones in between take the place of the one before. It is the moves that
// count, not when the server has answered them.

const QUICK = 1000; // ms

export default function () {
  if (window.history.quick) return;
  window.history.quick = true;
  const push = window.history.pushState.bind(window.history);
  let moved = -Infinity, moves = 0; // when somebody last moved something, and how often after a rest
  let last = { moves: -1, what: "", url: "" };
  for (const kind of ["keydown", "pointerdown", "pointerup", "input"]) {
    document.addEventListener(kind, event => {
      if (event.timeStamp - moved > QUICK) moves += 1;
      moved = event.timeStamp;
    }, { capture: true, passive: true });
  }
  window.history.pushState = (state, title, url) => {
    const before = window.location.href, next = new URL(url, before).href, what = different(before, next);
    const goesOn = what && what === last.what && before === last.url && moves === last.moves;
    last = { moves, what, url: next };
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
