/* What if: a manager changes the plan of the hall, has it simulated, and sees what it would do.
 *
 * On the left two plans, today's and a changed one (or any two); on the right what trying them has shown,
 * growing surer while the days go by. Everything that was asked stands in the address.
 */
import { call } from "./api.js";
import { pageContext } from "./credentials.js";
import { isAdmitted } from "./gate.js";
import { lang, pick, t } from "./i18n.js";
import { loadWords } from "./language.js";
import { Tools, keepTheme } from "./managertools.js";
import { computed, effect, html, render, signal } from "./ui.js";
import { changesOf, draftOf, number } from "./whatifdraft.js";
import { linkTo, readLink } from "./whatiflink.js";
import { Plans } from "./whatifplans.js";
import { Wrong, placeOf } from "./whatifproblems.js";
import { Result } from "./whatifresult.js";
import { Run } from "./whatifrun.js";

const PLANS = ["a", "b"];
const BESIDE_BAR = 48; // pixels between the run bar and the result
const NOTHING_WRONG = { place: null, problem: null };

class Trying {
  constructor(context, plan) {
    const link = readLink();
    this.options = { context };
    this.plan = plan;
    this.linkIsOld = Boolean(link) && link.plan !== plan.fingerprint;
    this.drafts = signal(draftsOf(plan, link));
    this.days = signal(String((link && link.days) || plan.usual.days));
    this.seed = signal(String(link && link.seed !== undefined ? link.seed : plan.usual.seed));
    this.shown = signal("b");
    this.open = signal(null); // the window whose editor is open
    this.band = signal("sure");
    this.ordered = signal(null); // { text, asked }: what was run, and where its parts come from
    this.run = new Run(context);
    this.wrong = computed(() => this.findWrong());
    this.link = computed(() => linkTo(this.experiment(), lang.value));
    effect(() => history.replaceState(null, "", this.link.value));
    effect(() => this.follow(this.wrong.value.place));
    if (link && link.ran) this.start();
  }

  change(name, draft) {
    this.drafts.value = { ...this.drafts.value, [name]: draft };
  }

  countOf(name) {
    const draft = this.drafts.value[name];
    return changesOf(draft, this.plan).length + (draft.policy === this.plan.policy ? 0 : 1);
  }

  /** What a window is called; one that was added has its name from its draft. */
  labelOf(id) {
    const all = [...this.plan.windows, ...PLANS.flatMap((name) => this.drafts.value[name].windows)];
    return (all.find((one) => one.id === id) || { label: id }).label;
  }

  get isStale() {
    return Boolean(this.ordered.value) && this.ordered.value.text !== JSON.stringify(this.scenarios());
  }

  start() {
    const asked = PLANS.map((name) => ({ name, changes: changesOf(this.drafts.value[name], this.plan) }));
    const scenarios = this.scenarios();
    this.ordered.value = { text: JSON.stringify(scenarios), asked };
    this.run.start({ scenarios, days: number(this.days.value), seed: number(this.seed.value) });
  }

  scenarios() {
    return PLANS.map((name) => {
      const draft = this.drafts.value[name];
      return { policy: draft.policy, changes: changesOf(draft, this.plan).map(({ change }) => change) };
    });
  }

  /** All that a link must say. Once run, it leads to what is seen: a cancelled run is one of fewer days. */
  experiment() {
    const [a, b] = this.scenarios();
    const told = this.run.told.value;
    const ran = Boolean(told) && told.days > 0 && !this.isStale;
    const asked = ran ? told : { days: number(this.days.value), seed: number(this.seed.value) };
    return { a, b, days: asked.days, seed: asked.seed, plan: this.plan.fingerprint, ran };
  }

  findWrong() {
    const problem = this.run.problem.value;
    const place = placeOf(problem, this.ordered.value && this.ordered.value.asked);
    return place ? { place, problem } : NOTHING_WRONG;
  }

  /** Shows the plan and the window in which something is wrong. */
  follow(place) {
    if (place && place.plan) this.shown.value = place.plan;
    if (place && place.window) this.open.value = place.window;
  }
}

function draftsOf(plan, link) {
  try {
    return Object.fromEntries(PLANS.map((name) => [name, draftOf(plan, link ? link[name] : undefined)]));
  } catch (error) {
    return { a: draftOf(plan), b: draftOf(plan) }; // a link that somebody has broken
  }
}

function Page({ trying }) {
  const { plan } = trying;
  return html`<${Top} plan=${plan} />
    ${trying.linkIsOld &&
    html`<p class="notice">
      ${t("The hall’s own plan has changed since this link was made; the numbers may be others.")}
    </p>`}
    <div class="desk">
      <form class="left" noValidate onSubmit=${(event) => event.preventDefault()}>
        <${Plans} trying=${trying} />
        <${RunBar} trying=${trying} />
      </form>
      <${Result} trying=${trying} />
    </div>`;
}

