/* A day of the roster: people under one another, the hours across, a bar for each shift, a gap for each break.
 *
 * Bars are moved by hand or by keys: arrows move the shift, with Shift its end, with Ctrl its start, up and down
 * go to another person, with Shift they take the shift along. One row is in the order of the Tab key at a time.
 */
import { t } from "./i18n.js";
import { alike } from "./rosterdraft.js";
import { beginDrag, drag } from "./rosterdrag.js";
import { hourTicks, hoursOf, left, width } from "./rosterhours.js";
import { stepped, wayStepped, working } from "./rostershifts.js";
import { cellWords, doneWords, personName, shiftTimes, skillLetter, skillName, span } from "./rosterwords.js";
import { Shape, html, signal, useLayoutEffect, useRef, useSignal } from "./ui.js";
import { clock } from "./whatifwords.js";

/** Whose row the keys lead to next, once it is drawn: what had the focus may be another thing by then. */
const goal = signal(null);

const ARROWS = { ArrowLeft: -1, ArrowRight: 1 };
const ROWS = { ArrowUp: -1, ArrowDown: 1 };

export function Gantt({ rostering, day }) {
  const { problem, hall } = rostering;
  const hours = hoursOf(problem, hall);
  const focus = useSignal(0); // the row that the Tab key leads to
  const broken = brokenBy(rostering, day);
  return html`<div class="gantt">
    <${Axis} hours=${hours} />
    <div class="gantt-rows" role="group" aria-label=${t("People and their shifts")}>
      ${problem.people.map(
        (person, place) => html`<${Row}
          key=${person.id}
          ...${{ rostering, hours, day, person, place, focus }}
          isBroken=${broken.has(person.id)}
        />`,
      )}
    </div>
  </div>`;
}

export function Axis({ hours }) {
  return html`<div class="gantt-line gantt-axis" aria-hidden="true">
    <span class="gantt-who"></span>
    <div class="gantt-ticks figures">
      ${hourTicks(hours).map((tick) => html`<span key=${tick} style=${{ left: left(hours, tick) }}>${clock(tick).slice(0, 2)}</span>`)}
    </div>
  </div>`;
}

function Row({ rostering, hours, day, person, place, focus, isBroken }) {
  const cell = rostering.cell(person.id, day);
  const picked = rostering.picked.value;
  const isPicked = picked && picked.staff === person.id && picked.day === day;
  const aimed = drag.value && drag.value.target === person.id && drag.value.cell.staff !== person.id;
  const state = `${isPicked ? "is-picked" : ""} ${aimed ? "is-aimed" : ""}`;
  const tab = focus.value === place ? 0 : -1;
  const common = { rostering, hours, day, person, place, focus, tab };
  const line = useRef(null);
  useLayoutEffect(() => {
    if (goal.peek() === person.id) focusOn(line.current);
  });
  return html`<div ref=${line} class="gantt-line gantt-row ${state}" data-staff=${person.id} data-row=${place}>
    <div class="gantt-who">
      <span class="gantt-name">${personName(person)}</span>
      ${isBroken && html`<span class="gantt-mark state-late"><${Shape} of="late" /><span class="unseen">${t("a rule is broken")}</span></span>`}
      <${Skills} hall=${rostering.hall} person=${person} />
    </div>
    <div class="lane">
      ${hourTicks(hours).map((tick) => html`<i key=${tick} class="lane-hour" style=${{ left: left(hours, tick) }}></i>`)}
      ${cell ? html`<${Bar} ...${common} cell=${cell} isBroken=${isBroken} />` : html`<${Free} ...${common} />`}
    </div>
  </div>`;
}

function Skills({ hall, person }) {
  const known = Object.keys(person.skills);
  const names = known.map((one) => skillName(hall, one)).join("; ");
  return html`<span class="gantt-skills quiet" title=${names}>
    <span aria-hidden="true">${known.map((one) => skillLetter(hall, one)).join(" ")}</span>
    <span class="unseen">${names}</span>
  </span>`;
}

