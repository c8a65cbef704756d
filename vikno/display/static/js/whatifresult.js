/* The right of the page: what trying the plans has shown. The sentence first, then the numbers behind it. */
import { pick, t } from "./i18n.js";
import { Shape, html } from "./ui.js";
import { Course } from "./whatifchart.js";
import { Downloads } from "./whatifdownloads.js";
import { DifferencesOnPaper, planName } from "./whatifplans.js";
import { failureWords } from "./whatifproblems.js";
import { clock, decimals, interval, minutes, percent } from "./whatifwords.js";

/* Figures in the order in which people ask for them; a share is told in percent. */
const FIGURES = () => [
  { key: "wait_mean", name: t("Mean wait"), unit: t("min"), form: minutes },
  { key: "wait_p95", name: t("19 of 20 wait up to"), unit: t("min"), form: minutes },
  { key: "within_target", name: t("Called within the target"), unit: "", form: percent, points: true },
  { key: "left", name: t("Left"), unit: t("a day"), form: minutes },
  { key: "overtime_minutes", name: t("Overtime"), unit: t("min a day, all windows"), form: minutes },
  { key: "occupancy", name: t("Occupancy"), unit: "", form: percent, points: true },
  { key: "occupancy_spread", name: t("Spread of occupancy"), unit: "", form: percent, points: true },
  { key: "overtaken_share", name: t("Overtaken at least once"), unit: "", form: percent, points: true },
];

export function Result({ trying }) {
  const { run } = trying;
  const told = run.told.value;
  const problem = run.problem.value;
  const failed = problem && !trying.wrong.value.place;
  return html`<section class="result" aria-label=${t("Result")}>
    ${failed &&
    html`<p class="notice notice-late" role="alert">
      ${failureWords(problem) || html`<span lang="en">${problem.detail}</span>`}
    </p>`}
    ${!told && !run.running && !failed && html`<${Welcome} trying=${trying} />`}
    ${!told && run.running && html`<p class="sentence quiet">${t("The first days are being simulated…")}</p>`}
    ${told && html`<${Told} trying=${trying} told=${told} />`}
  </section>`;
}

function Welcome({ trying }) {
  const { plan } = trying;
  const visitors = plan.demand.reduce((sum, one) => sum + one.visitors, 0);
  const today = { windows: plan.windows.length, visitors: Math.round(visitors), opens: plan.opens, closes: plan.closes };
  return html`<div class="welcome">
    <p class="sentence">${t("Try a change here before people live it.")}</p>
    <p>
      ${t("Today’s plan: {windows} windows, {visitors} visitors a day, open from {opens} to {closes}.", today)}
    </p>
    <ol class="steps">
      <li>${t("Change plan B: windows and their people, hours, services, the rule, the number of visitors.")}</li>
      <li>${t("Press Run. Both plans live through the same days, by the hall’s own rules.")}</li>
      <li>${t("Read the difference. The band narrows as days go by; cancel when you know enough.")}</li>
    </ol>
  </div>`;
}

function Told({ trying, told }) {
  const names = told.scenarios.map(({ plan }) => planName(plan, plan === "today"));
  const kinds = told.scenarios.length > 1 ? ["a", "b"] : ["b"];
  const courses = (what) =>
    told.scenarios.map((scenario, place) => ({ kind: kinds[place], name: names[place], curve: scenario[what] }));
  const overloaded = told.scenarios.map(({ overloaded: over }, place) => over && names[place]).filter(Boolean);
  const band = trying.band.value;
  if (told.days === 0) {
    return html`<p class="sentence">${t("It was cancelled before the first days were complete.")}</p>`;
  }
  return html`<div class="told ${trying.isStale ? "is-old" : ""}">
    ${trying.isStale &&
    html`<p class="notice">${t("The plans have been changed since. Press Run to see what that does.")}</p>`}
    <p class="sentence answer">${pick(told.sentence)}</p>
    ${pick(told.also).length > 0 && html`<ul class="also">${pick(told.also).map((one) => html`<li key=${one}>${one}</li>`)}</ul>`}
    ${overloaded.length > 0 &&
    html`<p class="state-late overloaded">
      <${Shape} of="late" />
      ${t("{plans}: for some services more visitors come than their windows can serve in a day.", {
        plans: overloaded.join(", "),
      })}
    </p>`}
    <p class="quiet small">${how(told)}</p>
    <${DifferencesOnPaper} trying=${trying} />
    <${Figures} told=${told} names=${names} kinds=${kinds} />
    <div class="charts">
      <fieldset class="band no-print">
        <legend>${t("The band shows")}</legend>
        ${[
          ["sure", t("how surely the mean is known (95%)")],
          ["days", t("where 8 of 10 days lie")],
        ].map(
          ([value, words]) => html`<label key=${value}>
            <input type="radio" name="band" checked=${band === value} onChange=${() => (trying.band.value = value)} />
            ${words}
          </label>`,
        )}
      </fieldset>
      <${Legend} names=${names} kinds=${kinds} />
      <${Course}
        id="waits"
        title=${t("Mean wait by time of arrival")}
        unit=${t("min")}
        courses=${courses("waits")}
        band=${band}
        words=${longestWords}
      />
      <${Course}
        id="waiting"
        title=${t("People waiting")}
        unit=${t("on average")}
        courses=${courses("waiting")}
        band=${band}
        words=${mostWords}
      />
    </div>
    ${told.type === "result" && html`<${Parts} trying=${trying} told=${told} names=${names} />`}
    <${Downloads} trying=${trying} told=${told} />
  </div>`;
}

