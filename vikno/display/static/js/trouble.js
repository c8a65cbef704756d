/* What the server refused or could not do, in words that say what to do now. */
import { t } from "./i18n.js";
import { html, useEffect, useRef } from "./ui.js";

const MINUTE_S = 60;

const REFUSALS = {
  network: () => t("The server did not answer. Please try again."),
  "wrong-sign-in": () => t("The name or the password is not right. Please try again."),
  "wrong-password": () => t("The present password is not right."),
  "not-allowed": () => t("Your account may not do this."),
};

/** The words for a problem of the API; `own` are words by code that a page adds. */
export function troubleOf(problem, own = {}) {
  const words = own[problem.code] || REFUSALS[problem.code];
  if (words) return { words };
  if (problem.status === 429) return { words: () => tooMany(problem.seconds) };
  if (!problem.status || problem.status >= 500) return { words: REFUSALS.network };
  return { words: () => problem.message, language: "en" };
}

/** Says it where it is seen and heard; the focus goes to it, so that keys go on from there. */
export function Trouble({ of }) {
  const here = useRef(null);
  useEffect(() => {
    if (of && here.current) here.current.focus();
  }, [of]);
  if (!of) return null;
  return html`<p class="notice notice-late" role="alert" tabindex="-1" ref=${here} lang=${of.language}>${of.words()}</p>`;
}

function tooMany(seconds) {
  if (seconds <= MINUTE_S) return t("Too many tries. Please try again in a minute.");
  return t("Too many tries. Please try again in {n} minutes.", { n: Math.ceil(seconds / MINUTE_S) });
}
