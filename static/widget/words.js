// Every sentence that the widget says, in the customer's language: words/*.json, of which one is loaded.

const LANGUAGES = ["de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "sv", "zh"];
const QUOTED_CHARACTERS = 60;
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

/** Empty until `speak` is through. */
export const WORDS = {};
let spoken = "en";

/** Load the words of a locale such as "de-AT", or else English ones. Resolves to the language's code. */
export async function speak(locale) {
  const asked = locale.toLowerCase().split(/[-_]/)[0];
  let language = LANGUAGES.includes(asked) ? asked : "en";
  const words = await wordsOf(language).catch(() => wordsOf((language = "en")));
  Object.assign(WORDS, words);
  return (spoken = language);
}

async function wordsOf(language) {
  const response = await fetch(new URL(`./words/${language}.json`, import.meta.url));
  if (!response.ok) throw new Error(`no words in "${language}"`);
  return response.json();
}

/** The words under `key` with what stands in braces filled in; where they have forms, in that of `values.count`. */
export function say(key, values) {
  const words = WORDS[key];
  const form = words.other ? (words[new Intl.PluralRules(spoken).select(values.count)] ?? words.other) : words;
  return form.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** The time of day so many seconds from now. */
export const timeIn = (seconds) => new Date(Date.now() + seconds * 1000).toLocaleTimeString(spoken, CLOCK);

/** How long something takes: "12 seconds". */
export function secondsWords(seconds) {
  const unit = { style: "unit", unit: "second", unitDisplay: "long", maximumFractionDigits: 0 };
  return new Intl.NumberFormat(spoken, unit).format(seconds);
}

/** How many messages a new conversation would discard, a single one quoted. */
export function unsentWords([text, ...others]) {
  if (others.length) return say("unsent", { count: others.length + 1 });
  return say("unsentOne", { text: text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text });
}
