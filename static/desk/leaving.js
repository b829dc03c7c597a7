// A reply that is not stored yet is left behind only by who says so. Another page of the desk sends it, or comes back;
// but what was to follow it is done by no other.

import { heldAction } from "./holding.js";

const ASKED = "A reply has not been sent yet. Log out all the same?";
// Links to pages that send it.
const ON = ".tabs a, .others a, .back";

let goesOn = false;

/** Load the page anew without asking: what is not stored is sent from there. */
export function reload() {
  const name = heldAction();
  if (name) alert(`${name} is not done, as you have to log in again. Your reply is sent then.`);
  goesOn = true;
  location.reload();
}

/** Ask before the page goes, by a log-out or otherwise, while `unsent()`. */
export function askBeforeLeaving(unsent) {
  document.addEventListener("click", (event) => {
    goesOn = Boolean(event.target.closest(ON)) && !(event.ctrlKey || event.metaKey || event.shiftKey);
    const name = goesOn && heldAction();
    if (!name || confirm(`${name} waits for your reply to be sent. Leave all the same?`)) return;
    goesOn = false;
    event.preventDefault();
  });
  document.getElementById("logout").addEventListener("submit", (event) => {
    goesOn = !unsent() || confirm(ASKED);
    if (!goesOn) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (!goesOn && unsent()) event.preventDefault();
  });
}
