// <answerdesk-widget key="…">: launcher and panel in a shadow root of the host's page.

import { accentProperties } from "../shared/accent.js";
import { choices, openTurn, unreadCount } from "../shared/reducer.js";
import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { h, icon, iconButton } from "./dom.js";
import { face } from "./messages.js";
import { Question } from "./question.js";
import { Thread } from "./thread.js";
import { WORDS, say, speak, unsentWords } from "./words.js";

const SHEETS = ["../shared/tokens.css", "./widget.css"];
const TYPING_SHOWN_MS = 5_000;
// A connection that returns at once is not worth a word.
const PATIENCE_MS = 2_000;

// Sheets are fetched and constructed: a host page's policy may forbid style elements and attributes.
async function sheet(path) {
  const response = await fetch(new URL(path, import.meta.url));
  return new CSSStyleSheet().replace(await response.text());
}
const sheets = Promise.all(SHEETS.map(sheet));

class AnswerdeskWidget extends HTMLElement {
  #opened = false;
  #troubled = null;
  #typing = null;
  #frame = null;

  async connectedCallback() {
    if (this.shadowRoot) return;
    this.origin = new URL(import.meta.url).origin;
    this.page = this.getAttribute("mode") === "page";
    const root = this.attachShadow({ mode: "open", delegatesFocus: false });
    this.locale = this.getAttribute("locale") || navigator.language || "en";
    const language = speak(this.locale);
    root.adoptedStyleSheets = await sheets;
    const lang = await language;
    this.#build(root);
    this.panel.lang = lang;
    this.apply(this.settings ?? {});
    if (this.chat.hasHistory) this.chat.start();
    if (this.page || this.chat.store.get("open")) this.show(false);
  }

  disconnectedCallback() {
    this.chat?.stop();
  }

  #build(root) {
    this.chat = new Chat({
      origin: this.origin,
      key: this.getAttribute("key"),
      identity: this.getAttribute("identity"),
      locale: this.locale,
      onChange: () => this.#schedule(),
      onTyping: (role) => this.#showTyping(role),
    });
    this.thread = new Thread(this.chat, this.origin);
    this.composer = new Composer({
      store: this.chat.store,
      onSend: (text) => this.#send(text),
      onStop: () => this.chat.stopTurn(),
      onTyping: () => this.chat.typing(),
    });
    root.append(this.#buildPanel(), this.#buildLauncher());
    root.addEventListener("keydown", (event) => this.#key(event));
    document.addEventListener("visibilitychange", () => this.#read());
    // The browser knows at once what a silent connection tells half a minute later.
    for (const change of ["online", "offline"]) addEventListener(change, () => this.#schedule());
  }

  #buildLauncher() {
    this.badge = h("span", { class: "badge", hidden: true });
    this.launcher = h("button", { type: "button", class: "launcher", onclick: () => this.toggle() }, icon("chat"), this.badge);
    this.launcher.hidden = this.page;
    return this.launcher;
  }

  #buildPanel() {
    this.mark = h("div", { class: "mark" });
    this.heading = h("h2", { id: "name" });
    this.kind = h("p", { class: "kind" });
    this.fresh = iconButton("compose", WORDS.newConversation, () => this.#newPressed());
    const close = iconButton("close", WORDS.close, () => this.hide());
    close.hidden = this.page;
    const names = h("div", { class: "names" }, this.heading, this.kind);
    const header = h("header", {}, this.mark, names, this.fresh, close);
    this.banner = h("p", { class: "banner", role: "status", hidden: true });
    this.question = new Question({
      lost: () => this.#lostWords(),
      onConsent: () => this.#startAnew(),
      onClose: () => this.composer.focus(),
    });
    this.suggestions = h("div", { class: "suggestions" });
    this.typingLine = h("p", { class: "typing", role: "status" });
    this.person = h("button", { type: "button", class: "link", onclick: () => this.#personPressed() });
    const footer = h("footer", {}, this.suggestions, this.typingLine, this.composer.node, h("div", { class: "foot" }, this.person));
    this.panel = h("section", { class: "panel", role: "dialog", "aria-labelledby": "name", tabindex: "-1", hidden: true });
    this.panel.append(header, this.banner, this.question.node, this.thread.node, footer);
    return this.panel;
  }

  /** Name, accent, greeting and suggestions, as the admin set them. */
  apply(settings) {
    this.chat.settings = { ...this.chat.settings, ...settings };
    for (const [name, value] of Object.entries(accentProperties(settings.accent))) this.style.setProperty(name, value);
    this.#schedule();
  }

  toggle() {
    if (this.#opened) this.hide();
    else this.show();
  }

  show(focus = true) {
    this.#opened = true;
    this.chat.store.set("open", true);
    this.chat.start();
    this.panel.hidden = false;
    this.#fitViewport();
    this.#render();
    this.thread.toNewest();
    if (focus) this.#focusInside();
  }

  hide() {
    this.#opened = false;
    this.chat.store.remove("open");
    this.panel.hidden = true;
    this.#render();
    this.launcher.focus({ preventScroll: true });
  }

  // On touch screens focus in the field would raise the keyboard over the greeting.
  #focusInside() {
    if (matchMedia("(pointer: coarse)").matches) this.panel.focus({ preventScroll: true });
    else this.composer.focus();
  }

  #send(text) {
    this.chat.send(text);
    this.#render();
    this.thread.toEnd();
  }

  #newPressed() {
    if (this.#lostWords() === null) this.#startAnew();
    else this.question.ask();
  }

  // A new conversation forgets what the old one has not sent, and leaves its person behind.
  #lostWords() {
    const unsent = this.chat.outbox.items;
    if (unsent.length) return unsentWords(unsent.map((item) => item.text));
    return this.#personIsHere ? WORDS.personLeft : null;
  }

  #startAnew() {
    this.chat.newConversation();
    this.composer.focus();
  }

  /** Asked for, or in the conversation. */
  get #personIsHere() {
    return ["waiting", "agent"].includes(this.chat.state.status);
  }

