// A question in the panel, asked before something is lost.

import { h } from "./dom.js";
import { WORDS } from "./words.js";

/** Hidden until `ask()`. `lost()` gives the words for what would be lost, or null: then there is nothing to ask. */
export class Question {
  constructor({ lost, onConsent, onClose }) {
    Object.assign(this, { lost, onConsent, onClose });
    this.words = h("p", { id: "question" });
    this.stay = h("button", { type: "button", class: "quiet", onclick: () => this.close() }, WORDS.stay);
    const consent = h("button", { type: "button", class: "quiet", onclick: () => this.#consent() }, WORDS.startAnyway);
    const choices = h("div", { class: "choices" }, this.stay, consent);
    this.node = h("div", { class: "question", role: "alertdialog", "aria-labelledby": "question", hidden: true }, this.words, choices);
  }

  get open() {
    return !this.node.hidden;
  }

  ask() {
    this.node.hidden = false;
    this.render();
    this.stay.focus({ preventScroll: true });
  }

  close() {
    this.node.hidden = true;
    this.onClose();
  }

  /** Say what would be lost as things stand now; a question that has become idle goes. */
  render() {
    if (!this.open) return;
    const words = this.lost();
    if (words === null) return this.close();
    if (this.words.textContent !== words) this.words.textContent = words;
  }

  #consent() {
    this.node.hidden = true;
    this.onConsent();
  }
}
