/* The front page: what is open to whoever is signed in, and for a clerk first of all a window. */
import { Doors } from "./doors.js";
import { isAdmitted } from "./gate.js";
import { t } from "./i18n.js";
import { known } from "./known.js";
import { loadWords } from "./language.js";
import { useTitle } from "./managertools.js";
import { Stations, takesWindows } from "./stations.js";
import { Mark, html, render } from "./ui.js";
import { Who } from "./who.js";

function Home() {
  useTitle("Vikno");
  const { account, pages } = known;
  const others = account ? pages.filter(({ kind, hall }) => kind !== "console" || !takesWindows(account, hall)) : pages;
  return html`<header class="home-top">
      <${Mark}><${Who} /><//>
      <h1>${t("Less waiting, and everyone can see why they wait.")}</h1>
    </header>
    ${account && html`<${Stations} account=${account} />`}
    ${pages.length === 0 && html`<p class="notice">${t("Your account has no rights yet. Whoever looks after accounts here can give you some.")}</p>`}
    <${Doors} pages=${others} />
    <p class="quiet small">
      ${t("Programs find the interface of this server at")} <a href="/openapi.json">/openapi.json</a>
    </p>`;
}

async function start() {
  await loadWords();
  if (!isAdmitted()) return;
  const app = document.getElementById("app");
  app.textContent = "";
  render(html`<${Home} />`, app);
}

start();
