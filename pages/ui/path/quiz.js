// One question: choices, drawn lines or a place on a scale. What somebody answered stays in this browser. One that hides
// the run lifts that by `document.body.dataset.answered` (style.css), and tells the server that it may play.
let anew = 0; // how often the button has asked on this page

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".quiz");
  const verdict = made("p", "verdict");
  verdict.setAttribute("role", "status");
  const again = made("button", "again", "Answer again");
  again.type = "button";
  const answer = place => {
    anew = data.anew;
    keep({ answers: { ...kept().answers, [data.name]: place } });
    show(place);
    if (data.hides) setTriggerValue("answered", data.name);
  };
  const { element, mark } = data.kind === "number" ? scale(data, answer) : buttons(data, answer);
  const show = place => {
    const answered = place !== undefined;
    root.classList.toggle("answered", answered);
    mark(place);
    if (data.hides) document.body.toggleAttribute("data-answered", answered);
    verdict.textContent = answered ? said(data, place) : "";
    again.hidden = !answered;
  };
  again.onclick = () => { show(); element.querySelector("button, input").focus(); };
  root.className = `quiz ${data.kind}${data.hides ? " hides" : ""}`;
  root.replaceChildren(made("p", "text", data.text), element, verdict, again);
  const before = data.hides && data.anew > anew ? undefined : kept().answers?.[data.name];
  show(before < data.choices.length ? before : undefined);
  return () => data.hides && document.body.removeAttribute("data-answered");
}

function said({ choices, right, because }, place) {
  const well = right.includes(place);
  const middle = choices[right[Math.floor(right.length / 2)]];
  return `You said: ${choices[place]}. ${well ? "✓ Right." : `✗ Not so, it is: ${middle}.`} ${because}`;
}

// A button for each choice; with `lines`, each with its line drawn in it.
function buttons({ text, choices, right, lines }, answer) {
  const element = made("div", "choices");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", text);
  const all = choices.map((choice, place) => {
    const button = made("button", "", choice);
    button.type = "button";
    if (lines.length) button.prepend(drawn(lines, place));
    button.onclick = () => answer(place);
    return button;
  });
  element.append(...all);
  const mark = chosen => all.forEach((button, place) => {
    button.setAttribute("aria-pressed", String(place === chosen));
    const counts = chosen !== undefined && right.includes(place);
    button.className = counts && (place === chosen || lines.length) ? "right" : place === chosen ? "wrong" : "";
  });
  return { element, mark };
}

// The line at that place, in the frame that all of them share.
function drawn(lines, place) {
  const [width, height, edge] = [132, 66, 6];
  const numbers = lines.flat(), low = Math.min(...numbers), high = Math.max(...numbers);
  const line = lines[place], last = Math.max(line.length - 1, 1), range = high - low || 1;
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  const path = svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "polyline"));
  path.setAttribute("points", line.map((number, i) => [
    edge + i / last * (width - 2 * edge), height - edge - (number - low) / range * (height - 2 * edge),
  ].map(at => at.toFixed(1)).join()).join(" "));
  return svg;
}

function scale({ text, choices }, answer) {
  const element = made("div", "choices"), range = made("input", ""), now = made("output", ""), button = made(
    "button", "", "Answer");
  Object.assign(range, { type: "range", min: 0, max: choices.length - 1, value: Math.floor(choices.length / 2) });
  range.setAttribute("aria-label", text);
  button.type = "button";
  const follow = () => {
    now.textContent = choices[range.value];
    range.setAttribute("aria-valuetext", choices[range.value]);
  };
  range.oninput = follow;
  button.onclick = () => answer(+range.value);
  element.append(made("span", "end", choices[0]), range, made("span", "end", choices.at(-1)), now, button);
  const mark = chosen => {
    range.value = chosen ?? range.value;
    range.disabled = button.hidden = chosen !== undefined;
    follow();
  };
  return { element, mark };
}

function made(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
