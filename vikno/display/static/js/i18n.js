/* The words of a page in the reader's language.
 *
 * A message is its English sentence. The server tells the translations of one
 * language as JSON, plurals by CLDR category, and the browser knows which category
 * a number falls into. `t` reads signals: a page that speaks through it changes its
 * language at once when another catalogue is loaded.
 */
import { signal } from "../vendor/signals.js";

const SOURCE_LANGUAGE = "en";
const PLACEHOLDER = /\{(\w+)\}/g;

/** The language the page is in now. */
export const lang = signal(document.documentElement.lang || SOURCE_LANGUAGE);

const catalog = signal({ languages: {}, messages: {} });
const loaded = new Map();

/** Changes the page to `language`. False, and nothing changed, if its words do not come. */
export async function loadCatalog(language) {
  const words = await fetchCatalog(language);
  if (!words) return false;
  catalog.value = words;
  lang.value = language;
  document.documentElement.lang = language;
  return true;
}

/** Fetches languages ahead of need, so that a change to them is at once and works offline. */
export function preload(languages) {
  return Promise.all(languages.map(fetchCatalog));
}

/** A sentence in the reader's language. `params.n` chooses the plural and is written as `{n}`. */
export function t(msgid, params = {}) {
  const entry = catalog.value.messages[msgid] || msgid;
  const text = typeof entry === "string" ? entry : pluralOf(entry, params.n);
  return text.replace(PLACEHOLDER, (found, name) => (name in params ? String(params[name]) : found));
}

/** A name that is given in several languages, in the reader's, or in the first there is. */
export function pick(names) {
  if (!names) return "";
  return names[lang.value] || Object.values(names)[0] || "";
}

/** Those of `codes` that there are words in, as [code, its own name]. */
export function offered(codes) {
  const names = catalog.value.languages;
  return codes.filter((code) => code in names).map((code) => [code, names[code]]);
}

/** Every language there are words in. */
export function everyLanguage() {
  return Object.keys(catalog.value.languages);
}

function pluralOf(entry, n) {
  const category = new Intl.PluralRules(lang.value).select(Number(n) || 0);
  return entry[category] || entry.other;
}

async function fetchCatalog(language) {
  if (loaded.has(language)) return loaded.get(language);
  try {
    const response = await fetch(`/i18n/${encodeURIComponent(language)}.json`);
    if (!response.ok) return null;
    loaded.set(language, await response.json());
    return loaded.get(language);
  } catch (error) {
    return null; // the network blinked: the page keeps the words it has
  }
}
