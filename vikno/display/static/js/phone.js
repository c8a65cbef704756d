/* The visitor's phone: my number, who is before me, how long, and where to go.
 *
 * The server has already drawn the page; this keeps it true. The public stream says
 * that something moved, and the page then asks for its own ticket: at once when it is
 * called, else after a while of its own, so that a hall full of phones does not ask
 * all at the same moment.
 */
import { call, newKey } from "./api.js";
import { pageContext } from "./credentials.js";
import { callOf, retractedBy } from "./apply.js";
import { lang, loadCatalog, offered, pick, t } from "./i18n.js";
import { connect } from "./live.js";
import { limit, toVisitor } from "./reasons.js";
import { Button, Fragment, LinkLost, Numeral, html, render } from "./ui.js";
import { batch, effect, minutesBetween, signal, time, waitWords } from "./ui.js";

const SOON_MS = 300; // my own number was called
const LATER_MS = 2000; // the line moved: asked between this and three times this
const AT_LEAST_EVERY_MS = 60000; // whatever the stream says or does not say
const PLACES = 3; // how many may pass who asks for more time
const RETURN_MINUTES = 2; // how long leaving can be undone
const VIBRATION_MS = [400, 200, 400];
const RUNNING = ["waiting", "called", "serving", "parked"];

const page = pageContext();
const path = `/halls/${page.hall}/tickets/${page.token}`;
const live = connect({ onMessage: hear });

const ticket = signal(null);
const updated = signal(null); // the hall's time of the last answer
const doing = signal(null); // name of the deed under way
const trouble = signal(null); // code of what did not work
const timer = { at: Infinity, id: 0 };

/* ---- keeping it true ---- */

function hear(message) {
  const mine = ticket.value;
  if (!mine) return;
  if (message.type === "waits") expect(message.tickets, mine);
  const spoken = callOf(message);
  const numbers = [spoken && spoken.number, retractedBy(message), message.number];
  if (numbers.includes(mine.number)) ask(Math.random() * SOON_MS);
  else if (message.type === "snapshot" || isMyLine(message, mine)) ask(LATER_MS * (1 + Math.random() * 2));
}

/** My wait is told otherwise now; the public is told of tickets by their numbers. */
function expect(waits, mine) {
  if (mine.state !== "waiting" || !(mine.number in waits)) return;
  batch(() => {
    ticket.value = { ...mine, wait: waits[mine.number] };
    updated.value = live.hallNow();
  });
}

function isMyLine(message, mine) {
  return mine.state === "waiting" && message.waiting && mine.service in message.waiting;
}

/** Asks for the ticket after `ms`, or earlier if that is planned already. */
function ask(ms) {
  const at = performance.now() + ms;
  if (at >= timer.at) return;
  clearTimeout(timer.id);
  timer.at = at;
  timer.id = setTimeout(look, ms);
}

async function look() {
  timer.at = Infinity;
  try {
    accept(await call("GET", path));
  } catch (problem) {
    // A page whose server is away says so by itself (LinkLost) and asks again below.
  }
  if (!ticket.value || RUNNING.includes(ticket.value.state)) ask(AT_LEAST_EVERY_MS);
}

function accept({ ticket: now }) {
  const before = ticket.value;
  batch(() => {
    ticket.value = now;
    updated.value = live.state.value ? live.hallNow() : null; // before, the hall's clock is not known
  });
  document.title = now.state === "called" ? `${t("Please go to window")} ${now.label}` : now.number;
  const isCall = now.state === "called" && (!before || before.state !== "called" || before.calls !== now.calls);
  const { userActivation: touched } = navigator; // a browser lets only a page that was touched vibrate
  if (isCall && navigator.vibrate && (!touched || touched.hasBeenActive)) navigator.vibrate(VIBRATION_MS);
}

/* ---- what the visitor does ---- */

async function act(name, method, end, body) {
  if (doing.value) return;
  doing.value = name;
  trouble.value = null;
  try {
    accept(await call(method, path + end, body, { key: newKey() }));
  } catch (problem) {
    trouble.value = problem.code;
    ask(0);
  } finally {
    doing.value = null;
  }
}

const moreTime = () => act("more-time", "POST", "/more-time", { places: PLACES });
const leave = () => act("leave", "DELETE", "");
const comeBack = () => act("return", "POST", "/return");

/* ---- parts ---- */

function Head({ hall }) {
  return html`<header class="phone-head">
    <p class="phone-hall">${pick(hall.name)}</p>
    <nav class="phone-languages" aria-label=${t("Language")}>
      ${offered(hall.languages).map(
        ([code, name]) => html`<a key=${code} href=${`?lang=${code}`} lang=${code}
          aria-current=${code === lang.value ? "true" : undefined}>${name}</a>`,
      )}
    </nav>
  </header>`;
}

function Mine({ hall }) {
  const { number, service, services, leg, state } = ticket.value;
  const { name } = hall.services.find((one) => one.id === service) || {};
  const legs = services.length;
  return html`<section class="phone-ticket phone-${state}">
    <p class="phone-label">${t("Your ticket")}</p>
    <h1 class="phone-number"><${Numeral} value=${number} /></h1>
    <p class="phone-service">${pick(name)}</p>
    ${legs > 1 && html`<p class="quiet">${t("service {leg} of {legs}", { leg: leg + 1, legs })}</p>`}
  </section>`;
}

