/* The clerk's console: one person at one window, by mouse or by keyboard alone.
 *
 * Every deed is done at once and can be undone for five seconds, in place of a
 * question before it. Buttons never move and never vanish: what does not fit now is
 * dim. The line above the buttons is the only place where things are said, so that
 * nothing pushes anything. One deed at a time, with one key over all its tries: when
 * the network blinks, the console says so and the deed happens once.
 */
import { call, newKey } from "./api.js";
import { pageContext } from "./credentials.js";
import { applied } from "./apply.js";
import { isAdmitted, isOpenTo } from "./gate.js";
import { everyLanguage, lang, offered, pick, t } from "./i18n.js";
import { chooseLanguage, loadWords } from "./language.js";
import { connect } from "./live.js";
import { More, sentence } from "./reasons.js";
import { Clock, Fragment, LinkLost, Numeral, State, html, render } from "./ui.js";
import { batch, computed, effect, minutesBetween, signal, useEffect, useRef, waitWords } from "./ui.js";
import { Who } from "./who.js";

const TICK_MS = 100; // the undo bar shrinks smoothly
const SLOW_MS = 700; // only then an answer is worth waiting words
const NO_RIGHT = 403;
const NUMBERS_SHOWN = 24; // of one service's line

const page = pageContext();
const live = connect({ idle: !isOpenTo(page) });

const doing = signal(null); // { name, body, key, tries, slow }: the deed under way
const unanswered = signal(null); // the deed that got no answer, to be tried again
const said = signal(null); // { kind: "refused" | "told", words: () => string }
const transferring = signal(false);
const unfolded = signal(null); // id of the service whose line is shown in full
const undoing = signal(null); // { step, share }: what can be undone, and how long still
let wanted = null; // name of the deed pressed while another was under way

const hallState = live.state;
const own = computed(() => hallState.value && hallState.value.windows.find((one) => one.id === page.window));
const visitor = computed(() => {
  const id = own.value && own.value.ticket;
  return id && hallState.value.tickets.find((one) => one.id === id);
});

/* ---- deeds ---- */

const isOpen = () => own.value.state === "open";
const isIdle = () => !own.value.ticket;
const isIn = (...states) => Boolean(visitor.value) && states.includes(visitor.value.state);

const DEEDS = [
  { name: "call-next", key: "F2", words: () => t("Call next"), can: () => isOpen() && isIdle() },
  { name: "start", key: "F7", words: () => t("Start"), can: () => isIn("called") },
  { name: "finish", key: "F8", words: () => t("Finish"), can: () => isIn("serving") },
  { name: "recall", key: "F4", words: () => t("Call again"), can: () => isIn("called") },
  { name: "no-show", key: "F9", words: () => t("Did not come"), can: () => isIn("called") },
  { name: "park", key: "F6", words: () => t("Set aside"), can: () => isIn("called", "serving") },
  { name: "transfer", key: "F3", words: () => t("Transfer"), can: () => isIn("called", "serving") },
];

const NEXT = ["call-next", "start", "finish"]; // a visit's usual way: never two of them at once

const REFUSALS = {
  "hall-closed": () => t("The hall is closed."),
  "window-closed": () => t("Open the window first."),
  "window-paused": () => t("The window has a pause. Open it first."),
  "window-busy": () => t("A visitor is at this window. Finish first."),
  "window-idle": () => t("Nobody is at this window."),
  "wrong-state": () => t("This does not fit now."),
  "not-waiting": () => t("This visitor is no longer waiting."),
  "no-skill": () => t("This window does not serve this service."),
  "nothing-to-undo": () => t("There is nothing to undo."),
  "too-late": () => t("It is too late to undo."),
};

function press(name) {
  const deed = DEEDS.find((one) => one.name === name);
  if (!own.value || !deed.can()) return;
  if (name === "transfer") transferring.value = !transferring.value;
  else soon(name);
}

/** What is pressed between a deed and its answer waits: the stream may have shown already that it fits. */
function soon(name) {
  if (!doing.value) act(name);
  else if (doing.value.name !== name) wanted = name;
}

