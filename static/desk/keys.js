// Every action has a key: the button that carries it in data-key is clicked, the field in data-focus-key focused.

import { pressLater } from "./ahead.js";
import { focusThread } from "./focus.js";
import { moveInList } from "./list.js";

const isField = (node) => node.closest("textarea, input:not([type=checkbox]), select, [contenteditable]");
const dialog = () => document.getElementById("keys");

/** Show or hide the side panel where it does not stand beside the thread. */
export function showSide(open) {
  document.body.classList.toggle("side-open", open);
  document.querySelector("[data-opens-side]")?.setAttribute("aria-expanded", String(open));
}

const sideFloats = () => getComputedStyle(document.getElementById("side")).position === "absolute";

function closeMenu(menu) {
  menu.open = false;
  menu.querySelector("summary").focus();
}

function closeSide() {
  showSide(false);
  document.querySelector("[data-opens-side]").focus();
}

function leave(target) {
  const menu = document.getElementById("account");
  if (isField(target)) return focusThread();
  if (menu.open) return closeMenu(menu);
  if (document.body.classList.contains("side-open")) return closeSide();
  const back = document.querySelector(".back");
  if (back && getComputedStyle(back).display !== "none") back.click();
}

/** Of several that carry a key, that of the message with the focus, else the newest. */
function carrying(selector) {
  return document.activeElement.closest(".said")?.querySelector(selector) ?? [...document.querySelectorAll(selector)].at(-1);
}

function press(key) {
  const field = document.querySelector(`[data-focus-key="${CSS.escape(key)}"]`);
  if (field) {
    if (field.closest("#side") && sideFloats()) showSide(true);
    field.focus();
    return true;
  }
  const button = carrying(`[data-key="${CSS.escape(key)}"]:not(:disabled)`);
  if ((!button || button.closest("#head")) && pressLater(key, Boolean(button))) return true;
  button?.click();
  return Boolean(button);
}

// As in the reply, whose field listens for itself.
const savesNote = ({ key, ctrlKey, metaKey, target }) => key === "Enter" && (ctrlKey || metaKey) && target.form?.id === "note-form";

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || dialog().open) return;
  if (event.key === "Escape") return leave(event.target);
  if (savesNote(event)) event.target.form.requestSubmit();
  if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
  if (event.key === "j" || event.key === "k") moveInList(event.key === "j" ? 1 : -1);
  else if (event.key === "?") dialog().showModal();
  else if (event.key === "Enter" || event.repeat || !press(event.key)) return;
  event.preventDefault();
}

/** Listen to the keyboard, and to the buttons that open and close the panel and the list of keys. */
export function listenToKeys() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-opens-side]")) showSide(!document.body.classList.contains("side-open"));
    if (target.closest("[data-closes-side]")) showSide(false);
    if (target.closest("[data-opens-keys]")) dialog().showModal();
    const menu = document.getElementById("account");
    if (!target.closest("#account")) menu.open = false;
  });
}
