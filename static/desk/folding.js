// Which part of a thread is folded away: what the assistant settled before a person was needed. Pure.

const FEWEST_FOLDED = 2;

/**
 * Entries of the reducer -> [{fold: boolean, entries}], in order and complete.
 * A stretch with the assistant that a person follows is folded, but for the question that it ends with.
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
  const last = entries.findLastIndex((entry) => entry.role === "customer");
  const settled = entries.slice(0, Math.max(0, last));
  const messages = settled.filter((entry) => entry.kind === "message");
  if (messages.length < FEWEST_FOLDED) return [{ fold: false, entries }];
  return [
    { fold: true, entries: settled },
    { fold: false, entries: entries.slice(last) },
  ];
}
