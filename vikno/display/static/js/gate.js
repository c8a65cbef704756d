/* Whether a page may be shown to whoever is in front of it, and what is shown instead.
 *
 * A page with a token of its own is let in by the server, call by call. For a person the frame says how it is:
 * nobody signed in goes to sign in and comes back, a clerk takes the window first, and who has no right is told
 * so in a sentence, with the pages that are open to them.
 */
import { pageContext, turnAway } from "./credentials.js";
import { Doors } from "./doors.js";
import { t } from "./i18n.js";
import { known, nameOf } from "./known.js";
import { useTitle } from "./managertools.js";
import { consoleOf, labelOf, stationOf, takeWindow } from "./stations.js";
import { Trouble, troubleOf } from "./trouble.js";
import { html, render, useSignal } from "./ui.js";
import { Who } from "./who.js";

/** Whether the page is open to whoever is in front of it, as far as its frame knows. */
export function isOpenTo(context) {
  return Boolean(context.token) || known.admitted === "yes";
}

/** True if the page may go on; else it has been seen to. Ask once the words are there. */
export function isAdmitted(context = pageContext()) {
  if (isOpenTo(context)) return true;
  if (!known.account) {
    turnAway(context);
    return false;
  }
  show(known.admitted === "window" ? html`<${Elsewhere} context=${context} />` : html`<${Refused} />`);
  return false;
}

function show(what) {
  const app = document.getElementById("app");
  app.textContent = "";
  document.documentElement.dataset.refused = "true";
  render(html`<div class="gate">${what}</div>`, app);
}

function Refused() {
  useTitle(t("This page is not open to you"));
  return html`<${Who} />
    <h1>${t("This page is not open to you")}</h1>
    <p>${t("You are signed in as {name}. Whoever looks after accounts here can give you the right.", { name: nameOf(known.account) })}</p>
    ${known.pages.length > 0 && html`<p>${t("These pages are open to you:")}</p>`}
    <${Doors} pages=${known.pages} />`;
}

/** A clerk in front of a window that is not theirs now: they came here first, moved, or somebody took it over. */
function Elsewhere({ context: { hall, window: at } }) {
  const station = stationOf(known.account);
  const label = labelOf(hall, at);
  const trouble = useSignal(null);
  useTitle(t("Window {label}", { label }));
  const take = async () => {
    try {
      await takeWindow(hall, at);
      location.reload(); // into a frame that says so
    } catch (problem) {
      trouble.value = troubleOf(problem);
    }
  };
  return html`<${Who} />
    <h1>${station ? t("You are at window {label}", station) : t("Window {label}", { label })}</h1>
    <${Trouble} of=${trouble.value} />
    <p>${t("A window belongs to one person at a time: whoever takes it calls the visitors there, and whoever was there before calls no more.")}</p>
    <p class="form-deeds">
      <button type="button" class="button button-main" autofocus onClick=${take}>${t("Take window {label}", { label })}</button>
      ${station
        ? html`<a class="button" href=${consoleOf(station)}>${t("Stay at window {label}", station)}</a>`
        : html`<a class="button" href="/">${t("Another window")}</a>`}
    </p>`;
}
