// What ends a conversation for its agent waits until their replies in it are stored: a reply that came after it would
// take the conversation back, and nobody would answer the customer.

import { forgetPressed, isForgotten } from "./ahead.js";
import { unsentIn } from "./outboxes.js";
import { sayAfter, tell } from "./told.js";

// A reply that is stored at once is not worth a word.
const MOMENT_MS = 400;

let held = [];

const refusedIn = (box) => box.items.filter((item) => item.final).length;
const open = () => document.getElementById("conversation")?.dataset.conversation;
const tellNotDone = (name) => tell(`${name}: not done, as your reply was not sent.`);

/** The name of an action that is held, if one is. */
export const heldAction = () => held[0]?.name;

/** Hold what is pressed on buttons with `hx-confirm` for as long as a reply of their conversation is on its way. */
export function holdActions(outboxes) {
  // While one is held no other of its conversation is taken: it would wait behind it in htmx's queue, and be done where
  // the one that is held is not.
  document.addEventListener("htmx:config:request", (event) => {
    const { sourceElement } = event.detail.ctx;
    if (sourceElement.closest("#head") && held.some((one) => one.conversation === open())) event.preventDefault();
  });
  document.addEventListener("htmx:confirm", (event) => {
    event.preventDefault(); // nobody is asked anything
    const { ctx, issueRequest, dropRequest } = event.detail;
    const { conversation } = ctx.sourceElement.dataset;
    const box = outboxes.of(conversation);
    const name = ctx.sourceElement.textContent.trim();
    if (isForgotten(ctx)) {
      tellNotDone(name);
      return dropRequest();
    }
    if (!unsentIn(box)) return issueRequest();
    const unsay = sayAfter(MOMENT_MS, `${name}: ${ctx.confirm}`);
    held.push({ conversation, box, refused: refusedIn(box), name, unsay, issueRequest, dropRequest });
  });
}

/** After a change of a reply: do what waited for it where all are stored, and not where one was refused for good. */
export function releaseActions() {
  for (const { conversation } of held.filter(({ box, refused }) => refusedIn(box) > refused)) dropActions(conversation);
  for (const { issueRequest } of letGo(({ box }) => !unsentIn(box))) issueRequest();
}

/** A reply of this conversation will not be stored: what was to follow it is not done either. */
export function dropActions(conversation) {
  forgetPressed(conversation);
  for (const { name, dropRequest } of letGo((one) => one.conversation === conversation)) {
    tellNotDone(name);
    dropRequest();
  }
}

function letGo(isFree) {
  const free = held.filter(isFree);
  held = held.filter((one) => !free.includes(one));
  for (const { unsay } of free) unsay();
  return free;
}
