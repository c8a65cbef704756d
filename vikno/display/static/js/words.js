/* Times and waits in words: one way of saying each, on every page. */
import { lang, t } from "./i18n.js";

const MINUTE_MS = 60000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * HOUR_MINUTES;
const SEEN_NOW_MINUTES = 3; // it is written down once a minute that a device is there

/** A time of day as hours and minutes in the hall's zone. */
export function time(instant, zone) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(
    new Date(instant),
  );
}

/** A day in full: Saturday, 21 November. */
export function day(instant, zone) {
  const form = { weekday: "long", day: "numeric", month: "long", timeZone: zone };
  return new Intl.DateTimeFormat(lang.value, form).format(new Date(instant));
}

/** Minutes from one instant to another, never below zero. */
export function minutesBetween(from, to) {
  return Math.max(0, (new Date(to) - new Date(from)) / MINUTE_MS);
}

/** How long something has lasted, in whole minutes, from one on. */
export function ago(from, now) {
  return t("{n} min", { n: Math.max(1, Math.floor(minutesBetween(from, now))) });
}

/** A wait as the server gives it: a range, or not known. */
export function waitWords(wait) {
  if (!wait) return t("not known yet");
  if (wait.low <= 0) return t("under {high} min", { high: wait.high });
  if (wait.low >= wait.high) return t("about {high} min", { high: wait.high });
  return t("{low} to {high} min", { low: wait.low, high: wait.high });
}

/** A day and a time, short, in the reader's own zone: 21 Nov, 10:05. */
export function dayAndTime(instant) {
  const form = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hour12: false };
  return new Intl.DateTimeFormat(lang.value, form).format(new Date(instant));
}

/** When something was there for the last time, { words, late }: in words while it is near, then by its date. */
export function lastSeen(instant, now = new Date()) {
  if (!instant) return { words: t("not yet"), late: false };
  const minutes = Math.floor(minutesBetween(instant, now));
  if (minutes < SEEN_NOW_MINUTES) return { words: t("now"), late: false };
  if (minutes < HOUR_MINUTES) return { words: t("{n} min ago", { n: minutes }), late: true };
  if (minutes < DAY_MINUTES) return { words: t("{n} hours ago", { n: Math.floor(minutes / HOUR_MINUTES) }), late: true };
  return { words: dayAndTime(instant), late: true };
}
