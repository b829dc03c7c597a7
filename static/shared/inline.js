// Markdown within a line: emphasis, code, links, pictures of our own, citations. Gives DOM nodes and strings.

const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", "#39": "'" };
const MAX_DEPTH = 8;

// Tried in this order wherever the text may start one; each gives [node or string, length] or null.
const RULES = [
  { starts: "\\", read: escaped },
  { starts: "`", read: codeSpan },
  { starts: "!", read: image },
  { starts: "[", read: citation },
  { starts: "[", read: link },
  { starts: "<", read: angleLink },
  { starts: "*_", read: strong },
  { starts: "*_", read: emphasis },
  { starts: "~", read: struck },
  { starts: "h", read: bareLink },
  { starts: "&", read: entity },
  { starts: "\n", read: lineBreak },
];

/** Nodes and strings of one block's text. */
export function inline(text, context, depth = 0) {
  if (depth > MAX_DEPTH) return [text];
  const parts = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const found = special(text, at, context, depth);
    if (!found) {
      plain += text[at];
      at += 1;
      continue;
    }
    if (plain) parts.push(plain);
    plain = "";
    parts.push(found[0]);
    at += found[1];
  }
  if (plain) parts.push(plain);
  return parts;
}

function special(text, at, context, depth) {
  const letter = text[at];
  if (!"\\`![<*_~h&\n".includes(letter)) return null;
  for (const { starts, read } of RULES) {
    const found = starts.includes(letter) ? read(text, at, context, depth) : null;
    if (found) return found;
  }
  return null;
}

function element(tag, children) {
  const node = document.createElement(tag);
  node.append(...children);
  return node;
}

function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function escaped(text, at) {
  const next = text[at + 1] ?? "";
  if (next === "\n") return [document.createElement("br"), 2];
  return /[!-/:-@[-`{-~]/.test(next) ? [next, 2] : null;
}

const CODE = /(`+)([^]*?[^`])\1(?!`)/y;
function codeSpan(text, at) {
  const match = matchAt(CODE, text, at);
  return match ? [element("code", [match[2].replaceAll("\n", " ").replace(/^ (.*) $/, "$1")]), match[0].length] : null;
}

const LABELLED = /!?\[((?:[^[\]\\]|\\.|\[[^[\]]*\])*)\]\(\s*<?([^\s()<>]*(?:\([^\s()]*\)[^\s()<>]*)*)>?(?:\s+["'][^"']*["'])?\s*\)/y;

/** The address as a URL, if it is http(s), names no user, and is either complete or on our own site. */
export function safeUrl(address, origin) {
  const complete = /^https?:\/\//i.test(address);
  if (!complete && !address.startsWith("/")) return null;
  try {
    const url = new URL(address, origin);
    const ours = url.origin === origin;
    const web = url.protocol === "https:" || url.protocol === "http:";
    return web && !url.username && !url.password && (complete || ours) ? url : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page and tells its host. */
export function anchor(url, children, title = url.host) {
  const node = element("a", children);
  node.href = url.href;
  node.target = "_blank";
  node.rel = "noopener noreferrer nofollow";
  node.title = title;
  return node;
}

function image(text, at, context) {
  const match = matchAt(LABELLED, text, at);
  if (!match) return null;
  const url = safeUrl(match[2], context.origin);
  if (url?.origin !== context.origin) return [match[1], match[0].length]; // its words, never its bytes
  const node = document.createElement("img");
  node.src = url.href;
  node.alt = match[1];
  node.loading = "lazy";
  return [node, match[0].length];
}

const CITATION = /\[(\d{1,3})\](?!\()/y;
function citation(text, at, context) {
  const match = matchAt(CITATION, text, at);
  if (!match) return null;
  const source = context.sources.get(Number(match[1]));
  if (!source && !context.pending) return null;
  return [citationChip(Number(match[1]), source, context.origin), match[0].length];
}

/** The numbered chip of a source; a link where the source's address is safe. */
export function citationChip(n, source, origin) {
  const url = source && safeUrl(source.url ?? "", origin);
  const name = source ? [source.title, source.heading].filter(Boolean).join(", ") : "";
  const chip = url ? anchor(url, [String(n)], name || url.host) : element("span", [String(n)]);
  chip.className = "citation";
  if (url) chip.setAttribute("aria-label", `Source ${n}: ${name || url.host}`);
  return chip;
}

function link(text, at, context, depth) {
  const match = matchAt(LABELLED, text, at);
  if (!match) return null;
  const label = inline(match[1], { ...context, sources: new Map(), pending: false, inLink: true }, depth + 1);
  const url = context.inLink ? null : safeUrl(match[2], context.origin);
  return [url ? anchor(url, label.length ? label : [url.href]) : element("span", label), match[0].length];
}

const ANGLE = /<(https?:\/\/[^\s<>]+)>/y;
function angleLink(text, at, context) {
  const match = matchAt(ANGLE, text, at);
  const url = match && !context.inLink && safeUrl(match[1], context.origin);
  return url ? [anchor(url, [match[1]]), match[0].length] : null;
}

const BARE = /https?:\/\/[^\s<>"'`]+/y;
function bareLink(text, at, context) {
  if (context.inLink || /\w/.test(text[at - 1] ?? "")) return null;
  const match = matchAt(BARE, text, at);
  if (!match) return null;
  let address = match[0].replace(/[.,;:!?*_~\]]+$/, "");
  while (address.endsWith(")") && !address.includes("(")) address = address.slice(0, -1);
  const url = safeUrl(address, context.origin);
  return url ? [anchor(url, [address]), address.length] : null;
}

const STRONG = /(\*\*|__)(?=\S)([^]*?\S)\1/y;
function strong(text, at, context, depth) {
  return emphasised("strong", STRONG, text, at, context, depth);
}

const EMPHASIS = /([*_])(?=[^\s*_])([^]*?[^\s*_])\1(?!\1)/y;
function emphasis(text, at, context, depth) {
  return emphasised("em", EMPHASIS, text, at, context, depth);
}

function emphasised(tag, pattern, text, at, context, depth) {
  const match = matchAt(pattern, text, at);
  if (!match) return null;
  const end = at + match[0].length;
  const within = match[1][0] === "_" && (/\w/.test(text[at - 1] ?? "") || /\w/.test(text[end] ?? "")); // snake_case
  return within ? null : [element(tag, inline(match[2], context, depth + 1)), match[0].length];
}

const STRUCK = /~~(?=\S)([^]*?\S)~~/y;
function struck(text, at, context, depth) {
  const match = matchAt(STRUCK, text, at);
  return match ? [element("del", inline(match[1], context, depth + 1)), match[0].length] : null;
}

const ENTITY = /&(#?\w{1,6});/y;
function entity(text, at) {
  const match = matchAt(ENTITY, text, at);
  const letter = match && ENTITIES[match[1]];
  return letter ? [letter, match[0].length] : null;
}

// Normalised articles, models and people alike break lines where they mean it.
function lineBreak() {
  return [document.createElement("br"), 1];
}