function how(told) {
  const days = t("{n} simulated days", { n: told.days });
  const visitors = t("Every plan lived through the same days.");
  const seed = t("Seed {seed}: the same seed gives the same numbers.", { seed: told.seed });
  return `${days}. ${told.scenarios.length > 1 ? `${visitors} ` : ""}${seed} ${t("Beside each number: its 95% interval.")}`;
}

/* The roles are told, because on a phone the table is laid out as blocks and would lose them. */
function Figures({ told, names, kinds }) {
  const differences = told.differences || {};
  const heads = told.differences ? [...names, t("Difference")] : names;
  return html`<table class="figures-table" role="table" aria-label=${t("Figures side by side")}>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader">${t("Figure")}</th>
        ${heads.map((name) => html`<th key=${name} role="columnheader" class="num">${name}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${FIGURES().map(
        ({ key, name, unit, form, points }) => html`<tr key=${key} role="row">
          <th role="rowheader" scope="row">${name} <span class="quiet">${unit}</span></th>
          ${told.scenarios.map(({ figures }, place) => {
            const one = figures[key];
            return html`<td key=${kinds[place]} role="cell" class="num" data-name=${names[place]}>
              <b class="value">${form(one.value)}</b> <span class="quiet interval">${interval(one, form)}</span>
            </td>`;
          })}
          ${told.differences &&
          html`<td role="cell" class="num figure-difference" data-name=${t("Difference")}>
            ${differenceWords(differences[key].difference, points)}
          </td>`}
        </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Less or more by how much, or that nothing is proved. Shares differ by percentage points. */
function differenceWords({ value, low, high }, points) {
  const size = (number) => decimals(Math.abs(number) * (points ? 100 : 1), 1);
  if (value === null || low === null || high === null) return "–";
  if (low === 0 && high === 0) return t("none");
  if (low <= 0 && high >= 0) {
    const ends = { low: size(low), high: size(high) };
    return html`${t("not proved")} <span class="quiet interval">${t("{low} less to {high} more", ends)}</span>`;
  }
  const ends = [size(low), size(high)];
  if (high < 0) ends.reverse();
  const told = { size: size(value) };
  const less = points ? t("{size} points less", told) : t("{size} less", told);
  const more = points ? t("{size} points more", told) : t("{size} more", told);
  const words = high < 0 ? less : more;
  return html`<b class="value">${words}</b> <span class="quiet interval">${ends.join("–")}</span>`;
}

function Legend({ names, kinds }) {
  return html`<p class="legend">
    ${names.map(
      (name, place) => html`<span key=${kinds[place]} class="legend-name">
        <svg class="sample" viewBox="0 0 28 16" aria-hidden="true" focusable="false">
          <rect class="band-${kinds[place]}" x="0" width="28" y="1" height="14" />
          <line class="course-${kinds[place]}" x1="0" x2="28" y1="8" y2="8" />
        </svg>
        ${name}
      </span>`,
    )}
  </p>`;
}

function longestWords(plan, points) {
  const top = highest(points);
  if (!top) return "";
  return t("{plan}: the longest mean wait, {minutes} min, have those who come from {from} to {to}.", {
    plan,
    from: clock(top.from),
    to: clock(2 * top.at - top.from),
    minutes: minutes(top.value),
  });
}

function mostWords(plan, points) {
  const top = highest(points);
  if (!top) return "";
  return t("{plan}: most people, {people} on average, wait from {from} to {to}.", {
    plan,
    from: clock(top.from),
    to: clock(2 * top.at - top.from),
    people: minutes(top.value),
  });
}

function highest(points) {
  const known = points.filter(({ value }) => value !== null);
  return known.length > 0 ? known.reduce((best, one) => (one.value > best.value ? one : best)) : null;
}

/** Services and windows, one table each, a press away. */
function Parts({ trying, told, names }) {
  const { plan } = trying;
  const services = plan.services.map(({ id, name }) => [id, pick(name)]);
  const ids = [...new Set(told.scenarios.flatMap(({ figures }) => Object.keys(figures.windows)))];
  const windows = ids.map((id) => [id, trying.labelOf(id)]);
  const waits = [
    [t("Mean wait"), "wait_mean", minutes],
    [t("19 of 20 wait up to"), "wait_p95", minutes],
    [t("Called within the target"), "within_target", percent],
    [t("Overtaken at least once"), "overtaken_share", percent],
  ];
  const work = [
    [t("Occupancy"), "occupancy", percent],
    [t("Served"), "served", minutes],
  ];
  return html`
    <${Part} title=${t("By service")} head=${t("Service")} part="services" rows=${services} ...${{ told, names }} columns=${waits} />
    <${Part} title=${t("By window")} head=${t("Window")} part="windows" rows=${windows} ...${{ told, names }} columns=${work} />
  `;
}

function Part({ title, head, part, rows, columns, told, names }) {
  const cells = columns.flatMap(([name, key, form]) => names.map((plan, place) => ({ name, key, form, plan, place })));
  return html`<details class="panel">
    <summary>${title}</summary>
    <table>
      <thead>
        <tr>
          <th>${head}</th>
          ${cells.map(({ name, key, plan }) => html`<th key=${`${key} ${plan}`} class="num">${name}, ${plan}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([id, name]) => html`<tr key=${id}>
            <th scope="row">${name}</th>
            ${cells.map(({ key, form, plan, place }) => {
              const one = (told.scenarios[place].figures[part][id] || {})[key];
              return html`<td key=${`${key} ${plan}`} class="num">
                ${one ? form(one.value) : "–"} <span class="quiet interval">${interval(one, form)}</span>
              </td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}
