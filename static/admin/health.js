// Shows what /healthz/ready says, a line for each dependency, and looks again while the page is open.
const list = document.querySelector("[data-health]");
const AGAIN_MS = 10000;
const NAMES = { database: "Database", broker: "Broker", worker: "Workers", model: "Model" };

function line(name, good, said) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const value = document.createElement("dd");
  term.textContent = name;
  value.textContent = said;
  value.className = good ? "ad-good" : "ad-bad";
  row.append(term, value);
  return row;
}

function lines(report) {
  const dependencies = { ...report.dependencies };
  if (list.dataset.model === "none") delete dependencies.model;
  return Object.entries(dependencies).map(([name, said]) => {
    const good = said === "ok";
    return line(NAMES[name] ?? name, good, good ? "Working" : said.charAt(0).toUpperCase() + said.slice(1));
  });
}

async function look() {
  try {
    const response = await fetch(list.dataset.health, { headers: { Accept: "application/json" } });
    list.replaceChildren(...lines(await response.json()));
  } catch {
    list.replaceChildren(line("Server", false, "Not reachable"));
  }
}

if (list) {
  look();
  setInterval(look, AGAIN_MS);
}
