/* The kiosk: two touches to a ticket, for everyone.
 *
 * First the service, with its line and its honest wait; then the ticket. All else
 * (languages, larger text, contrast, lower buttons, reading aloud, a second service)
 * stands beside this path and never in it. The page forgets each visitor: choices,
 * language and switches go back when they are done or gone.
 */
import { call, newKey } from "./api.js";
import { pageContext } from "./credentials.js";
import { isAdmitted, isOpenTo } from "./gate.js";
import { lang, loadCatalog, offered, pick, preload, t } from "./i18n.js";
import { connect } from "./live.js";
import { Clock, Fragment, LinkLost, Numeral, html, render } from "./ui.js";
import { batch, day, signal, time, useEffect, useRef, waitWords } from "./ui.js";

const DOUBLE_PRESS_MS = 500; // a second press within it does nothing
const QUIET_S = 45; // then nobody may be there
const TICKET_QUIET_S = 20; // a ticket shown longer belongs to someone who has gone
const COUNTDOWN_S = 20; // seen, and one touch extends it
const CHOICES_MAX = 8; // a screen; more services than that are turned over
const CHOICES_PAGED = 6; // beside the button that turns over
const SERVICES_MAX = 4; // on one ticket: what a person can keep in mind
const CLOSED_CODES = ["hall-closed", "day-full"];

const page = pageContext();
const home = { language: lang.value };
const live = connect({ idle: !isOpenTo(page) });

const view = signal("choose"); // choose, confirm, ticket, sorry
const chosen = signal([]); // ids of services, in the order they were touched
const adding = signal(false); // choosing one more for the same ticket
const sheet = signal(0); // of the services, from 0
const ticket = signal(null);
const asking = signal("no"); // no, sent, again: what became of the request for a ticket
const refusal = signal(null); // code of the last one
const switches = signal({ text: false, contrast: false, reach: false });
const countdown = signal(null); // seconds left, or null
let choiceKey = newKey();
let touchedAt = Date.now();

/* ---- what a touch does ---- */

function choose(id) {
  choiceKey = newKey();
  batch(() => {
    chosen.value = adding.value ? [...chosen.value.filter((one) => one !== id), id] : [id];
    adding.value = false;
    view.value = "confirm";
  });
}

function drop(id) {
  choiceKey = newKey();
  chosen.value = chosen.value.filter((one) => one !== id);
}

function addAnother() {
  if (asking.value !== "no") return;
  batch(() => {
    adding.value = true;
    sheet.value = 0;
    view.value = "choose";
  });
}

function back() {
  if (asking.value !== "no") return;
  batch(() => {
    view.value = adding.value ? "confirm" : "choose";
    adding.value = false;
    refusal.value = null;
  });
}

async function take() {
  if (asking.value !== "no") return;
  asking.value = "sent";
  const body = { services: chosen.value, language: lang.value, priority: 0 };
  const options = { key: choiceKey, onRetry: () => (asking.value = "again") };
  try {
    const answer = await call("POST", `/halls/${page.hall}/tickets`, body, options);
    batch(() => {
      ticket.value = answer.ticket;
      view.value = "ticket";
    });
  } catch (problem) {
    batch(() => {
      refusal.value = problem.code || "unknown";
      view.value = "sorry";
    });
  } finally {
    asking.value = "no";
    touched();
  }
}

/** As it was before this visitor came. */
function startAgain() {
  stopReading();
  batch(() => {
    view.value = "choose";
    chosen.value = [];
    adding.value = false;
    sheet.value = 0;
    ticket.value = null;
    refusal.value = null;
    countdown.value = null;
    setSwitches({ text: false, contrast: false, reach: false });
  });
  if (lang.value !== home.language) loadCatalog(home.language);
}

function setSwitches(next) {
  switches.value = next;
  const root = document.documentElement.dataset;
  root.text = next.text ? "large" : "usual";
  root.contrast = next.contrast ? "more" : "usual";
  root.reach = next.reach ? "low" : "usual";
}

/* ---- nobody there ---- */

function touched() {
  touchedAt = Date.now();
  countdown.value = null;
}

function isUntouched() {
  const { text, contrast, reach } = switches.value;
  const moved = view.value !== "choose" || adding.value || sheet.value > 0;
  return !moved && !text && !contrast && !reach && lang.value === home.language;
}

