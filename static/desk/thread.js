// The open conversation: its state from the shared reducer, its nodes, its composer.

import { emptyState, isDurable, reduce, showsGap } from "../shared/reducer.js";
import { Draft } from "./draft.js";
import { fetchInto } from "./fetched.js";
import { dropActions } from "./holding.js";
import { entryNode, liveNode, pendingNode, threadNodes } from "./said.js";

const NEAR_END_PX = 48;
const TYPING_SHOWN_MS = 5_000;
const TYPING_TOLD_MS = 3_000;
const HINTS = {
  waiting: "Sending takes the conversation over",
  assistant: "Sending takes the conversation over",
  resolved: "Sending opens the conversation again",
};

export class Thread {
  #painted = { entries: [], statuses: 0 };
  #nodes = new WeakMap();
  #frame = null;
  #live = false;
  #sent = new Map();
  #toldTypingAt = 0;
  #typingTimer = null;
  #readSeq = 0;
  state = emptyState();

  constructor(root, { connection, outbox }) {
    Object.assign(this, { root, connection, outbox });
    this.id = root.dataset.conversation;
    this.base = root.dataset.base;
    this.field = root.querySelector("#reply");
    this.scroller = root.querySelector("#scroller");
    this.draft = new Draft(this.field, `${this.base}draft/`);
    this.onSeen = () => this.#tellRead();
    addEventListener("focus", this.onSeen);
    root.querySelector("#composer").addEventListener("submit", (event) => this.#submit(event));
    root.querySelector("#to-end").addEventListener("click", () => this.#toEnd());
    this.field.addEventListener("keydown", (event) => this.#onKey(event));
    this.field.addEventListener("input", () => this.#tellTyping());
    this.scroller.addEventListener("scroll", () => this.#nearEnd() && this.#showNew(false));
    this.showComposer();
    this.paint();
  }

  stop() {
    this.draft.stop();
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#frame);
    removeEventListener("focus", this.onSeen);
  }

  hello() {
    return { type: "hello", conversation: this.id, after: this.state.seq };
  }

  /** Apply one server frame. Frames of the conversation that was open before are still on their way at first. */
  onFrame(frame) {
    if (frame.type === "welcome") this.#live = frame.conversation === this.id;
    if (!this.#live) return;
    if (showsGap(this.state, frame)) return this.connection.greet();
    if (frame.type === "head" && frame.seq > this.state.seq) return this.connection.greet();
    if (frame.type === "typing" && frame.role === "customer") this.#showTyping();
    const before = this.state;
    this.state = reduce(before, frame);
    if (this.state === before) return;
    if (isDurable(frame)) this.#arrived(frame);
    this.paintSoon();
  }

  /** The server stored a reply; its event makes it part of the thread. */
  stored({ client_id: clientId, seq }) {
    this.#sent.set(clientId, seq);
    this.#settle();
  }

  paintSoon() {
    this.#frame ??= setTimeout(() => this.paint(), 16);
  }

  paint() {
    clearTimeout(this.#frame);
    this.#frame = null;
    const atEnd = this.#nearEnd();
    const grown = this.#paintEntries();
    this.#paintPending();
    if (atEnd) this.#toEnd();
    else if (grown) this.#showNew(true);
    this.#tellRead();
  }

  /** What the composer says of the conversation's state, read from its head. */
  showComposer() {
    const { status, mine } = this.root.querySelector("#head").dataset;
    const anothers = status === "agent" && mine !== "yes";
    const hint = anothers ? "A colleague has this conversation" : (HINTS[status] ?? "Ctrl+Enter sends");
    const line = this.root.querySelector("#composer-hint");
    line.textContent = hint;
    line.classList.toggle("hint-keys", status === "agent" && !anothers);
    this.root.querySelector("#send").disabled = anothers;
  }

  #arrived(frame) {
    this.#settle();
    if (frame.type === "conversation.updated" && frame.seq >= this.state.head) {
      const head = this.root.querySelector("#head");
      // Not of the head itself, whose buttons do nothing while it has a request under way.
      fetchInto(head, `${this.base}head/?view=${document.body.dataset.view}`, "outerMorph", this.root);
    }
    if (frame.message?.role === "customer") this.#showTyping(false);
  }

  #settle() {
    for (const [clientId, seq] of this.#sent) {
      if (seq > this.state.seq) continue;
      this.#sent.delete(clientId);
      this.outbox.settle(clientId);
    }
  }

  #paintEntries() {
    const { entries } = this.state;
    const box = this.root.querySelector("#messages");
    const statuses = entries.filter((entry) => entry.kind === "status").length;
    const before = this.#painted;
    const appended = entries.length >= before.entries.length && before.entries.every((entry, at) => entry === entries[at]);
    this.#painted = { entries, statuses };
    if (!entries.length) return false;
    if (appended && statuses === before.statuses && before.entries.length) {
      const fresh = entries.slice(before.entries.length);
      box.append(...fresh.map(this.#nodeOf));
      return fresh.length > 0;
    }
    const open = [...box.querySelectorAll(".fold")].map((fold) => fold.open);
    box.replaceChildren(...threadNodes(entries, this.#nodeOf));
    box.querySelectorAll(".fold").forEach((fold, at) => (fold.open = open[at] ?? false));
    return true;
  }

  // Always the same of an entry, so that what was opened in it stays open when the thread is put together anew.
  #nodeOf = (entry) => {
    if (!this.#nodes.has(entry)) this.#nodes.set(entry, entryNode(entry, this.base));
    return this.#nodes.get(entry);
  };

  #paintPending() {
    const nodes = this.outbox.items.map((item) => pendingNode(item, this.#sent.has(item.client_id), this.#actions(item)));
    if (this.state.turn) nodes.unshift(liveNode(this.state.turn));
    this.root.querySelector("#pending").replaceChildren(...nodes);
  }

  #actions(item) {
    const edit = () => {
      dropActions(this.id);
      this.outbox.settle(item.client_id);
      this.field.value = [item.text, this.field.value].filter(Boolean).join("\n\n");
      this.field.focus();
      this.draft.save();
    };
    const retry = () => {
      this.outbox.retry(item.client_id);
      this.connection.doubt();
    };
    return { retry, edit };
  }

  #submit(event) {
    event.preventDefault();
    const text = this.field.value;
    if (!text.trim() || this.root.querySelector("#send").disabled) return;
    this.field.value = "";
    this.draft.save();
    this.outbox.add(text);
    this.#toEnd();
  }

  #onKey(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    this.root.querySelector("#composer").requestSubmit();
    event.preventDefault();
  }

  #tellTyping() {
    if (Date.now() - this.#toldTypingAt < TYPING_TOLD_MS) return;
    this.#toldTypingAt = Date.now();
    this.connection.send({ type: "typing" });
  }

  #showTyping(shown = true) {
    clearTimeout(this.#typingTimer);
    this.root.querySelector("#typing").hidden = !shown;
    if (shown) this.#typingTimer = setTimeout(() => this.#showTyping(false), TYPING_SHOWN_MS);
  }

  #tellRead() {
    const { seq } = this.state;
    if (seq <= this.#readSeq || !document.hasFocus() || !this.#nearEnd()) return;
    if (this.connection.send({ type: "read", seq })) this.#readSeq = seq;
  }

  #nearEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  #toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.#showNew(false);
    this.#tellRead();
  }

  #showNew(shown) {
    this.root.querySelector("#to-end").hidden = !shown;
  }
}
