// Which part of a thread is folded away: what the assistant settled before a person was needed. Pure.

const FEWEST_FOLDED = 2;

/**
 * Entries of the reducer -> [{fold: boolean, entries}], in order and complete.
 * A stretch with the assistant that a person follows is folded, but for what is left to the person: the question that
 * it ends with, or the one that brought a person, and all that was written from there on.
 */
export function segments(entries) {
  const stretches = [];
  let part = { withAssistant: true, entries: [] };
  for (const entry of entries) {
    if (entry.kind === "status" && (entry.status === "assistant") !== part.withAssistant) {
      stretches.push(part);
      part = { withAssistant: entry.status === "assistant", entries: [] };
    }
    part.entries.push(entry);
  }
  stretches.push(part);
  return stretches.flatMap((stretch, at) => split(stretch, at < stretches.length - 1)).filter((it) => it.entries.length);
}

function split({ withAssistant, entries }, followed) {
  if (!withAssistant || !followed) return [{ fold: false, entries }];
  const left = leftToPerson(entries);
  const settled = entries.slice(0, left);
  const messages = settled.filter((entry) => entry.kind === "message");
  if (messages.length < FEWEST_FOLDED) return [{ fold: false, entries }];
  return [
    { fold: true, entries: settled },
    { fold: false, entries: entries.slice(left) },
  ];
}

// The place of the question. That a person was brought is no entry of its own: words of the assistant or the server say it.
function leftToPerson(entries) {
  const isQuestion = (entry) => entry.role === "customer";
  const brought = entries.findLastIndex((entry) => entry.decision === "escalate" || entry.role === "system");
  const asked = entries.slice(0, Math.max(0, brought)).findLastIndex(isQuestion);
  return Math.max(0, asked < 0 ? entries.findLastIndex(isQuestion) : asked);
}
