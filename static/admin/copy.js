// Buttons that copy a value, and buttons that show a masked one.
const SAID_MS = 1500;

function say(button, words) {
  const before = button.dataset.label ?? button.textContent;
  button.dataset.label = before;
  button.textContent = words;
  setTimeout(() => {
    button.textContent = before;
  }, SAID_MS);
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say(button, "Copied");
  } catch {
    say(button, "Select and copy it");
  }
}

function reveal(button) {
  const code = button.parentElement.querySelector("[data-secret]");
  const mask = code.dataset.mask ?? code.textContent;
  code.dataset.mask = mask;
  const hidden = code.textContent === mask;
  code.textContent = hidden ? code.dataset.secret : mask;
  button.textContent = hidden ? "Hide" : "Show";
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.copy !== undefined) copy(button);
  if (button?.dataset.reveal !== undefined) reveal(button);
});
