// Messages of a thread as DOM nodes. Text is only ever set as text, or goes through the safe Markdown.

import { renderMarkdown } from "../shared/markdown.js";
import { fetchInto } from "./fetched.js";
import { segments } from "./folding.js";
import { clock } from "./times.js";

const ROLES = { customer: "Customer", assistant: "Assistant", agent: "Agent", system: "" };
const TURNS = {
  waiting: () => "Asked for a person",
  agent: (name) => `${name ?? "A person"} took over`,
  assistant: () => "With the assistant",
  resolved: (name) => (name ? `Resolved by ${name}` : "Resolved"),
};

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...children);
  return node;
}

/** A thread's nodes: folded stretches, messages and changes of status. `nodeOf` gives that of an entry. */
export function threadNodes(entries, nodeOf) {
  return segments(entries).flatMap(({ fold, entries: part }) => {
    const nodes = part.map(nodeOf);
    return fold ? [foldNode(part, nodes)] : nodes;
  });
}

/** One entry of the reducer as a node. `base` is the conversation's address. */
export function entryNode(entry, base) {
  if (entry.kind === "status") return make("p", "turned", TURNS[entry.status](entry.agent?.name));
  const node = make("article", `said ${entry.role}`, bubble(entry), byLine(entry));
  if (entry.role === "assistant" && entry.turn) {
    const address = `${base}turns/${entry.turn}/`;
    node.lastChild.append(" · ", howNode(address));
    node.append(whyNode(address));
  }
  return node;
}

/** The answer that is being written now. */
export function liveNode(turn) {
  if (!turn.text) return make("p", "said assistant by-line", "The assistant is looking for an answer");
  const body = bubbleNode(renderMarkdown(turn.text, { pending: true }));
  return make("article", "said assistant", body, make("span", "by-line", "Assistant, writing"));
}

/** A reply of this browser that is not in the thread yet. `actions` are `retry` and `edit`. */
export function pendingNode(item, sent, actions) {
  const line = make("span", "by-line");
  if (sent) line.append("Sent");
  else if (item.state === "sending") line.append("Sending");
  else if (item.state === "waits") {
    line.append("Not sent yet. It is kept, and sent again by itself. ", action("Edit", actions.edit));
  } else {
    const reason = make("span", "failed", item.reason ? `Not sent: ${item.reason} ` : "Not sent. ");
    line.append(reason, action("Retry", actions.retry), " ", action("Edit", actions.edit));
  }
  const body = bubbleNode(renderMarkdown(item.text, { breaks: true }));
  return make("article", `said agent ${item.state}`, body, line);
}

function action(label, onClick) {
  const node = make("button", "link-button", label);
  node.type = "button";
  node.onclick = onClick;
  return node;
}

// Arabic and Hebrew run from the right, whatever the page is in.
function bubbleNode(content) {
  const node = make("div", "bubble", content);
  node.dir = "auto";
  return node;
}

function bubble({ role, text, sources }) {
  if (role === "customer") return bubbleNode(text);
  return bubbleNode(renderMarkdown(text, { sources: sources ?? [], breaks: role === "agent" }));
}

function byLine({ role, author, created_at, stopped }) {
  const who = author?.name ?? ROLES[role];
  return make("span", "by-line", [who, clock(created_at), stopped && "stopped"].filter(Boolean).join(" · "));
}

function whyNode(address) {
  const body = make("div", "", "Loading");
  const node = make("details", "why-details", make("summary", "", "Why this answer"), body);
  // Again at each opening where it could not be fetched before.
  node.addEventListener("toggle", () => node.open && !body.childElementCount && fetchInto(body, address, "innerHTML"));
  return node;
}

function howNode(address) {
  const link = make("a", "how-link", "How was this answered");
  Object.assign(link, { href: `${address}${location.search}`, title: "How was this answered (h)" });
  link.dataset.key = "h";
  return link;
}

function foldNode(part, nodes) {
  const messages = part.filter((entry) => entry.kind === "message");
  const first = messages.find((entry) => entry.role === "customer");
  const title = make("strong", "", "Assistant’s part");
  const count = make("span", "quiet", `${messages.length} messages`);
  const summary = make("summary", "", title, count);
  if (first) summary.append(make("span", "asked", first.text));
  return make("details", "fold", summary, make("div", "folded", ...nodes));
}
