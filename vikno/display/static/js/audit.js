/* Why each visitor was called when they were: the calls of a day, newest first, as the journal holds them.
 *
 * Asked for one ticket, it shows that ticket's calls and every call that went before it. What
 * is asked stands in the address, so that an answer can be shown to somebody else.
 */
import { call, fetchBytes } from "./api.js";
import { pageContext } from "./credentials.js";
import { isAdmitted } from "./gate.js";
import { lang, pick, t } from "./i18n.js";
import { loadWords } from "./language.js";
import { Tools, keepTheme } from "./managertools.js";
import { More, overtaken, sentence } from "./reasons.js";
import { ruleName } from "./rules.js";
import { save } from "./saving.js";
import { Numeral, day as dayWords, html, render, signal, time } from "./ui.js";

const REFRESH_MS = 15000; // the newest calls of a day that is not over
const SAVED_MAX = 20000; // calls in one sheet: as many as the server gives

const page = pageContext();
const asked = signal(fromAddress()); // { date, number }: "" is the present day, and every ticket
const answer = signal(null); // the last one, with the older calls that were asked for
const trouble = signal(false);
let present = null; // the day that is not over, once the server has told it
let latest = 0; // number of the last question: an answer to an earlier one comes too late

function fromAddress() {
  const query = new URLSearchParams(location.search);
  return { date: query.get("date") || "", number: query.get("number") || "" };
}

const numberAsked = () => asked.value.number.toUpperCase();

function query(more = {}) {
  const told = Object.entries({ ...asked.value, ...more }).filter(([, value]) => value !== "");
  return new URLSearchParams(told).toString();
}

async function ask(before) {
  const question = (latest += 1);
  try {
    const path = `/halls/${page.hall}/calls?${query(before ? { before } : {})}`;
    const told = await call("GET", path);
    if (question !== latest) return;
    if (!asked.value.date) present = told.day;
    const calls = before ? [...answer.value.calls, ...told.calls] : told.calls;
    answer.value = { ...told, calls, longer: Boolean(before) };
    trouble.value = false;
  } catch (problem) {
    if (question === latest) trouble.value = true;
  }
}

/** Another day or ticket; the address says so. */
function askFor(change) {
  asked.value = { ...asked.value, ...change };
  const words = query({ lang: lang.value });
  history.replaceState(null, "", `${location.pathname}?${words}`);
  ask();
}

function refresh() {
  const { date } = asked.value;
  const isLonger = answer.value && answer.value.longer; // older calls were asked for: they stay
  const isPresent = !date || date === present;
  if (isPresent && !isLonger && document.visibilityState === "visible") ask();
}

async function saveCalls() {
  const data = await fetchBytes(`/halls/${page.hall}/calls.csv?${query({ lang: lang.value, limit: SAVED_MAX })}`);
  trouble.value = !data;
  if (data) save(`${page.hall}-${answer.value.day}.csv`, new Blob([data], { type: "text/csv" }));
}

/* ---- parts ---- */

function Top() {
  const { id, name, day } = answer.value;
  return html`<header class="top">
    <div class="top-name">
      <h1>${t("Calls and why")}</h1>
      <p class="quiet">${[pick(name), day && dayWords(`${day}T12:00:00Z`, "UTC")].filter(Boolean).join(" · ")}</p>
    </div>
    <${Tools}>
      <a class="tool" href="/overview/${id}?lang=${lang.value}">${t("Overview")}</a>
    <//>
  </header>`;
}

function Question() {
  const { date, number } = asked.value;
  const submit = (event) => {
    event.preventDefault();
    const { date: day, number: ticket } = event.target.elements;
    askFor({ date: day.value, number: ticket.value.trim() });
  };
  return html`<form class="question no-print" onSubmit=${submit}>
    <label>${t("Day")}
      <input name="date" type="date" class="field" value=${date || answer.value.day} />
    </label>
    <label>${t("Ticket number")}
      <input name="number" class="field field-number" value=${number} placeholder="A12" maxlength="20"
        autocomplete="off" />
    </label>
    <button type="submit" class="button button-main">${t("Show")}</button>
    ${number &&
    html`<button type="button" class="button" onClick=${() => askFor({ number: "" })}>${t("All tickets")}</button>`}
    <button type="button" class="button question-save" onClick=${saveCalls}>${t("Save as CSV")}</button>
  </form>`;
}