function Bar({ rostering, hours, day, person, place, focus, tab, cell, isBroken }) {
  const mine = drag.value && drag.value.cell.staff === person.id && drag.value.cell.day === day;
  const shown = mine ? drag.value.to : cell;
  const shift = rostering.shift.value.get(shown.shift);
  if (shift.starts === null) return html`<span class="lane-off">${shift.id}</span>`;
  const drop = ({ to, target }) => dropped(rostering, cell, to, target);
  const press = (part) => (event) => {
    event.stopPropagation();
    focus.value = place;
    rostering.picked.value = { staff: person.id, day };
    beginDrag(event, { rostering, hours, cell, part, done: drop });
  };
  const state = `${isBroken ? "is-broken" : ""} ${rostering.differs(person.id, day) ? "is-changed" : ""} ${mine ? "is-dragged" : ""}`;
  const spot = { left: left(hours, shift.starts), width: width(hours, [shift.starts, shift.ends]) };
  return html`<button
      type="button"
      class="bar ${state}"
      style=${spot}
      tabindex=${tab}
      aria-label=${`${personName(person)}: ${cellWords(rostering, shown)}`}
      aria-describedby="gantt-keys"
      onFocus=${() => reached(rostering, focus, place, person, day)}
      onPointerDown=${press("both")}
      onKeyDown=${(event) => onBarKey(event, rostering, cell)}
    >
      <span class="bar-edge bar-edge-left" onPointerDown=${press("starts")}></span>
      <span class="bar-words figures">${shiftTimes(shift)}</span>
      <span class="bar-edge bar-edge-right" onPointerDown=${press("ends")}></span>
    </button>
    ${shown.breaks.map(
      (pause, number) => html`<i key=${`gap ${number}`} class="gap" style=${{ left: left(hours, pause[0]), width: width(hours, pause) }}></i
        ><button
        key=${number}
        type="button"
        class="pause"
        style=${{ left: left(hours, (pause[0] + pause[1]) / 2), width: width(hours, pause) }}
        tabindex=${tab}
        title=${span(pause)}
        aria-label=${t("{person}: break {times}", { person: personName(person), times: span(pause) })}
        onFocus=${() => reached(rostering, focus, place, person, day)}
        onPointerDown=${press(number)}
        onKeyDown=${(event) => onPauseKey(event, rostering, cell, number)}
      ></button>`,
    )}`;
}

function Free({ rostering, day, person, place, focus, tab }) {
  const words = freeWords(person, day);
  const isOff = person.days_off.includes(day);
  return html`<button
    type="button"
    class="lane-free ${isOff ? "is-off" : ""}"
    tabindex=${tab}
    aria-label=${`${personName(person)}: ${words}`}
    onFocus=${() => reached(rostering, focus, place, person, day)}
    onClick=${() => (rostering.picked.value = { staff: person.id, day })}
    onKeyDown=${(event) => onRowKey(event)}
  >
    ${words}
  </button>`;
}

export function freeWords(person, day) {
  if (person.absent.includes(day)) return t("absent");
  return person.days_off.includes(day) ? t("day off") : t("free");
}

function reached(rostering, focus, place, person, day) {
  focus.value = place;
  const picked = rostering.picked.value;
  if (!picked || picked.staff !== person.id || picked.day !== day) rostering.picked.value = { staff: person.id, day };
}

/** A bar let go: at another time, or on another person's row. */
function dropped(rostering, cell, to, target) {
  if (target !== cell.staff) {
    const person = personName(rostering.person.value.get(target));
    rostering.exchange(cell, { staff: target, day: cell.day }, () => t("Given to {person}.", { person }));
  } else if (!alike(cell, to)) {
    rostering.put(to, () => doneWords(rostering, to));
  }
}

function onBarKey(event, rostering, cell) {
  const { key, shiftKey, ctrlKey } = event;
  if (key in ARROWS) {
    event.preventDefault();
    const part = shiftKey ? "ends" : ctrlKey ? "starts" : "both";
    const shift = stepped(rostering.problem.shifts, rostering.shift.value.get(cell.shift), part, ARROWS[key]);
    if (shift) dropped(rostering, cell, working(cell, shift), cell.staff);
    else rostering.said.value = () => t("There is no such shift.");
  } else if (key in ROWS && shiftKey) {
    event.preventDefault();
    const people = rostering.problem.people.map(({ id }) => id);
    const other = people[people.indexOf(cell.staff) + ROWS[key]];
    if (!other) return;
    goal.value = other;
    dropped(rostering, cell, cell, other);
  } else if (key === "Delete") {
    goal.value = cell.staff;
    const free = { ...cell, shift: null, breaks: [] };
    rostering.put(free, () => doneWords(rostering, free));
  } else {
    onRowKey(event);
  }
}

function onPauseKey(event, rostering, cell, number) {
  if (!(event.key in ARROWS)) {
    onRowKey(event);
    return;
  }
  event.preventDefault();
  const ways = rostering.shift.value.get(cell.shift).breaks;
  const breaks = wayStepped(ways, cell.breaks, number, ARROWS[event.key]);
  if (breaks) dropped(rostering, cell, { ...cell, breaks }, cell.staff);
  else rostering.said.value = () => t("The break cannot lie elsewhere.");
}

/** Up and down: to the same place of another row. */
function onRowKey(event) {
  if (!(event.key in ROWS)) return;
  event.preventDefault();
  const row = event.currentTarget.closest(".gantt-row");
  const next = ROWS[event.key] < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (next) focusOn(next);
}

function focusOn(row) {
  goal.value = null;
  const grip = row.querySelector(".bar, .lane-free");
  if (grip) grip.focus();
}

/** People of whom a rule is broken on this day, or over all days. */
function brokenBy(rostering, day) {
  const found = rostering.checked.value.violations.filter((one) => one.day === day || one.day === null);
  return new Set(found.map(({ person }) => person));
}
