/* The roster: who works when, changed by hand or by a search, each change checked at once.
 *
 * On the left the days, on the right what a change means. Nothing is kept before it is saved, and what is saved
 * is a version that can be brought back.
 */
import { call } from "./api.js";
import { pageContext } from "./credentials.js";
import { isAdmitted } from "./gate.js";
import { lang, pick, t } from "./i18n.js";
import { may } from "./known.js";
import { loadWords } from "./language.js";
import { Tools, keepTheme } from "./managertools.js";
import { Cover } from "./rostercover.js";
import { Editor } from "./rostereditor.js";
import { Fairness } from "./rosterfairness.js";
import { Gantt } from "./rostergantt.js";
import { Month } from "./rostermonth.js";
import { Search } from "./rostersearch.js";
import { Side, Verdict } from "./rosterside.js";
import { Rostering } from "./rosterstate.js";
import { Take } from "./rostertake.js";
import { Training } from "./rostertraining.js";
import { Upload } from "./rosterupload.js";
import { Versions } from "./rosterversions.js";
import { dayName, personName, shiftTimes, span } from "./rosterwords.js";
import { html, render, signal } from "./ui.js";

const VIEWS = () => [
  ["day", t("Day")],
  ["month", t("All days")],
  ["fairness", t("Fairness")],
  ["training", t("Training")],
  ["search", t("Find a better one")],
];
const SIDED = ["day", "month"];

function Page({ rostering }) {
  const view = rostering.view.value;
  return html`<${Top} hall=${rostering.hall} rostering=${rostering} />
    <div class="roster-desk ${SIDED.includes(view) ? "" : "is-wide"}" onKeyDown=${(event) => onPageKey(event, rostering)}>
      <div class="roster-main">
        ${view === "day" && html`<${Day} rostering=${rostering} />`}
        ${view === "month" && html`<${Month} rostering=${rostering} />`}
        ${view === "fairness" && html`<${Fairness} rostering=${rostering} />`}
        ${view === "training" && html`<${Training} rostering=${rostering} />`}
        ${view === "search" && html`<${Search} rostering=${rostering} />`}
        <${Versions} rostering=${rostering} />
      </div>
      ${SIDED.includes(view) && html`<${Side} rostering=${rostering} />`}
      ${SIDED.includes(view) && html`<${Verdict} rostering=${rostering} />`}
    </div>`;
}

function Top({ hall, rostering }) {
  return html`<header class="top">
    <div class="top-name">
      <h1>${t("Roster")}</h1>
      <p class="quiet">${pick(hall.name)}</p>
    </div>
    <${Tools}>
      <a class="tool" href="/overview/${hall.id}?lang=${lang.value}">${t("The hall now")}</a>
      <a class="tool" href="/whatif/${hall.id}?lang=${lang.value}">${t("What if")}</a>
    <//>
    ${rostering &&
    html`<nav class="views no-print" aria-label=${t("Views")}>
      ${VIEWS().map(
        ([view, name]) => html`<button
          key=${view}
          type="button"
          class="view"
          aria-pressed=${String(rostering.view.value === view)}
          onClick=${() => (rostering.view.value = view)}
        >
          ${name}
        </button>`,
      )}
    </nav>`}
  </header>`;
}

