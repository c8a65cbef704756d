/* The windows as tiles: who sits idle, who serves whom, and since when. */
import { pick, t } from "./i18n.js";
import { Numeral, Shape, ago, html, minutesBetween } from "./ui.js";

const OVERDUE_MINUTES = 3; // who has not come to the window by then probably left the hall

export function Windows({ hall, now }) {
  const open = hall.windows.filter(({ state }) => state === "open").length;
  return html`<section class="panel" aria-labelledby="windows-title">
    <h2 id="windows-title">
      ${t("Windows")} <span class="quiet">${t("{n} of {all} open", { n: open, all: hall.windows.length })}</span>
    </h2>
    <ul class="tiles">
      ${hall.windows.map((one) => html`<${Tile} key=${one.id} window=${one} hall=${hall} now=${now} />`)}
    </ul>
  </section>`;
}

function Tile({ window: one, hall, now }) {
  const ticket = hall.tickets.find(({ id }) => id === one.ticket);
  const step = stepOf(one, ticket);
  const overdue = step === "called" && minutesBetween(one.since, now) > OVERDUE_MINUTES;
  const letters = hall.services.filter(({ id }) => one.skills.includes(id)).map(({ prefix }) => prefix);
  return html`<li class="tile tile-${step}">
    <p class="tile-top">
      <span class="tile-label"><span class="unseen">${t("Window")} </span><${Numeral} value=${one.label} /></span>
      <span class="tile-skills" title=${t("Services of this window")}>${letters.join(" ")}</span>
    </p>
    <p class="tile-number">${one.number ? html`<${Numeral} value=${one.number} />` : "–"}</p>
    <p class="tile-service">${ticket ? pick(serviceOf(hall, ticket).name) : " "}</p>
    <p class="tile-step ${overdue ? "state-late" : ""}">
      <${Shape} of=${overdue ? "late" : step} />
      <span>${overdue ? t("has not come") : wordOf(step)}</span>
      <span class="tile-since figures">${step === "closed" ? "" : ago(one.since, now)}</span>
    </p>
  </li>`;
}

function stepOf(one, ticket) {
  if (ticket) return ticket.state === "called" ? "called" : "serving";
  return one.state === "open" ? "free" : one.state;
}

function wordOf(step) {
  return {
    called: t("called"),
    serving: t("in service"),
    free: t("free"),
    paused: t("paused"),
    closed: t("closed"),
  }[step];
}

function serviceOf(hall, ticket) {
  return hall.services.find(({ id }) => id === ticket.service);
}
