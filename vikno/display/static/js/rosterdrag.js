/* A drag of a bar, of one of its edges, or of a break: from the first touch to what it would make of the roster.
 *
 * While it goes on nothing is changed; the page shows where it would end. Letting go does it, Escape does not.
 */
import { minuteAt } from "./rosterhours.js";
import { nearest, wayAt, working } from "./rostershifts.js";
import { signal } from "./ui.js";

const STILL = 5; // pixels that a hand may tremble without meaning a drag

/** What is being dragged: { cell, to, target }: the cell, what it would be, and whose row it is above. */
export const drag = signal(null);

/** Begins with a press on `part` of `cell`: "both", "starts", "ends", or the number of a break. */
export function beginDrag(event, { rostering, hours, cell, part, done }) {
  if (event.button !== 0) return;
  const lane = event.currentTarget.closest(".lane").getBoundingClientRect();
  const grip = event.currentTarget;
  const from = { x: event.clientX, y: event.clientY };
  const by = (x) => minuteAt({ from: 0, until: hours.until - hours.from }, (x - from.x) / lane.width);
  const move = (now) => {
    if (!drag.value && Math.hypot(now.clientX - from.x, now.clientY - from.y) < STILL) return;
    const target = typeof part === "number" ? cell.staff : personAt(now) || cell.staff;
    drag.value = { cell, to: moved(rostering, cell, part, by(now.clientX)), target };
  };
  const end = (isDone) => {
    grip.removeEventListener("pointermove", move);
    grip.removeEventListener("pointerup", drop);
    grip.removeEventListener("pointercancel", leave);
    document.removeEventListener("keydown", escape);
    const last = drag.value;
    drag.value = null;
    if (isDone && last) done(last);
  };
  const drop = () => end(true);
  const leave = () => end(false);
  const escape = ({ key }) => key === "Escape" && end(false);
  grip.setPointerCapture(event.pointerId);
  grip.addEventListener("pointermove", move);
  grip.addEventListener("pointerup", drop);
  grip.addEventListener("pointercancel", leave);
  document.addEventListener("keydown", escape);
}

/** The cell if `part` of it is moved by so many minutes. */
function moved(rostering, cell, part, minutes) {
  const shift = rostering.shift.value.get(cell.shift);
  if (typeof part === "number") {
    return { ...cell, breaks: wayAt(shift.breaks, cell.breaks, part, cell.breaks[part][0] + minutes) };
  }
  const wanted = {
    starts: shift.starts + (part === "ends" ? 0 : minutes),
    ends: shift.ends + (part === "starts" ? 0 : minutes),
  };
  const found = nearest(rostering.problem.shifts, wanted, part);
  return found.id === shift.id ? cell : working(cell, found);
}

/** Whose row lies under the pointer. */
function personAt({ clientX, clientY }) {
  const under = document.elementFromPoint(clientX, clientY);
  const row = under && under.closest("[data-staff]");
  return row && row.dataset.staff;
}
