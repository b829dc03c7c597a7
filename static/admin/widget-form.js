// Shows how text reads on the chosen accent, as the widget will draw it.
import { accentProperties, contrast } from "../shared/accent.js";

const input = document.getElementById("id_accent");

function preview() {
  const holder = document.createElement("div");
  holder.className = "ad-accent-preview";
  const swatch = document.createElement("span");
  swatch.className = "ad-swatch";
  swatch.textContent = "Send";
  const words = document.createElement("span");
  words.setAttribute("role", "status");
  holder.append(swatch, words);
  input.after(holder);
  return { swatch, words };
}

function show({ swatch, words }) {
  const properties = accentProperties(input.value);
  for (const [name, value] of Object.entries(properties)) swatch.style.setProperty(name, value);
  if (!properties["--accent"]) return;
  const ratio = contrast(properties["--accent"], properties["--on-accent"]).toFixed(1);
  const changed = properties["--accent"].toLowerCase() !== input.value.toLowerCase();
  words.textContent = `Contrast ${ratio} : 1${changed ? "; shown a little lighter, so that text on it can be read" : ""}`;
}

if (input) {
  const parts = preview();
  show(parts);
  input.addEventListener("input", () => show(parts));
}