function watchQuiet() {
  if (isUntouched() || asking.value !== "no") return;
  const quietFor = (Date.now() - touchedAt) / 1000;
  const left = Math.ceil((view.value === "ticket" ? TICKET_QUIET_S : QUIET_S) + COUNTDOWN_S - quietFor);
  if (left <= 0) startAgain();
  else countdown.value = left <= COUNTDOWN_S ? left : null;
}

/** A trembling hand or a bouncing panel presses twice: the second press goes nowhere. */
function swallowDoublePresses() {
  let last = -Infinity;
  document.addEventListener(
    "click",
    (event) => {
      const soon = event.timeStamp - last < DOUBLE_PRESS_MS;
      if (soon) {
        event.stopPropagation();
        event.preventDefault();
      } else {
        last = event.timeStamp;
      }
    },
    true,
  );
}

/* ---- reading aloud, where the kiosk has a voice for the language ---- */

const voices = signal([]);

function findVoices() {
  if (!("speechSynthesis" in window)) return;
  const look = () => (voices.value = speechSynthesis.getVoices());
  look();
  speechSynthesis.addEventListener("voiceschanged", look);
}

function voiceOf(language) {
  return voices.value.find((voice) => voice.lang.toLowerCase().startsWith(language));
}

function readAloud() {
  stopReading();
  const words = new SpeechSynthesisUtterance(document.querySelector("[data-read]").innerText);
  words.voice = voiceOf(lang.value);
  words.lang = words.voice.lang;
  speechSynthesis.speak(words);
}

function stopReading() {
  if ("speechSynthesis" in window) speechSynthesis.cancel();
}

/* ---- parts ---- */

function Heading({ children }) {
  const here = useRef(null);
  useEffect(() => here.current.focus({ preventScroll: true }), []);
  return html`<h1 tabindex="-1" ref=${here}>${children}</h1>`;
}

function lineWords(service) {
  return service.waiting === 0 ? t("nobody in line") : t("{n} people in line", { n: service.waiting });
}

function peopleWords(n) {
  return n === 0 ? t("nobody") : t("{n} people", { n });
}

function waitOf(service) {
  return !service.wait && service.windows === 0 ? t("no window open now") : waitWords(service.wait);
}

function Service({ service }) {
  return html`<button type="button" class="choice" onClick=${() => choose(service.id)}>
    <span class="choice-letter number" aria-hidden="true">${service.prefix}</span>
    <span class="choice-name">${pick(service.name)}</span>
    <span class="choice-line">
      <span class="figures">${lineWords(service)}</span>
      <strong class="figures">${waitOf(service)}</strong>
    </span>
  </button>`;
}

function Choose({ hall }) {
  const free = hall.services.filter((one) => !adding.value || !chosen.value.includes(one.id));
  const size = free.length <= CHOICES_MAX ? CHOICES_MAX : CHOICES_PAGED;
  const sheets = Math.ceil(free.length / size);
  const shown = free.slice(sheet.value * size, (sheet.value + 1) * size);
  return html`<section class="kiosk-body" data-read>
    <${Heading} key=${adding.value}>${adding.value ? t("Choose one more service") : t("Choose a service")}<//>
    <div class="choices ${shown.length > CHOICES_PAGED ? "choices-many" : ""}">
      ${shown.map((service) => html`<${Service} key=${service.id} service=${service} />`)}
    </div>
    <div class="kiosk-steps">
      ${adding.value && html`<${Touch} onPress=${back}>${t("Back")}<//>`}
      ${sheets > 1 && html`<${Sheets} sheets=${sheets} />`}
    </div>
  </section>`;
}

function Sheets({ sheets }) {
  const last = sheet.value === sheets - 1;
  const words = last ? t("First services") : t("More services");
  return html`<${Touch} onPress=${() => (sheet.value = last ? 0 : sheet.value + 1)}>
    ${words} <span class="figures quiet">${t("{page} of {pages}", { page: sheet.value + 1, pages: sheets })}</span>
  <//>`;
}

