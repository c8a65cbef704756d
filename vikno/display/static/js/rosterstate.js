/* What the page of rosters knows and does: a kept version, the draft on top of it, and what was said of the draft.
 *
 * Every change is one step that can be undone. After each the server is asked at once which rules it breaks and
 * what it costs, and the twin what it does to those who wait that day; only the newest question counts.
 */
import { call } from "./api.js";
import { changesBetween, draftOf, exchanged, keyOf, withCell, withChanges } from "./rosterdraft.js";
import { batch, computed, effect, signal, untracked } from "./ui.js";
import { Run } from "./whatifrun.js";

const CALM_MS = 250; // after a change: whoever changes more is not asked about what they leave at once
const BUSY_MS = 500; // between two tries where the laboratory has its hands full
const BUSY = "too-many-experiments";
const RUNS = "roster-runs";
const DAY_MS = 86400000;
const NOTHING = () => "";

export class Rostering {
  constructor(context, told) {
    this.context = context;
    this.hall = told.hall;
    this.told = signal(told);
    this.past = signal([]);
    this.future = signal([]);
    this.draft = signal(draftOf(told.assignments));
    this.checked = signal(told.check);
    this.checking = signal(false);
    this.view = signal("day");
    this.day = signal(firstDay(told));
    this.picked = signal(null); // the cell that was touched last: { staff, day }
    this.said = signal(NOTHING); // says what was done last, in the language of the moment
    this.trouble = signal(null); // what the server refused, as { code, detail, field }
    this.saving = signal(false);
    this.trial = new Run(context, RUNS);
    this.trialOf = signal(null); // the day the twin was asked about
    this.search = new Run(context, RUNS);
    this.foundTrial = new Run(context, RUNS); // all days, as they are and as the search has found
    this.training = new Run(context, RUNS);
    this.shift = computed(() => new Map(this.problem.shifts.map((one) => [one.id, one])));
    this.person = computed(() => new Map(this.problem.people.map((one) => [one.id, one])));
    this.changes = computed(() => changesBetween(draftOf(this.told.value.assignments), this.draft.value));
    this.asked = 0;
    this.retry = null;
    effect(() => this.patient(this.trial.problem.value));
    effect(() => {
      const told = this.search.told.value;
      untracked(() => this.tryFound(told));
    });
  }

  get problem() {
    return this.told.value.problem;
  }

  get isChanged() {
    return this.changes.value.length > 0;
  }

  cell(staff, day) {
    return this.draft.value.get(keyOf({ staff, day })) || null;
  }

  /** Whether this cell differs from the kept version. */
  differs(staff, day) {
    return this.changes.value.some((one) => one.staff === staff && one.day === day);
  }

  // Changes -------------------------------------------------------------------------------------------

  put(cell, said) {
    this.step(withCell(this.draft.value, cell), cell, said);
  }

  exchange(one, other, said) {
    this.step(exchanged(this.draft.value, one, other), other, said);
  }

  /** A whole other roster, as a search has found it or an older version has it. */
  take(assignments, said) {
    this.step(draftOf(assignments), this.picked.value, said);
  }

  step(draft, cell, said) {
    batch(() => {
      this.past.value = [...this.past.value, this.draft.value];
      this.future.value = [];
      this.show(draft, cell, said);
    });
  }

  undo() {
    this.back(this.past, this.future);
  }

  redo() {
    this.back(this.future, this.past);
  }

  back(from, to) {
    if (from.value.length === 0) return;
    batch(() => {
      to.value = [...to.value, this.draft.value];
      const draft = from.value[from.value.length - 1];
      from.value = from.value.slice(0, -1);
      this.show(draft, this.picked.value, NOTHING);
    });
  }

  show(draft, cell, said) {
    this.draft.value = draft;
    this.picked.value = cell && { staff: cell.staff, day: cell.day };
    this.said.value = said;
    this.ask(cell ? cell.day : this.day.value);
  }

  // Questions -----------------------------------------------------------------------------------------

  async ask(day) {
    this.asked += 1;
    const mine = this.asked;
    this.askTwin(day);
    this.checking.value = true;
    try {
      const { check } = await this.post("/check", this.order());
      if (mine === this.asked) this.hear(check);
    } catch (problem) {
      if (mine === this.asked) this.trouble.value = problem;
    }
    if (mine === this.asked) this.checking.value = false;
  }

