/* Rules in words: what a broken hard rule says of whom, and what each soft rule counts.
 *
 * The server names the rule, the person and the day; what was agreed stands in the problem. Together they make a
 * sentence in the reader's language that also says what would be right.
 */
import { t } from "./i18n.js";
import { cellWords, dayName, personName, shiftTimes } from "./rosterwords.js";
import { decimals } from "./whatifwords.js";

const HOUR = 60;

/** One broken rule as a sentence. */
export function brokenWords(rostering, { rule, person: id, day }) {
  const person = rostering.person.value.get(id);
  const sentence = SENTENCES[rule];
  const words = { person: personName(person) };
  if (day !== null) words.day = dayName(rostering.problem, day, { weekday: "short", day: "numeric", month: "short" });
  return sentence ? sentence({ ...words, contract: person.contract, rostering, id, on: day }) : rule;
}

/** The name of a soft rule. */
export function softName(rule) {
  const names = {
    shift_under: t("People missing on shifts"),
    shift_over: t("People too many on shifts"),
    skill_under: t("People missing by skill"),
    wishes: t("Wishes not fulfilled"),
    unfair: t("Unfair shares"),
    change: t("Changes to the roster in force"),
    idle: t("People not needed"),
  };
  return names[rule] || rule;
}

/** The name of a hard rule. */
export function hardName(rule) {
  const names = {
    one_shift: t("one shift a day"),
    days_off: t("days off"),
    fixed: t("what is fixed"),
    breaks: t("breaks"),
    succession: t("which shift may follow which"),
    rest_hours_min: t("rest between shifts"),
    run_min: t("least days in a row"),
    run_max: t("most days in a row"),
    free_run_min: t("least free days in a row"),
    minutes_min: t("least hours"),
    minutes_max: t("most hours"),
    days_max: t("most days"),
    weekends_max: t("most weekends"),
    shifts_max: t("most of a shift"),
  };
  return names[rule] || rule;
}

const SENTENCES = {
  one_shift: ({ person, day }) => t("{person} works two shifts on {day}. One is right.", { person, day }),
  days_off: ({ person, day }) => t("{person} works on {day}, a day off. It must stay free.", { person, day }),
  fixed: ({ person, day, id, on, rostering }) =>
    t("{person} must work what is fixed on {day}: {what}.", { person, day, what: fixedWords(rostering, id, on) }),
  breaks: ({ person, day }) =>
    t("{person} has a break on {day} that this shift does not allow. Choose one of its ways.", { person, day }),
  succession: ({ person, day }) =>
    t("{person}: the shift on {day} may not follow that of the day before.", { person, day }),
  rest_hours_min: ({ person, day, contract }) =>
    t("{person} rests less than {hours} hours before {day}.", { person, day, hours: contract.rest_hours_min }),
  run_min: ({ person, day, contract }) =>
    t("{person} works fewer than {n} days in a row around {day}.", { person, day, n: contract.run_min }),
  run_max: ({ person, day, contract }) =>
    t("{person} works more than {n} days in a row, on {day} too.", { person, day, n: contract.run_max }),
  free_run_min: ({ person, day, contract }) =>
    t("{person} has fewer than {n} free days in a row around {day}.", { person, day, n: contract.free_run_min }),
  minutes_min: ({ person, contract, id, rostering }) =>
    t("{person} works {hours} hours, at least {limit} are agreed.", {
      person,
      hours: hours(minutesOf(rostering, id)),
      limit: hours(contract.minutes_min),
    }),
  minutes_max: ({ person, contract, id, rostering }) =>
    t("{person} works {hours} hours, at most {limit} are agreed.", {
      person,
      hours: hours(minutesOf(rostering, id)),
      limit: hours(contract.minutes_max),
    }),
  days_max: ({ person, contract, id, rostering }) =>
    t("{person} works {n} days, at most {limit} are agreed.", {
      person,
      n: cellsOf(rostering, id).length,
      limit: contract.days_max,
    }),
  weekends_max: ({ person, contract }) =>
    t("{person} works more than {n} weekends.", { person, n: contract.weekends_max }),
  shifts_max: ({ person, contract, id, rostering }) =>
    t("{person} works a shift too often: {shifts}.", { person, shifts: tooOften(rostering, id, contract).join(", ") }),
};

function cellsOf(rostering, id) {
  return [...rostering.draft.value.values()].filter(({ staff }) => staff === id);
}

function minutesOf(rostering, id) {
  return cellsOf(rostering, id).reduce((sum, { shift }) => sum + rostering.shift.value.get(shift).minutes, 0);
}

function tooOften(rostering, id, contract) {
  const cells = cellsOf(rostering, id);
  return Object.entries(contract.shifts_max || {})
    .map(([shift, most]) => [shift, most, cells.filter((one) => one.shift === shift).length])
    .filter(([, most, count]) => count > most)
    .map(([shift, most, count]) =>
      t("{shift} {count} times, at most {most}", { shift: shiftTimes(rostering.shift.value.get(shift)), count, most }),
    );
}

function fixedWords(rostering, id, day) {
  const found = (rostering.problem.fixed || []).find((one) => one.staff === id && one.day === day);
  return found ? cellWords(rostering, { ...found, breaks: found.breaks || [] }) : "";
}

function hours(minutes) {
  return decimals(minutes / HOUR, minutes % HOUR === 0 ? 0 : 1);
}
