/* The window a clerk works at: taken after signing in, left when they go, and theirs alone in between. */
import { ONCE, call } from "./api.js";
import { pick, t } from "./i18n.js";
import { hasRole, known } from "./known.js";
import { Trouble, troubleOf } from "./trouble.js";
import { Numeral, Shape, html, signal, useEffect, useSignal } from "./ui.js";

const taking = signal(false);

/** Where the clerk is: { hall, window, label }, or null. */
export function stationOf(account) {
  const { hall: at, window: id } = account || {};
  return id ? { hall: at, window: id, label: labelOf(at, id) } : null;
}

/** What people call a window. */
export function labelOf(at, id) {
  const hall = known.halls.find((one) => one.id === at);
  const found = hall && hall.windows.find((one) => one.id === id);
  return found ? found.label : id;
}

/** Whether somebody works at windows of a hall only when they have taken one. */
export function takesWindows(account, hall) {
  return hasRole(account, ["clerk"], hall) && !hasRole(account, ["manager", "admin"], hall);
}

export function consoleOf({ hall, window: at }) {
  return `/console/${hall}/${at}`;
}

export function takeWindow(hall, at) {
  return call("PATCH", "/session", { hall, window: at }, ONCE);
}

/** Leaves the window, if there is one, for somebody else to take. */
export function leaveWindow(station) {
  return call("PATCH", "/session", { hall: station.hall, window: null });
}

/** The choice of a window, or the one that is taken, for whoever works at windows. */
export function Stations({ account }) {
  const halls = known.halls.filter(({ id }) => takesWindows(account, id));
  const trouble = useSignal(null);
  if (halls.length === 0) return null;
  const go = async (hall, at) => {
    if (taking.value) return;
    taking.value = true;
    try {
      await takeWindow(hall, at);
      location.assign(consoleOf({ hall, window: at }));
    } catch (problem) {
      trouble.value = troubleOf(problem);
    }
    taking.value = false;
  };
  const station = stationOf(account);
  return html`<section class="stations" aria-labelledby="stations-title">
    <h2 id="stations-title">${station ? t("You are at window {label}", station) : t("Which window do you work at?")}</h2>
    <${Trouble} of=${trouble.value} />
    ${station
      ? html`<${Taken} station=${station} trouble=${trouble} />`
      : halls.map((hall) => html`<${Choice} key=${hall.id} hall=${hall} named=${halls.length > 1} onTake=${go} />`)}
  </section>`;
}

function Taken({ station, trouble }) {
  const leave = async () => {
    try {
      await leaveWindow(station);
      location.reload();
    } catch (problem) {
      trouble.value = troubleOf(problem);
    }
  };
  return html`<p class="form-deeds">
    <a class="button button-main" href=${consoleOf(station)}>${t("Go to the window")}</a>
    <button type="button" class="button" onClick=${leave}>${t("Leave the window")}</button>
  </p>`;
}

/** The windows of a hall; those that are open now are somebody's already, as a rule. */
function Choice({ hall, named, onTake }) {
  const open = useSignal([]);
  useEffect(() => {
    call("GET", `/halls/${hall.id}/board`).then(
      ({ windows }) => (open.value = windows.filter(({ state }) => state !== "closed").map(({ id }) => id)),
      () => {}, // it is only a help to choose by
    );
  }, [hall.id]);
  return html`<div role="group" aria-label=${pick(hall.name)}>
    ${named && html`<p class="stations-hall">${pick(hall.name)}</p>`}
    <ul class="stations-windows">
      ${hall.windows.map(
        ({ id, label }) => html`<li key=${id}>
          <button type="button" class="button station" onClick=${() => onTake(hall.id, id)}>
            <span class="unseen">${t("Window")}${" "}</span><${Numeral} value=${label} />
            ${open.value.includes(id) &&
            html`<span class="station-state small quiet"><${Shape} of="serving" />${t("somebody is there")}</span>`}
          </button>
        </li>`,
      )}
    </ul>
  </div>`;
}
