/* A search for a better roster, as it goes: what the best one costs, how much better one could be, and enough. */
import { range } from "./chart.js";
import { t } from "./i18n.js";
import { changesBetween, draftOf } from "./rosterdraft.js";
import { hardName, softName } from "./rosterrules.js";
import { Waits } from "./rosterside.js";
import { Take } from "./rostertake.js";
import { personName } from "./rosterwords.js";
import { Button, html, useEffect, useSignal } from "./ui.js";
import { decimals, percent } from "./whatifwords.js";

const SECONDS = [15, 60, 180, 600];
const USUAL_SECONDS = 60;
const WIDTH = 640;
const HEIGHT = 200;
const LINES_MAX = 4;
const SECOND_MS = 1000;
const EDGE = { left: 64, right: 12, top: 12, bottom: 26 };

export function Search({ rostering }) {
  const { search } = rostering;
  const seconds = useSignal(USUAL_SECONDS);
  const told = search.told.value;
  const problem = search.problem.value;
  return html`<section class="search" aria-labelledby="search-title">
    <h2 id="search-title">${t("Find a better one")}</h2>
    <p>${t("The search keeps every rule and makes the sum of all costs as small as it can. Stop it when you like: the best it has stays.")}</p>
    <div class="deeds no-print">
      <label class="editor-field">
        <span>${t("For how long")}</span>
        <select value=${String(seconds.value)} disabled=${search.running} onChange=${({ currentTarget: { value } }) => (seconds.value = Number(value))}>
          ${SECONDS.map((one) => html`<option key=${one} value=${String(one)} selected=${one === seconds.value}>${secondsWords(one)}</option>`)}
        </select>
      </label>
      ${search.running
        ? html`<${Button} busy=${search.status.value === "ending"} onPress=${() => search.cancel()}>${t("Stop")}<//>`
        : html`<${Button} main onPress=${() => rostering.startSearch(seconds.value)}>${t("Search")}<//>`}
    </div>
    <p role="status">${stateWords(search, told, problem)}</p>
    ${search.running && html`<${Elapsed} of=${seconds.value} />`}
    ${told && html`<${Progress} rostering=${rostering} told=${told} />`}
    ${told && told.type === "result" && !told.assignments && html`<${Conflicts} rostering=${rostering} conflicts=${told.conflicts} />`}
    ${told && told.type === "result" && told.assignments && html`<${Found} rostering=${rostering} told=${told} />`}
  </section>`;
}

/** How much of its time a search has used; it tells only what is new. */
function Elapsed({ of }) {
  const passed = useSignal(0);
  useEffect(() => {
    const begun = Date.now();
    const timer = setInterval(() => (passed.value = Math.min(of, (Date.now() - begun) / SECOND_MS)), SECOND_MS);
    return () => clearInterval(timer);
  }, [of]);
  return html`<progress aria-label=${t("Time of the search")} max=${of} value=${passed.value}></progress>`;
}

function Progress({ rostering, told }) {
  const { cost, bound, course } = told;
  return html`<dl class="search-figures">
      <div><dt>${t("Cost")}</dt><dd class="figures">${points(cost)}</dd></div>
      <div><dt>${t("Cannot be below")}</dt><dd class="figures">${bound > 0 || cost === 0 ? points(bound) : "–"}</dd></div>
      <div><dt>${t("Gap")}</dt><dd class="figures">${gap(cost, bound)}</dd></div>
    </dl>
    ${course.length > 1 && html`<${Course} course=${course} />`}
    <${Take}
      rostering=${rostering}
      name="search"
      title=${t("The course of the search")}
      columns=${[t("Seconds"), t("Cost"), t("Cannot be below")]}
      rows=${course}
    />`;
}

function Course({ course }) {
  const { low, top, lines } = scaleOf(course.flatMap(([, cost, bound]) => [cost, bound]).filter((one) => one > 0));
  const last = course[course.length - 1];
  const until = Math.max(1, last[0]);
  const x = (at) => EDGE.left + (at / until) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value) => EDGE.top + (1 - (value - low) / (top - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
  const words = t("The course of the search");
  return html`<figure class="search-course">
    <svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label=${words}>
      ${lines.map(
        (value) => html`<g key=${value} class="chart-grid">
          <line x1=${EDGE.left} x2=${WIDTH - EDGE.right} y1=${y(value)} y2=${y(value)} />
          <text x=${EDGE.left - 8} y=${y(value) + 4} text-anchor="end">${points(value)}</text>
        </g>`,
      )}
      <path class="step-need" d=${path(course, 2, x, y)} />
      <path class="search-cost" d=${path(course, 1, x, y)} />
      ${last[1] > 0 && html`<circle class="search-now" cx=${x(last[0])} cy=${y(last[1])} r="4" />`}
      <text x=${WIDTH - EDGE.right} y=${HEIGHT - 6} text-anchor="end">${t("{n} seconds", { n: Math.round(until) })}</text>
    </svg>
    <figcaption>${t("The full line is the cost of the best roster, the dashed one what no roster can be below.")}</figcaption>
  </figure>`;
}

/** The roster that was found, held against the one it began with, before anybody takes it. */
function Found({ rostering, told }) {
  const now = rostering.checked.value;
  const rules = Object.keys(told.check.costs).filter((rule) => told.check.costs[rule] !== 0 || now.costs[rule] !== 0);
  const count = changesBetween(rostering.draft.value, draftOf(told.assignments)).length;
  const take = () => {
    rostering.take(told.assignments, () => t("The roster that was found is taken over; save it, or undo."));
    rostering.view.value = "month";
  };
  return html`<div class="found">
    <h3>${t("What was found, against what you see now")}</h3>
    <p>${count === 0 ? t("Nothing better was found.") : t("{n} days of people would be different.", { n: count })}</p>
    <table class="costs">
      <thead>
        <tr>
          <th>${t("Wish or need")}</th>
          <th class="num">${t("Now")}</th>
          <th class="num">${t("Found")}</th>
        </tr>
      </thead>
      <tbody>
        ${rules.map(
          (rule) => html`<tr key=${rule}>
            <th scope="row">${softName(rule)}</th>
            <td class="num">${points(now.costs[rule])}</td>
            <td class="num">${points(told.check.costs[rule])}</td>
          </tr>`,
        )}
        <tr class="costs-sum">
          <th scope="row">${t("Together")}</th>
          <td class="num">${points(now.total)}</td>
          <td class="num">${points(told.check.total)}</td>
        </tr>
        <tr>
          <th scope="row">${t("Broken rules")}</th>
          <td class="num">${now.violations.length}</td>
          <td class="num">${told.check.violations.length}</td>
        </tr>
      </tbody>
    </table>
    <${Lived} rostering=${rostering} />
    ${count > 0 && html`<p class="deeds no-print"><${Button} main onPress=${take}>${t("Take this roster over")}<//></p>`}
  </div>`;
}

/** What the roster that was found does to those who wait, all days together, against the kept version. */
function Lived({ rostering }) {
  const { foundTrial } = rostering;
  const lived = foundTrial.told.value;
  const words = foundTrial.running && !lived ? t("All days are being simulated, as they are kept and as they were found…") : "";
  return html`<h3>${t("What it does to waits")}</h3>
    <p class="quiet small" role="status">${words}</p>
    ${lived && html`<${Waits} told=${lived} />`}`;
}

/** Where no roster can be: who stands in the way, by which rules of their contract. */
function Conflicts({ rostering, conflicts }) {
  if (conflicts.length === 0) return null;
  return html`<ul class="rules">
    ${conflicts.map(
      ({ person, rules }) => html`<li key=${person} class="rule-broken">
        ${t("{person}: no row of days keeps all of these rules: {rules}.", {
          person: personName(rostering.person.value.get(person)),
          rules: [...new Set(rules.map(({ rule }) => hardName(rule)))].join(", "),
        })}
      </li>`,
    )}
  </ul>`;
}

function stateWords(search, told, problem) {
  if (problem) return problem.code === "too-many-experiments" ? t("Others are trying plans too. Please try again in a minute.") : t("The search broke off. Please start it again.");
  if (search.status.value === "ending") return t("Stopped: the best one is being told.");
  if (search.running) return told ? t("Searching") : t("The search begins…");
  if (!told) return "";
  const words = {
    optimal: t("Done: no roster costs less."),
    feasible: t("Done: this is the best that was found."),
    unknown: t("No roster was found in this time. Give it more."),
    infeasible: t("No roster keeps every rule. Look at the rules that are broken now."),
  };
  return words[told.status] || "";
}

/** Round lines around all values; a cost and its bound are far from nothing and near each other. */
function scaleOf(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const rough = Math.max(most - least, most / 50, 1) / LINES_MAX;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * [1, 2, 5, 10].find((one) => one * size >= rough);
  const low = Math.floor(least / step) * step;
  const top = Math.max(low + step, Math.ceil(most / step) * step);
  return { low, top, lines: range(low, top, step) };
}

function secondsWords(seconds) {
  return seconds < 60 ? t("{n} seconds", { n: seconds }) : t("{n} minutes", { n: seconds / 60 });
}

function gap(cost, bound) {
  if (cost === null || bound === null || (bound === 0 && cost > 0)) return "–";
  return cost === 0 ? percent(0) : percent((cost - bound) / cost);
}

function path(course, place, x, y) {
  const known = course.filter((row) => row[place] > 0);
  return known.map((row, index) => (index ? `H${x(row[0]).toFixed(1)} V${y(row[place]).toFixed(1)}` : `M${x(row[0]).toFixed(1)} ${y(row[place]).toFixed(1)}`)).join(" ");
}

function points(value) {
  return value === null || value === undefined ? "–" : decimals(value, Number.isInteger(value) ? 0 : 1);
}
