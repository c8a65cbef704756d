/* The language of whoever works with these pages: chosen once, kept in this browser, the same on every page of theirs.
 *
 * Not of a kiosk, a hall screen or a phone: these speak as their hall does, or as each visitor asks.
 */
import { recall, remember } from "./credentials.js";
import { lang, loadCatalog } from "./i18n.js";

const LANGUAGE_PLACE = "vikno-language";

export function chooseLanguage(code) {
  remember(LANGUAGE_PLACE, code);
  return loadCatalog(code);
}

/** Fetches the words of a page, in the language that was chosen the last time, or that of its frame. */
export async function loadWords() {
  const kept = recall(LANGUAGE_PLACE);
  return (kept && (await loadCatalog(kept))) || loadCatalog(lang.value);
}
