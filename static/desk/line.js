// Whether the desk hears what happens: a bar at the top says so when it does not.

// A connection that returns at once is not worth a word.
const PATIENCE_MS = 2_000;
const WORDS = "No connection. Trying again; what you write is kept.";

/** Keep the bar true of `connection`. What this returns is to be called with each change of its status. */
export function watchLine(connection) {
  const bar = document.getElementById("away");
  let timer = null;

  const show = (shown) => {
    clearTimeout(timer);
    timer = null;
    bar.textContent = shown ? WORDS : "";
    bar.hidden = !shown;
  };
  const look = () => {
    if (!navigator.onLine) show(true);
    else if (connection.status === "ready") show(false);
    else timer ??= setTimeout(show, PATIENCE_MS, true);
  };

  // The browser knows at once what a silent connection tells later.
  for (const change of ["online", "offline"]) addEventListener(change, look);
  return look;
}
