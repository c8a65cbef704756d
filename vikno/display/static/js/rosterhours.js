/* The hours that a day of the roster shows, and where a minute lies among them. Pure.
 *
 * Bars and curves stand one above the other, so both ask here: a share of the width from the left.
 */
import { range } from "./chart.js";
import { timed } from "./rostershifts.js";

const HOUR = 60;
export const QUARTER = 15;

/** From the first shift or the opening to the last shift or the closing, in whole hours. */
export function hoursOf({ shifts }, hall) {
  const known = timed(shifts);
  const from = Math.min(hall.opens, ...known.map(({ starts }) => starts));
  const until = Math.max(hall.closes, ...known.map(({ ends }) => ends));
  return { from: Math.floor(from / HOUR) * HOUR, until: Math.ceil(until / HOUR) * HOUR };
}

/** A minute as a share of the width, in percent. */
export function left({ from, until }, minute) {
  return `${(((minute - from) / (until - from)) * 100).toFixed(3)}%`;
}

export function width({ from, until }, [starts, ends]) {
  return `${(((ends - starts) / (until - from)) * 100).toFixed(3)}%`;
}

/** The minute at so many pixels of a lane, to the quarter of an hour. */
export function minuteAt({ from, until }, share) {
  return from + Math.round((share * (until - from)) / QUARTER) * QUARTER;
}

export function hourTicks({ from, until }, every = 1) {
  return range(from, until, every * HOUR);
}
