// The article editor's preview: the server renders it with the code that renders the help page.
const AFTER_MS = 350;
const target = document.getElementById("article-preview");
const text = document.getElementById("id_text");
const title = document.getElementById("id_title");
const token = document.querySelector("[name=csrfmiddlewaretoken]");
let timer;
let newest = 0;

async function render() {
  newest += 1;
  const mine = newest;
  const body = new URLSearchParams({ text: text.value, title: title?.value ?? "", csrfmiddlewaretoken: token.value });
  const response = await fetch(target.dataset.preview, { method: "POST", body });
  if (!response.ok || mine !== newest) return;
  const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
  target.replaceChildren(...parsed.body.childNodes);
}

if (target && text) {
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(render, AFTER_MS);
  });
  if (text.value.trim()) render();
}
