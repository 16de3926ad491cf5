// What this browser keeps of the way through the pages: those it has opened, and what was chosen on each.
const KEY = "gradient-laboratory";

function kept() {
  try { return JSON.parse(localStorage.getItem(KEY)) ?? {}; } catch { return {}; }
}

function keep(changes) {
  try { localStorage.setItem(KEY, JSON.stringify({ ...kept(), ...changes })); } catch { } // a browser that keeps nothing
}

