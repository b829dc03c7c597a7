// The list of conversations: refreshed in place, moved through with the keyboard.

import { fetchInto } from "./fetched.js";

const REFRESH_MS = 800;

const rowsBox = () => document.getElementById("rows");
const rows = () => [...rowsBox().querySelectorAll(".row")];

let timer = null;
let askedAt = 0;

/** Fetch the loaded rows anew, soon; many wishes at once are one request. */
export function refreshList() {
  if (timer) return;
  const pause = Math.max(0, askedAt + REFRESH_MS - Date.now());
  timer = setTimeout(fetchRows, pause);
}

async function fetchRows() {
  timer = null;
  askedAt = Date.now();
  const query = new URLSearchParams({ view: document.body.dataset.view, size: rows().length });
  await fetchInto(rowsBox(), `/desk/list/?${query}`, "innerMorph");
}

/** What the reader looks at: the first row in sight and how far it stands from the top. */
function place() {
  const top = rowsBox().scrollTop;
  const first = rows().find((row) => row.offsetTop + row.offsetHeight > top);
  return top && first ? { id: first.id, distance: first.offsetTop - top } : null;
}

/** Hold the list still while `#rows` is swapped: same row at the same place, same one open. */
export function keepPlace() {
  let kept = null;
  document.addEventListener("htmx:before:swap", () => {
    kept = place();
  });
  document.addEventListener("htmx:after:swap", () => {
    const row = kept && document.getElementById(kept.id);
    if (row) rowsBox().scrollTop = row.offsetTop - kept.distance;
    markOpen();
  });
}

/** Show which conversation is open. */
export function markOpen() {
  const open = document.getElementById("conversation")?.dataset.conversation;
  for (const row of rows()) {
    if (row.id === `row-${open}`) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

/** Focus the row `step` further (1 or -1), from the focused one, else from the open one. */
export function moveInList(step) {
  const all = rows();
  const focused = all.indexOf(document.activeElement);
  const from = focused >= 0 ? focused : all.findIndex((row) => row.getAttribute("aria-current"));
  const next = from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step));
  all[next]?.focus();
}
