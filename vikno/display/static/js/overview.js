/* The hall as it runs, for whoever answers for it: is anybody waiting too long, and where.
 *
 * First one sentence that says how the hall is, then the windows, the line, the people.
 * Everything comes from the staff stream; nothing here is pressed to see more.
 */
import { pageContext } from "./credentials.js";
import { callOf } from "./apply.js";
import { Chart } from "./chart.js";
import { isAdmitted } from "./gate.js";
import { lang, pick, t } from "./i18n.js";
import { loadWords } from "./language.js";
import { connect } from "./live.js";
import { Tools, keepTheme } from "./managertools.js";
import { LastCalls, Line, People } from "./overviewlists.js";
import { Proposals, Rule, Waiting } from "./proposals.js";
import { History } from "./samples.js";
import { Windows } from "./tiles.js";
import { Clock, LinkLost, day, html, render, signal } from "./ui.js";
import { lateFirst } from "./waiting.js";

const CALLS_SHOWN = 12;
const TOLD_MIN = 10; // visits: of fewer, nothing can be said in tenths

class Overview {
  constructor(context) {
    this.history = new History();
    this.calls = signal([]); // the last calls, with why; the stream tells each only once
    this.proposals = new Proposals();
    this.live = connect({ ...context, onMessage: (message, hall) => this.onMessage(message, hall) });
  }

  onMessage(message, hall) {
    const call = callOf(message);
    if (message.type === "snapshot") {
      this.keep(hall.calls || []);
      this.history.begin(hall.history);
    }
    if (call) this.keep([call]);
    this.history.add(this.live.hallNow(), hall);
  }

  /** Newest first, each once, with its reason if it has been told. */
  keep(calls) {
    const known = new Map(this.calls.value.map((call) => [keyOf(call), call]));
    calls.forEach((call) => known.set(keyOf(call), { ...known.get(keyOf(call)), ...call }));
    const newest = [...known.values()].sort((one, other) => new Date(other.at) - new Date(one.at));
    this.calls.value = newest.slice(0, CALLS_SHOWN);
  }
}

function Page({ overview }) {
  const { live } = overview;
  const hall = live.state.value;
  if (!hall) return html`<${LinkLost} link=${live.link} /><p class="quiet">${t("Waiting for the hall")}</p>`;
  const now = live.now.value;
  return html`<div class="overview ${live.link.value.stale ? "is-stale" : ""}">
    <${Top} hall=${hall} live=${live} />
    <${LinkLost} link=${live.link} zone=${hall.time_zone} />
    <${Sentence} hall=${hall} now=${now} />
    <${Waiting} proposals=${overview.proposals} hall=${hall} />
    <${Today} today=${hall.today} />
    <${Told} told=${hall.today.told} />
    <div class="columns">
      <div class="column">
        <${Windows} hall=${hall} now=${now} />
        <${Line} hall=${hall} now=${now} />
        <${Chart} samples=${overview.history.samples.value} zone=${hall.time_zone} />
      </div>
      <div class="column">
        <${People} hall=${hall} now=${now} />
        <${LastCalls} calls=${overview.calls.value} zone=${hall.time_zone} />
        <${Rule} proposals=${overview.proposals} hall=${hall} />
      </div>
    </div>
  </div>`;
}

function Top({ hall, live }) {
  return html`<header class="top">
    <div class="top-name">
      <h1>${pick(hall.name)}</h1>
      <p class="quiet">${day(live.now.value, hall.time_zone)}</p>
    </div>
    <${Tools}>
      <a class="tool" href="/audit/${hall.id}?lang=${lang.value}">${t("Calls and why")}</a>
      <a class="tool" href="/whatif/${hall.id}?lang=${lang.value}">${t("What if")}</a>
      <a class="tool" href="/roster/${hall.id}?lang=${lang.value}">${t("Roster")}</a>
    <//>
    <${Clock} now=${live.now} zone=${hall.time_zone} />
  </header>`;
}

/** How the hall is, in one breath. */
function Sentence({ hall, now }) {
  const people = lateFirst(hall, now);
  const late = people.filter(({ late: over }) => over).length;
  const [longest] = people;
  if (!longest) return html`<p class="sentence">${t("Nobody is waiting.")}</p>`;
  return html`<p class="sentence">
    ${t("{n} people are waiting.", { n: people.length })}${" "}
    ${late > 0
      ? html`<span class="sentence-late">${t("{n} of them longer than the target.", { n: late })}</span>`
      : t("All of them within the target.")}${" "}
    ${t("Longest: {number}, {minutes} min.", {
      number: longest.ticket.number,
      minutes: Math.floor(longest.waited),
    })}
  </p>`;
}

function Today({ today }) {
  const share = today.within_target;
  const mean = today.waited_minutes_mean;
  const { overtaken, occupancy_spread: spread } = today;
  const most = overtaken ? `${overtaken.number} ×${overtaken.times}` : "–";
  return html`<section class="today" aria-label=${t("Today")}>
    <${Figure} name=${t("tickets today")} value=${today.issued} />
    <${Figure} name=${t("served")} value=${today.served} />
    <${Figure} name=${t("left without service")} value=${today.left} />
    <${Figure} name=${t("did not come")} value=${today.no_show} />
    <${Figure} name=${t("mean wait, min")} value=${mean === null ? "–" : Math.round(mean)} />
    <${Figure} name=${t("called within the target")} value=${share === null ? "–" : `${Math.round(share * 100)}%`} />
    <${Figure} name=${t("most overtaken now")} value=${most} />
    <${Figure} name=${t("spread of occupancy, points")} value=${spread === null ? "–" : Math.round(spread * 100)} />
  </section>`;
}

/** How true the waits were that visitors were told: one quiet line, unless nobody can rely on them. */
function Told({ told }) {
  if (told.visits < TOLD_MIN) return null;
  const inTen = (share) => Math.round(share * 10);
  const words = { n: inTen(told.within), visits: told.visits, minutes: Math.round(told.minutes_off) };
  const longer = t("{n} of 10 waited longer than they were told.", { n: inTen(told.later) });
  const bad = t("Visitors cannot rely on the times they are told today: check whether the hall file still fits the hall.");
  return html`<p class="told quiet figures">
    ${t("In {n} of 10 visits today the call came when it was foreseen ({visits} visits), {minutes} min off on average.", words)}${" "}
    ${inTen(told.later) > 0 && longer}${" "}
    ${told.honest === false && html`<strong class="sentence-late">${bad}</strong>`}
  </p>`;
}

function Figure({ name, value }) {
  return html`<div class="figure">
    <span class="figure-value figures">${value}</span>
    <span class="figure-name">${name}</span>
  </div>`;
}

function keyOf(call) {
  return `${call.number} ${call.at}`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (!isAdmitted()) return;
  render(html`<${Page} overview=${new Overview(pageContext())} />`, document.getElementById("app"));
}

start();
