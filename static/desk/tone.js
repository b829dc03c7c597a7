// Two short tones. Browsers keep a page quiet until it was clicked once; the desk says so while that is so.

const TONE_HZ = [660, 880];
const TONE_SECONDS = 0.14;
// An allowed context starts within this time; a tone that comes later than this tells nothing any more.
const GRACE_MS = 1_000;

let audio = null;

const wanted = () => document.getElementById("sound").checked;

/** Get ready to play while the switch is on, and show whether the browser lets us. */
export function watchSound() {
  document.getElementById("sound").addEventListener("change", wake);
  // The click that the browser waits for may be anywhere.
  for (const act of ["click", "keydown"]) document.addEventListener(act, wake, true);
  wake();
}

function wake() {
  if (!wanted()) return showHeld();
  if (audio === null) {
    audio = new AudioContext();
    audio.onstatechange = showHeld;
    setTimeout(showHeld, GRACE_MS);
  }
  // Where a click is missing this stays open until it comes.
  if (audio.state !== "running") audio.resume().catch(() => {});
}

function showHeld() {
  document.getElementById("sound-held").hidden = !wanted() || audio?.state === "running";
}

/** Play now, or not at all. */
export async function playTone() {
  wake();
  const asked = Date.now();
  await audio.resume();
  if (Date.now() - asked < GRACE_MS) schedule();
}

function schedule() {
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
