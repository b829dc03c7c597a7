// Markdown to DOM nodes. Text only ever becomes text nodes, attributes only ever come from the lists here:
// there is no innerHTML, so nothing that a model, an article or a person writes can become script.

import { inline } from "./inline.js";

const FENCE = /^ {0,3}(```+|~~~+)\s*([\w+-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(?:\s+(.*)|\s*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const DELIMITER_ROW = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const MAX_DEPTH = 12;

/**
 * A DocumentFragment of `text`.
 * `origin`: the only origin that images and site-relative links may have.
 * `sources`: [{n, title, heading, url}]; `[n]` of a known source becomes a numbered link to it.
 * `pending`: sources are not known yet, so `[n]` becomes a chip that leads nowhere.
 */
export function renderMarkdown(text, { origin = location.origin, sources = [], pending = false } = {}) {
  const context = { origin, pending, sources: new Map(sources.map((source) => [source.n, source])) };
  const fragment = document.createDocumentFragment();
  const whole = pending ? closed(String(text)) : String(text ?? "");
  const lines = whole.replace(/\r\n?/g, "\n").replace(/\t/g, "    ").split("\n");
  fragment.append(...blocks(lines, context, 0));
  return fragment;
}

// Text that is still arriving: what its last line opened is closed, so that no bare ** or ` flashes by.
function closed(text) {
  const line = text.slice(text.lastIndexOf("\n") + 1);
  if (line.split("`").length % 2 === 0) return `${text}\``;
  const bare = text.replace(/\*{1,2}$/, "");
  return line.split("**").length % 2 === 0 ? (bare === text ? `${text}**` : bare) : text;
}

function blocks(lines, context, depth) {
  if (depth > MAX_DEPTH) return [element("p", inline(lines.join("\n"), context))];
  const nodes = [];
  for (let at = 0; at < lines.length; ) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [node, next] = block(lines, at, context, depth);
    nodes.push(node);
    at = next;
  }
  return nodes;
}

function block(lines, at, context, depth) {
  const line = lines[at];
  if (FENCE.test(line)) return fence(lines, at);
  if (HEADING.test(line)) return [heading(line, context), at + 1];
  if (RULE.test(line)) return [element("hr"), at + 1];
  if (QUOTE.test(line)) return quote(lines, at, context, depth);
  if (startsTable(lines, at)) return table(lines, at, context);
  if (ITEM.test(line)) return list(lines, at, context, depth);
  return paragraph(lines, at, context);
}

function element(tag, children = []) {
  const node = document.createElement(tag);
  node.append(...children);
  return node;
}

function fence(lines, at) {
  const [, mark] = FENCE.exec(lines[at]);
  const end = lines.findIndex((line, index) => index > at && line.trim().startsWith(mark) && !line.trim().replaceAll(mark[0], ""));
  const stop = end < 0 ? lines.length : end;
  const code = element("code", [lines.slice(at + 1, stop).join("\n")]);
  return [element("pre", [code]), stop + 1];
}

// A message stands inside a page with headings of its own: its levels start at 3.
function heading(line, context) {
  const [, marks, text] = HEADING.exec(line);
  return element(`h${Math.min(6, marks.length + 2)}`, inline(text, context));
}

function quote(lines, at, context, depth) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => QUOTE.exec(line)[1]);
  return [element("blockquote", blocks(inner, context, depth + 1)), end];
}

function startsTable(lines, at) {
  return lines[at].includes("|") && DELIMITER_ROW.test(lines[at + 1] ?? "") && lines[at + 1].includes("-");
}

function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(^|[^\\])\|$/, "$1");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function row(tag, line, count, context) {
  const texts = cells(line);
  return element("tr", Array.from({ length: count }, (_, column) => element(tag, inline(texts[column] ?? "", context))));
}

function table(lines, at, context) {
  const count = cells(lines[at]).length;
  let end = at + 2;
  while (end < lines.length && lines[end].trim() && lines[end].includes("|")) end += 1;
  const head = element("thead", [row("th", lines[at], count, context)]);
  const body = element("tbody", lines.slice(at + 2, end).map((line) => row("td", line, count, context)));
  const scroller = element("div", [element("table", [head, body])]);
  scroller.className = "table-scroll";
  scroller.tabIndex = 0; // where it is too wide it scrolls, so the keyboard must reach it, and a screen reader name it
  scroller.setAttribute("role", "region");
  scroller.setAttribute("aria-label", Array.from(head.querySelectorAll("th"), (cell) => cell.textContent).join(", "));
  return [scroller, end];
}

function list(lines, at, context, depth) {
  const [, indent, marker] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(marker);
  const node = document.createElement(ordered ? "ol" : "ul");
  if (ordered && parseInt(marker, 10) !== 1) node.start = parseInt(marker, 10);
  let next = at;
  while (next < lines.length && continuesList(lines[next], indent.length, ordered)) {
    const [item, end] = listItem(lines, next, context, depth);
    node.append(item);
    next = end;
  }
  return [node, next];
}

function continuesList(line, indent, ordered) {
  const match = ITEM.exec(line);
  return Boolean(match) && Math.abs(match[1].length - indent) < 2 && /\d/.test(match[2]) === ordered;
}

// An item owns the lines indented deeper than its marker, and the text right after it.
function listItem(lines, at, context, depth) {
  const [, indent, marker, first = ""] = ITEM.exec(lines[at]);
  const inner = [first];
  let end = at + 1;
  for (; end < lines.length; end += 1) {
    const blank = !lines[end].trim();
    const deep = indentOf(lines[end]) >= indent.length + 2;
    if (blank ? !staysInItem(lines, end, indent.length) : !deep && (ITEM.test(lines[end]) || !lines[end - 1].trim() || startsBlock(lines, end))) break;
    inner.push(deep ? lines[end].slice(Math.min(indentOf(lines[end]), indent.length + marker.length + 1)) : lines[end].trim());
  }
  return [itemElement(inner, context, depth), nextFull(lines, end)];
}

function itemElement(inner, context, depth) {
  const children = blocks(inner, context, depth + 1);
  const lead = children[0];
  if (lead?.nodeName === "P") children.splice(0, 1, ...lead.childNodes); // a tight item needs no paragraph
  return element("li", children);
}

const indentOf = (line) => line.length - line.trimStart().length;

function nextFull(lines, at) {
  while (at < lines.length && !lines[at].trim()) at += 1;
  return at;
}

function staysInItem(lines, at, indent) {
  const next = nextFull(lines, at);
  return next < lines.length && indentOf(lines[next]) >= indent + 2;
}

function startsBlock(lines, at) {
  const line = lines[at];
  return FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || startsTable(lines, at);
}

function paragraph(lines, at, context) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !startsBlock(lines, end) && !ITEM.test(lines[end])) end += 1;
  const text = lines.slice(at, end).map((line) => line.trimStart()).join("\n");
  return [element("p", inline(text.trimEnd(), context)), end];
}