  #personPressed() {
    if (this.#personIsHere) this.chat.cancelPerson();
    else this.chat.requestPerson();
    this.thread.toEnd(); // where what comes of it appears
  }

  #key(event) {
    if (event.key === "Escape" && this.question.open) {
      event.stopPropagation();
      return this.question.close();
    }
    if (event.key === "Escape" && this.#opened && !this.page && !event.isComposing) {
      event.stopPropagation();
      this.hide();
    }
    if (event.key === "Tab" && this.#coversPage()) this.#keepInside(event);
  }

  #coversPage() {
    return this.#opened && !this.page && matchMedia("(max-width: 479px)").matches;
  }

  // Where the panel covers the page, Tab goes round within it.
  #keepInside(event) {
    const all = [...this.panel.querySelectorAll("a[href], button, textarea, input, [tabindex='0']")];
    const stops = all.filter((node) => !node.disabled && node.checkVisibility());
    const edge = event.shiftKey ? stops[0] : stops.at(-1);
    if (this.shadowRoot.activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? stops.at(-1) : stops[0]).focus();
  }

  // The on-screen keyboard shrinks the visual viewport only; the panel follows it.
  #fitViewport() {
    const view = globalThis.visualViewport;
    if (!view || this.fits) return;
    this.fits = () => {
      this.style.setProperty("--view-height", `${view.height}px`);
      this.style.setProperty("--view-top", `${view.offsetTop}px`);
    };
    view.addEventListener("resize", this.fits);
    view.addEventListener("scroll", this.fits);
    this.fits();
  }

  // Many frames may come between two paints; one rendering serves them all.
  #schedule() {
    this.#frame ??= setTimeout(() => this.#render(), document.hidden ? 0 : 16);
  }

  #render() {
    clearTimeout(this.#frame);
    this.#frame = null;
    this.#renderHeader();
    this.#renderBanner();
    this.question.render();
    this.thread.render();
    this.#renderFooter();
    this.#renderLauncher();
    this.#read();
  }

  #renderHeader() {
    const { state, settings } = this.chat;
    const agent = state.status === "agent" ? state.agent : null;
    const shown = JSON.stringify(agent);
    if (this.mark.dataset.shows !== shown) this.mark.replaceChildren(face(agent, this.origin));
    this.mark.dataset.shows = shown;
    this.heading.textContent = agent?.name || settings.name || WORDS.assistantKind;
    const waits = state.status === "waiting" && this.chat.refusedBy === null;
    this.kind.textContent = agent ? WORDS.agentKind : waits ? WORDS.waiting : WORDS.assistantKind;
    this.fresh.hidden = this.chat.isNew;
  }

  #renderBanner() {
    const { connection, refusedBy } = this.chat;
    const well = connection.status === "idle" || (connection.status === "ready" && navigator.onLine);
    this.#troubled = well ? null : (this.#troubled ?? Date.now());
    const lasting = !well && Date.now() - this.#troubled >= PATIENCE_MS;
    if (!well && !lasting) setTimeout(() => this.#schedule(), PATIENCE_MS);
    const words = WORDS[`refused_${refusedBy}`] ?? (lasting ? (navigator.onLine ? WORDS.reconnecting : WORDS.offline) : "");
    if (this.banner.textContent !== words) this.banner.textContent = words;
    this.banner.hidden = !words;
    this.thread.cutOff = Boolean(words);
  }

  #renderFooter() {
    const { state, settings, refusedBy } = this.chat;
    const withPerson = this.#personIsHere;
    const connected = this.chat.connection.status === "ready" && !this.thread.cutOff;
    if (state.status !== "agent" || !state.agent || !connected) this.typingLine.textContent = "";
    this.composer.render({ answering: openTurn(state), connected, closed: refusedBy !== null, person: withPerson });
    const offered = refusedBy ? [] : this.chat.isNew ? (settings.suggestions ?? []) : choices(state);
    if (this.suggestions.dataset.shows !== JSON.stringify(offered)) this.#renderSuggestions(offered);
    this.person.textContent = withPerson ? WORDS.backToAssistant : WORDS.person;
    this.person.disabled = !connected;
  }

  #renderSuggestions(offered) {
    this.suggestions.dataset.shows = JSON.stringify(offered);
    const buttons = offered.map((text) => h("button", { type: "button", class: "quiet", onclick: () => this.#pick(text) }, text));
    this.suggestions.replaceChildren(...buttons);
  }

  #pick(text) {
    this.#send(text);
    this.composer.focus();
  }

  #renderLauncher() {
    const unread = this.#opened ? 0 : unreadCount(this.chat.state);
    this.badge.hidden = unread === 0;
    this.badge.textContent = unread > 9 ? "9+" : String(unread);
    const label = this.#opened ? WORDS.hide : unread ? `${WORDS.open}, ${say("unread", { count: unread })}` : WORDS.open;
    if (this.launcher.getAttribute("aria-label") === label) return;
    this.launcher.setAttribute("aria-label", label);
    this.launcher.setAttribute("aria-expanded", String(this.#opened));
    this.launcher.replaceChildren(icon(this.#opened ? "down" : "chat"), this.badge);
  }

  #showTyping(role) {
    clearTimeout(this.#typing);
    this.typingLine.textContent = role === "agent" ? say("typing", { name: this.chat.state.agent?.name || WORDS.agentFallback }) : "";
    this.#typing = setTimeout(() => (this.typingLine.textContent = ""), TYPING_SHOWN_MS);
  }

  #read() {
    const ready = this.chat.connection.status === "ready";
    if (this.#opened && ready && document.visibilityState === "visible" && this.thread.atNewest) this.chat.read();
  }
}

customElements.define("answerdesk-widget", AnswerdeskWidget);
