/* The lists of the overview: the line by service, the people in it, the last calls. */
import { pick, t } from "./i18n.js";
import { sentence } from "./reasons.js";
import { Numeral, State, ago, html, time, useState, waitWords } from "./ui.js";
import { lateFirst, lineOf } from "./waiting.js";

const PEOPLE_SHOWN = 14; // the rest is one press away

export function Line({ hall, now }) {
  const people = lateFirst(hall, now);
  return html`<section class="panel" aria-labelledby="line-title" tabindex="0">
    <h2 id="line-title">${t("The line by service")}</h2>
    <table>
      <thead>
        <tr>
          <th>${t("Service")}</th>
          <th class="num">${t("Waiting")}</th>
          <th class="num">${t("Longest, min")}</th>
          <th class="num">${t("Target, min")}</th>
          <th>${t("Over target")}</th>
          <th class="num">${t("19 of 20 today, min")}</th>
          <th class="num">${t("Wait of a new visitor")}</th>
          <th class="num">${t("Open windows")}</th>
        </tr>
      </thead>
      <tbody>
        ${hall.services.map(
          (one) => html`<${LineRow} key=${one.id} service=${one} hall=${hall} people=${people} />`,
        )}
      </tbody>
    </table>
  </section>`;
}

function LineRow({ service, hall, people }) {
  const { count, longest, late } = lineOf(service, people);
  const open = hall.windows.filter(({ state, skills }) => state === "open" && skills.includes(service.id)).length;
  const alone = open === 0 && count > 0;
  const tail = hall.today.waited_minutes_p95[service.id];
  return html`<tr>
    <th scope="row" class="line-name"><b>${service.prefix}</b>${pick(service.name)}</th>
    <td class="num line-count">${count}</td>
    <td class="num">${count > 0 ? Math.floor(longest) : "–"}</td>
    <td class="num quiet">${service.target_minutes}</td>
    <td>${late > 0 ? html`<${State} of="late">${t("{n} late", { n: late })}<//>` : "–"}</td>
    <td class="num">${typeof tail === "number" ? Math.round(tail) : "–"}</td>
    <td class="num">${waitWords(service.wait)}</td>
    <td class="num">${alone ? html`<${State} of="late">${t("none open")}<//>` : open}</td>
  </tr>`;
}

export function People({ hall, now }) {
  const [all, setAll] = useState(false);
  const people = lateFirst(hall, now);
  const parked = hall.tickets.filter(({ state }) => state === "parked");
  const first = people.slice(0, PEOPLE_SHOWN);
  const rest = people.slice(PEOPLE_SHOWN);
  return html`<section class="panel" aria-labelledby="people-title">
    <h2 id="people-title">
      ${t("People waiting")} <span class="quiet">${t("the longest first; the mark is the target")}</span>
    </h2>
    ${people.length === 0 && html`<p class="quiet">${t("Nobody is waiting.")}</p>`}
    <ol class="people">${first.map((one) => html`<${Person} key=${one.ticket.id} ...${one} />`)}</ol>
    ${rest.length > 0 &&
    html`<details class="people-rest" onToggle=${(event) => setAll(event.currentTarget.open)}>
      <summary>${t("{n} more", { n: rest.length })}</summary>
      ${all && html`<ol class="people">${rest.map((one) => html`<${Person} key=${one.ticket.id} ...${one} />`)}</ol>`}
    </details>`}
    ${parked.length > 0 && html`<${Parked} tickets=${parked} now=${now} />`}
  </section>`;
}

function Parked({ tickets, now }) {
  return html`<p class="parked">
    <b>${t("Parked:")}</b>
    ${tickets.map(
      ({ id, number, since }) => html`<span key=${id}><${Numeral} value=${number} /> ${ago(since, now)}</span>`,
    )}
  </p>`;
}

function Person({ ticket, service, waited, target, late }) {
  const part = Math.min(1, waited / (2 * target)); // the bar is full at twice the target, the mark is its middle
  return html`<li class="person ${late ? "is-late" : ""}">
    <${Numeral} value=${ticket.number} />
    <span class="person-service">
      <span class="person-name">
        ${pick(service.name)}${ticket.priority > 0 && html` <b class="person-first">${t("priority")}</b>`}
      </span>
      <span class="person-bar" aria-hidden="true">
        <span class="person-part" style=${{ width: `${part * 100}%` }}></span>
      </span>
    </span>
    <${State} of=${late ? "late" : "waiting"}>
      <span class="figures">${t("{n} min", { n: Math.floor(waited) })}</span>
      ${late && html`<span class="unseen">${t("over target")}</span>`}
    <//>
  </li>`;
}

export function LastCalls({ calls, zone }) {
  return html`<section class="panel" aria-labelledby="calls-title">
    <h2 id="calls-title">${t("Last calls, and why")}</h2>
    ${calls.length === 0 && html`<p class="quiet">${t("No calls yet")}</p>`}
    <ol class="last">
      ${calls.map((call) => html`<${LastCall} key=${`${call.number} ${call.at}`} call=${call} zone=${zone} />`)}
    </ol>
  </section>`;
}

function LastCall({ call, zone }) {
  const unknown = call.times > 1 ? t("called again") : t("called before this page was opened");
  return html`<li class="last-call">
    <span class="figures quiet">${time(call.at, zone)}</span>
    <span class="last-number">
      <${Numeral} value=${call.number} /> <span class="quiet">→</span> <${Numeral} value=${call.label} />
    </span>
    <span class="last-why ${call.why ? "" : "quiet"}">${call.why ? sentence(call.why, call.number) : unknown}</span>
  </li>`;
}
