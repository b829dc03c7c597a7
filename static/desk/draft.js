// What is typed and not sent, kept at the server: it survives a reload, another tab and another machine.

const PAUSE_MS = 500;

/** Saves the field's text after a pause in typing, and at once when the page goes. */
export class Draft {
  #timer = null;
  #saved;
  #last = Promise.resolve();

  constructor(field, address) {
    Object.assign(this, { field, address });
    this.#saved = field.value;
    this.onInput = () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.save(), PAUSE_MS);
    };
    this.onLeave = () => this.#post(this.field.value);
    field.addEventListener("input", this.onInput);
    addEventListener("pagehide", this.onLeave);
  }

  /** Store the text, after what was asked to be stored before it: the newest one stays. */
  save() {
    clearTimeout(this.#timer);
    const text = this.field.value;
    this.#last = this.#last.then(() => this.#post(text));
    return this.#last;
  }

  stop() {
    this.save();
    this.field.removeEventListener("input", this.onInput);
    removeEventListener("pagehide", this.onLeave);
  }

  // A failure is mended by the next change: what is saved is then still another text.
  async #post(text) {
    if (text === this.#saved) return;
    const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"));
    try {
      const answer = await fetch(this.address, {
        method: "POST",
        headers: { ...token, "HX-Request": "true" },
        body: new URLSearchParams({ text }),
        keepalive: true,
      });
      if (answer.ok) this.#saved = text;
    } catch {
      // offline
    }
  }
}
