// Where an e-mail address is left: under the wait for a person, and under an answer that is late.

import { h } from "./dom.js";
import { WORDS } from "./words.js";

/** The form, what was wrong with it, and what is said once it is saved. `save(email, onRefused)` sends the address. */
export function contactForm(save, savedWords) {
  const field = h("input", { type: "email", autocomplete: "email", required: true, "aria-label": WORDS.email, placeholder: WORDS.email });
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const form = h("form", { novalidate: true, onsubmit: submit }, field, h("button", { class: "quiet" }, WORDS.saveEmail));
  // The server never tells an address: only who typed it here sees it again.
  const typed = h("span", { dir: "auto" });
  const change = h("button", { type: "button", class: "link", onclick: edit }, WORDS.changeEmail);
  const saved = h("p", { class: "note", role: "status", tabindex: "-1" }, savedWords);
  const where = h("p", { class: "note" }, typed, " ", change);
  let editing = false;
  let wasSaved = false;
  return { parts: [form, problem, saved, where], update };

  function submit(event) {
    event.preventDefault();
    problem.hidden = true;
    field.removeAttribute("aria-invalid");
    if (!field.validity.valid) return tell(WORDS.badEmail);
    typed.textContent = field.value.trim();
    editing = false;
    save(typed.textContent, refused);
    update(wasSaved);
  }

  function edit() {
    editing = true;
    update(wasSaved);
    field.focus();
  }

  // The server is stricter than the browser about what an address is.
  function refused({ code, message }) {
    editing = true;
    update(wasSaved);
    tell(code === "bad_frame" ? WORDS.badEmail : message);
  }

  function tell(words) {
    problem.textContent = words;
    problem.hidden = false;
    field.setAttribute("aria-invalid", "true");
    problem.scrollIntoView({ block: "nearest" });
  }

  /** `mails` is false where no mail leaves: nothing is asked for then, and nothing promised. */
  function update(contactSaved, mails = true) {
    wasSaved = contactSaved;
    const closed = contactSaved && !editing;
    const held = form.contains(form.getRootNode().activeElement);
    form.hidden = closed || !mails;
    saved.hidden = where.hidden = !closed || !mails;
    problem.hidden ||= form.hidden;
    if (held && closed) saved.focus();
  }
}

/** Under an answer that is late: it will be sent by e-mail too. Updated in place: it holds a form. */
export function lateCard(save) {
  const form = contactForm(save, WORDS.lateSaved);
  const asks = h("p", {}, WORDS.lateEmail);
  const node = h("div", { class: "card" }, asks, form.parts);
  return { node, update };

  function update(contactSaved) {
    asks.hidden = contactSaved;
    form.update(contactSaved);
  }
}