function doWanted() {
  const name = wanted;
  wanted = null;
  if (name === "undo") undo();
  else if (name) press(name);
}

function act(name, body) {
  if (doing.value) return;
  transferring.value = false;
  unanswered.value = null;
  said.value = null;
  run({ name, body, key: newKey() });
}

async function run(deed) {
  wanted = null;
  doing.value = { ...deed, tries: 0, slow: false };
  const slow = setTimeout(() => (doing.value = { ...doing.value, slow: true }), SLOW_MS);
  const onRetry = (tries) => (doing.value = { ...doing.value, tries });
  try {
    const path = `/halls/${page.hall}/windows/${page.window}/${deed.name}`;
    take(await call("POST", path, deed.body, { key: deed.key, onRetry }));
  } catch (problem) {
    wanted = null;
    refuse(deed, problem);
  } finally {
    clearTimeout(slow);
    doing.value = null;
  }
  doWanted();
}

/** The answer shows at once; the stream brings the same a moment later, or after a blink. */
function take({ ticket, window: after, why: reason }) {
  const current = hallState.value;
  batch(() => {
    if (reason && !ticket) said.value = { kind: "told", words: () => sentence(reason) };
    const known = ticket && current.tickets.find((one) => one.id === ticket.id);
    const isNews = !known || new Date(ticket.since) >= new Date(known.since);
    // Answers are kept for long and have no note; the one that the stream has told stays.
    const seen = ticket && { note: known && known.note, ...ticket };
    if (isNews) hallState.value = applied(current, { type: "answer", ticket: seen || undefined, window: after });
  });
}

function refuse(deed, problem) {
  const words = REFUSALS[problem.code];
  if (problem.status === NO_RIGHT && !page.token) location.reload(); // somebody else took this window: the page says so
  else if (words) said.value = { kind: "refused", words };
  else if (problem.code === "network" || problem.status >= 429) unanswered.value = deed;
  else said.value = { kind: "refused", words: () => t("The server refused: {reason}", { reason: problem.message }) };
}

function tryAgain() {
  const deed = unanswered.value;
  if (!deed || doing.value) return;
  unanswered.value = null;
  run(deed);
}

function undo() {
  if (undoing.value) soon("undo");
}

function onKey(event) {
  const deed = DEEDS.find((one) => one.key === event.key);
  if (!deed && event.key !== "Escape") return;
  event.preventDefault(); // F3, F6 and F7 mean other things to a browser
  if (event.repeat) return;
  if (deed) press(deed.name);
  else if (transferring.value) transferring.value = false;
  else undo();
}

/** How much of the time to undo is left, on the hall's clock. */
function watchUndo() {
  let until = null;
  let whole = 1;
  return () => {
    const { undo: step, undo_until: ends } = own.value || {};
    if (!step || !ends) {
      undoing.value = null;
      return;
    }
    const left = new Date(ends) - live.hallNow();
    if (ends !== until) [until, whole] = [ends, Math.max(left, 1)];
    undoing.value = left > 0 ? { step, share: Math.min(1, left / whole) } : null;
  };
}

/* ---- words ---- */

const STEPS = {
  call: () => t("Called"),
  start: () => t("Started"),
  finish: () => t("Finished"),
  miss: () => t("Noted: did not come"),
  park: () => t("Visitor set aside"),
  transfer: () => t("Transferred"),
};

function serviceOf(id) {
  return hallState.value.services.find((one) => one.id === id) || { id, name: { en: id }, prefix: "" };
}

function minutesSince(instant) {
  return minutesBetween(instant, live.now.value);
}

