/* All days of the roster: people under one another, days across, a short word for each shift.
 *
 * A cell is touched to change it, or dragged to another day or person, who get what it had in exchange. Arrows go
 * from cell to cell; with Shift they take the shift along.
 */
import { t } from "./i18n.js";
import { Editor } from "./rostereditor.js";
import { freeWords } from "./rostergantt.js";
import { Take } from "./rostertake.js";
import { cellWords, dayName, doneWords, isMonday, isWeekend, personName, shiftTimes } from "./rosterwords.js";
import { Shape, html, useSignal } from "./ui.js";
import { clock, decimals } from "./whatifwords.js";

const STEPS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
const STILL = 5; // pixels that a hand may tremble without meaning a drag
const QUARTERS_AN_HOUR = 4;
const NAME_SHORT = 2; // letters of a shift's name that a cell has room for

export function Month({ rostering }) {
  const { problem } = rostering;
  const days = Array.from({ length: problem.days }, (none, day) => day);
  const broken = new Set(rostering.checked.value.violations.map(({ person, day }) => `${day} ${person}`));
  const aim = useSignal(null); // the cell under a drag: { from, over }
  const picked = rostering.picked.value || { staff: problem.people[0].id, day: 0 };
  const common = { rostering, broken, aim, picked };
  return html`<section class="month" aria-labelledby="month-title">
    <h2 id="month-title">${t("All days")}</h2>
    <p class="chart-words">${monthWords(rostering)}</p>
    <${Editor} rostering=${rostering} />
    <div class="month-scroll" tabindex="0" role="group" aria-label=${t("People and days")}>
      <table class="month-table" onKeyDown=${(event) => onKey(event, rostering)}>
        <thead>
          <tr>
            <th class="month-who" scope="col">${t("Person")}</th>
            ${days.map((day) => html`<${Head} key=${day} rostering=${rostering} day=${day} />`)}
          </tr>
        </thead>
        <tbody>
          ${problem.people.map(
            (person) => html`<tr key=${person.id}>
              <th class="month-who" scope="row">
                ${personName(person)}
                ${broken.has(`null ${person.id}`) &&
                html`<span class="gantt-mark state-late"><${Shape} of="late" /><span class="unseen">${t("a rule is broken")}</span></span>`}
              </th>
              ${days.map((day) => html`<${Cell} key=${day} ...${common} person=${person} day=${day} />`)}
            </tr>`,
          )}
        </tbody>
        <tfoot>
          <tr>
            <th class="month-who" scope="row">${t("Hours missing")}</th>
            ${missingHours(rostering).map((hours, day) => html`<td key=${day} class="month-missing figures">
              ${hours > 0 ? html`<span class="state-late">${decimals(hours, 0)}</span>` : "0"}
            </td>`)}
          </tr>
        </tfoot>
      </table>
    </div>
    <p class="legend">
      ${problem.shifts.map(
        (one) => html`<span key=${one.id} class="legend-name"><b class="month-sample">${letters(one)}</b>${shiftTimes(one)}</span>`,
      )}
    </p>
    <${Take} rostering=${rostering} name="month" title=${t("All days")} shown=${false} ...${sheet(rostering, days)} />
  </section>`;
}

function Head({ rostering, day }) {
  const { problem } = rostering;
  const show = () => {
    rostering.day.value = day;
    rostering.view.value = "day";
  };
  const name = dayName(problem, day);
  return html`<th class="month-day ${edge(problem, day)}" scope="col">
    <button type="button" class="month-open" title=${t("Show {day}", { day: name })} onClick=${show}>
      <span class="quiet">${dayName(problem, day, { weekday: "short" })} </span>
      <b class="figures">${problem.start ? dayName(problem, day, { day: "numeric" }).replace(/\D/g, "") : day + 1}</b>
    </button>
  </th>`;
}

function Cell({ rostering, broken, aim, picked, person, day }) {
  const cell = rostering.cell(person.id, day);
  const shift = cell && rostering.shift.value.get(cell.shift);
  const isBroken = broken.has(`${day} ${person.id}`);
  const isPicked = picked.staff === person.id && picked.day === day;
  const here = { staff: person.id, day };
  const isAimed = aim.value && aim.value.over && aim.value.over.staff === person.id && aim.value.over.day === day;
  const state = [
    edge(rostering.problem, day),
    isPicked && "is-picked",
    isBroken && "is-broken",
    isAimed && "is-aimed",
    rostering.differs(person.id, day) && "is-changed",
    !cell && "is-free",
    !cell && person.days_off.includes(day) && "is-off",
  ];
  const words = cell ? cellWords(rostering, cell) : freeWords(person, day);
  const letter = shift ? letters(shift) : "";
  const mark = isBroken ? `, ${t("a rule is broken")}` : "";
  return html`<td class="month-cell ${state.filter(Boolean).join(" ")}">
    <button
      type="button"
      class="month-button"
      tabindex=${isPicked ? 0 : -1}
      data-cell=${`${day} ${person.id}`}
      aria-label=${`${personName(person)}, ${dayName(rostering.problem, day)}: ${words}${mark}${letter && `, ${letter}`}`}
      onFocus=${() => (rostering.picked.value = here)}
      onPointerDown=${(event) => beginMove(event, rostering, aim, here)}
    >
      ${letter}${isBroken && html`<${Shape} of="late" />`}
    </button>
  </td>`;
}

