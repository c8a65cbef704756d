/* The front page: the addresses of this server, sorted by who uses them. */
import { lang, loadCatalog, t } from "./i18n.js";
import { Shape, html, render } from "./ui.js";

/* In the order of a visit: a ticket, a call, a window, and who watches over it. */
const KINDS = ["kiosk", "screen", "console", "overview", "audit", "whatif", "roster"];

function Home({ pages }) {
  const words = {
    kiosk: [t("Kiosk"), t("Take a ticket in two touches")],
    screen: [t("Hall screen"), t("See and hear who is called to which window")],
    console: [t("Windows"), t("Call and serve visitors, with five keys")],
    overview: [t("Overview"), t("See how the hall runs, and who waits too long")],
    audit: [t("Calls and why"), t("See why each visitor was called when they were")],
    whatif: [t("What if"), t("Try other windows, people and hours before you live them")],
    roster: [t("Roster"), t("Plan who works when, and see what each change breaks, costs and does to waits")],
  };
  const halls = [...new Set(pages.map(({ hall }) => hall))];
  return html`<header class="home-top">
      <p class="home-mark"><span class="home-plate"><${Shape} of="called" /></span>Vikno</p>
      <h1>${t("Less waiting, and everyone can see why they wait.")}</h1>
    </header>
    ${halls.map((hall) => {
      const here = pages.filter((page) => page.hall === hall);
      return html`<${Hall} key=${hall} hall=${hall} pages=${here} words=${words} />`;
    })}
    <p class="quiet small">
      ${t("Programs find the interface of this server at")} <a href="/openapi.json">/openapi.json</a>
    </p>`;
}

function Hall({ hall, pages, words }) {
  const named = pages.find(({ kind }) => kind === "overview") || pages[0];
  return html`<section aria-label=${named.label}>
    <h2>${named.label}</h2>
    <ul class="doors">
      ${KINDS.map((kind) => {
        const doors = pages.filter((page) => page.kind === kind);
        return html`<${Door} key=${kind} kind=${kind} pages=${doors} words=${words[kind]} />`;
      })}
    </ul>
  </section>`;
}

function Door({ kind, pages, words: [name, use] }) {
  if (pages.length === 0) return null;
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

async function start() {
  await loadCatalog(lang.value);
  const pages = JSON.parse(document.getElementById("pages").textContent);
  const app = document.getElementById("app");
  app.textContent = "";
  render(html`<${Home} pages=${pages} />`, app);
}

start();
