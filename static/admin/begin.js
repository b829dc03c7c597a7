// The theme shows its pages late: by then the browser has given up what `autofocus` asks for.
const LOOK_AGAIN_MS = 50;
const LOOKS = 40;

const begin = document.querySelector("[autofocus]");

function focus(looks) {
  if (document.activeElement !== document.body) return;
  begin.focus();
  if (looks) setTimeout(focus, LOOK_AGAIN_MS, looks - 1);
}

if (begin) focus(LOOKS);
