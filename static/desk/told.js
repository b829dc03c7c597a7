// What the desk says of what was done: notes at the foot of the page.

const TOLD_MS = 6_000;

/** Say something until the function that this returns is called. */
export function say(text, kind = "") {
  const note = document.createElement("p");
  note.className = `told ${kind}`;
  note.textContent = text;
  document.getElementById("told").append(note);
  return () => note.remove();
}

/** Say for a few seconds what went wrong. */
export function tell(text) {
  setTimeout(say(text, "error"), TOLD_MS);
}
