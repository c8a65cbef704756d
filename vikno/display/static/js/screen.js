/* The hall screen: who is called to which window now, and how long others wait.
 *
 * Nobody touches it for months. It sizes itself from the room, keeps to one calm
 * picture, says when it has lost the server, and is right again by itself.
 */
import { AnnouncementLine } from "./announce.js";
import { fetchSound, pageContext } from "./api.js";
import { callOf, retractedBy } from "./apply.js";
import { lang, loadCatalog, pick, t } from "./i18n.js";
import { connect } from "./live.js";
import { isRoom, sizes } from "./room.js";
import { RoomDialog, keptRoom } from "./roomdialog.js";
import { Clock, LinkLost, Numeral, Shape, ago, computed, html, minutesBetween, render, signal, time } from "./ui.js";
import { Voice } from "./voice.js";

const CALLS_BELOW = 5;
const MARKED_MS = 30000; // how long a call is marked as new
const WORTH_SAYING_MS = 60000; // a call older than that, told late, is not announced any more
const REMEMBERED_MINUTES = 30; // how long a call that is over may fill the rows below
const TWO_LINES_MAX = 7; // with more services than that, each has one line
const WORDS_AGAIN_MS = 5000;

class Screen {
  constructor(context) {
    const { hall } = context;
    this.hall = hall;
    this.services = new URLSearchParams(location.search).get("services");
    this.room = signal(keptRoom(hall));
    this.viewport = signal(viewportNow());
    this.sizes = computed(() => sizes(this.viewport.value, isRoom(this.room.value) ? this.room.value : null));
    this.told = null; // the calls seen so far, by key; null before the first picture
    this.over = signal([]); // calls whose visitor has come or gone: quiet, but still on the board
    this.voice = new Voice((path) => fetchSound(`/halls/${hall}/speech/${path}`, context));
    this.line = new AnnouncementLine({
      play: async (path) => !this.room.value.silent && this.voice.play(path),
      load: (path) => !this.room.value.silent && this.voice.load(path),
      language: () => this.live.state.value.languages[0],
      log: (window.viknoAnnouncements = []),
    });
    this.live = connect({ ...context, onMessage: (message, picture) => this.onMessage(message, picture) });
    window.addEventListener("resize", () => (this.viewport.value = viewportNow()));
  }

  /** Shown here: all services, or those the address names. */
  isShown(service) {
    return !this.services || this.services.split(",").includes(service);
  }

  /** Marked for thirty seconds of the reader's time, however fast the hall's clock runs. */
  isMarked(call) {
    const age = (this.live.now.value - new Date(call.at)) / this.live.speed();
    return !call.over && !this.live.link.value.stale && age < MARKED_MS;
  }

  onMessage(message, hall) {
    if (message.type === "snapshot") this.onSnapshot(hall);
    const gone = retractedBy(message);
    if (gone) this.onRetract(gone, message.type === "step-undone");
    const call = callOf(message);
    if (call) this.announce(call);
  }

  /** The first picture is shown as it is; later ones tell of calls missed meanwhile. */
  onSnapshot(hall) {
    const missed = this.told ? hall.calls.filter((call) => !this.told.has(keyOf(call))) : [];
    this.told = new Map(hall.calls.map((call) => [keyOf(call), call]));
    missed.reverse().forEach((call) => this.announce(call));
  }

  /** A mistake leaves the board; a call that is over stays on it, quietly, for who looks up late. */
  onRetract(number, undone) {
    this.line.retract(number, undone);
    const call = [...this.told.values()].reverse().find((one) => one.number === number);
    const others = this.over.value.filter((one) => one.number !== number);
    this.over.value = undone || !call ? others : [{ ...call, over: true }, ...others].slice(0, CALLS_BELOW + 1);
  }

  announce(call) {
    this.told.set(keyOf(call), call);
    const late = (this.live.hallNow() - new Date(call.at)) / this.live.speed() > WORTH_SAYING_MS;
    if (this.isShown(call.service) && !late) this.line.add(call);
  }

  /** What stands on the board: calls under way and those just over, newest first. */
  calls(hall) {
    const under = new Set(hall.calls.map(({ number }) => number));
    const over = this.over.value.filter(
      ({ number, at }) => !under.has(number) && minutesBetween(at, this.live.now.value) < REMEMBERED_MINUTES,
    );
    return [...hall.calls, ...over]
      .filter((call) => this.isShown(call.service))
      .sort((one, other) => new Date(other.at) - new Date(one.at));
  }
}

function Board({ screen }) {
  const hall = screen.live.state.value;
  const { hero, row, shape } = screen.sizes.value;
  const link = screen.live.link.value;
  const kind = `board ${shape} ${link.stale ? "is-stale" : ""}`;
  const size = { "--hero": `${hero}px`, "--row": `${row}px` };
  return html`<div class=${kind} style=${size}>
    <${Top} screen=${screen} hall=${hall} />
    ${hall && html`<${Called} screen=${screen} hall=${hall} />`}
    ${hall && html`<${Waiting} services=${hall.services.filter(({ id }) => screen.isShown(id))} />`}
  </div>`;
}