function stopwatch(instant) {
  const seconds = Math.floor(minutesSince(instant) * 60);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/* ---- parts ---- */

function Head() {
  const { name, time_zone: zone } = hallState.value;
  return html`<header class="console-head">
    <h1>${t("Window {label}", { label: own.value.label })}</h1>
    <${WindowState} />
    <p class="console-hall">${pick(name)}</p>
    <select class="console-language" aria-label=${t("Language")} value=${lang.value} onChange=${(event) => chooseLanguage(event.target.value)}>
      ${offered(everyLanguage()).map(([code, own_name]) => html`<option key=${code} value=${code} lang=${code}>${own_name}</option>`)}
    </select>
    <${Who} />
    <${Clock} now=${live.now} zone=${zone} />
  </header>`;
}

function WindowState() {
  const all = [
    ["open", "open", t("Open")],
    ["paused", "pause", t("Pause")],
    ["closed", "close", t("Closed")],
  ];
  return html`<div class="segments" role="group" aria-label=${t("This window")}>
    ${all.map(
      ([state, deed, words]) => html`<button type="button" key=${state} class="segment"
        aria-pressed=${String(own.value.state === state)}
        onClick=${() => own.value.state !== state && act(deed)}>${words}</button>`,
    )}
  </div>`;
}

/** The one line where the console speaks: trouble first, then the deed, then undo. */
function Line() {
  const deed = doing.value;
  const isLost = live.link.value.status === "lost";
  if (deed && deed.tries > 0) {
    return html`<p class="notice notice-late">${t("The network is slow. Trying again; nothing is lost.")}</p>`;
  }
  if (isLost) return html`<${LinkLost} link=${live.link} zone=${hallState.value.time_zone} />`;
  if (deed && deed.slow) return html`<p class="notice">${t("One moment…")}</p>`;
  if (unanswered.value) {
    return html`<p class="notice notice-late line-ask">${t("The server did not answer.")}
      <button type="button" class="button" onClick=${tryAgain}>${t("Try again")}</button></p>`;
  }
  if (said.value) {
    const kind = said.value.kind === "refused" ? "notice-late" : "";
    return html`<p class="notice ${kind}">${said.value.words()}</p>`;
  }
  return undoing.value ? html`<${Undo} />` : null;
}

function Undo() {
  const { step, share } = undoing.value;
  return html`<p class="notice line-ask undo">
    <span class="undo-bar" style=${{ transform: `scaleX(${share})` }}></span>
    ${(STEPS[step] || (() => t("Done")))()}
    <button type="button" class="button" onClick=${undo}>${t("Undo")} <kbd>Esc</kbd></button>
  </p>`;
}

function Visitor() {
  if (!visitor.value) return html`<${Nobody} />`;
  const { number, services, leg, service, state, called, since, issued, note, calls, why } = visitor.value;
  const isCalled = state === "called";
  const legs = services.length;
  return html`<section class="card visitor visitor-${state}" aria-label=${t("Visitor at this window")}>
    <div class="visitor-who">
      <p>
        ${isCalled ? html`<${State} of="called" />` : html`<span class="state">${t("being served")}</span>`}
        ${calls > 1 && html` <span class="quiet figures">${t("called {n} times", { n: calls })}</span>`}
      </p>
      <p class="visitor-number" aria-live="polite"><${Numeral} value=${number} /></p>
      <p class="visitor-service">
        ${pick(serviceOf(service).name)}
        ${legs > 1 && html` <span class="quiet">${t("service {leg} of {legs}", { leg: leg + 1, legs })}</span>`}
      </p>
    </div>
    <dl class="visitor-times">
      <div><dt>${isCalled ? t("Since the call") : t("At the window")}</dt>
        <dd class="figures visitor-clock">${stopwatch(isCalled ? called : since)} <small>${t("min")}</small></dd></div>
      <${Waited} from=${issued} to=${called} target=${serviceOf(service).target_minutes} />
    </dl>
    ${note && html`<p class="notice visitor-note"><strong>${t("Note:")}</strong> ${note}</p>`}
    ${why &&
    html`<div class="visitor-why">
      <p>${sentence(why, number)}</p>
      <${More} key=${number} why=${why} number=${number} />
    </div>`}
  </section>`;
}

function Waited({ from, to, target }) {
  const n = Math.round(minutesBetween(from, to));
  return html`<div><dt>${t("Waited")}</dt>
    <dd><span class="figures">${t("{n} min", { n })}</span>
      <span class="small quiet figures">${t("target {n} min", { n: target })}</span>
      ${n > target && html`<${State} of="late" />`}</dd></div>`;
}

function Nobody() {
  const { skills, state } = own.value;
  const mine = hallState.value.services.filter((one) => skills.includes(one.id));
  const n = mine.reduce((sum, one) => sum + one.waiting, 0);
  const line = t("{n} people are waiting for this window.", { n });
  const titles = { open: t("Ready for the next visitor"), paused: t("Pause"), closed: t("This window is closed") };
  const hint = state === "open" ? "" : t("Open the window to call visitors.");
  return html`<section class="card visitor visitor-nobody">
    <p class="visitor-title">${titles[state]}</p>
    <p class="quiet figures">${n === 0 ? t("Nobody is waiting for this window.") : line} ${hint}</p>
  </section>`;
}

function Deeds() {
  return html`<div class="deeds">
    ${DEEDS.map(
      (deed) => html`<button type="button" key=${deed.name}
        class="button deed deed-${deed.name} ${NEXT.includes(deed.name) && deed.can() ? "button-main" : ""}"
        aria-disabled=${String(!deed.can())} aria-keyshortcuts=${deed.key}
        aria-expanded=${deed.name === "transfer" ? String(transferring.value) : undefined}
        onClick=${() => press(deed.name)}>
        <span>${deed.words()}</span> <kbd>${deed.key}</kbd>
      </button>`,
    )}
  </div>`;
}

function Services() {
  const { services } = hallState.value;
  const mine = (one) => own.value.skills.includes(one.id);
  const others = services.filter((one) => !mine(one));
  return html`<section class="card side-line">
    <h2>${t("In line now")}</h2>
    <div class="line-row line-head quiet small" aria-hidden="true">
      <span></span><span></span><span>${t("longest")}</span>
      <span class="line-wait">${t("new ticket")}</span><span class="line-count">${t("people")}</span>
    </div>
    <ul>${services.filter(mine).map((one) => html`<${Service} key=${one.id} service=${one} mine />`)}</ul>
    ${others.length > 0 && html`<h3 class="quiet">${t("Other windows serve")}</h3>
      <ul>${others.map((one) => html`<${Service} key=${one.id} service=${one} />`)}</ul>`}
  </section>`;
}

function Service({ service, mine }) {
  const waiting = hallState.value.tickets
    .filter((one) => one.state === "waiting" && one.service === service.id)
    .sort((one, other) => one.place - other.place);
  const longest = Math.max(0, ...waiting.map((one) => Math.floor(minutesSince(one.issued))));
  const isUnfolded = unfolded.value === service.id;
  const unfold = () => (unfolded.value = isUnfolded ? null : service.id);
  const row = html`<span class="number line-letter">${service.prefix}</span>
    <span class="line-name">${pick(service.name)}</span>
    <span class="line-late">
      ${longest > service.target_minutes && html`<${State} of="late">${t("{n} min", { n: longest })}<//>`}
    </span>
    <span class="figures line-wait">${service.waiting > 0 && waitWords(service.wait)}</span>
    <strong class="figures line-count">${service.waiting}</strong>`;
  if (!mine) return html`<li class="line-row quiet">${row}</li>`;
  return html`<li>
    <button type="button" class="line-row" aria-expanded=${String(isUnfolded)} onClick=${unfold}>${row}</button>
    ${isUnfolded && html`<ol class="line-numbers">
      ${waiting.slice(0, NUMBERS_SHOWN).map((one) => html`<${Chosen} key=${one.id} ticket=${one} />`)}
    </ol>`}
  </li>`;
}

function Chosen({ ticket }) {
  const cannot = !isOpen() || !isIdle();
  const chose = () => !cannot && act("call", { ticket: ticket.id });
  const waited = t("{n} min", { n: Math.floor(minutesSince(ticket.issued)) });
  return html`<li><button type="button" class="button" aria-disabled=${String(cannot)} onClick=${chose}
    aria-label=${`${t("Call {number}", { number: ticket.number })} ${waited}`}>
    <${Numeral} value=${ticket.number} /> <span class="small quiet figures">${waited}</span>
  </button></li>`;
}

function Parked() {
  const parked = hallState.value.tickets.filter((one) => one.state === "parked");
  if (parked.length === 0) return null;
  return html`<section class="card side-parked">
    <h2>${t("Visitors set aside")}</h2>
    <ul>${parked.map((one) => html`<${ParkedRow} key=${one.id} ticket=${one} />`)}</ul>
  </section>`;
}

function ParkedRow({ ticket: { id, number, service, since, note } }) {
  const cannot = !isOpen() || !isIdle();
  const body = { ticket: id };
  const away = t("{n} min", { n: Math.floor(minutesSince(since)) });
  return html`<li class="parked-row">
    <${Numeral} value=${number} />
    <span class="line-name">${pick(serviceOf(service).name)}
      <span class="small quiet figures"> ${[away, note].filter(Boolean).join(" · ")}</span></span>
    <button type="button" class="button" aria-disabled=${String(cannot)}
      onClick=${() => !cannot && act("call", body)}>${t("Call")}</button>
    <button type="button" class="button" onClick=${() => act("unpark", body)}>${t("Back to the line")}</button>
  </li>`;
}

function Transfer() {
  const first = useRef(null);
  const note = useRef(null);
  useEffect(() => {
    if (first.current) first.current.focus();
    return () => document.querySelector(".deed-transfer").focus();
  }, []);
  const others = hallState.value.services.filter((one) => one.id !== visitor.value.service);
  const send = (service) => act("transfer", { service, note: note.current.value.trim() || undefined });
  return html`<section class="card side-transfer" aria-label=${t("Transfer")}>
    <h2>${t("Transfer {number} to", { number: visitor.value.number })}</h2>
    <label class="quiet small" for="note">${t("Note for the next window (you may leave it empty)")}</label>
    <input id="note" class="note" maxlength="200" autocomplete="off" ref=${note} />
    <ul>${others.map((one, index) => html`<li key=${one.id}>
      <button type="button" class="button transfer-to" ref=${index === 0 ? first : undefined}
        onClick=${() => send(one.id)}>
        <span class="number line-letter">${one.prefix}</span><span class="line-name">${pick(one.name)}</span>
        <span class="figures quiet">${one.waiting}</span>
      </button></li>`)}</ul>
    <button type="button" class="button" onClick=${() => (transferring.value = false)}>
      ${t("Do not transfer")} <kbd>Esc</kbd>
    </button>
  </section>`;
}

function OwnDay() {
  const { served, no_shows: missed, serving_minutes: minutes } = own.value;
  const each = served > 0 ? t("{n} min", { n: Math.round(minutes / served) }) : "–";
  return html`<dl class="own-day" aria-label=${t("Your day at this window")}>
    <div><dt>${t("Served today")}</dt><dd class="figures">${served}</dd></div>
    <div><dt>${t("Did not come")}</dt><dd class="figures">${missed}</dd></div>
    <div><dt>${t("A visit takes")}</dt><dd class="figures">${each}</dd></div>
  </dl>`;
}

function Console() {
  if (!hallState.value) return html`<${LinkLost} link=${live.link} />`;
  if (!own.value) {
    return html`<p class="notice notice-late">${t("There is no window {id} in this hall.", { id: page.window })}</p>`;
  }
  const stale = live.link.value.stale ? "is-stale" : "";
  return html`<${Fragment}>
    <${Head} />
    <div class="console-body ${stale}">
      <div class="console-work">
        <${Visitor} />
        <div class="console-line" role="status"><${Line} /></div>
        <${Deeds} />
      </div>
      <aside class="console-side">
        ${transferring.value && visitor.value
          ? html`<${Transfer} />`
          : html`<${Fragment}><${Services} /><${Parked} /><//>`}
        <${OwnDay} />
      </aside>
    </div>
  <//>`;
}

async function start() {
  await loadWords();
  if (!isAdmitted(page)) {
    live.close();
    return;
  }
  document.addEventListener("keydown", onKey);
  setInterval(watchUndo(), TICK_MS);
  effect(() => {
    const words = own.value ? t("Window {label}", { label: own.value.label }) : t("Window");
    document.title = visitor.value ? `${visitor.value.number} · ${words}` : words;
  });
  render(html`<${Console} />`, document.getElementById("app"));
}

start();
