// Shows what /healthz/ready says, a line for each dependency, and looks again while the page is open.
const list = document.querySelector("[data-health]");
const AGAIN_MS = 10000;
const NAMES = { database: "Database", broker: "Broker", worker: "Workers", beat: "Periodic tasks", model: "Model" };

function line(name, said) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = name;
  value.textContent = said === "ok" ? "Working" : said.charAt(0).toUpperCase() + said.slice(1);
  value.className = { ok: "ad-good", starting: "ad-careful" }[said] ?? "ad-bad";
  row.append(term, value);
  return row;
}

function lines(report) {
  const dependencies = { ...report.dependencies };
  if (list.dataset.model === "none") delete dependencies.model;
  return Object.entries(dependencies).map(([name, said]) => line(NAMES[name] ?? name, said));
}

async function look() {
  try {
    const response = await fetch(list.dataset.health, { headers: { Accept: "application/json" } });
    list.replaceChildren(...lines(await response.json()));
  } catch {
    list.replaceChildren(line("Server", "Not reachable"));
  }
}

if (list) {
  look();
  setInterval(look, AGAIN_MS);
}
