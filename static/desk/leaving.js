// A reply that is not stored yet is left behind only by who says so. Another page of the desk sends it, or comes back.

const ASKED = "A reply has not been sent yet. Log out all the same?";
// Links to pages that send it.
const ON = ".tabs a, .others a, .back";

let goesOn = false;

/** Load the page anew without asking: what is not stored is sent from there. */
export function reload() {
  goesOn = true;
  location.reload();
}

/** Ask before the page goes, by a log-out or otherwise, while `unsent()`. */
export function askBeforeLeaving(unsent) {
  document.addEventListener("click", ({ target, ctrlKey, metaKey, shiftKey }) => {
    goesOn = Boolean(target.closest(ON)) && !(ctrlKey || metaKey || shiftKey);
  });
  document.getElementById("logout").addEventListener("submit", (event) => {
    goesOn = !unsent() || confirm(ASKED);
    if (!goesOn) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (!goesOn && unsent()) event.preventDefault();
  });
}
