// The pieces of a thread, each built from data and nothing else.

import { anchor, safeUrl } from "../shared/inline.js";
import { renderMarkdown } from "../shared/markdown.js";
import { contactForm } from "./contact.js";
import { h, icon, iconButton } from "./dom.js";
import { WORDS, say, secondsWords } from "./words.js";

const SHOWN_SOURCES = 3;
const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });

/** The face of an author: a picture of our own origin, else the first letter, else the assistant's mark. */
export function face(author, origin) {
  const url = author?.avatar ? safeUrl(author.avatar, origin) : null;
  if (url?.origin === origin) return h("img", { class: "face", src: url.href, alt: "" });
  const letter = author?.name?.trim()[0];
  return h("span", { class: "face", "aria-hidden": "true" }, letter ? letter.toUpperCase() : icon("spark"));
}

/** Who and when, above what others said. */
export function byline(entry, assistantName, origin) {
  const name = entry.role === "agent" ? entry.author?.name || WORDS.agentFallback : assistantName;
  const time = entry.created_at ? h("time", { datetime: entry.created_at }, clock.format(new Date(entry.created_at))) : null;
  return h("div", { class: "byline" }, face(entry.role === "agent" ? entry.author : null, origin), h("span", {}, name), time);
}

/** The body of what somebody said; a customer's words are plain, others' Markdown. */
export function content(entry, origin) {
  if (entry.role === "customer") return document.createTextNode(entry.text);
  return renderMarkdown(entry.text, { origin, sources: entry.sources ?? [] });
}

/** Where an answer comes from: number, title and section of each source. */
export function sourceRow(sources, origin, label = WORDS.sources) {
  if (!sources?.length) return null;
  const items = sources.map((source, at) => h("li", { hidden: at >= SHOWN_SOURCES }, sourceLink(source, origin)));
  const list = h("ol", { class: "source-list" }, items);
  const hidden = sources.length - SHOWN_SOURCES;
  const more = hidden > 0 ? h("button", { type: "button", class: "link", onclick: showAll }, say("moreSources", { count: hidden })) : null;
  return h("div", { class: "sources" }, h("div", { class: "label" }, label), list, more);

  function showAll() {
    for (const item of items) item.hidden = false;
    items[SHOWN_SOURCES].querySelector("a")?.focus();
    more.remove();
  }
}

function sourceLink(source, origin) {
  const number = h("span", { class: "citation", "aria-hidden": "true" }, String(source.n));
  const heading = source.heading && source.heading !== source.title ? h("span", { class: "section" }, source.heading) : null;
  const words = h("span", { class: "source-words" }, h("span", { class: "source-title" }, source.title || source.article), heading);
  const url = safeUrl(source.url ?? "", origin);
  return url ? anchor(url, [number, words], url.host) : h("span", {}, number, words);
}

/** What is being done about a turn, in a line; without a connection, what holds all the same. */
export function pendingLine(turn) {
  if (turn.status === "away") return WORDS.kept;
  const place = turn.position ? say("waitingPosition", { position: turn.position }) : "";
  const seconds = turn.estimate_seconds;
  if (turn.status === "delayed") {
    const late = seconds ? say("delayedSeconds", { seconds: secondsWords(seconds) }) : WORDS.delayed;
    return place ? `${place} ${late}` : late;
  }
  return place || (turn.status === "writing" ? WORDS.writing : WORDS.searching);
}

/** The line; when it takes long, also what was found already and a person. */
export function pending(turn, origin, requestPerson) {
  if (turn.status === "away") return h("p", { class: "note progress-words" }, pendingLine(turn));
  const said = h("span", { class: "progress-words" }, pendingLine(turn));
  const line = h("div", { class: "progress" }, h("span", { class: "dots", "aria-hidden": "true" }), said);
  if (turn.status !== "delayed") return line;
  const person = h("button", { type: "button", class: "quiet", onclick: requestPerson }, WORDS.person);
  return h("div", {}, line, h("p", { class: "note" }, WORDS.kept), sourceRow(turn.sources, origin, WORDS.meanwhile), person);
}

/** Thumbs after an answer, which may be changed; a comment field after the lower one. `rate(rating, comment)` sends. */
export function feedback(rating, commented, rate) {
  const thumb = (value, name, label) =>
    iconButton(name, label, () => rate(value), { "aria-pressed": String(rating === value) });
  const asks = rating === -1 && !commented;
  const words = rating && !asks ? WORDS.thanks : WORDS.helpful;
  const row = h("div", { class: "feedback" }, h("span", {}, words), thumb(1, "good", WORDS.yes), thumb(-1, "bad", WORDS.no));
  return asks ? h("div", {}, row, commentForm(rate)) : row;
}

function commentForm(rate) {
  const field = h("textarea", { rows: 2, maxlength: 2000, "aria-label": WORDS.comment, placeholder: WORDS.comment });
  const submit = (event) => {
    event.preventDefault();
    rate(-1, field.value.trim() || null);
  };
  return h("form", { class: "comment", onsubmit: submit }, field, h("button", { class: "quiet" }, WORDS.sendComment));
}

/** What happened to the conversation, told in the middle of the thread. */
export function statusLine(entry) {
  const name = entry.agent?.name || WORDS.agentFallback;
  const words = {
    assistant: WORDS.statusAssistant,
    waiting: WORDS.statusWaiting,
    agent: say("statusAgent", { name }),
    resolved: WORDS.statusResolved,
  };
  return h("p", { class: "event" }, words[entry.status] ?? entry.status);
}

/** Place in the queue, and where to leave an address. Updated in place: it holds a form.
 *  `saveContact(email, onRefused)` sends the address. */
export function waitingCard(saveContact) {
  const line = h("p", {});
  const form = contactForm(saveContact, WORDS.emailSaved);
  let overtaken = null;
  const node = h("div", { class: "card", role: "group", "aria-label": WORDS.waiting }, h("strong", {}, WORDS.waiting), line, form.parts);
  return { node, update };

  /** `told`: number of the server's message on how things stood, if it was last to speak. With nobody there
   *  nothing is said twice; once somebody came, that message is overtaken, though not by what was known before it.
   *  `mails`: an address is of use. */
  function update(queue, contactSaved, told, mails) {
    if (queue?.agentsAvailable && queue.seq >= told) overtaken = told;
    line.hidden = told !== null && told !== overtaken;
    line.textContent = line.hidden ? "" : waitingWords(queue, mails && !contactSaved);
    form.update(contactSaved, mails);
  }
}

/** How things stand, and whether to leave an address. A person is promised only while one is known to be there. */
function waitingWords(queue, asks) {
  if (queue?.agentsAvailable === false) return `${WORDS.nobody} ${asks ? WORDS.lateEmail : WORDS.kept}`;
  const said = [queue?.agentsAvailable ? WORDS.waitingOpen : WORDS.kept];
  if (queue?.agentsAvailable && queue.position) said.unshift(placeWords(queue.position));
  if (asks) said.push(WORDS.waitingOpenEmail);
  return said.join(" ");
}

const placeWords = (position) => (position === 1 ? WORDS.waitingNext : say("waitingPosition", { position }));
