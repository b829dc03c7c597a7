// A customer who starts to wait announces itself: a number in the title always, sound and notification by choice.

import { mayNotify } from "./permission.js";
import { playTone } from "./tone.js";

let known = null;

const chosen = (id) => document.getElementById(id)?.checked ?? false;

/** Read from #tabs who waits; tell of those that were not waiting before. */
export function announceWaiting() {
  const tabs = document.getElementById("tabs");
  const now = new Set(tabs.dataset.waiting.split(" ").filter(Boolean));
  const fresh = known === null ? [] : [...now].filter((id) => !known.has(id));
  known = now;
  const name = document.title.replace(/^\(\d+\) /, "");
  document.title = now.size ? `(${now.size}) ${name}` : name;
  if (!fresh.length) return;
  if (chosen("sound")) playTone();
  if (chosen("notifications")) notify(fresh);
}

// One notification stands for all who wait; `renotify` lets each new customer be heard and seen all the same.
function notify(fresh) {
  if (document.hasFocus() || !mayNotify()) return;
  const row = document.getElementById(`row-${fresh[0]}`);
  const byApi = row?.querySelector(".channel") ?? null;
  const one = byApi ? "A question asked by API needs a person" : "A customer is waiting";
  const title = fresh.length > 1 ? `${fresh.length} conversations are waiting` : one;
  const body = row?.querySelector(".words")?.textContent ?? "";
  const notice = new Notification(title, { body, tag: "waiting", renotify: true });
  notice.onclick = () => {
    window.focus();
    location.assign(`/desk/c/${fresh[0]}/?view=waiting`);
  };
}
