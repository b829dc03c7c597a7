// Where the customer writes: one field that grows, sent on Enter, kept as a draft.

import { h, icon, iconButton } from "./dom.js";
import { WORDS, say } from "./words.js";

const MOST_CODE_POINTS = 8_000;

/** `onSend(text)`, `onStop()`, `onTyping()`; `store` keeps the draft. */
export class Composer {
  constructor({ store, onSend, onStop, onTyping }) {
    Object.assign(this, { store, onSend, onStop, onTyping });
    this.field = h("textarea", { rows: 1, dir: "auto", "aria-label": WORDS.draft, placeholder: WORDS.ask, enterkeyhint: "send", autocomplete: "off" });
    this.button = iconButton("send", WORDS.send, () => this.#press(), { class: "icon-button primary" });
    this.problem = h("p", { class: "problem", role: "status", hidden: true });
    this.node = h("div", { class: "composer" }, h("div", { class: "box" }, this.field, this.button), this.problem);
    this.field.value = store.get("draft") ?? "";
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.#grow()).observe(this.node);
    this.#update();
  }

  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** `answering`: an answer is being made, which can be stopped while `connected`; `closed`: nothing can be sent any
   *  more; `person`: a person reads, or will. */
  render({ answering, connected, closed, person }) {
    this.field.placeholder = person ? WORDS.draft : WORDS.ask;
    Object.assign(this, { answering, connected });
    this.field.disabled = closed;
    this.#update();
  }

  get text() {
    return this.field.value;
  }

  get #stops() {
    return Boolean(this.answering) && !this.text.trim();
  }

  #press() {
    if (this.#stops) return this.onStop();
    if (!this.text.trim() || this.#excess() > 0) return;
    this.onSend(this.text);
    this.field.value = "";
    this.#typed(false);
    this.focus();
  }

  // While an input method composes, Enter belongs to it (229 is how older browsers say so).
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (!this.#stops) this.#press();
  }

  #typed(byHand = true) {
    this.store.set("draft", this.text || null);
    this.#update();
    this.#grow();
    if (byHand) this.onTyping();
  }

  #excess() {
    return this.text.length <= MOST_CODE_POINTS ? 0 : Array.from(this.text).length - MOST_CODE_POINTS;
  }

  #update() {
    const excess = this.#excess();
    this.problem.hidden = excess <= 0;
    this.problem.textContent = excess > 0 ? say("tooLong", { count: excess }) : "";
    const stops = this.#stops;
    const label = stops ? WORDS.stop : WORDS.send;
    this.button.disabled = stops ? !this.connected : !this.text.trim() || excess > 0 || this.field.disabled;
    if (this.button.getAttribute("aria-label") === label) return;
    this.button.setAttribute("aria-label", label);
    this.button.title = label;
    this.button.replaceChildren(icon(stops ? "stop" : "send"));
  }

  #grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }
}
