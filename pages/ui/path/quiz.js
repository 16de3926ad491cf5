// One question with its choices. What somebody chose stays in this browser: nothing of it goes to the server.
export default function ({ parentElement, data }) {
  const root = parentElement.querySelector(".quiz");
  const answered = kept().answers?.[data.page];
  const verdict = made("p", "verdict");
  verdict.setAttribute("role", "status");
  const buttons = data.choices.map((choice, place) => {
    const button = made("button", "", choice);
    button.type = "button";
    button.onclick = () => { keep({ answers: { ...kept().answers, [data.page]: place } }); show(place); };
    return button;
  });
  const show = place => {
    buttons.forEach((button, other) => {
      button.setAttribute("aria-pressed", String(other === place));
      button.className = other === place ? (other === data.right ? "right" : "wrong") : "";
    });
    verdict.textContent = `${place === data.right ? "✓ Right." : "✗ Not so."} ${data.because}`;
  };
  const choices = made("div", "choices");
  choices.setAttribute("role", "group");
  choices.setAttribute("aria-label", data.text);
  choices.append(...buttons);
  root.replaceChildren(made("p", "text", data.text), choices, verdict);
  if (answered !== undefined && answered < buttons.length) show(answered);
}

function made(tag, className, text = "") {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}
