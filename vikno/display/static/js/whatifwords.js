/* Numbers of an experiment in the reader's language. */
import { lang } from "./i18n.js";

const MINUTES_AN_HOUR = 60;

/** Minutes or people, with one decimal. */
export function minutes(value) {
  return value === null || value === undefined ? "–" : decimals(value, 1);
}

/** A share in percent. */
export function percent(value) {
  return value === null ? "–" : `${decimals(value * 100, 0)}%`;
}

/** "12.0–14.5", or nothing where it is not known. */
export function interval(estimate, form = minutes) {
  if (!estimate || estimate.low === null || estimate.high === null) return "";
  return `${form(estimate.low)}–${form(estimate.high)}`;
}

/** Minutes after midnight as a time of day. */
export function clock(minute) {
  const pad = (number) => String(number).padStart(2, "0");
  return `${pad(Math.floor(minute / MINUTES_AN_HOUR))}:${pad(Math.round(minute) % MINUTES_AN_HOUR)}`;
}

/** A number as it was typed, with the decimal mark of the reader’s language. */
export function typed(text) {
  return text.replace(/[.,]/, decimals(0.5, 1)[1]);
}

export function decimals(value, digits) {
  const form = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(lang.value, form).format(value);
}
