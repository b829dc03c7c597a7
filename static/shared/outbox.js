// Messages that the server has not acknowledged yet: kept in storage, sent one after the other, never as two.

/** A random lower-case UUID; also where `crypto.randomUUID` is missing (plain http). */
export function newId() {
  if (globalThis.crypto.randomUUID) return globalThis.crypto.randomUUID();
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// How long a message may be "sending" before the reader is told that it is not sent: a server whose database hangs says
// so within 15 s.
const PATIENCE_MS = 16_000;
export const RETRY_MS = 3_000;
// Answers to what may be kept in a moment.
export const PASSING_CODES = new Set(["unavailable", "rate_limited"]);
// Answers to a message that sending it again will not change.
const FINAL_CODES = new Set(["too_long", "bad_frame", "already_taken"]);

/**
 * Items are {client_id, text, at, order, state: "sending" | "waits" | "failed", final, reason}; what waits could not be kept
 * just then, and is sent again in a moment. What is stored has the order of what was written: only the first is on the
 * wire, and those behind it share its state until it is stored. What is final steps aside.
 * `send(frame)` returns whether the frame went out; `onChange` is called after every change.
 */
export class Outbox {
  #items = new Map();
  #sent = null;
  #timer = null;
  #line = null;

  constructor({ store, send, onChange }) {
    Object.assign(this, { store, send, onChange });
    for (const name of store.names("outbox:")) this.#adopt(store.get(name));
    if (this.#first) this.#expect();
  }

  get items() {
    const inOrder = [...this.#items.values()].sort((a, b) => a.order - b.order);
    return inOrder.map((item) => (item.final ? item : { ...item, ...this.#line }));
  }

  get #first() {
    return this.items.find((item) => !item.final);
  }

  /** Keep `text` and send it when possible. Returns its client_id. */
  add(text) {
    const last = this.items.at(-1)?.order ?? 0;
    const at = Date.now();
    const item = { client_id: newId(), text, at, order: Math.max(at, last + 1) };
    this.#keep(item);
    this.#goOn(item.client_id);
    return item.client_id;
  }

  /** Send the first again, and with it all others, after every welcome. Repeats are harmless. What could not go out
   *  without a connection is on its way now, and not failed any more. */
  flush() {
    this.stop();
    const first = this.#first;
    if (!first) return;
    this.#expect();
    this.#sent = first.client_id;
    this.send({ type: "message.send", client_id: first.client_id, text: first.text });
  }

  retry(clientId) {
    const item = this.#items.get(clientId);
    if (!item) return;
    this.#keep({ ...item, final: false });
    if (!this.#sent) this.flush();
  }

  /** The message is stored at the server, or the reader gave it up. */
  settle(clientId) {
    if (!this.#items.delete(clientId)) return;
    this.store.remove(`outbox:${clientId}`);
    this.#goOn(clientId);
    this.onChange();
  }

  /** The server refused it: {code, message, retry_after}; nothing of it was kept there. */
  refuse(clientId, { code, message: reason, retry_after: seconds }) {
    const item = this.#items.get(clientId);
    if (!item) return;
    if (!FINAL_CODES.has(code)) {
      const state = PASSING_CODES.has(code) ? "waits" : "failed";
      return this.#become(state, reason, seconds * 1000 || RETRY_MS, () => this.flush());
    }
    this.#keep({ ...item, state: "failed", final: true, reason });
    this.#goOn(clientId);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#sent = this.#timer = null;
  }

  // The next may go once this one is done with; and nothing waits for a first that was given up.
  #goOn(clientId) {
    if (clientId === this.#sent || !this.#timer) this.flush();
  }

  #expect() {
    this.#become("sending", null, PATIENCE_MS, () => this.#become("failed", null));
  }

  #become(state, reason, ms, then) {
    this.stop();
    if (then) this.#timer = setTimeout(then, ms);
    this.#line = { state, reason };
    this.onChange();
  }

  #adopt(item) {
    if (!item || typeof item.client_id !== "string" || typeof item.text !== "string") return;
    this.#items.set(item.client_id, item);
  }

  #keep(item) {
    this.#items.set(item.client_id, item);
    this.store.set(`outbox:${item.client_id}`, item);
    this.onChange();
  }
}
