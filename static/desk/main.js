// Wires the desk: one connection, the list, the open thread, keys and announcements.

import { Connection } from "../shared/socket.js";
import { followHead } from "./ahead.js";
import { announceWaiting } from "./announce.js";
import { fetchInto } from "./fetched.js";
import { keepFocus } from "./focus.js";
import { dropActions, holdActions, releaseActions } from "./holding.js";
import { listenToKeys, showSide } from "./keys.js";
import { askBeforeLeaving, reload } from "./leaving.js";
import { watchLine } from "./line.js";
import { keepPlace, markOpen, refreshList } from "./list.js";
import { keepNote } from "./note.js";
import { Outboxes } from "./outboxes.js";
import { watchPermission } from "./permission.js";
import { tellSlow } from "./slow.js";
import { Thread } from "./thread.js";
import { keepTimes } from "./times.js";
import { tell, tellUntilClosed } from "./told.js";
import { watchSound } from "./tone.js";

const SIDE_PAUSE_MS = 600;

let thread = null;
let sideTimer = null;

const connection = new Connection({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/desk/`,
  hello: () => thread?.hello() ?? { type: "hello", conversation: null, after: 0 },
  onFrame,
  onStatus,
  awaits: () => outboxes.awaits,
});
const showLine = watchLine(connection);
const outboxes = new Outboxes({
  agent: document.body.dataset.agent,
  send: (frame) => connection.send(frame),
  onChange() {
    thread?.paintSoon();
    releaseActions();
  },
});

function onFrame(frame) {
  if (frame.type === "welcome") outboxes.flush();
  if (frame.type === "conversation.changed") return changed(frame);
  if (frame.type === "queue.changed") return refreshList();
  if (frame.type === "reply.saved") return saved(frame);
  if (frame.type === "error") return refused(frame);
  thread?.onFrame(frame);
}

function changed({ conversation }) {
  refreshList();
  if (conversation !== thread?.id) return;
  clearTimeout(sideTimer);
  sideTimer = setTimeout(() => refreshSide(conversation), SIDE_PAUSE_MS);
}

// Morphed, so that a note that is being written stays.
function refreshSide(conversation) {
  if (conversation !== thread?.id) return;
  fetchInto(document.getElementById("side"), `${thread.base}side/`, "innerMorph");
}

function saved(frame) {
  if (frame.conversation === thread?.id) thread.stored(frame);
  else outboxes.settle(frame.client_id);
}

// A conversation that is gone takes no reply, however often it is sent, and cannot be opened to edit it.
function gone({ client_id: clientId }) {
  const reply = outboxes.find(clientId);
  if (!reply) return;
  dropActions(reply.conversation);
  outboxes.settle(clientId);
  tellUntilClosed(`The conversation is gone, and your reply was not sent: “${reply.text}”`);
}

function refused(frame) {
  if (frame.client_id && frame.code === "not_found") gone(frame);
  else if (frame.client_id) outboxes.refuse(frame.client_id, frame);
  else tell(frame.message);
}

function onStatus(status, code) {
  showLine();
  if (status === "ready") refreshList();
  if (status === "refused" && code === 4401) reload(); // the log-in comes, and then this page again
}

/** Follow what is in the page: another conversation, or another state of the same one. */
function follow() {
  const root = document.getElementById("conversation");
  if (root !== (thread?.root ?? null)) open(root);
  thread?.showComposer();
}

function open(root) {
  thread?.stop();
  thread = root && new Thread(root, { connection, outbox: outboxes.of(root.dataset.conversation) });
  document.body.classList.toggle("reading", Boolean(root));
  showSide(false);
  connection.greet();
}

document.addEventListener("htmx:after:swap", () => {
  follow();
  markOpen();
  announceWaiting();
});
document.addEventListener("htmx:response:error", () => tell("That did not work. Nothing was changed; try again."));
document.addEventListener("htmx:error", () => tell("No connection to the desk. Try again in a moment."));

holdActions(outboxes);
followHead();
tellSlow(() => connection.doubt());
askBeforeLeaving(() => outboxes.unsent);
keepTimes();
keepPlace();
keepFocus();
listenToKeys();
watchPermission();
watchSound();
keepNote(document.body.dataset.agent);
follow();
announceWaiting();
connection.start();
