// What the desk says of what was done: for a few seconds at the foot of the page, or in a bar at its top while it holds.

const TOLD_MS = 6_000;

function show(place, className, text) {
  const note = document.createElement("p");
  note.className = className;
  note.textContent = text;
  document.getElementById(place).append(note);
  return note;
}

/** Say for a few seconds what went wrong. */
export function tell(text) {
  const note = show("told", "told error", text);
  setTimeout(() => note.remove(), TOLD_MS);
}

/** Say what went wrong until whoever reads it closes it: what is shown nowhere else can be copied from it. */
export function tellUntilClosed(text) {
  const note = show("told", "told error", text);
  const close = document.createElement("button");
  Object.assign(close, { type: "button", className: "link-button", textContent: "Close", onclick: () => note.remove() });
  note.append(" ", close);
}

/** Say something after `pauseMs`, and until the function that this returns is called. */
export function sayAfter(pauseMs, text, onSaid = () => {}) {
  let note = null;
  const timer = setTimeout(() => {
    note = show("under-way", "bar", text);
    onSaid();
  }, pauseMs);
  return () => {
    clearTimeout(timer);
    note?.remove();
  };
}
