/* How people, days, shifts and skills are called on the page of rosters. */
import { lang, pick, t } from "./i18n.js";
import { clock } from "./whatifwords.js";

const DAY_MS = 86400000;
const SOME_MONDAY = "2024-01-01"; // a roster without a first day counts from a Monday
const SATURDAY = 6;

/** A day in words; `form` as Intl has it. */
export function dayName(problem, day, form = { weekday: "long", day: "numeric", month: "long" }) {
  if (!problem.start && form.day) return t("day {n}", { n: day + 1 });
  return new Intl.DateTimeFormat(lang.value, { ...form, timeZone: "UTC" }).format(dateOf(problem, day));
}

export function isWeekend(problem, day) {
  return [0, SATURDAY].includes(dateOf(problem, day).getUTCDay());
}

export function isMonday(problem, day) {
  return dateOf(problem, day).getUTCDay() === 1;
}

export function personName(person) {
  return person.name || person.id;
}

/** The name of a service as the hall has it; else what the roster file calls the skill. */
export function skillName(hall, skill) {
  const service = hall.services.find(({ id }) => id === skill);
  return service ? pick(service.name) : skill;
}

/** The letter of a service, as visitors read it on their tickets. */
export function skillLetter(hall, skill) {
  const service = hall.services.find(({ id }) => id === skill);
  return service ? service.prefix : skill.slice(0, 2);
}

/** "08:00–16:30", or its identifier where a shift has no clock. */
export function shiftTimes(shift) {
  return shift.starts === null ? shift.id : span([shift.starts, shift.ends]);
}

export function span([from, to]) {
  return `${clock(from)}–${clock(to)}`;
}

/** What somebody works on a day, in one line. */
export function cellWords(rostering, cell) {
  const shift = cell && cell.shift && rostering.shift.value.get(cell.shift);
  if (!shift) return t("free");
  if (cell.breaks.length === 0) return shiftTimes(shift);
  return t("{times}, break {breaks}", { times: shiftTimes(shift), breaks: cell.breaks.map(span).join(", ") });
}

/** The line that says what has been done: who, when, what now. */
export function doneWords(rostering, cell) {
  const person = personName(rostering.person.value.get(cell.staff));
  const day = dayName(rostering.problem, cell.day);
  return t("{person}, {day}: {what}.", { person, day, what: cellWords(rostering, cell) });
}

function dateOf({ start }, day) {
  return new Date(Date.parse(start || SOME_MONDAY) + day * DAY_MS);
}
