// One customer's conversation: connection, reducer and outbox put together. No page, no elements.

import { Outbox, PASSING_CODES, RETRY_MS, newId } from "../shared/outbox.js";
import { emptyState, interrupted, isDurable, markRead, openTurn, reduce, showsGap } from "../shared/reducer.js";
import { Connection } from "../shared/socket.js";
import { Store } from "../shared/storage.js";
import { WORDS, say, timeIn } from "./words.js";

const BEHIND_MS = 1_500;
const TYPING_EVERY_MS = 3_000;
const AFTER_MESSAGE_MS = 500;

/** `onChange()` after anything changed; `onTyping(role)` when somebody else types (null: no more). */
export class Chat {
  state = emptyState();
  refusedBy = null;
  settings = {};
  #commands = []; // {frame, after: the last event known then, of: its conversation, onRefused, timer}
  #resumes = false;
  #behind = null;
  #typedAt = 0;

  constructor({ origin, key, identity, locale, onChange, onTyping }) {
    Object.assign(this, { key, identity, locale, onChange, onTyping });
    this.store = new Store(`answerdesk:${key}:`);
    this.conversation = this.store.get("conversation");
    this.#recall();
    this.connection = new Connection({
      url: `${origin.replace(/^http/, "ws")}/ws/chat/`,
      hello: () => this.#hello(),
      onFrame: (frame) => this.#receive(frame),
      onStatus: (status, code) => this.#connectionBecame(status, code),
      awaits: () => this.#commands.length || openTurn(this.state) || this.outbox.items.some((item) => item.state === "sending"),
    });
    this.outbox = new Outbox({ store: this.store, send: (frame) => this.#sendMessage(frame), onChange: () => this.onChange() });
    this.onStorage = (event) => this.#followOtherTab(event);
  }

  get isNew() {
    return this.state.seq === 0 && this.outbox.items.length === 0;
  }

  get hasHistory() {
    return this.conversation !== null || this.outbox.items.length > 0;
  }

  start() {
    addEventListener("storage", this.onStorage);
    this.connection.start();
  }

  stop() {
    removeEventListener("storage", this.onStorage);
    this.connection.stop();
    this.outbox.stop();
  }

  send(text) {
    return this.outbox.add(text);
  }

  retry(clientId) {
    this.outbox.retry(clientId);
    this.connection.doubt();
  }

  /** Ask for a person; a conversation that does not exist yet starts with saying so. */
  requestPerson() {
    if (this.isNew) this.send(WORDS.personAsked);
    this.#command({ type: "handoff.request", client_id: newId(), reason: null });
  }

  cancelPerson() {
    this.#command({ type: "handoff.cancel", client_id: newId() });
  }

  /** Leave an address; `onRefused(error)` when the server does not keep it. */
  saveContact(email, onRefused) {
    this.#command({ type: "contact.send", client_id: newId(), email, page: location.origin + location.pathname }, onRefused);
  }

  /** A `comment` of null was left empty; without one, only the rating was given. */
  rate(message, rating, comment) {
    this.#command({ type: "feedback.send", message, rating, comment: comment ?? null });
    if (comment !== undefined) this.commented.add(message);
    this.onChange();
  }

  stopTurn() {
    const turn = openTurn(this.state);
    if (turn) this.#command({ type: "answer.stop", turn: turn.id });
  }

  typing() {
    if (Date.now() - this.#typedAt < TYPING_EVERY_MS) return;
    this.#typedAt = Date.now();
    this.connection.send({ type: "typing" });
  }

  /** The reader sees the end of the conversation now. */
  read() {
    const state = markRead(this.state);
    if (state === this.state) return;
    this.state = state;
    this.store.set("read", state.readSeq);
    this.#sayRead();
    this.onChange();
  }

  newConversation() {
    this.#hold([]);
    this.#forgetConversation();
    this.connection.reconnect();
    // Only now: each that is settled lets the next go.
    for (const item of this.outbox.items) this.outbox.settle(item.client_id);
  }

  #hello() {
    const after = this.state.conversation === this.conversation ? this.state.seq : 0;
    return {
      type: "hello",
      widget: this.key,
      session: this.store.get("session"),
      conversation: this.conversation,
      after,
      identity: this.identity,
      locale: this.locale,
    };
  }

  #receive(frame) {
    if (showsGap(this.state, frame)) return this.connection.reconnect();
    this.state = reduce(this.state, frame);
    HANDLERS[frame.type]?.call(this, frame);
    if (isDurable(frame)) this.#keepConversation();
    if (frame.type !== "error") this.#forget((asked) => this.#cameAbout(asked, frame));
    if (this.#resumes && this.state.seq >= this.state.head) this.#resume();
    this.onChange();
  }

  welcomed({ session, settings }) {
    this.store.set("session", session);
    this.settings = { ...this.settings, ...settings };
    this.#resumes = true;
    this.outbox.flush();
  }

  // All that happened meanwhile is known: what was asked for here and has not come about is asked for again. The server
  // says nothing to the stop of another turn than the open one.
  #resume() {
    this.#resumes = false;
    const open = openTurn(this.state)?.id;
    this.#forget(({ turn }, { of }) => of !== this.state.conversation || (turn && turn !== open));
    this.#sayRead();
    for (const { frame, timer } of this.#commands) {
      clearTimeout(timer);
      this.connection.send(frame);
    }
  }

  // Ratings are not part of the replay; this browser remembers its own, and which were commented on.
  ratingSaved({ message }) {
    this.#forget((asked) => asked.message === message);
    this.store.set("ratings", this.state.ratings);
    this.store.set("commented", [...this.commented]);
  }

  #recall() {
    this.#commands = this.store.get("commands") ?? [];
    this.commented = new Set(this.store.get("commented"));
    this.state = { ...this.state, readSeq: this.store.get("read") ?? 0, ratings: this.store.get("ratings") ?? {} };
  }