/** A drag from one cell to another; letting go exchanges the two. */
function beginMove(event, rostering, aim, from) {
  if (event.button !== 0 || event.pointerType === "touch" || !rostering.cell(from.staff, from.day)) return;
  const grip = event.currentTarget;
  const start = [event.clientX, event.clientY];
  const move = ({ clientX, clientY }) => {
    if (!aim.value && Math.hypot(clientX - start[0], clientY - start[1]) < STILL) return;
    const under = document.elementFromPoint(clientX, clientY);
    const over = under && under.closest("td") && under.closest("td").querySelector("[data-cell]");
    aim.value = { from, over: over ? cellOf(over) : null };
  };
  const end = () => {
    grip.removeEventListener("pointermove", move);
    const last = aim.value;
    aim.value = null;
    if (last && last.over) swap(rostering, from, last.over);
  };
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("lostpointercapture", end, { once: true });
}

function onKey(event, rostering) {
  const here = event.target.closest("[data-cell]");
  if (!here) return;
  const from = cellOf(here);
  if (event.key === "Delete" && rostering.cell(from.staff, from.day)) {
    const free = { ...from, shift: null, breaks: [] };
    rostering.put(free, () => doneWords(rostering, free));
  }
  if (!(event.key in STEPS)) return;
  event.preventDefault();
  const people = rostering.problem.people;
  const [down, across] = STEPS[event.key];
  const person = people[people.findIndex(({ id }) => id === from.staff) + down];
  const day = from.day + across;
  if (!person || day < 0 || day >= rostering.problem.days) return;
  const to = { staff: person.id, day };
  if (event.shiftKey) swap(rostering, from, to);
  rostering.picked.value = to;
  const table = event.currentTarget;
  const goal = [...table.querySelectorAll("[data-cell]")].find((one) => one.dataset.cell === `${day} ${person.id}`);
  if (goal) goal.focus();
}

function swap(rostering, from, to) {
  if (from.staff === to.staff && from.day === to.day) return;
  rostering.exchange(from, to, () => {
    const day = dayName(rostering.problem, to.day);
    if (from.staff === to.staff) return t("Moved to {day}.", { day });
    return t("Given to {person}, {day}.", { person: personName(rostering.person.value.get(to.staff)), day });
  });
}

function cellOf(button) {
  const [, day, staff] = /^(\d+) (.*)$/.exec(button.dataset.cell);
  return { staff, day: Number(day) };
}

/** What a shift is called in the office, if that is short; else when it starts: "8", "10:30". */
function letters(shift) {
  if (shift.starts === null || shift.id.length <= NAME_SHORT) return shift.id;
  return clock(shift.starts).replace(/^0/, "").replace(/:00$/, "");
}

function missingHours(rostering) {
  const sums = new Array(rostering.problem.days).fill(0);
  for (const [day, , , people] of rostering.checked.value.missing) sums[day] += people / QUARTERS_AN_HOUR;
  return sums;
}

function monthWords(rostering) {
  const hours = missingHours(rostering);
  const sum = hours.reduce((all, one) => all + one, 0);
  if (Math.round(sum) === 0) return t("Nobody is missing on any day.");
  const worst = hours.indexOf(Math.max(...hours));
  return t("{n} hours of work are missing in all, most on {day}: {most}.", {
    n: Math.round(sum),
    day: dayName(rostering.problem, worst),
    most: decimals(hours[worst], 0),
  });
}

function sheet(rostering, days) {
  const { problem } = rostering;
  return {
    columns: [t("Person"), ...days.map((day) => dayName(problem, day, { weekday: "short", day: "numeric", month: "numeric" }))],
    rows: problem.people.map((person) => [
      personName(person),
      ...days.map((day) => {
        const cell = rostering.cell(person.id, day);
        return cell ? shiftTimes(rostering.shift.value.get(cell.shift)) : freeWords(person, day);
      }),
    ]),
  };
}

function edge(problem, day) {
  return `${isWeekend(problem, day) ? "is-weekend" : ""} ${isMonday(problem, day) ? "is-monday" : ""}`;
}
