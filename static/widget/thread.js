// The list of what was said. Nodes are kept by key, so that what is being read is never rebuilt.

import { offersPerson, openTurn } from "../shared/reducer.js";
import { renderMarkdown } from "../shared/markdown.js";
import { lateCard } from "./contact.js";
import { h, icon, patch } from "./dom.js";
import { byline, content, feedback, pending, pendingLine, sourceRow, statusLine, waitingCard } from "./messages.js";
import { WORDS } from "./words.js";

// How near to the end counts as reading the end.
const END_PX = 48;
const MARGIN_PX = 12;

export class Thread {
  #kept = new Map();
  #announcedSeq = null;
  #seenLast = null;
  #lastKey = null;
  #heldAt = null;
  cutOff = false; // while a banner says that there is no connection

  constructor(chat, origin) {
    Object.assign(this, { chat, origin });
    const saveContact = (email, onRefused) => chat.saveContact(email, onRefused);
    this.waiting = waitingCard(saveContact);
    this.late = lateCard(saveContact);
    this.list = h("div", { class: "list", role: "list" });
    this.scroller = h("div", { class: "scroller", tabindex: "0", role: "region", "aria-label": WORDS.messages }, this.list);
    this.pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => this.toEnd() }, WORDS.newMessage, icon("down"));
    this.live = h("div", { class: "unseen", "aria-live": "polite" });
    this.node = h("div", { class: "thread" }, this.scroller, this.pill, this.live);
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // Whatever changes the height (an image, the keyboard, a rotation), the end stays in view for who reads there.
    const observer = new ResizeObserver(() => this.following && this.toNewest());
    observer.observe(this.scroller);
    observer.observe(this.list);
  }

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < END_PX;
  }

  /** The reader sees the end, or the start of a newest message that is too tall to be seen whole. */
  get atNewest() {
    return this.atEnd || this.scroller.scrollTop === this.#heldAt;
  }

  toEnd() {
    this.#heldAt = null;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#hidePill();
  }

  /** The end; what others said last is read from its start, though, where it is taller than the view. */
  toNewest() {
    this.toEnd();
    const last = this.list.lastElementChild;
    if (!last?.matches(".message:not(.own)")) return;
    const above = last.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top - MARGIN_PX;
    if (above >= 0) return;
    this.scroller.scrollTop += above;
    this.#heldAt = this.scroller.scrollTop;
  }

  render() {
    const { atEnd } = this;
    const items = this.#items();
    // Not measured for the same message again: a banner that came with this rendering has moved the end.
    const follow = atEnd || (this.following && items.at(-1)?.key === this.#lastKey);
    this.#place(items);
    this.#afterwards(items, follow);
    this.#announce();
  }

  #scrolled() {
    this.following = this.atNewest;
    if (this.atEnd) this.#hidePill();
  }

  #hidePill() {
    this.following = true;
    this.pill.hidden = true;
  }

  // Each item: key, version (rebuilt when it changes), build(), and whether the reader made it.
  #items() {
    const { state, outbox } = this.chat;
    const greeting = { key: "greeting", version: this.chat.settings.greeting, build: () => this.#greeting() };
    const items = this.chat.settings.greeting ? [greeting] : [];
    state.entries.forEach((entry, at) => items.push(this.#entryItem(entry, state.entries[at - 1])));
    const turn = openTurn(state);
    for (const item of outbox.items) items.push(this.#outboxItem(item));
    // Nothing comes any more: nothing is promised below the banner that says so.
    if (this.chat.refusedBy !== null) return items;
    if (turn) items.push(this.#turnItem(turn));
    if (turn?.delayed) items.push(this.#lateItem(turn, state.contactSaved));
    if (state.status === "waiting") items.push(this.#waitingItem(state));
    return items;
  }

  #greeting() {
    const entry = { role: "assistant", text: this.chat.settings.greeting };
    return this.#othersMessage(entry, { first: true });
  }

  #entryItem(entry, previous) {
    if (entry.kind === "status") return { key: `s${entry.seq}`, version: 1, build: () => statusLine(entry) };
    if (entry.role === "customer") return this.#customerItem(entry);
    if (entry.role === "system") return { key: entry.id, version: 1, build: () => h("p", { class: "event" }, content(entry, this.origin)) };
    const first = previous?.role !== entry.role || previous?.author?.name !== entry.author?.name;
    const rating = this.chat.state.ratings[entry.id] ?? null;
    const key = entry.role === "assistant" && entry.turn ? `t${entry.turn}` : entry.id;
    const offers = offersPerson(this.chat.state, entry);
    const version = `done:${rating}:${this.chat.commented.has(entry.id)}:${offers}`;
    return { key, version, build: (old) => this.#othersMessage(entry, { first, rating, offers }, old) };
  }

  #customerItem(entry) {
    const last = this.chat.state.entries.findLast((one) => one.kind === "message" && one.role === "customer") === entry;
    const build = () => this.#customerMessage(entry.text, last ? h("span", {}, WORDS.sent) : null);
    return { key: entry.client_id ?? entry.id, version: `sent:${last}`, build, own: true };
  }

  #outboxItem(item) {
    const state = this.#outboxState(item);
    const build = () => this.#customerMessage(item.text, this.#outboxNote(item, state), state);
    return { key: item.client_id, version: `${state}:${item.reason}:${this.cutOff}:${this.chat.refusedBy}`, build, own: true };
  }

  #outboxNote(item, state) {
    if (state === "sending") return h("span", {}, WORDS.sending);
    if (state !== "waits") return this.#notSent(item);
    return this.cutOff ? h("span", {}, WORDS.waits) : h("span", { role: "status" }, item.reason);
  }

  // Under a banner that there is no connection nothing is on its way. It goes out by itself once there is one, as does
  // what was refused for now, so that there is nothing to do about it and no alarm; in a chat that is over it does not.
  #outboxState(item) {
    if (item.final || !this.cutOff) return item.state;
    return this.chat.refusedBy === null ? "waits" : "failed";
  }

  #notSent(item) {
    const button = (word, onclick) => h("button", { type: "button", class: "link", onclick }, word);
    const over = this.chat.refusedBy !== null; // no attempt would come of it
    return h(
      "span",
      { class: "problem", role: "alert" },
      item.reason || WORDS.notSent,
      " ",
      item.final || over ? null : button(WORDS.retry, () => this.chat.retry(item.client_id)),
      item.final ? button(WORDS.discard, () => this.chat.outbox.settle(item.client_id)) : null,
    );
  }

  #customerMessage(text, note, state = "sent") {
    const bubble = h("div", { class: "bubble" }, h("span", { class: "unseen" }, `${WORDS.you}: `), h("div", { dir: "auto" }, text));
    return h("div", { class: `message own ${state}`, role: "listitem" }, bubble, note ? h("div", { class: "note" }, note) : null);
  }

  #othersMessage(entry, { first, rating = null, offers = false }, old = null) {
    const bubble = old?.querySelector(".bubble") ?? h("div", { class: "bubble", dir: "auto" });
    const fresh = document.createDocumentFragment();
    fresh.append(content(entry, this.origin));
    patch(bubble, fresh);
    const rated = entry.decision === "answer" && entry.sources?.length;
    return h(
      "div",
      { class: `message ${entry.role}`, role: "listitem" },
      first ? byline(entry, this.assistantName, this.origin) : null,
      bubble,
      offers ? h("button", { type: "button", class: "quiet offer", onclick: () => this.chat.requestPerson() }, WORDS.person) : null,
      sourceRow(entry.sources, this.origin),
      entry.stopped ? h("p", { class: "note" }, WORDS.stopped) : null,
      rated ? feedback(rating, this.chat.commented.has(entry.id), (value, comment) => this.chat.rate(entry.id, value, comment)) : null,
    );
  }

  #turnItem(turn) {
    const told = this.cutOff ? { ...turn, status: "away" } : turn;
    const version = `${told.status}:${turn.text}:${turn.estimate_seconds}:${turn.position}:${turn.sources?.length}`;
    return { key: `t${turn.id}`, version, build: (old) => this.#turnMessage(told, old) };
  }

  #turnMessage(turn, old) {
    const bubble = old?.querySelector(".bubble") ?? h("div", { class: "bubble", dir: "auto" });
    patch(bubble, renderMarkdown(turn.text, { origin: this.origin, pending: true }));
    // Rebuilt only when it shows other things: a list that was opened, and who stands in it, stay.
    const shows = `${turn.status}:${turn.sources?.length}:${turn.text === ""}`;
    if (old?.dataset.shows === shows) {
      old.querySelector(".progress-words").textContent = pendingLine(turn);
      return old;
    }
    const head = byline({ role: "assistant" }, this.assistantName, this.origin);
    const progress = pending(turn, this.origin, () => this.chat.requestPerson());
    const attributes = { class: "message assistant pending", role: "listitem", "data-shows": shows };
    return h("div", attributes, head, turn.text ? bubble : null, progress);
  }

  #waitingItem(state) {
    const last = state.entries.findLast((entry) => entry.role !== "customer");
    const told = last?.role === "system" ? last.seq : null;
    const queue = this.cutOff ? null : state.queue; // it moves on unseen, and agents come and go
    this.waiting.update(queue, state.contactSaved, told, this.#mails);
    return { key: "waiting", version: 1, build: () => this.waiting.node };
  }

  #lateItem(turn, contactSaved) {
    this.late.update(contactSaved);
    return { key: "late", version: this.#mails, build: () => this.#tellLate(turn, contactSaved) };
  }

  // Who does not see the card appear is told of it. There is none where no mail leaves: the answer appears here.
  #tellLate(turn, contactSaved) {
    const promised = !this.#mails ? WORDS.kept : contactSaved ? WORDS.lateSaved : WORDS.lateEmail;
    this.live.replaceChildren(h("p", {}, pendingLine(turn), ". ", promised));
    return this.#mails ? this.late.node : h("div", { hidden: true });
  }

  get #mails() {
    return this.chat.settings.email === true;
  }

  get assistantName() {
    return this.chat.settings.name || WORDS.assistantKind;
  }

  // Nodes that stay are not moved: moving one would lose focus and selection.
  #place(items) {
    const wanted = new Map(items.map((item) => [item.key, item]));
    for (const [key, kept] of this.#kept) if (!wanted.has(key)) this.#remove(key, kept);
    const nodes = [...wanted.values()].map((item) => this.#nodeOf(item));
    let cursor = this.list.firstChild;
    for (const node of nodes) {
      if (node !== cursor) this.list.insertBefore(node, cursor);
      else cursor = cursor.nextSibling;
    }
  }

  // Focus does not go with what is removed, such as the field for an address once the answer is there.
  #remove(key, kept) {
    const held = kept.node.contains(kept.node.getRootNode().activeElement);
    kept.node.remove();
    this.#kept.delete(key);
    if (held) this.scroller.focus({ preventScroll: true });
  }

  #nodeOf(item) {
    const kept = this.#kept.get(item.key);
    if (kept?.version === item.version) return kept.node;
    const held = kept?.node.contains(kept.node.getRootNode().activeElement);
    const node = item.build(kept?.node);
    if (!kept) node.classList.add("arriving");
    const replaced = kept && kept.node !== node;
    if (replaced) kept.node.replaceWith(node);
    if (replaced && held) (node.querySelector("textarea, button, a") ?? this.scroller).focus({ preventScroll: true });
    this.#kept.set(item.key, { node, version: item.version });
    return node;
  }

  #afterwards(items, follow) {
    const last = items.at(-1);
    const arrived = last && `${last.key}:${last.version}` !== this.#seenLast;
    this.#seenLast = last && `${last.key}:${last.version}`;
    this.#lastKey = last?.key;
    if (!arrived) return;
    this.following = follow;
    if (!follow) this.#heldAt = null; // the message that was held is not the newest any more
    if (follow) this.toNewest();
    else if (this.scroller.clientHeight) this.pill.hidden = false;
  }

  // Finished messages of others, once each, and not the history that a new connection replays.
  #announce() {
    const { state } = this.chat;
    if (this.#announcedSeq === null || state.seq < this.#announcedSeq) {
      this.live.replaceChildren(); // what was said in a conversation that is not shown any more
      if (this.chat.connection.status === "ready" && state.seq >= state.head) this.#announcedSeq = state.seq;
      return;
    }
    const fresh = state.entries.filter((entry) => entry.seq > this.#announcedSeq && entry.role !== "customer");
    if (fresh.length) this.live.replaceChildren(...fresh.map((entry) => this.#spoken(entry)));
    this.#announcedSeq = state.seq;
  }

  #spoken(entry) {
    if (entry.kind === "status") return statusLine(entry);
    const name = entry.role === "agent" ? entry.author?.name || WORDS.agentFallback : this.assistantName;
    const body = h("div", {}, content(entry, this.origin));
    for (const end of body.querySelectorAll("br, p, li, tr, td, th")) end.after(" ");
    return h("p", {}, `${name}: ${body.textContent}`);
  }
}
