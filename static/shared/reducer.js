// What a conversation looks like after one more frame of chat protocol 1. Pure: state + frame -> state.
// Frames that were seen before, or that a gap precedes, change nothing; so any chunking of the same
// events, with any repeats, gives the same state as reading them in one go.

/**
 * entries: [{kind: "message", seq, id, role, ...} | {kind: "status", seq, status, agent}], by seq.
 * turn: {id, status, text, estimate_seconds, position, sources} while an answer is being made, else null;
 *   with delayed: true once it was said to be late, whatever its status is since.
 * queue: {position, agentsAvailable, seq} as last told by the server, or null: position from 1, null when not waiting;
 *   seq is the head that it was told with.
 * seq: the last durable event applied; head: the last one known to exist; readSeq: what the reader saw.
 */
export function emptyState() {
  return {
    conversation: null,
    seq: 0,
    head: 0,
    readSeq: 0,
    status: "assistant",
    agent: null,
    entries: [],
    ratings: {},
    contactSaved: false,
    queue: null,
    turn: null,
    closedTurns: [],
  };
}

/** Is `frame` a durable event? Only `welcome` and `head` carry a seq that is not their own. */
export const isDurable = (frame) => Number.isInteger(frame.seq) && frame.type !== "welcome" && frame.type !== "head";

/** Does `frame` show that events before it were missed? Then hello must be said on a new connection. */
export const showsGap = (state, frame) => isDurable(frame) && frame.seq > state.seq + 1;

/** Apply one server frame. The same state object comes back when nothing changed. */
export function reduce(state, frame) {
  if (frame.type === "welcome") return welcome(state, frame);
  if (isDurable(frame)) return durable(state, frame);
  const apply = PROGRESS[frame.type];
  return apply ? apply(state, frame) : state;
}

/** The reader has seen everything up to now. */
export const markRead = (state) => (state.readSeq === state.seq ? state : { ...state, readSeq: state.seq });

/** What the assistant asked to choose from, if that was said last: the numbered lines of its question. */
export function choices(state) {
  const last = state.entries.at(-1);
  if (last?.kind !== "message" || last.decision !== "clarify") return [];
  return Array.from(last.text.matchAll(/^\d+\. (.+)$/gm), (line) => line[1]);
}

/**
 * Does `entry`, said last, ask whether a person is wanted? The server says so: no words tell it in every language. What
 * was stored before it did is without the field, and an abstention always asked.
 */
export const offersPerson = ({ entries, status }, entry) =>
  entry === entries.at(-1) && status === "assistant" && (entry.offers_person ?? entry.decision === "abstain");

/** How many messages of others the reader has not seen. */
export const unreadCount = (state) =>
  state.entries.filter((entry) => entry.kind === "message" && entry.role !== "customer" && entry.seq > state.readSeq)
    .length;

function welcome(state, frame) {
  const other = state.conversation !== null && state.conversation !== frame.conversation;
  // Our events are beyond the server's head: it replays from 1, and we forget what we had.
  const forget = other || frame.seq < state.seq;
  const known = forget ? { ...emptyState(), readSeq: other ? 0 : Math.min(state.readSeq, frame.seq) } : state;
  const contactSaved = frame.contact_saved ?? known.contactSaved;
  const told = { ...interrupted(known), conversation: frame.conversation, head: frame.seq, contactSaved };
  return { ...told, queue: queueOf(known, frame) };
}

/** The connection is gone. What was shown of an answer is told again, as far as it goes by then; that it is late stays so. */
export function interrupted(state) {
  if (!state.turn?.delayed) return { ...state, turn: null };
  const { id, sources } = state.turn;
  return { ...state, turn: { id, status: "searching", text: "", delayed: true, ...(sources && { sources }) } };
}

function durable(state, frame) {
  if (frame.seq !== state.seq + 1) return state;
  const apply = EVENTS[frame.type];
  const counted = { ...state, seq: frame.seq, head: Math.max(state.head, frame.seq) };
  return apply ? apply(counted, frame) : counted;
}