function Waiting() {
  const { ahead, wait, passed } = ticket.value;
  const told = toVisitor(passed);
  return html`<${Fragment}>
    <section class="card phone-facts">
      <p class="phone-fact figures">${ahead === 0 ? t("You are next") : t("{n} people before you", { n: ahead })}</p>
      <p class="phone-label">${t("Time to wait")}</p>
      <p class="phone-fact figures">${waitWords(wait)}</p>
    </section>
    ${told.length > 0 && html`<p class="phone-passed">${told.join(" ")}</p>`}
    <p>${t("We call your number on the screen and by voice.")}</p>
    <${WhyOthers} passed=${passed} />
    <div class="phone-deeds">
      <${Button} busy=${doing.value} onPress=${moreTime}>${t("I need more time")}<//>
      <p class="small quiet">${t("You let {n} people pass and keep your ticket.", { n: PLACES })}</p>
      <${Leave} />
    </div>
  <//>`;
}

function WhyOthers({ passed }) {
  const standing = t("Each window serves certain services, some of them faster than others. A person with another service may be called earlier. Some people have priority by law. You do not lose your place.");
  return html`<details class="phone-why">
    <summary>${t("Why may others go before me?")}</summary>
    <p>${[standing, ...limit(passed)].join(" ")}</p>
  </details>`;
}

function Leave() {
  return html`<${Button} late busy=${doing.value} onPress=${leave}>${t("Leave the line")}<//>`;
}

function Called() {
  const { label, calls } = ticket.value;
  return html`<section class="phone-call" role="alert">
    <p class="phone-label">${t("Please go to window")}</p>
    <p class="phone-window"><${Numeral} value=${label} /></p>
    ${calls > 1 && html`<p>${t("called {n} times", { n: calls })}</p>`}
  </section>`;
}

function Facts({ title, children }) {
  return html`<section class="card phone-facts"><p class="phone-fact">${title}</p>${children}</section>`;
}

function Parked() {
  return html`<${Fragment}>
    <${Facts} title=${t("You have a pause")}>
      <p>${t("Please stay near. You will be called again, without a new ticket.")}</p>
    <//>
    <div class="phone-deeds"><${Leave} /></div>
  <//>`;
}

function Left() {
  const back = RETURN_MINUTES - minutesBetween(ticket.value.since, live.now.value);
  return html`<${Fragment}>
    <${Facts} title=${t("You have left the line")}>
      ${back <= 0 && html`<p>${t("To come back, please take a new ticket.")}</p>`}
    <//>
    ${back > 0 && html`<div class="phone-deeds">
      <${Button} main busy=${doing.value} onPress=${comeBack}>${t("Come back to my place")}<//>
      <p class="small quiet figures">${t("This is possible for {n} more minutes.", { n: Math.ceil(back) })}</p>
    </div>`}
  <//>`;
}

function Serving() {
  return html`<${Facts} title=${t("You are at window {window}", { window: ticket.value.label })} />`;
}

function Missed() {
  return html`<${Facts} title=${t("We called you, and you did not come")}>
    <p>${t("Please ask at the desk, or take a new ticket.")}</p>
  <//>`;
}

function Unserved() {
  return html`<${Facts} title=${t("The hall has closed")}>
    <p>${t("We are sorry: you could not be called today. Please ask at the desk.")}</p>
  <//>`;
}

function Served() {
  return html`<${Facts} title=${t("Your visit is finished")}><p>${t("Thank you for coming.")}</p><//>`;
}

const STATES = {
  waiting: Waiting,
  called: Called,
  serving: Serving,
  parked: Parked,
  left: Left,
  "no-show": Missed,
  unserved: Unserved,
  served: Served,
};

const TROUBLES = {
  network: () => t("No answer. Please try again."),
  "nobody-behind": () => t("Nobody is behind you, so there is nobody to let pass."),
};

function Trouble() {
  if (!trouble.value) return null;
  const words = TROUBLES[trouble.value] || (() => t("This is not possible now."));
  return html`<p class="notice notice-late" role="status">${words()}</p>`;
}

function Foot({ zone }) {
  return html`<footer class="phone-foot quiet small figures">
    <p>${t("Ticket taken at {time}", { time: time(ticket.value.issued, zone) })}</p>
    ${updated.value && html`<p>${t("Updated at {time}", { time: time(updated.value, zone) })}</p>`}
  </footer>`;
}

function Phone() {
  const hall = live.state.value;
  const Shown = STATES[ticket.value.state];
  return html`<${Fragment}>
    <${Head} hall=${hall} />
    <${LinkLost} link=${live.link} zone=${hall.time_zone} />
    <${Mine} hall=${hall} />
    <${Shown} />
    <${Trouble} />
    <${Foot} zone=${hall.time_zone} />
  <//>`;
}

/** The page of the server stays until everything is there to draw a better one. */
async function start() {
  await loadCatalog(lang.value);
  look();
  const root = document.getElementById("app");
  let drawn = false;
  effect(() => {
    if (drawn || !live.state.value || !ticket.value) return;
    drawn = true;
    root.textContent = "";
    render(html`<${Phone} />`, root);
  });
}

start();
