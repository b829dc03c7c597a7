// A note that is being written, kept in this browser by conversation and agent until it is saved.

import { Store } from "../shared/storage.js";

const field = () => document.getElementById("note");
const conversation = () => document.getElementById("conversation")?.dataset.conversation;

/** Keep what is typed, show it again where the field comes back empty, forget it once the server has the note. */
export function keepNote(agent) {
  const store = new Store(`answerdesk:note:${agent}:`);
  const show = () => {
    if (field() && !field().value) field().value = store.get(conversation()) ?? "";
  };
  document.addEventListener("input", ({ target }) => {
    if (target === field()) store.set(conversation(), target.value || null);
  });
  document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    if (form?.id === "note-form" && ctx.response.status === 200) store.remove(form.dataset.conversation);
  });
  document.addEventListener("htmx:after:swap", show);
  show();
}