const EVENTS = {
  "message.created": (state, { seq, message }) => {
    const outcome = message.role === "assistant" ? message.turn : null;
    return closeTurn({ ...state, entries: [...state.entries, { ...message, kind: "message", seq }] }, outcome);
  },
  "conversation.updated": (state, frame) => {
    const { seq, status, agent = null } = frame;
    // Who was brought to a person did not ask for one: what the assistant or the server says tells it.
    const announced = status === "waiting" && !frame.client_id;
    const same = status === state.status && agent?.name === state.agent?.name;
    const entries = same || announced ? state.entries : [...state.entries, { kind: "status", seq, status, agent }];
    // An event that is replayed is older than what `welcome` told of the queue.
    const queue = status === "waiting" || seq < state.head ? state.queue : null;
    return closeTurn({ ...state, status, agent, entries, queue }, frame.turn);
  },
  "feedback.saved": saveRating,
  "contact.saved": saveContact,
};

const PROGRESS = {
  head: (state, frame) => {
    const queue = queueOf(state, frame);
    return frame.seq > state.head || queue !== state.queue ? { ...state, head: Math.max(frame.seq, state.head), queue } : state;
  },
  "answer.started": (state, frame) =>
    onTurn(state, frame, ({ estimate_seconds, position, ...turn }) => ({ ...turn, status: "searching" })),
  "answer.status": (state, frame) => {
    const { type, turn: id, ...told } = frame;
    const delayed = told.status === "delayed" ? { delayed: true } : {};
    // Sources that were found stay; how long and where in a queue is as told last.
    return onTurn(state, frame, ({ estimate_seconds, position, ...turn }) => ({ ...turn, ...told, ...delayed }));
  },
  "answer.delta": (state, frame) => onTurn(state, frame, (turn) => extend(turn, frame)),
  "feedback.saved": saveRating,
  "contact.saved": saveContact,
};

function saveRating(state, { message, rating }) {
  return { ...state, ratings: { ...state.ratings, [message]: rating } };
}

function saveContact(state) {
  return { ...state, contactSaved: true };
}

// Place in the queue and whether an agent is there; both are told by `welcome` and `head`.
function queueOf({ queue }, { seq, position = null, agents_available: agentsAvailable }) {
  if (agentsAvailable === undefined) return queue;
  const same = queue?.seq === seq && queue.position === position && queue.agentsAvailable === agentsAvailable;
  return same ? queue : { position, agentsAvailable, seq };
}

function onTurn(state, frame, change) {
  if (state.closedTurns.includes(frame.turn)) return state;
  const turn = state.turn?.id === frame.turn ? state.turn : { id: frame.turn, status: "searching", text: "" };
  const changed = change(turn);
  return changed === state.turn ? state : { ...state, turn: changed };
}

// `offset` counts code points. 0 starts the text anew; a delta after a lost one has to wait for the message.
// One without text is no writing: nothing was shown yet, or it was taken back.
function extend(turn, { offset, text }) {
  if (offset === 0) return { ...turn, status: text ? "writing" : turn.status, text };
  const shown = Array.from(turn.text);
  if (offset > shown.length) return turn;
  return { ...turn, status: "writing", text: shown.slice(0, offset).join("") + text };
}

function closeTurn(state, id) {
  if (!id) return state;
  const turn = state.turn?.id === id ? null : state.turn;
  const closedTurns = state.closedTurns.includes(id) ? state.closedTurns : [...state.closedTurns, id];
  return { ...state, turn, closedTurns };
}

/** The turn being answered now, even before its first progress frame: {id, status, text}, or null. */
export function openTurn(state) {
  if (state.turn) return state.turn;
  const asked = state.entries.findLast((entry) => entry.kind === "message" && entry.role === "customer");
  if (!asked?.turn || state.closedTurns.includes(asked.turn)) return null;
  return { id: asked.turn, status: "searching", text: "" };
}
