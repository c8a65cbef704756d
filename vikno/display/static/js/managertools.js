/* What stands at the top of a manager's pages: language, dark or light, print, and the way to the other page. */
import { recall, remember } from "./credentials.js";
import { everyLanguage, lang, offered, t } from "./i18n.js";
import { chooseLanguage } from "./language.js";
import { html, useLayoutEffect } from "./ui.js";
import { Who } from "./who.js";

const THEME_PLACE = "vikno-theme";

export function Tools({ children }) {
  return html`<nav class="top-tools no-print" aria-label=${t("This page")}>
    ${children}
    <${Languages} />
    <button type="button" class="tool" onClick=${changeTheme}>${t("Dark or light")}</button>
    <button type="button" class="tool" onClick=${() => window.print()}>${t("Print")}</button>
    <${Who} />
  </nav>`;
}

/** Every language there is, each named in itself: whoever works here need not speak that of the hall's visitors. */
export function Languages() {
  return offered(everyLanguage()).map(
    ([code, name]) => html`<button
      key=${code}
      type="button"
      class="tool"
      lang=${code}
      aria-pressed=${String(code === lang.value)}
      onClick=${() => chooseLanguage(code)}
    >
      ${name}
    </button>`,
  );
}

/** What the browser calls the page, in the language that was chosen. */
export function useTitle(words) {
  useLayoutEffect(() => {
    document.title = words;
  }, [words]);
}

/** Dark or light as it was left the last time. */
export function keepTheme() {
  const root = document.documentElement.dataset;
  root.theme = recall(THEME_PLACE) || root.theme;
}

function changeTheme() {
  const root = document.documentElement.dataset;
  const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = root.theme === "dark" || (root.theme === "auto" && systemIsDark);
  root.theme = isDark ? "light" : "dark";
  remember(THEME_PLACE, root.theme);
}
