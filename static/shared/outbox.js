// Messages that the server has not acknowledged yet: kept in storage, sent in order, never sent as two.

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
 * Items are {client_id, text, at, order, state: "sending" | "waits" | "failed", final, reason}; what waits was refused
 * for now, and is sent again in a moment. All that is not final is sent again after each welcome.
 * `send(frame)` returns whether the frame went out; `onChange` is called after every change.
 */
export class Outbox {
  #items = new Map();
  #timers = new Map();

  constructor({ store, send, onChange, now = Date.now }) {
    Object.assign(this, { store, send, onChange, now });
    for (const name of store.names("outbox:")) this.#adopt(store.get(name));
  }

  get items() {
    return [...this.#items.values()].sort((a, b) => a.order - b.order);
  }

  /** Keep `text` and send it when possible. Returns its client_id. */
  add(text) {
    const last = this.items.at(-1)?.order ?? 0;
    const at = this.now();
    const item = { client_id: newId(), text, at, order: Math.max(at, last + 1), state: "sending" };
    this.#keep(item);
    this.#deliver(item.client_id);
    return item.client_id;
  }

  /** Send everything again that is not refused for good: after every welcome. Repeats are harmless. What could not go
   *  out without a connection is on its way now, and not failed any more. */
  flush() {
    for (const item of this.items) if (!item.final) this.retry(item.client_id);
  }

  retry(clientId) {
    const item = this.#items.get(clientId);
    if (!item) return;
    this.#keep({ ...item, state: "sending", final: false, reason: null });
    this.#deliver(clientId);
  }

  /** The message is stored at the server, or the reader gave it up. */
  settle(clientId) {
    if (!this.#items.delete(clientId)) return;
    this.#forgetTimer(clientId);
    this.store.remove(`outbox:${clientId}`);
    this.onChange();
  }

  /** The server refused it: {code, message, retry_after}; nothing of it was kept there. */
  refuse(clientId, error) {
    const item = this.#items.get(clientId);
    if (!item) return;
    const final = FINAL_CODES.has(error.code);
    const state = PASSING_CODES.has(error.code) ? "waits" : "failed";
    this.#keep({ ...item, state, final, reason: error.message });
    this.#forgetTimer(clientId);
    if (!final) this.#later(clientId, () => this.retry(clientId), (error.retry_after ?? 0) * 1000 || RETRY_MS);
    // The server answers one after the other, and a slow one takes as long for the next.
    for (const { client_id, state } of this.items) if (state === "sending") this.#watch(client_id);
  }

  stop() {
    for (const clientId of [...this.#timers.keys()]) this.#forgetTimer(clientId);
  }

  #deliver(clientId) {
    const item = this.#items.get(clientId);
    this.send({ type: "message.send", client_id: clientId, text: item.text });
    this.#watch(clientId);
  }

  #watch(clientId) {
    this.#later(clientId, () => this.#giveUp(clientId), PATIENCE_MS);
  }

  #giveUp(clientId) {
    const item = this.#items.get(clientId);
    if (item?.state === "sending") this.#keep({ ...item, state: "failed", reason: null });
  }

  #adopt(item) {
    if (!item || typeof item.client_id !== "string" || typeof item.text !== "string") return;
    this.#items.set(item.client_id, { ...item, state: item.final ? "failed" : "sending" });
    if (!item.final) this.#watch(item.client_id);
  }

  #keep(item) {
    this.#items.set(item.client_id, item);
    this.store.set(`outbox:${item.client_id}`, item);
    this.onChange();
  }

  #later(clientId, action, ms) {
    this.#forgetTimer(clientId);
    this.#timers.set(clientId, setTimeout(action, ms));
  }

  #forgetTimer(clientId) {
    clearTimeout(this.#timers.get(clientId));
    this.#timers.delete(clientId);
  }
}
