// One lasting connection over many WebSockets: says hello, keeps alive, comes back. Chat and desk use it.

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MOST_MS = 20_000;
// The server speaks at least every 20 s (`head`), and every 4 s or so while an answer is awaited: a connection on which
// nothing was heard for longer is asked whether it lives.
const IDLE_MS = 25_000;
const AWAITED_MS = 5_000;
// A dead network gives no sign; a living one answers a ping within this.
const DOUBT_MS = 4_000;
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
 * the frame named `readyOn`), "waiting" (for the next attempt) or "refused" (no further attempt);
 * `awaits()` tells whether the server is to say something soon.
 */
export class Connection {
  #socket = null;
  #attempt = 0;
  #retry = null;
  #watch = null;
  #connectBy = null;
  #heardAt = 0;
  #doubted = null;
  #pauseMs = null;
  #openedAt = 0;
  #stopped = true;
  status = "idle";

  constructor({ url, hello, onFrame, onStatus = () => {}, awaits = () => false, readyOn = "welcome" }) {
    Object.assign(this, { url, hello, onFrame, onStatus, awaits, readyOn });
    this.onOnline = () => this.doubt();
    this.onVisible = () => document.visibilityState === "visible" && this.doubt();
  }

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    addEventListener("online", this.onOnline);
    document.addEventListener("visibilitychange", this.onVisible);
    this.#open();
  }

  stop() {
    this.#stopped = true;
    removeEventListener("online", this.onOnline);
    document.removeEventListener("visibilitychange", this.onVisible);
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

  /** The network may have changed without a sign: come back now if there is no connection, and where nothing at all is
   *  heard on the one that there is, leave it in a moment. */
  doubt() {
    if (this.status === "waiting") return this.#open();
    const socket = this.#socket;
    if (this.#doubted || socket?.readyState !== 1) return;
    socket.send('{"type":"ping"}');
    this.#doubted = setTimeout(() => this.#lost(socket), DOUBT_MS);
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
    this.#drop();
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
    this.#heardAt = this.#openedAt = Date.now();
    this.#watch = setInterval(() => this.#check(), 1_000);
    this.greet();
  }

  #heard(data) {
    this.#heardAt = Date.now();
    this.#trust();
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

  #check() {
    if (Date.now() - this.#heardAt > (this.awaits() ? AWAITED_MS : IDLE_MS)) this.doubt();
  }

  #trust() {
    clearTimeout(this.#doubted);
    this.#doubted = null;
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

  // With the next attempt too: there is never more than one connection, or one that is to come.
  #drop() {
    clearTimeout(this.#retry);
    clearTimeout(this.#connectBy);
    clearInterval(this.#watch);
    this.#trust();
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