function Top({ screen, hall }) {
  const zone = hall && hall.time_zone;
  return html`<header class="top">
    <h1>${hall ? pick(hall.name) : t("Hall screen")}</h1>
    <${Setting} screen=${screen} />
    <${LinkLost} link=${screen.live.link} zone=${zone} />
    ${hall && html`<${Clock} now=${screen.live.now} zone=${zone} />`}
  </header>`;
}

function Called({ screen, hall }) {
  const calls = screen.calls(hall);
  const hero = screen.line.current.value || calls.find((call) => !call.over) || calls[0];
  if (!hero) return html`<${Nobody} screen=${screen} hall=${hall} />`;
  const below = calls.filter((call) => call.number !== hero.number).slice(0, CALLS_BELOW);
  return html`<${Hero} key=${keyOf(hero)} call=${hero} screen=${screen} />
    <section class="calls" aria-label=${t("Called before")}>
      <ol>
        ${below.map((call) => html`<${Row} key=${keyOf(call)} call=${call} screen=${screen} />`)}
      </ol>
    </section>`;
}

function Hero({ call, screen }) {
  const marked = screen.isMarked(call) || screen.line.current.value === call;
  return html`<section class="hero ${look(call, marked)}" aria-live="polite">
    <p class="hero-part">
      <span class="hero-word">${call.times > 1 ? t("Ticket, called again") : t("Ticket")}</span>
      <${Numeral} value=${call.number} class="hero-number" />
    </p>
    <p class="hero-arrow"><${Shape} of="called" /></p>
    <p class="hero-part">
      <span class="hero-word">${t("Window")}</span>
      <${Numeral} value=${call.label} class="hero-number" />
    </p>
  </section>`;
}

function Row({ call, screen }) {
  const marked = screen.isMarked(call);
  return html`<li class="row ${look(call, marked)}">
    <span class="row-plate"><${Numeral} value=${call.number} /></span>
    <span class="row-arrow"><${Shape} of="called" /></span>
    <span class="row-window"><span class="unseen">${t("Window")} </span><${Numeral} value=${call.label} /></span>
    <span class="row-when figures">${marked ? t("now") : ago(call.at, screen.live.now.value)}</span>
  </li>`;
}

function Nobody({ screen, hall }) {
  const now = screen.live.now.value;
  const early = now < new Date(hall.opens);
  const words = early ? t("The hall opens at {time}", { time: time(hall.opens, hall.time_zone) }) : t("Your number will appear here");
  const closed = now >= new Date(hall.closes) && hall.services.every(({ waiting }) => !waiting);
  return html`<section class="hero nobody"><p>${closed ? t("The hall is closed for today") : words}</p></section>
    <section class="calls"></section>`;
}

function Waiting({ services }) {
  if (services.length === 0) return null;
  const many = services.length > TWO_LINES_MAX ? "is-many" : "";
  return html`<section class="waiting ${many}" style=${{ "--services": services.length }}>
    <h2><span>${t("Waiting now")}</span><span>${t("people")}</span><span>${t("wait, min")}</span></h2>
    <ul>
      ${services.map(
        (service) => html`<li key=${service.id} class="service">
          <span class="service-name"><b class="service-letter">${service.prefix}</b><span>${pick(service.name)}</span></span>
          <span class="service-people figures">${service.waiting}</span>
          <span class="service-wait figures">${rangeWords(service.wait)}</span>
        </li>`,
      )}
    </ul>
  </section>`;
}

/** The range of a wait without its unit, which stands above. */
function rangeWords(wait) {
  if (!wait) return html`–<span class="unseen">${t("not known yet")}</span>`;
  return wait.low <= 0 ? t("under {high}", { high: wait.high }) : `${wait.low}–${wait.high}`;
}

/** What is for the person who sets the screen up, not for the hall. */
function Setting({ screen }) {
  const mute = screen.voice.blocked.value && !screen.room.value.silent;
  return html`
    <${RoomDialog} hall=${screen.hall} room=${screen.room} sizes=${screen.sizes} />
    ${mute && html`<p class="sound" role="status"><${Shape} of="called" />${t("Touch once to turn the sound on")}</p>`}
  `;
}

function look(call, marked) {
  return marked ? "is-new" : call.over ? "is-over" : "";
}

function keyOf(call) {
  return `${call.number} ${call.at} ${call.times}`;
}

function viewportNow() {
  return { width: window.innerWidth, height: window.innerHeight };
}

/** Words may come late: a screen shows numbers first and its language when it can. */
async function speakLanguage(language) {
  if (!(await loadCatalog(language))) setTimeout(() => speakLanguage(language), WORDS_AGAIN_MS);
}

async function start() {
  await speakLanguage(lang.value);
  const screen = new Screen(pageContext());
  render(html`<${Board} screen=${screen} />`, document.getElementById("app"));
}

start();
