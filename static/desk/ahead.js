// Keys pressed ahead of what was pressed before: the button that they ask for comes with its answer, and is pressed then.

// What the buttons of a conversation's head carry in data-key.
const KEYS = ["t", "b", "e"];

const underWay = new Set();
const forgotten = new WeakSet();
let keys = [];
let root = null;

const conversation = () => document.getElementById("conversation");

/** Keep a key of the head for later, where its button is not `there` or stands behind others: whether it was kept. */
export function pressLater(key, there) {
  if (!KEYS.includes(key) || !underWay.size || (there && !keys.length)) return false;
  root = conversation();
  keys.push(key);
  return true;
}

function pressKept() {
  while (keys.length && conversation() === root) {
    const button = document.querySelector(`#head [data-key="${keys[0]}"]:not(:disabled)`);
    if (!button) return;
    keys.shift();
    button.click();
  }
  keys = [];
}

/** What was pressed so far in the conversation of this id, and was not asked for yet, is not to be. */
export function forgetPressed(id) {
  if (root?.dataset.conversation === id) keys = [];
  for (const ctx of underWay) if (ctx.sourceElement.dataset.conversation === id) forgotten.add(ctx);
}

export const isForgotten = (ctx) => forgotten.has(ctx);

/** Follow what is under way; what has not found its button by the end of it, or in its conversation, is forgotten. */
export function followHead() {
  document.addEventListener("htmx:config:request", ({ defaultPrevented, detail: { ctx } }) => {
    if (!defaultPrevented && ctx.sourceElement.closest("#head")) underWay.add(ctx);
  });
  document.addEventListener("htmx:after:swap", pressKept);
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    underWay.delete(ctx);
    if (!underWay.size) keys = [];
  });
}
