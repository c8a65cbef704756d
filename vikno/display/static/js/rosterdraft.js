/* A roster as it is being changed: who works which shift on which day, and what differs from the kept one. Pure.
 *
 * A cell is one person's day, or nothing where the day is free. Drafts are never changed but replaced, so that
 * undo is only a step back.
 */

export function keyOf({ staff, day }) {
  return `${day} ${staff}`; // a day has no space in it, so no two cells share a key
}

/** Cells by key. */
export function draftOf(assignments) {
  return new Map(assignments.map((one) => [keyOf(one), { ...one, breaks: one.breaks || [] }]));
}

/** The draft with one cell as it shall be; `null` for its shift makes the day free. */
export function withCell(draft, cell) {
  const made = new Map(draft);
  if (cell.shift) made.set(keyOf(cell), cell);
  else made.delete(keyOf(cell));
  return made;
}

/** The draft in which two people or days have exchanged what they work; one of them may be free. */
export function exchanged(draft, one, other) {
  const [mine, theirs] = [draft.get(keyOf(one)), draft.get(keyOf(other))];
  const here = { ...(theirs || { shift: null, breaks: [] }), staff: one.staff, day: one.day };
  const there = { ...(mine || { shift: null, breaks: [] }), staff: other.staff, day: other.day };
  return withCell(withCell(draft, here), there);
}

/** The draft with each of `changes`, as the server takes them. */
export function withChanges(draft, changes) {
  return changes.reduce((made, { staff, day, shift, breaks }) => withCell(made, { staff, day, shift, breaks }), draft);
}

/** What makes `draft` of `kept`, in order of days, as the server takes it. */
export function changesBetween(kept, draft) {
  const keys = new Set([...kept.keys(), ...draft.keys()]);
  const found = [...keys].filter((key) => !alike(kept.get(key), draft.get(key)));
  const changes = found.map((key) => changeOf(draft.get(key) || { ...kept.get(key), shift: null, breaks: [] }));
  return changes.sort((a, b) => a.day - b.day || (a.staff < b.staff ? -1 : 1));
}

export function alike(one, other) {
  if (!one || !other) return !one && !other;
  return one.shift === other.shift && JSON.stringify(one.breaks) === JSON.stringify(other.breaks);
}

function changeOf({ staff, day, shift, breaks }) {
  return { staff, day, shift, breaks };
}
