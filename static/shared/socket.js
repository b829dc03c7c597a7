// One lasting connection over many WebSockets: says hello, keeps alive, comes back. Chat and desk use it.

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 20_000;
const PING_MS = 20_000;
// The server speaks at least every 20 s (`head`); a connection silent for longer than two of them is dead.
const SILENCE_MS = 45_000;
// Until it is ready: a server whose database hangs says so within 15 s.
const CONNECT_MS = 16_000;
// Refusals that another attempt will not change, until the page is loaded anew.
const FINAL_CLOSES = new Set([4401, 4403, 4404]);

/** Milliseconds before attempt `n` (from 0): doubling, at most 20 s, the upper half random. */
export function backoff(attempt, random = Math.random) {
  const most = Math.min(BACKOFF_MOST_MS, BACKOFF_FIRST_MS * 2 ** attempt);
  return most / 2 + (most / 2) * random();
}

/**
 * Options: `url`; `hello()` gives the first frame of each connection (null for none);
 * `onFrame(frame)` gets every frame; `onStatus(status, closeCode)` gets "connecting", "ready" (after
 * the frame named `readyOn`), "waiting" (for the next attempt) or "refused" (no further attempt).
 */
export class Connection {
  #socket = null;
  #attempt = 0;
  #retry = null;
  #watch = null;
  #connectBy = null;
  #heardAt = 0;
  #pingedAt = 0;
  #pauseMs = null;
  #openedAt = 0;
  #stopped = true;
  status = "idle";

  constructor({ url, hello, onFrame, onStatus = () => {}, readyOn = "welcome" }) {
    Object.assign(this, { url, hello, onFrame, onStatus, readyOn });
    this.comeBack = () => this.status === "waiting" && this.#open();
    this.onVisible = () => document.visibilityState === "visible" && this.comeBack();
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    addEventListener("online", this.comeBack);
    document.addEventListener("visibilitychange", this.onVisible);
    this.#open();
  }

  stop() {
    this.#stopped = true;
    removeEventListener("online", this.comeBack);
    document.removeEventListener("visibilitychange", this.onVisible);
    clearTimeout(this.#retry);
    this.#drop();
    this.#become("idle");
  }

  /** Send `frame` if the connection is ready; false (and nothing sent) when it is not. */
  send(frame) {
    if (this.status !== "ready") return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /** Say hello again on the same connection, after an error that allows it. */
  greet() {
    const frame = this.hello();
    if (frame && this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  /** Leave this connection for a new one: an event was missed, or another conversation is wanted. */
  reconnect() {
    const hasty = Date.now() - this.#openedAt < 1_000; // a server that always shows a gap must not be hammered
    this.giveWay(hasty ? backoff(this.#attempt++) : 0);
  }

  /** Leave this connection and come back after `pauseMs`, or after the usual back-off: the server is busy. */
  giveWay(pauseMs = null) {
    if (this.#stopped) return;
    this.#pauseMs = pauseMs;
    this.#closed(0);
  }

  #open() {
    clearTimeout(this.#retry);
    this.#become("connecting");
    let socket;
    try {
      socket = new WebSocket(this.url);
    } catch {
      return this.#closed(0); // refused by the page's own policy
    }
    this.#socket = socket;
    this.#connectBy = setTimeout(() => this.#lost(socket), CONNECT_MS);
    socket.onopen = () => this.#opened(socket);
    socket.onmessage = (event) => socket === this.#socket && this.#heard(event.data);
    socket.onclose = (event) => socket === this.#socket && this.#closed(event.code);
  }

  #opened(socket) {
    if (socket !== this.#socket) return;
    this.#heardAt = this.#pingedAt = this.#openedAt = Date.now();
    this.#watch = setInterval(() => this.#check(socket), 5_000);
    this.greet();
  }

  #heard(data) {
    this.#heardAt = Date.now();
    const frame = parse(data);
    if (!frame) return;
    if (frame.type === this.readyOn) {
      clearTimeout(this.#connectBy);
      this.#attempt = 0;
      this.#become("ready");
    }
    if (frame.type === "going_away") this.#pauseMs = Number(frame.delay_ms) || 0;
    this.onFrame(frame);
  }

  #check(socket) {
    const now = Date.now();
    if (now - this.#heardAt > SILENCE_MS) return this.#lost(socket);
    if (now - this.#pingedAt < PING_MS) return;
    this.#pingedAt = now;
    this.send({ type: "ping" });
  }

  // A close handshake with a dead network takes long; do not wait for it.
  #lost(socket) {
    if (socket === this.#socket) this.#closed(1006);
  }

  #closed(code) {
    this.#drop();
    if (this.#stopped) return;
    if (FINAL_CLOSES.has(code)) return this.#become("refused", code);
    const pause = this.#pauseMs ?? backoff(this.#attempt++);
    this.#pauseMs = null;
    this.#retry = setTimeout(() => this.#open(), pause);
    this.#become("waiting", code);
  }

  #drop() {
    clearTimeout(this.#connectBy);
    clearInterval(this.#watch);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(status, code) {
    this.status = status;
    this.onStatus(status, code);
  }
}

function parse(data) {
  try {
    const frame = JSON.parse(data);
    return frame && typeof frame.type === "string" ? frame : null;
  } catch {
    return null;
  }
}
