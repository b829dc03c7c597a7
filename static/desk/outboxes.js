// Replies on their way, one outbox a conversation: what was written in one is sent also while another is open.

import { Outbox } from "../shared/outbox.js";
import { Store } from "../shared/storage.js";

/** Whether a reply in it is neither stored nor refused for good. */
export const unsentIn = (box) => box.items.some((item) => !item.final);

export class Outboxes {
  #boxes = new Map();

  constructor({ agent, send, onChange }) {
    Object.assign(this, { send, onChange, prefix: `answerdesk:desk:${agent}:` });
    for (const name of new Store(this.prefix).names("")) this.of(name.split(":")[0]);
  }

  /** The outbox of a conversation. */
  of(conversation) {
    if (!this.#boxes.has(conversation)) {
      const store = new Store(`${this.prefix}${conversation}:`);
      const send = (frame) => this.send({ ...frame, conversation });
      this.#boxes.set(conversation, new Outbox({ store, send, onChange: () => this.onChange() }));
    }
    return this.#boxes.get(conversation);
  }

  /** Whether a reply in any of them is on its way. */
  get unsent() {
    return [...this.#boxes.values()].some(unsentIn);
  }

  /** A reply went out, and the server is to say what became of it. */
  get awaits() {
    return [...this.#boxes.values()].some((box) => box.items.some((item) => item.state === "sending"));
  }

  /** A reply that is not stored: {conversation, text}. */
  find(clientId) {
    for (const [conversation, { items }] of this.#boxes) {
      const item = items.find((one) => one.client_id === clientId);
      if (item) return { conversation, text: item.text };
    }
    return null;
  }

  flush() {
    for (const box of this.#boxes.values()) box.flush();
  }

  settle(clientId) {
    for (const box of this.#boxes.values()) box.settle(clientId);
  }

  refuse(clientId, error) {
    for (const box of this.#boxes.values()) box.refuse(clientId, error);
  }
}
