/* The hall screen: who is called to which window now, and how long others wait.
 *
 * Nobody touches it for months. It sizes itself from the room, keeps to one calm
 * picture, says when it has lost the server, and is right again by itself.
 */
import { pageContext } from "./credentials.js";
import { HallScreen, keyOf } from "./calls.js";
import { isAdmitted } from "./gate.js";
import { lang, loadCatalog, pick, t } from "./i18n.js";
import { RoomDialog } from "./roomdialog.js";
import { Clock, LinkLost, Numeral, Shape, ago, html, render, time } from "./ui.js";

const CALLS_BELOW = 5;
const TWO_LINES_MAX = 7; // with more services than that, each has one line
const WORDS_AGAIN_MS = 5000;

function Board({ screen }) {
  const hall = screen.live.state.value;
  const { hero, row, below, shape } = screen.sizes.value;
  const link = screen.live.link.value;
  const kind = `board ${shape} ${link.stale ? "is-stale" : ""}`;
  const size = { "--hero": `${hero}px`, "--row": `${row}px`, "--below": `${below}px` };
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
  return html`<section class="hero nobody"><p>${nobodyWords(hall, screen.live.now.value)}</p></section>
    <section class="calls"></section>`;
}

function nobodyWords({ opens, closes, time_zone: zone, services }, now) {
  if (opens && now < new Date(opens)) return t("The hall opens at {time}", { time: time(opens, zone) });
  const waiting = services.some((service) => service.waiting > 0);
  if (closes && now >= new Date(closes) && !waiting) return t("The hall is closed for today");
  return t("Your number will appear here");
}

function Waiting({ services }) {
  if (services.length === 0) return null;
  const many = services.length > TWO_LINES_MAX ? "is-many" : "";
  return html`<section class="waiting ${many}" style=${{ "--services": services.length }}>
    <h2><span>${t("Waiting now")}</span><span>${t("people")}</span><span>${t("wait, min")}</span></h2>
    <ul>
      ${services.map(
        (service) => html`<li key=${service.id} class="service">
          <span class="service-name">
            <b class="service-letter">${service.prefix}</b><span>${pick(service.name)}</span>
          </span>
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

/** Words may come late: a screen shows numbers first and its language when it can. */
async function speakLanguage(language) {
  if (!(await loadCatalog(language))) setTimeout(() => speakLanguage(language), WORDS_AGAIN_MS);
}

async function start() {
  await speakLanguage(lang.value);
  if (!isAdmitted()) return;
  const screen = new HallScreen(pageContext());
  render(html`<${Board} screen=${screen} />`, document.getElementById("app"));
}

start();
