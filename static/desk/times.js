// How long ago, in one short unit; assistant/templatetags/desk.py says it the same way.

const LATE_MINUTES = 5;
const TICK_MS = 20_000;

/** "now", "4 min", "2 h" or "3 d". */
export function span(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / (24 * 60))} d`;
}

/** Clock time of an ISO date, with its day where that is not today. */
export function clock(iso) {
  const at = new Date(iso);
  const time = at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const today = at.toDateString() === new Date().toDateString();
  return today ? time : `${at.toLocaleDateString([], { day: "numeric", month: "short" })}, ${time}`;
}

function tick() {
  for (const node of document.querySelectorAll("time.since")) {
    const ms = Date.now() - new Date(node.dateTime);
    node.textContent = span(ms);
    if (node.classList.contains("awaited")) node.classList.toggle("late", ms >= LATE_MINUTES * 60_000);
  }
}

/** Keep every `time.since` of the page true. */
export function keepTimes() {
  setInterval(tick, TICK_MS);
  document.addEventListener("visibilitychange", tick);
}
