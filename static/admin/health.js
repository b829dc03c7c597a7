// Shows what /healthz/ready says, a line for each dependency, and looks again while the page is open. What is degraded
// is said at the top of the page too, with what it means for customers.
const list = document.querySelector("[data-health]");
const note = document.querySelector("[data-degraded]");
const AGAIN_MS = 10000;
const NAMES = { database: "Database", broker: "Broker", worker: "Workers", beat: "Periodic tasks", model: "Model" };
const MEANS = {
  database: "Nothing can be stored: customers are asked to try again.",
  broker: "Customers are answered; imports, new articles and mail may wait.",
  worker: "Answers may take longer, and imports, new articles and mail may wait.",
  beat: "Customers are answered; new articles and mail may wait.",
  one: "Answers are quoted from your articles until it is back.",
  several: "Until it is back, answers are written by the fallback models, or quoted from your articles.",
};
// What says nothing of the dependency itself, or passes within a minute.
const NO_NEWS = /^(ok|none|starting|unknown|not known)\b/;

function line(name, said) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = name;
  value.textContent = said === "ok" ? "Working" : said.charAt(0).toUpperCase() + said.slice(1);
  value.className = said === "ok" ? "ad-good" : NO_NEWS.test(said) ? "ad-careful" : "ad-bad";
  row.append(term, value);
  return row;
}

function dependencies(report) {
  const told = { ...report.dependencies };
  if (list.dataset.model === "none") delete told.model;
  return Object.entries(told);
}

function warning(name, said) {
  const told = document.createElement("p");
  const subject = document.createElement("strong");
  subject.textContent = `${NAMES[name] ?? name}:`;
  told.append(subject, ` ${said}. ${MEANS[name === "model" ? list.dataset.model : name] ?? ""} `);
  return told;
}

function link() {
  const there = document.createElement("a");
  there.className = "ad-link";
  there.href = "#health";
  there.textContent = "See Health";
  return there;
}

// A status that is written anew is read out anew: another that is degraded is, and not each further call that failed.
function warn(bad) {
  const said = JSON.stringify(bad);
  if (note.dataset.degraded === said) return;
  const names = bad.map(([name]) => name).join();
  note.ariaLive = note.dataset.names === names ? "off" : "polite";
  Object.assign(note.dataset, { degraded: said, names });
  const warnings = bad.map(([name, why]) => warning(name, why));
  warnings.at(-1)?.append(link());
  note.replaceChildren(...warnings);
  note.hidden = !bad.length;
}

async function look() {
  try {
    const response = await fetch(list.dataset.health, { headers: { Accept: "application/json" } });
    const told = dependencies(await response.json());
    list.replaceChildren(...told.map(([name, said]) => line(NAMES[name] ?? name, said)));
    warn(told.filter(([, said]) => !NO_NEWS.test(said)));
  } catch {
    // The note at the top stays: nothing is known to be well again.
    list.replaceChildren(line("Server", "Not reachable"));
  }
}

if (list) {
  look();
  setInterval(look, AGAIN_MS);
}
