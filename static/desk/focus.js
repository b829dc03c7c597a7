// Whoever works with the keyboard goes on from where they were, whatever a swap took away.

const lost = () => document.activeElement === null || document.activeElement === document.body;

/** The open conversation, from which Tab reaches what can be done with it. */
export function focusThread() {
  document.getElementById("thread").focus({ preventScroll: true });
}

/** What stands in the place of a control that had the focus and is gone. */
function inPlaceOf(gone) {
  if (gone.id && document.getElementById(gone.id)) return document.getElementById(gone.id);
  return gone.closest(".actions") && document.querySelector("#head .actions button");
}

/** Give the focus that a swap would lose to what has come instead, else to the conversation. */
export function keepFocus() {
  let before = null;
  document.addEventListener("htmx:before:swap", () => (before = lost() ? null : document.activeElement));
  document.addEventListener("htmx:after:swap", () => {
    if (!before || !lost()) return;
    inPlaceOf(before)?.focus({ preventScroll: true });
    if (lost()) focusThread();
  });
  if (lost() && document.getElementById("conversation")) focusThread();
}
