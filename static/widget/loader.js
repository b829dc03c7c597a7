// The embed script: <script src="https://HOST/widget.js" data-widget="KEY" async></script>
(() => {
  const script = document.currentScript;
  const origin = new URL(script.src).origin;
  const { widget: key, mode, identity, locale } = script.dataset;
  const told = (error) => console.warn(`Answerdesk: ${error.message}`);

  async function settingsOf() {
    const response = await fetch(`${origin}/widget/${encodeURIComponent(key)}/settings.json`, { credentials: "omit" });
    if (!response.ok) throw new Error(`there is no widget with the key "${key}"`);
    return response.json();
  }

  function place(settings) {
    if (document.querySelector("answerdesk-widget")) return;
    const element = document.createElement("answerdesk-widget");
    for (const [name, value] of Object.entries({ key, mode, identity, locale })) if (value) element.setAttribute(name, value);
    element.settings = settings;
    document.body.append(element);
  }

  async function load() {
    const [settings] = await Promise.all([settingsOf(), import(`${origin}/static/widget/widget.js`)]);
    place(settings);
  }

  if (document.body) load().catch(told);
  else addEventListener("DOMContentLoaded", () => load().catch(told));
})();