  // A person has come by another way than what was asked for before, or has come since none was wanted.
  statusCame({ seq, status }) {
    const over = { waiting: ["handoff.request"], agent: ["handoff.request", "handoff.cancel"] }[status] ?? [];
    this.#forget(({ type }, { after }) => after < seq && over.includes(type));
  }

  messageCame({ message }) {
    if (message.role === "agent") this.onTyping(null);
    if (message.client_id) this.outbox.settle(message.client_id);
  }

  // Events may still be on their way when the head is told; a moment later they are not.
  headTold() {
    clearTimeout(this.#behind);
    if (this.state.head <= this.state.seq) return;
    this.#behind = setTimeout(() => this.state.head > this.state.seq && this.connection.reconnect(), BEHIND_MS);
  }

  refusedFrame(refused) {
    const error = { ...refused, message: WORDS[`error_${refused.code}`] ?? refused.message };
    const passes = PASSING_CODES.has(error.code);
    const wait = error.retry_after ? error.retry_after * 1000 : RETRY_MS;
    const ready = this.connection.status === "ready";
    // A refusal without an id is of what has none.
    const asked = ready ? this.#commands.filter(({ frame }) => frame.client_id === error.client_id) : [];
    for (const command of asked) passes && !command.onRefused ? this.#again(command, wait) : this.#drop(command, error);
    if (asked.length) return;
    if (error.client_id) {
      // A time of day stays true for as long as it is read.
      if (error.retry_after) error.message += ` ${say("sentAt", { time: timeIn(wait / 1000) })}`;
      else if (passes) error.message = WORDS.sentSoon;
      return this.outbox.refuse(error.client_id, error);
    }
    if (ready) return;
    if (error.code === "session_invalid") this.store.remove("session");
    if (error.code === "identity_invalid") this.identity = null;
    if (error.code === "session_invalid" || error.code === "not_found") this.#forgetConversation();
    if (["session_invalid", "not_found", "identity_invalid"].includes(error.code)) return this.connection.greet();
    if (passes) this.connection.giveWay((error.retry_after ?? 0) * 1000 || null);
  }

  // After the message that began the conversation, which may have been refused with it.
  #again(command, wait) {
    clearTimeout(command.timer);
    const repeat = () => this.#commands.includes(command) && this.connection.send(command.frame);
    command.timer = setTimeout(repeat, wait + AFTER_MESSAGE_MS);
  }

  #drop(command, error) {
    command.onRefused?.(error);
    this.#hold(this.#commands.filter((one) => one !== command));
  }

  #cameAbout({ client_id: id, turn }, frame) {
    return (id && id === frame.client_id) || this.state.closedTurns.includes(turn);
  }

  // What was asked for is kept for the next page too, but for what only this page could tell the refusal of.
  #hold(commands) {
    this.#commands = commands;
    const kept = commands.filter(({ onRefused }) => !onRefused);
    this.store.set("commands", kept.map(({ frame, after, of }) => ({ frame, after, of })));
  }

  #forget(isOver) {
    const left = this.#commands.filter((command) => !isOver(command.frame, command));
    if (left.length < this.#commands.length) this.#hold(left);
  }

  #connectionBecame(status, code) {
    if (status === "refused") this.refusedBy = code;
    if (status !== "ready" && this.state.turn) this.state = interrupted(this.state);
    this.onChange();
  }

  // Again with each connection: a mark that the server could not keep is refused without a word.
  #sayRead() {
    const { readSeq: seq } = this.state;
    if (seq && !document.hidden) this.connection.send({ type: "read", seq });
  }

  #sendMessage(frame) {
    const sent = this.connection.send(frame);
    if (sent) this.#keepConversation();
    return sent;
  }

  // A newer wish stands in the place of one of its kind.
  #command(frame, onRefused) {
    const kind = ({ type, message }) => type.split(".")[0] + message;
    this.#forget((asked) => kind(asked) === kind(frame));
    this.#hold([...this.#commands, { frame, after: this.state.seq, of: this.state.conversation, onRefused }]);
    this.connection.send(frame);
  }

  // From its first message on, a conversation is worth coming back to, even before that is acknowledged.
  #keepConversation() {
    if (this.conversation === this.state.conversation) return;
    this.conversation = this.state.conversation;
    this.store.set("conversation", this.conversation);
  }

  #forgetConversation() {
    this.conversation = null;
    this.store.remove("conversation");
    this.store.remove("read");
    this.store.remove("ratings");
    this.store.remove("commented");
    this.commented.clear();
    this.state = emptyState();
    this.onChange();
  }

  // Another tab began the conversation: an untouched one joins it.
  #followOtherTab(event) {
    if (event.key !== `answerdesk:${this.key}:conversation` || !event.newValue || !this.isNew) return;
    this.conversation = this.store.get("conversation");
    this.connection.start();
    this.connection.reconnect();
  }
}

const HANDLERS = {
  welcome: Chat.prototype.welcomed,
  "conversation.updated": Chat.prototype.statusCame,
  "message.created": Chat.prototype.messageCame,
  "feedback.saved": Chat.prototype.ratingSaved,
  head: Chat.prototype.headTold,
  error: Chat.prototype.refusedFrame,
  typing({ role }) {
    this.onTyping(role);
  },
};