  hear(check) {
    batch(() => {
      this.checked.value = check;
      this.trouble.value = null;
    });
  }

  askTwin(day) {
    clearTimeout(this.retry);
    this.trial.stop();
    this.trialOf.value = day;
    this.trial.told.value = null;
    this.trial.problem.value = null;
    if (!this.changes.value.some((one) => one.day === day)) return;
    this.retry = setTimeout(() => this.startTrial(day), CALM_MS);
  }

  startTrial(day) {
    const { version, changes } = this.order();
    this.trial.start({ type: "trial", version, changes: changes.filter((one) => one.day === day), days: [day] });
  }

  /** The laboratory may still be at the question before this one. */
  patient(problem) {
    if (problem && problem.code === BUSY) this.retry = setTimeout(() => this.startTrial(this.trialOf.peek()), BUSY_MS);
  }

  startSearch(seconds) {
    this.search.start({ type: "search", ...this.order(), seconds });
  }

  /** What a search has found is lived too, every day of it, before anybody takes it. */
  tryFound(told) {
    this.foundTrial.stop();
    this.foundTrial.told.value = null;
    if (!told || !told.assignments) return;
    const { version, assignments } = this.told.peek();
    const changes = changesBetween(draftOf(assignments), draftOf(told.assignments));
    const days = [...new Set(told.assignments.map(({ day }) => day))].sort((a, b) => a - b);
    if (changes.length > 0) this.foundTrial.start({ type: "trial", version, changes, days });
  }

  startTraining() {
    this.training.start({ type: "training", ...this.order() });
  }

  order() {
    return { version: this.told.value.version, changes: this.changes.value };
  }

  // Keeping -------------------------------------------------------------------------------------------

  /** Keeps the draft; a clash leaves it as it is and says so. */
  async save(isInForce) {
    if (this.saving.value) return;
    this.saving.value = true;
    try {
      this.begin(await this.post("", { ...this.order(), in_force: isInForce }));
    } catch (problem) {
      this.trouble.value = problem;
    }
    this.saving.value = false;
  }

  /** The newest version, with what was changed here on top of it. */
  async fetchNewest() {
    const mine = this.changes.value;
    try {
      this.begin(await this.get(""));
      if (mine.length > 0) this.step(withChanges(this.draft.value, known(mine, this.problem)), mine[0], NOTHING);
    } catch (problem) {
      this.trouble.value = problem;
    }
  }

  /** Another version on top of the newest: to be looked at and perhaps kept again; if it was made for another
   *  problem, the next version. */
  async bringBack({ version, problem }) {
    try {
      const newest = this.told.value;
      const mine = newest.versions.find((one) => one.version === newest.version);
      if (problem !== mine.problem) {
        this.begin(await this.post("/restored", { version: newest.version, restore: version }));
        return;
      }
      const { assignments } = await this.get(`?version=${version}`);
      this.take(assignments, NOTHING);
    } catch (problem) {
      this.trouble.value = problem;
    }
  }

  begin(told) {
    batch(() => {
      this.trial.stop();
      this.told.value = told;
      this.draft.value = draftOf(told.assignments);
      this.past.value = [];
      this.future.value = [];
      this.checked.value = told.check;
      this.trouble.value = null;
      this.trial.told.value = null;
      this.said.value = NOTHING;
      if (this.day.value >= told.problem.days) this.day.value = 0;
    });
  }

  get(path) {
    return call("GET", `/halls/${this.hall.id}/roster${path}`, undefined, { context: this.context });
  }

  post(path, body) {
    return call("POST", `/halls/${this.hall.id}/roster${path}`, body, { context: this.context });
  }
}

/** Those of the changes that the problem still knows. */
function known(changes, problem) {
  const people = new Set(problem.people.map(({ id }) => id));
  const shifts = new Set(problem.shifts.map(({ id }) => id));
  return changes.filter(
    ({ staff, day, shift }) => people.has(staff) && day < problem.days && (shift === null || shifts.has(shift)),
  );
}

/** Today, or the next day on which somebody works; after the last one the first. */
function firstDay({ problem, assignments, hall }) {
  const worked = [...new Set(assignments.map(({ day }) => day))].sort((a, b) => a - b);
  const today = problem.start ? (Date.parse(hall.at.slice(0, 10)) - Date.parse(problem.start)) / DAY_MS : 0;
  const next = worked.find((day) => day >= today);
  return next === undefined ? worked[0] || 0 : next;
}
