/* A plan as it is being changed, and the changes that make it from the hall's own. Pure.
 *
 * A draft holds what was typed, right or wrong; the server says what is wrong with it. `changesOf` tells
 * only what differs from the hall's plan, and for each change what of the page it came from, so that an
 * error finds its way back to the field. `draftOf` makes the draft again from such changes: that is how a
 * link brings a plan back.
 */

const KIND = "+"; // between the services of one kind of visit
const ALL = "100"; // percent: as many as today

/** The hall's plan as a draft, with `changes` done to it. */
export function draftOf(plan, { policy = plan.policy, changes = [] } = {}) {
  const draft = {
    policy,
    percent: ALL,
    kinds: Object.fromEntries(plan.demand.map(({ services }) => [services.join(KIND), ALL])),
    windows: plan.windows.map(({ id, label, open, skills }) => ({
      id,
      label,
      state: "same",
      open: open.map((period) => [...period]),
      skills: shownSkills(skills),
    })),
  };
  return changes.reduce((made, change) => changed(made, plan, change), draft);
}

/** What differs from the hall's plan: [{ change, window or kind, part }]. */
export function changesOf(draft, plan) {
  const found = [];
  if (number(draft.percent) !== 100) found.push(demandOf(draft.percent));
  for (const [kind, percent] of Object.entries(draft.kinds)) {
    if (number(percent) !== 100) found.push(demandOf(percent, kind));
  }
  for (const one of draft.windows) found.push(...windowChanges(one, plan));
  return found;
}

/** The draft with one window replaced by what `change` makes of it. */
export function withWindow(draft, id, change) {
  return { ...draft, windows: draft.windows.map((one) => (one.id === id ? { ...one, ...change(one) } : one)) };
}

/** A window more, like the one given: the same services and hours. */
export function withAnother(draft, like) {
  const next = 1 + Math.max(draft.windows.length, ...draft.windows.map(({ id }) => Number(/\d*$/.exec(id)[0])));
  const id = `${like.id.replace(/-?\d+$/, "") || "w"}-${next}`.slice(-40);
  const copy = { id, label: String(next), state: "new", open: like.open.map((period) => [...period]) };
  return { ...draft, windows: [...draft.windows, { ...copy, skills: { ...like.skills } }] };
}

/** The draft without anything that was done to one window. */
export function withWindowAsToday(draft, plan, id) {
  const today = draftOf(plan).windows.find((one) => one.id === id);
  const windows = draft.windows.map((one) => (one.id === id ? today : one)).filter(Boolean);
  return { ...draft, windows };
}

/** What was typed as a number, with a comma or a point; what is none stays a text, and the server says so. */
export function number(text) {
  const plain = String(text).trim().replace(",", ".");
  return plain !== "" && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

function changed(draft, plan, change) {
  if (change.change === "set-demand") {
    const percent = String(change.percent);
    if (!change.services) return { ...draft, percent };
    return { ...draft, kinds: { ...draft.kinds, [change.services.join(KIND)]: percent } };
  }
  if (change.change === "add-window") {
    const label = /\d*$/.exec(change.window)[0] || change.window;
    const open = (change.open || [[plan.opens, plan.closes]]).map((period) => [...period]);
    const one = { id: change.window, label, state: "new", open, skills: shownSkills(change.skills) };
    return { ...draft, windows: [...draft.windows, one] };
  }
  const parts = {
    "remove-window": () => ({ state: "closed" }),
    "set-hours": () => ({ open: change.open.map((period) => [...period]) }),
    "set-skills": () => ({ skills: shownSkills(change.skills) }),
  };
  return parts[change.change] ? withWindow(draft, change.window, parts[change.change]) : draft;
}

function windowChanges({ id, state, open, skills }, plan) {
  const said = { window: id, open, skills: factors(skills, plan) };
  if (state === "new") return [{ change: { change: "add-window", ...said }, window: id }];
  if (state === "closed") return [{ change: { change: "remove-window", window: id }, window: id }];
  const today = plan.windows.find((one) => one.id === id);
  const found = [];
  if (!alike(open, today.open)) {
    found.push({ change: { change: "set-hours", window: id, open }, window: id });
  }
  if (!alike(said.skills, factors(shownSkills(today.skills), plan))) {
    found.push({ change: { change: "set-skills", window: id, skills: said.skills }, window: id });
  }
  return found;
}

function demandOf(percent, kind) {
  const change = { change: "set-demand", percent: number(percent) };
  return { change: kind ? { ...change, services: kind.split(KIND) } : change, kind: kind || "" };
}

/** Service -> factor, in the order of the hall's services, so that the same skills are the same text. */
function factors(skills, plan) {
  const known = plan.services.map(({ id }) => id).filter((id) => id in skills);
  return Object.fromEntries(known.map((id) => [id, number(skills[id])]));
}

function shownSkills(skills) {
  return Object.fromEntries(Object.entries(skills).map(([id, factor]) => [id, String(factor)]));
}

function alike(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}
