// What this browser keeps of the way through the pages: those it has opened, and what was chosen on each.
const KEY = "gradient-laboratory";
let until_closed = {}; // a browser that keeps nothing has it as long as the page is open

function kept() {
  try { return { ...until_closed, ...JSON.parse(localStorage.getItem(KEY)) }; } catch { return until_closed; }
}

function keep(changes) {
  until_closed = { ...kept(), ...changes };
  try { localStorage.setItem(KEY, JSON.stringify(until_closed)); } catch { }
}