function Day({ rostering }) {
  const { problem } = rostering;
  const day = rostering.day.value;
  const go = (to) => (rostering.day.value = Math.min(problem.days - 1, Math.max(0, to)));
  const title = dayName(problem, day);
  return html`<section class="day" aria-labelledby="day-title">
    <div class="day-head">
      <h2 id="day-title">${title}</h2>
      <div class="day-go no-print">
        <button type="button" class="tool" disabled=${day === 0} onClick=${() => go(day - 1)}>←${" "}<span class="day-word">${t("Day before")}</span></button>
        <label class="editor-field">
          <span class="unseen">${t("Day")}</span>
          <select value=${String(day)} onChange=${({ currentTarget: { value } }) => go(Number(value))}>
            ${Array.from({ length: problem.days }, (none, one) => html`<option key=${one} value=${String(one)} selected=${one === day}>
              ${dayName(problem, one, { weekday: "short", day: "numeric", month: "short" })}
            </option>`)}
          </select>
        </label>
        <button type="button" class="tool" disabled=${day === problem.days - 1} onClick=${() => go(day + 1)}><span class="day-word">${t("Day after")}</span>${" "}→</button>
      </div>
    </div>
    <p class="chart-words">${dayWords(rostering, day)}</p>
    <${Editor} rostering=${rostering} />
    <${Gantt} rostering=${rostering} day=${day} />
    <p id="gantt-keys" class="quiet small no-print">
      ${t("Keys: arrows move a shift or a break, Shift with arrows moves its end, Ctrl its start, Shift with up and down gives it to another person, Delete makes the day free, Ctrl Z undoes.")}
    </p>
    <${Cover} rostering=${rostering} day=${day} />
    <${Take} rostering=${rostering} name=${`day-${day + 1}`} title=${title} ...${daySheet(rostering, day)} />
  </section>`;
}

function dayWords(rostering, day) {
  const cells = [...rostering.draft.value.values()].filter((one) => one.day === day);
  if (cells.length === 0) return t("Nobody works on this day.");
  const shifts = cells.map(({ shift }) => rostering.shift.value.get(shift)).filter(({ starts }) => starts !== null);
  if (shifts.length === 0) return t("{n} people work.", { n: cells.length });
  const times = [Math.min(...shifts.map(({ starts }) => starts)), Math.max(...shifts.map(({ ends }) => ends))];
  return t("{n} people work, from {from} to {to}.", { n: cells.length, ...fromTo(times) });
}

function fromTo(times) {
  const [from, to] = span(times).split("–");
  return { from, to };
}

function daySheet(rostering, day) {
  const rows = rostering.problem.people.map((person) => {
    const cell = rostering.cell(person.id, day);
    const shift = cell && rostering.shift.value.get(cell.shift);
    return [personName(person), shift ? shiftTimes(shift) : null, cell ? cell.breaks.map(span).join(", ") : null];
  });
  return { columns: [t("Person"), t("Shift"), t("Break")], rows };
}

function onPageKey(event, rostering) {
  if (!(event.ctrlKey || event.metaKey) || event.target.closest("input, textarea")) return;
  const key = event.key.toLowerCase();
  if (key === "z" && !event.shiftKey) rostering.undo();
  else if (key === "y" || (key === "z" && event.shiftKey)) rostering.redo();
  else return;
  event.preventDefault();
}

/** Without a roster there is only the way to bring one. */
function Empty({ context, hall, shown }) {
  return html`<${Top} hall=${hall} />
    ${may("ROSTER")
      ? html`<${Upload} context=${context} version=${0} onDone=${(told) => (shown.value = told)} />`
      : html`<p class="sentence">${t("There is no roster yet.")}</p>`}`;
}

function Whole({ context, shown }) {
  const told = shown.value;
  if (!told.problem) return html`<${Empty} context=${context} hall=${told.hall} shown=${shown} />`;
  if (!shown.rostering) shown.rostering = new Rostering(context, told);
  return html`<${Page} rostering=${shown.rostering} />`;
}

async function start() {
  const app = document.getElementById("app");
  const context = pageContext();
  keepTheme();
  await loadWords();
  if (!isAdmitted(context)) return;
  app.textContent = "";
  try {
    const told = await call("GET", `/halls/${context.hall}/roster`, undefined, { context });
    render(html`<${Whole} context=${context} shown=${signal(told)} />`, app);
  } catch ({ status }) {
    const words = status === 401 || status === 403 ? t("This page is for managers. Open it with the link you were given.") : t("No connection");
    render(html`<p class="notice notice-late" role="alert">${words}</p>`, app);
  }
}

start();