/** What was found, in a sentence. */
function Found() {
  const { calls, more } = answer.value;
  const number = numberAsked();
  const passed = calls.filter((one) => one.passed && !one.undone).length;
  const words = [];
  if (calls.length === 0 && number) {
    words.push(t("No call of {number} on this day, and nobody went before it.", { number }));
  } else if (calls.length === 0) words.push(t("There were no calls on this day."));
  else if (!number) words.push(`${t("{n} calls", { n: calls.length })}${more ? "." : ""}`);
  else if (passed > 0) words.push(t("{n} visitors who came later went before {number}.", { n: passed, number }));
  else words.push(t("Nobody who came later went before {number}.", { number }));
  if (more) words.push(t("Only the newest calls are shown here."));
  return html`<p class="found" role="status">${words.join(" ")}</p>`;
}

/** What a manager decided that day about the rule: calls before and after it were made by another. */
function Decisions() {
  const { decisions, time_zone: zone } = answer.value;
  if (decisions.length === 0) return null;
  const words = {
    accepted: t("the manager accepted a learned rule"),
    declined: t("the manager declined a learned rule"),
    "taken-back": t("the manager took a learned rule back"),
  };
  return html`<ul class="decisions">
    ${decisions.map(
      ({ at, decision, policy, proposal }) => html`<li key=${at}>
        <b class="figures">${time(at, zone)}</b> ${words[decision]} (${t("proposal {n}", { n: proposal })});
        ${" "}${t("calls go by: {rule}", { rule: ruleName(policy) })}
      </li>`,
    )}
  </ul>`;
}

function Calls() {
  const { calls, time_zone: zone, services } = answer.value;
  if (calls.length === 0) return null;
  return html`<table class="calls">
    <thead>
      <tr>
        <th>${t("Time")}</th>
        <th>${t("Ticket")}</th>
        <th>${t("Window")}</th>
        <th class="num">${t("Waited, min")}</th>
        <th>${t("Why")}</th>
        <th>${t("Went before")}</th>
      </tr>
    </thead>
    <tbody>
      ${calls.map((one) => html`<${Row} key=${one.seq} call=${one} zone=${zone} services=${services} />`)}
    </tbody>
  </table>`;
}

function Row({ call: { at, ticket, label, why, service, undone, passed }, zone, services }) {
  const words = sentence(why, ticket || "");
  return html`<tr class=${undone ? "is-undone" : ""}>
    <td class="calls-time figures">${time(at, zone)}</td>
    <th scope="row" class="calls-ticket">
      ${ticket ? html`<${Numeral} value=${ticket} />` : "–"}
      ${service && html`<span class="calls-service">${pick(services[service]) || service}</span>`}
    </th>
    <td class="calls-window"><span class="calls-arrow" aria-hidden="true">→ </span><${Numeral} value=${label} /></td>
    <td class="calls-waited num figures">${ticket ? Math.round(why.waited_minutes) : "–"}</td>
    <td class="calls-why">
      ${words}
      ${undone && html` <b class="calls-mark">${t("taken back")}</b>`}
      ${passed && html` <b class="calls-mark">${t("went before {number}", { number: numberAsked() })}</b>`}
      <${More} why=${why} number=${ticket} />
    </td>
    <td class="calls-passed figures">${why.overtook > 0 ? overtaken(why) : "–"}</td>
  </tr>`;
}

function Page() {
  if (!answer.value) return trouble.value ? html`<${Trouble} />` : html`<p class="quiet">${t("One moment…")}</p>`;
  const { calls, more } = answer.value;
  return html`<div class="audit">
    <${Top} />
    <${Question} key=${query()} />
    ${trouble.value && html`<${Trouble} />`}
    <${Found} />
    <${Decisions} />
    <${Calls} />
    ${more &&
    html`<p class="no-print"><button type="button" class="button" onClick=${() => ask(calls[calls.length - 1].seq)}>
      ${t("Older calls")}
    </button></p>`}
  </div>`;
}

function Trouble() {
  return html`<p class="notice notice-late line-ask" role="status">${t("The server did not answer.")}
    ${" "}<button type="button" class="button" onClick=${() => ask()}>${t("Try again")}</button></p>`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (!isAdmitted()) return;
  render(html`<${Page} />`, document.getElementById("app"));
  ask();
  setInterval(refresh, REFRESH_MS);
}

start();
