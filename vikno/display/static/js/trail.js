/* What was done to accounts, devices and settings, and who signed in: sentences, newest first. */
import { call } from "./api.js";
import { Choice } from "./forms.js";
import { isAdmitted } from "./gate.js";
import { pick, t } from "./i18n.js";
import { known } from "./known.js";
import { loadWords } from "./language.js";
import { keepTheme } from "./managertools.js";
import { Top } from "./peopletop.js";
import { hallName } from "./roles.js";
import { csvOf, save } from "./saving.js";
import { KINDS, kindName, sentenceOf, whoOf } from "./trailwords.js";
import { Trouble, troubleOf } from "./trouble.js";
import { html, render, signal, time } from "./ui.js";
import { day } from "./words.js";

const ALL = "";
const TOLD_MAX = 200; // entries in one answer of the server

const entries = signal(null);
const more = signal(false); // whether there are older ones
const hall = signal(ALL);
const kind = signal(ALL);
const trouble = signal(null);
let latest = 0; // number of the last question: an answer to an earlier one comes too late

async function ask(before) {
  const question = (latest += 1);
  const query = new URLSearchParams(Object.entries({ hall: hall.value, before }).filter(([, value]) => value));
  try {
    const told = await call("GET", `/trail?${query}`);
    if (question !== latest) return;
    entries.value = before ? [...entries.value, ...told.entries] : told.entries;
    more.value = told.entries.length === TOLD_MAX;
    trouble.value = null;
  } catch (problem) {
    if (question === latest) trouble.value = troubleOf(problem);
  }
}

function shown() {
  return entries.value.filter((one) => !kind.value || KINDS[kind.value].includes(one.kind));
}

function saveShown() {
  const head = [t("Time"), t("Who"), t("What"), t("Hall")];
  const rows = shown().map((one) => [one.at, whoOf(one), sentenceOf(one), one.hall ? hallName(one.hall) : ""]);
  save("trail.csv", csvOf([head, ...rows]));
}

/* ---- parts ---- */

function Question() {
  const halls = [[ALL, t("all halls")], ...known.halls.map(({ id, name }) => [id, pick(name)])];
  const kinds = [[ALL, t("everything")], ...Object.keys(KINDS).map((one) => [one, kindName(one)])];
  const choose = (what) => ({ currentTarget }) => {
    what.value = currentTarget.value;
    if (what === hall) ask();
  };
  return html`<form class="form form-row no-print" onSubmit=${(event) => event.preventDefault()}>
    <${Choice} name="hall" label=${t("Hall")} choices=${halls} value=${hall.value} onChange=${choose(hall)} />
    <${Choice} name="kind" label=${t("What")} choices=${kinds} value=${kind.value} onChange=${choose(kind)} />
    <button type="button" class="button" onClick=${saveShown}>${t("Save as CSV")}</button>
  </form>`;
}

/** Day by day, each day under its name. */
function Entries() {
  const found = shown();
  if (found.length === 0) return html`<p class="quiet" role="status">${t("Nothing of this kind is known.")}</p>`;
  const days = new Map();
  found.forEach((one) => days.set(day(one.at), [...(days.get(day(one.at)) || []), one]));
  return [...days].map(
    ([name, some]) => html`<section key=${name} class="panel" aria-label=${name}>
      <h2>${name}</h2>
      <ol class="trail-list">${some.map((one) => html`<${Entry} key=${one.id} entry=${one} />`)}</ol>
    </section>`,
  );
}

function Entry({ entry }) {
  const { at, hall: where } = entry;
  return html`<li class="trail-entry">
    <time class="figures quiet" datetime=${at}>${time(at)}</time>
    <p>${sentenceOf(entry)}</p>
    <p class="quiet small">${where ? hallName(where) : ""}</p>
  </li>`;
}

function Page() {
  return html`<div class="page">
    <${Top} page="trail" />
    <${Question} />
    <${Trouble} of=${trouble.value} />
    ${entries.value && html`<${Entries} />`}
    ${more.value &&
    html`<p class="no-print"><button type="button" class="button" onClick=${() => ask(entries.value[entries.value.length - 1].id)}>
      ${t("Older entries")}
    </button></p>`}
  </div>`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (!isAdmitted()) return;
  render(html`<${Page} />`, document.getElementById("app"));
  ask();
}

start();
