/* One person's day by menus: the way to every change for whoever does not drag. */
import { t } from "./i18n.js";
import { freeWords } from "./rostergantt.js";
import { timed, working } from "./rostershifts.js";
import { dayName, doneWords, personName, shiftTimes, span } from "./rosterwords.js";
import { html } from "./ui.js";

const FREE = "";

export function Editor({ rostering }) {
  const picked = rostering.picked.value;
  const person = picked && rostering.person.value.get(picked.staff);
  return html`<div class="editor no-print">
    ${person
      ? html`<${Choice} rostering=${rostering} person=${person} day=${picked.day} />`
      : html`<p class="quiet">${t("Touch a shift to change it, or drag it. Every change is checked at once.")}</p>`}
    <p class="editor-said" role="status">${rostering.said.value()}</p>
  </div>`;
}

function Choice({ rostering, person, day }) {
  const cell = rostering.cell(person.id, day);
  const shift = cell && rostering.shift.value.get(cell.shift);
  const put = (made) => rostering.put(made, () => doneWords(rostering, made));
  const empty = { staff: person.id, day, shift: null, breaks: [] };
  const choose = ({ currentTarget: { value } }) =>
    put(value === FREE ? empty : working(cell || empty, rostering.shift.value.get(value)));
  const pause = ({ currentTarget: { value } }) => put({ ...cell, breaks: shift.breaks[Number(value)] });
  const way = shift ? shift.breaks.findIndex((one) => JSON.stringify(one) === JSON.stringify(cell.breaks)) : -1;
  const shifts = [...timed(rostering.problem.shifts), ...rostering.problem.shifts.filter((one) => one.starts === null)];
  return html`<p class="editor-who">
      <b>${personName(person)}</b> <span class="quiet">${dayName(rostering.problem, day)}</span>
    </p>
    <div class="editor-field">
      <label for="editor-shift">${t("Shift")}</label>
      <select id="editor-shift" class="figures" value=${cell ? cell.shift : FREE} onChange=${choose}>
        <option value=${FREE} selected=${!cell}>${freeWords(person, day)}</option>
        ${shifts.map(
          (one) => html`<option key=${one.id} value=${one.id} selected=${Boolean(cell) && cell.shift === one.id}>
            ${shiftTimes(one)}
          </option>`,
        )}
      </select>
    </div>
    ${shift &&
    shift.breaks.length > 0 &&
    html`<div class="editor-field">
      <label for="editor-break">${t("Break")}</label>
      <select id="editor-break" class="figures" value=${String(way)} onChange=${pause}>
        ${way < 0 && html`<option value="-1" selected>${cell.breaks.map(span).join(", ") || "–"}</option>`}
        ${shift.breaks.map(
          (one, place) => html`<option key=${place} value=${String(place)} selected=${place === way}>
            ${one.map(span).join(", ")}
          </option>`,
        )}
      </select>
    </div>`}`;
}