function Top({ plan }) {
  return html`<header class="top">
    <div class="top-name">
      <h1>${t("What if")}</h1>
      <p class="quiet">${pick(plan.name)}</p>
    </div>
    <${Tools}>
      <a class="tool" href="/overview/${plan.id}?lang=${lang.value}">${t("The hall now")}</a>
    <//>
  </header>`;
}

function RunBar({ trying }) {
  const { run } = trying;
  const { running } = run;
  const told = run.told.value;
  const days = running && told ? told.days : 0;
  const start = () => {
    trying.start();
    toResult();
  };
  return html`<div class="run no-print">
    <div class="run-line">
      <${Whole} trying=${trying} part="days" label=${t("Days")} value=${trying.days} />
      <${Whole} trying=${trying} part="seed" label=${t("Seed")} value=${trying.seed} />
      ${running
        ? html`<button
            type="button"
            class="button run-button"
            aria-disabled=${run.status.value === "ending" ? "true" : undefined}
            onClick=${() => run.cancel()}
          >
            ${t("Cancel")}
          </button>`
        : html`<button type="submit" class="button button-main run-button" onClick=${start}>${t("Run")}</button>`}
    </div>
    <p class="run-state">
      <span role="status">${stateWords(run, told)}</span>
      ${running && told && html` <span class="figures">${t("{days} of {of} days", { days, of: told.of })}</span>`}
    </p>
    ${running && html`<progress aria-label=${t("Simulated days")} max=${told ? told.of : 1} value=${days}></progress>`}
  </div>`;
}

function Whole({ trying, part, label, value }) {
  const { place, problem } = trying.wrong.value;
  const wrong = place && place.part === part && !place.plan;
  return html`<div class="whole">
    <label>
      ${label}
      <input
        class="figures"
        type="text"
        inputmode="numeric"
        maxlength="10"
        autocomplete="off"
        value=${value.value}
        aria-invalid=${wrong ? "true" : undefined}
        aria-describedby=${wrong ? `wrong-${part}` : undefined}
        onInput=${(event) => (value.value = event.currentTarget.value)}
      />
    </label>
    ${wrong && html`<${Wrong} problem=${problem} id="wrong-${part}" services=${trying.plan.services} />`}
  </div>`;
}

/** How the run stands. While it runs the words stay, so that nobody who listens is talked to all the time. */
function stateWords(run, told) {
  if (run.status.value === "ending") return t("Cancelled: the days that are done are being counted.");
  if (run.running) return t("Running");
  if (!told || told.type !== "result") return "";
  const days = t("{n} simulated days", { n: told.days });
  const ended = {
    done: t("Done."),
    precise: t("Done."),
    cancelled: t("Cancelled; this is what there is."),
    time: t("The time for one run is over; this is what there is."),
  };
  return `${ended[told.ended]} ${days}.`;
}

/** On a narrow screen the result is below: bring it into view, with what cancels the run above it. */
function toResult() {
  const top = document.querySelector(".result").getBoundingClientRect().top;
  const bar = document.querySelector(".run").offsetHeight + BESIDE_BAR;
  if (top > window.innerHeight / 2) window.scrollBy(0, top - bar);
}

function Missing({ plan }) {
  return html`<${Top} plan=${plan} />
    <div class="missing">
      <p class="sentence">${t("There is nothing to try yet: this hall’s file does not say how many visitors come.")}</p>
      <p>${t("Add arrivals and durations to its services, as the description of the hall file tells:")}</p>
      <pre>arrivals = [["08:00", 4.0], ["10:00", 7.5]]
service = { distribution = "lognormal", mean = 16.0, cv = 0.5 }</pre>
      <p>${t("Or have them found in what has happened in this hall, and start the hall with the file that is made:")}</p>
      <pre>vikno calibrate --journal data --hall ${plan.id}</pre>
    </div>`;
}

async function start() {
  const app = document.getElementById("app");
  const context = pageContext();
  keepTheme();
  await loadWords();
  if (!isAdmitted(context)) return;
  app.textContent = "";
  try {
    const plan = await call("GET", `/halls/${context.hall}/plan`, undefined, { context });
    const page = plan.missing ? html`<${Missing} plan=${plan} />` : html`<${Page} trying=${new Trying(context, plan)} />`;
    render(page, app);
  } catch (problem) {
    render(html`<p class="notice notice-late" role="alert">${refusalWords(problem)}</p>`, app);
  }
}

function refusalWords({ status }) {
  if (status === 401 || status === 403) return t("This page is for managers. Open it with the link you were given.");
  return t("No connection");
}

start();