function Confirm({ hall }) {
  const services = chosen.value.map((id) => hall.services.find((one) => one.id === id)).filter(Boolean);
  if (services.length === 0) return null;
  const [first] = services;
  const waiting = { no: t("Take a ticket"), sent: t("One moment…"), again: t("No answer yet. Trying again…") };
  return html`<section class="kiosk-body kiosk-confirm" data-read>
    ${services.length === 1
      ? html`<${Heading} key="one">${pick(first.name)}<//>`
      : html`<${Heading} key="many">${t("One ticket for {n} services", { n: services.length })}<//>
          <ul class="kiosk-list">${services.map((one) => html`<${Chosen} key=${one.id} service=${one} />`)}</ul>`}
    <dl class="facts">
      <div><dt>${t("In line now")}</dt><dd class="figures">${peopleWords(first.waiting)}</dd></div>
      <div><dt>${t("Time to wait")}</dt><dd class="figures">${waitOf(first)}</dd></div>
    </dl>
    <button type="button" class="button button-main kiosk-take" aria-disabled=${asking.value !== "no"} onClick=${take}>
      ${waiting[asking.value]}
    </button>
    <p class="unseen" role="status">${asking.value === "no" ? "" : waiting[asking.value]}</p>
    <div class="kiosk-steps">
      <${Touch} onPress=${back}>${t("Back")}<//>
      ${services.length < SERVICES_MAX && html`<${Touch} onPress=${addAnother}>${t("Add another service")}<//>`}
    </div>
  </section>`;
}

function Chosen({ service }) {
  const name = pick(service.name);
  return html`<li>
    <span>${name}</span>
    <${Touch} label=${t("Remove: {name}", { name })} onPress=${() => drop(service.id)}>${t("Remove")}<//>
  </li>`;
}

function Ticket({ hall }) {
  const { id, number, services, ahead, wait, issued } = ticket.value;
  const names = services.map((one) => pick((hall.services.find(({ id: of }) => of === one) || {}).name));
  return html`<section class="kiosk-body kiosk-ticket" data-read>
    <${Heading}>${t("Your ticket")}<//>
    <p class="ticket-number"><${Numeral} value=${number} /></p>
    <p class="ticket-service">${names.join(" · ")}</p>
    <dl class="facts">
      <div><dt>${t("Before you")}</dt><dd class="figures">${peopleWords(ahead)}</dd></div>
      <div><dt>${t("Time to wait")}</dt><dd class="figures">${waitWords(wait)}</dd></div>
      <div><dt>${t("Ticket taken at")}</dt><dd class="figures">${time(issued, hall.time_zone)}</dd></div>
    </dl>
    <figure class="ticket-qr">
      <img src=${`/t/${page.hall}/${id}/qr.svg`} alt="" />
      <figcaption>${t("Follow your place on your phone")}</figcaption>
    </figure>
    <p class="notice ticket-help">
      ${t("Remember your number. We call it on the screen and by voice.")} ${t("Do you need help? Ask at the desk.")}
    </p>
    <button type="button" class="button button-main kiosk-take" onClick=${startAgain}>${t("Done")}</button>
  </section>`;
}

function Sorry() {
  const full = refusal.value === "hall-full";
  const closed = CLOSED_CODES.includes(refusal.value);
  const failed = closed ? t("No more tickets today") : t("We could not give you a ticket");
  const advice = full
    ? t("Please try again in a few minutes, or ask at the desk.")
    : t("Please ask at the desk. People there will help you.");
  return html`<section class="kiosk-body kiosk-calm" data-read>
    <${Heading}>${full ? t("The hall is full now") : failed}<//>
    <p class="kiosk-advice">${advice}</p>
    <div class="kiosk-steps">
      ${!closed && html`<${Touch} onPress=${() => (view.value = "confirm")}>${t("Try again")}<//>`}
      <${Touch} onPress=${startAgain}>${t("To the start")}<//>
    </div>
  </section>`;
}

function Closed({ hall }) {
  const { opens, time_zone: zone } = hall;
  const isToday = day(opens, zone) === day(live.now.value, zone);
  const when = { day: day(opens, zone), time: time(opens, zone) };
  const next = isToday ? t("It opens at {time}.", when) : t("It opens on {day} at {time}.", when);
  const opensLater = new Date(opens) > live.now.value;
  return html`<section class="kiosk-body kiosk-calm" data-read>
    <${Heading}>${t("The hall is closed now")}<//>
    <p class="kiosk-advice">
      ${opensLater ? next : t("No more tickets are given today. Please come on another day.")}
    </p>
  </section>`;
}

function Touch({ onPress, label, pressed, children }) {
  const state = pressed === undefined ? undefined : String(pressed);
  return html`<button type="button" class="button touch" aria-label=${label} aria-pressed=${state} onClick=${onPress}>
    ${children}
  </button>`;
}

function Languages({ codes }) {
  return html`<div class="kiosk-languages" role="group" aria-label=${t("Language")}>
    ${offered(codes).map(
      ([code, name]) => html`<button type="button" key=${code} lang=${code} class="button touch"
        aria-pressed=${String(code === lang.value)} onClick=${() => loadCatalog(code)}>${name}</button>`,
    )}
  </div>`;
}

const SIGNS = {
  text: html`<path d="M2 19 7.5 5h1L14 19M4 14h8M15.500 19l3-8h.5l3 8M16.500 16.500h4.500" />`,
  contrast: html`<circle cx="12" cy="12" r="9" /><path d="M12 3a9 9 0 0 1 0 18z" fill="currentColor" />`,
  reach: html`<path d="M12 3v13m-6-6 6 6 6-6M4 21h16" />`,
  voice: html`<path d="M3 9v6h4l6 5V4L7 9zM17 8.500a5 5 0 0 1 0 7M19.500 5.500a9 9 0 0 1 0 13" />`,
};

function Sign({ of }) {
  return html`<svg class="sign" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"
    stroke-width="2" stroke-linejoin="round" stroke-linecap="round">${SIGNS[of]}</svg>`;
}

function Switches() {
  const turn = (name) => setSwitches({ ...switches.value, [name]: !switches.value[name] });
  const all = [
    ["text", t("Larger text")],
    ["contrast", t("High contrast")],
    ["reach", t("Lower buttons")],
  ];
  return html`<div class="kiosk-switches" role="group" aria-label=${t("Easier to use")}>
    ${all.map(
      ([name, words]) => html`<${Touch} key=${name} pressed=${switches.value[name]} onPress=${() => turn(name)}>
        <${Sign} of=${name} />${words}
      <//>`,
    )}
    ${voiceOf(lang.value) && html`<${Touch} onPress=${readAloud}><${Sign} of="voice" />${t("Read aloud")}<//>`}
  </div>`;
}

/** Nothing beneath it can be touched: the touch that says "I am here" does only that. */
function Countdown() {
  const here = useRef(null);
  useEffect(() => here.current.focus(), []);
  return html`<div class="kiosk-countdown" role="alertdialog" aria-labelledby="still" onClick=${touched}>
    <p id="still">${t("Are you still here?")}</p>
    <p class="countdown-number number" aria-hidden="true">${countdown.value}</p>
    <p>${t("This page then goes back to the start.")}</p>
    <button type="button" class="button button-main kiosk-take" ref=${here}>${t("Yes, I am here")}</button>
  </div>`;
}

const VIEWS = { choose: Choose, confirm: Confirm, ticket: Ticket, sorry: Sorry };

function Kiosk() {
  const hall = live.state.value;
  if (!hall) return html`<${LinkLost} link=${live.link} />`;
  const closed = !hall.open && (view.value === "choose" || view.value === "confirm");
  const Shown = closed ? Closed : VIEWS[view.value];
  return html`<${Fragment}>
    <header class="kiosk-head">
      <p>${pick(hall.name)}</p>
      <${Clock} now=${live.now} zone=${hall.time_zone} />
    </header>
    <div class="kiosk-main">
      <${LinkLost} link=${live.link} zone=${hall.time_zone} />
      <div class="kiosk-middle ${live.link.value.stale ? "is-stale" : ""}">
        <${Shown} key=${view.value} hall=${hall} />
      </div>
    </div>
    <footer class="kiosk-foot"><${Languages} codes=${hall.languages} /><${Switches} /></footer>
    ${countdown.value !== null && html`<${Countdown} />`}
  <//>`;
}

async function start() {
  await loadCatalog(lang.value);
  if (!isAdmitted(page)) {
    live.close();
    return;
  }
  setSwitches(switches.value);
  swallowDoublePresses();
  findVoices();
  for (const event of ["pointerdown", "keydown"]) document.addEventListener(event, () => (touchedAt = Date.now()));
  setInterval(watchQuiet, 500);
  render(html`<${Kiosk} />`, document.getElementById("app"));
  const stop = live.state.subscribe((hall) => {
    if (!hall) return;
    preload(offered(hall.languages).map(([code]) => code));
    setTimeout(() => stop());
  });
}

start();
