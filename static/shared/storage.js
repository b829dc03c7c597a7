// Storage that never throws: the browser's own where it may be used, else memory until the page goes.

function works(area) {
  try {
    area.setItem("answerdesk:probe", "1");
    area.removeItem("answerdesk:probe");
    return true;
  } catch {
    return false;
  }
}

function browserArea() {
  try {
    return works(globalThis.localStorage) ? globalThis.localStorage : null;
  } catch {
    return null; // reading `localStorage` itself throws where storage is forbidden
  }
}

/** JSON values under names that start with `prefix`; persistent where the browser allows it. */
export class Store {
  #memory = new Map();
  #area;

  constructor(prefix, area = browserArea()) {
    this.prefix = prefix;
    this.#area = area;
  }

  get(name) {
    const full = this.prefix + name;
    try {
      return JSON.parse(this.#memory.get(full) ?? this.#read(full) ?? "null");
    } catch {
      return null; // not ours, or from another version
    }
  }

  #read(full) {
    try {
      return this.#area?.getItem(full);
    } catch {
      return null;
    }
  }

  set(name, value) {
    if (value == null) return this.remove(name);
    const full = this.prefix + name;
    const text = JSON.stringify(value);
    try {
      if (!this.#area) throw new Error("no storage");
      this.#area.setItem(full, text);
      this.#memory.delete(full);
    } catch {
      this.#memory.set(full, text); // full or forbidden: kept as long as the page lives
    }
  }

  remove(name) {
    this.#memory.delete(this.prefix + name);
    try {
      this.#area?.removeItem(this.prefix + name);
    } catch {
      // forbidden: there was nothing to remove
    }
  }

  /** Names (without the prefix) that start with `start`. */
  names(start) {
    const full = this.prefix + start;
    const found = [...this.#memory.keys()];
    try {
      for (let at = 0; at < (this.#area?.length ?? 0); at++) found.push(this.#area.key(at));
    } catch {
      // forbidden: memory is all there is
    }
    return [...new Set(found)].filter((name) => name.startsWith(full)).map((name) => name.slice(this.prefix.length));
  }
}
