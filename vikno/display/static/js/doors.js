/* The pages that somebody may open, hall by hall, sorted by who uses them. */
import { t } from "./i18n.js";
import { hallName } from "./roles.js";
import { html } from "./ui.js";

/* In the order of a visit: a ticket, a call, a window, and who watches over it; then what is of the whole server. */
const KINDS = ["kiosk", "screen", "console", "overview", "audit", "whatif", "roster", "devices", "people", "trail"];

const WORDS = {
  kiosk: () => [t("Kiosk"), t("Take a ticket in two touches")],
  screen: () => [t("Hall screen"), t("See and hear who is called to which window")],
  console: () => [t("Windows"), t("Call and serve visitors, with five keys")],
  overview: () => [t("Overview"), t("See how the hall runs, and who waits too long")],
  audit: () => [t("Calls and why"), t("See why each visitor was called when they were")],
  whatif: () => [t("What if"), t("Try other windows, people and hours before you live them")],
  roster: () => [t("Roster"), t("Plan who works when, and see what each change breaks, costs and does to waits")],
  devices: () => [t("Screens and kiosks"), t("Connect a screen or a kiosk, see which ones are on, disconnect one")],
  people: () => [t("People"), t("Give somebody an account, change what they may do, help who forgot a password")],
  trail: () => [t("What was done"), t("See who signed in, and who changed accounts, devices and settings")],
};

/** `pages` as the server lists them. A page of no hall stands at the end, under a name of its own. */
export function Doors({ pages }) {
  const halls = [...new Set(pages.map(({ hall }) => hall))];
  return halls.map((hall) => {
    const here = pages.filter((page) => page.hall === hall);
    return html`<${Hall} key=${hall} hall=${hall} pages=${here} />`;
  });
}

function Hall({ hall, pages }) {
  const title = hall ? hallName(hall) : t("People and devices");
  return html`<section aria-label=${title}>
    <h2>${title}</h2>
    <ul class="doors">
      ${KINDS.map((kind) => html`<${Door} key=${kind} kind=${kind} pages=${pages.filter((page) => page.kind === kind)} />`)}
    </ul>
  </section>`;
}

function Door({ kind, pages }) {
  if (pages.length === 0) return null;
  const [name, use] = WORDS[kind]();
  const single = kind !== "console";
  return html`<li class="door">
    <p class="door-name">${single ? html`<a href=${pages[0].href}>${name}</a>` : name}</p>
    <p class="quiet">${use}</p>
    ${!single &&
    html`<p class="door-windows">
      ${pages.map((page) => html`<a key=${page.href} class="button number" href=${page.href}>${page.label}</a>`)}
    </p>`}
  </li>`;
}
