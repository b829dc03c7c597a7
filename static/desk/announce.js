// A customer who starts to wait announces itself: a number in the title always, sound and notification by choice.

const TONE_HZ = [660, 880];
const TONE_SECONDS = 0.14;

let known = null;
let audio = null;

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

/** Two short tones. Browsers keep quiet until the page was clicked once. */
function playTone() {
  audio ??= new AudioContext();
  TONE_HZ.forEach((pitch, at) => {
    const start = audio.currentTime + at * TONE_SECONDS;
    const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
    const volume = new GainNode(audio, { gain: 0.12 });
    volume.gain.setValueAtTime(0.12, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + TONE_SECONDS);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + TONE_SECONDS);
  });
}

function notify(fresh) {
  if (document.hasFocus() || !("Notification" in window) || Notification.permission !== "granted") return;
  const row = document.getElementById(`row-${fresh[0]}`);
  const title = fresh.length > 1 ? `${fresh.length} customers are waiting` : "A customer is waiting";
  const notice = new Notification(title, { body: row?.querySelector(".words")?.textContent ?? "", tag: "waiting" });
  notice.onclick = () => {
    window.focus();
    location.assign(`/desk/c/${fresh[0]}/?view=waiting`);
  };
}

/** Ask the browser for permission when, and only when, notifications are switched on. */
export function watchPermission() {
  const toggle = document.getElementById("notifications");
  const help = document.getElementById("notifications-help");
  toggle.addEventListener("change", async () => {
    if (!toggle.checked) return;
    const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
    if (answer === "granted") return;
    help.textContent = "Your browser does not allow them for this page";
    toggle.checked = false;
    toggle.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
