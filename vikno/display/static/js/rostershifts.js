/* Which shift is meant by a drag or a key: never one that does not exist, always the nearest one that does. Pure.
 *
 * People drag by feel, and shifts are few. So what is asked for is a pair of clock times, and the answer is the
 * shift that comes nearest to it; while an edge is dragged, the other edge counts more.
 */
const HELD = 4; // how much more the edge counts that is not dragged

/** What can be dragged of a bar, and how far each end then counts. */
const WEIGHTS = { both: [1, 1], starts: [1, HELD], ends: [HELD, 1] };

/** Shifts that have a clock, in order of their times. */
export function timed(shifts) {
  const found = shifts.filter(({ starts, ends }) => starts !== null && ends !== null);
  return found.sort((a, b) => a.starts - b.starts || a.ends - b.ends);
}

/** The shift nearest to these times; `part` is "both", "starts" or "ends". */
export function nearest(shifts, { starts, ends }, part = "both") {
  const [ofStart, ofEnd] = WEIGHTS[part];
  const far = (one) => ofStart * Math.abs(one.starts - starts) + ofEnd * Math.abs(one.ends - ends);
  return timed(shifts).reduce((best, one) => (!best || far(one) < far(best) ? one : best), null);
}

/** The next shift whose `part` lies later (1) or earlier (-1), or null. */
export function stepped(shifts, current, part, direction) {
  const edge = part === "ends" ? "ends" : "starts";
  const beyond = timed(shifts).filter((one) => (one[edge] - current[edge]) * direction > 0);
  const [ofStart, ofEnd] = WEIGHTS[part];
  const length = current.ends - current.starts;
  const far = (one) =>
    part === "both"
      ? [Math.abs(one.starts - current.starts), Math.abs(one.ends - one.starts - length)]
      : [ofStart * Math.abs(one.starts - current.starts) + ofEnd * Math.abs(one.ends - current.ends), 0];
  return beyond.reduce((best, one) => (!best || isBefore(far(one), far(best)) ? one : best), null);
}

/** A cell that works `shift`, its breaks as near as they can lie to those it had. */
export function working(cell, shift) {
  return { staff: cell.staff, day: cell.day, shift: shift.id, breaks: wayNear(shift.breaks, cell.breaks || []) };
}

/** The way of taking breaks that lies nearest to `breaks`; the usual one if there were none. */
export function wayNear(ways, breaks) {
  if (ways.length === 0) return [];
  if (breaks.length === 0) return ways[0];
  const far = (way) => breaks.reduce((sum, [from], place) => sum + Math.abs((way[place] || [0])[0] - from), 0);
  return ways.reduce((best, way) => (far(way) < far(best) ? way : best));
}

/** The way in which break number `place` begins nearest to a minute. */
export function wayAt(ways, breaks, place, minute) {
  const moved = breaks.map(([from, to], index) => (index === place ? [minute, minute + to - from] : [from, to]));
  return wayNear(ways, moved);
}

/** The next way in which break number `place` lies later (1) or earlier (-1), or null. */
export function wayStepped(ways, breaks, place, direction) {
  const from = breaks[place][0];
  const beyond = ways.filter((way) => way[place] && (way[place][0] - from) * direction > 0);
  const far = (way) => Math.abs(way[place][0] - from);
  return beyond.reduce((best, way) => (!best || far(way) < far(best) ? way : best), null);
}

function isBefore(one, other) {
  const place = one.findIndex((value, index) => value !== other[index]);
  return place >= 0 && one[place] < other[place];
}
