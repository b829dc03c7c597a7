// What was pressed and is not answered is said to be tried still; htmx gives it up only after a minute.

import { sayAfter } from "./told.js";

const SLOW_MS = 5_000;
const WORDS = "The desk does not answer. Still trying.";

/** Say so of each request that somebody made, for as long as it takes; `onSlow()` is called then. */
export function tellSlow(onSlow) {
  const stops = new WeakMap();
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    if (ctx.sourceElement.matches("a, button, form")) stops.set(ctx, sayAfter(SLOW_MS, WORDS, onSlow));
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => stops.get(ctx)?.());
}
