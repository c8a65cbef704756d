/* The head of the pages that are of the whole server: their name, the way to each other, language, who is signed in. */
import { lang, t } from "./i18n.js";
import { known } from "./known.js";
import { Tools, useTitle } from "./managertools.js";
import { html } from "./ui.js";

const LINKS = [
  ["devices", () => t("Screens and kiosks")],
  ["people", () => t("People")],
  ["trail", () => t("What was done")],
];

/** `page` is the one that is shown; the others that are open to the person stand beside it. */
export function Top({ page }) {
  const open = LINKS.filter(([kind]) => kind !== page && known.pages.some((one) => one.kind === kind));
  const [, title] = LINKS.find(([kind]) => kind === page);
  useTitle(title());
  return html`<header class="top">
    <div class="top-name"><h1>${title()}</h1></div>
    <${Tools}>
      ${open.map(([kind, name]) => html`<a key=${kind} class="tool" href="/${kind}?lang=${lang.value}">${name()}</a>`)}
    <//>
  </header>`;
}
