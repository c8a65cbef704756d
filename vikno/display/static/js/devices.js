/* The screens and kiosks of the halls: which are on, a new one by its eight letters, and one that must go. */
import { ONCE, call } from "./api.js";
import { fromFragment } from "./credentials.js";
import { Choice, Field, valuesOf } from "./forms.js";
import { isAdmitted } from "./gate.js";
import { pick, t } from "./i18n.js";
import { known } from "./known.js";
import { loadWords } from "./language.js";
import { keepTheme } from "./managertools.js";
import { Top } from "./peopletop.js";
import { hallName } from "./roles.js";
import { Trouble, troubleOf } from "./trouble.js";
import { Button, State, batch, html, render, signal, useSignal } from "./ui.js";
import { codeOf, grouped, isWhole } from "./usercode.js";
import { dayAndTime, lastSeen } from "./words.js";

const REFRESH_MS = 15000;
const NAME_MAX = 60;

const devices = signal(null);
const trouble = signal(null);
const said = signal("");
const letters = signal(grouped(codeOf(fromFragment("code")).letters));

async function load() {
  try {
    devices.value = (await call("GET", "/devices")).devices;
    trouble.value = null;
  } catch (problem) {
    trouble.value = troubleOf(problem);
  }
}

/* ---- a new one ---- */

const REFUSALS = {
  "unknown-code": () => t("No device shows these letters now. Look at it again: it may have new ones."),
};

function Connect() {
  const wrong = useSignal(null);
  const send = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const { code: typed, ...rest } = valuesOf(form);
    const code = codeOf(typed);
    if (!isWhole(code)) {
      wrong.value = { words: () => (code.rest ? t("{signs} is not in any of the letters that a device shows.", { signs: code.rest }) : t("A device shows eight letters; these are {n}.", { n: code.letters.length })) };
      return;
    }
    try {
      const made = await call("POST", "/devices", { user_code: grouped(code.letters), ...rest }, ONCE);
      form.reset();
      batch(() => {
        letters.value = "";
        wrong.value = null;
        said.value = t("{name} is connected and goes on by itself in some seconds.", { name: made.name });
      });
      load();
    } catch (problem) {
      wrong.value = troubleOf(problem, REFUSALS);
    }
  };
  return html`<section class="panel card" aria-labelledby="connect-title">
    <h2 id="connect-title">${t("Connect a screen or a kiosk")}</h2>
    <p class="quiet">${t("Open this address on the device:")} <strong class="device-address" translate=${false}>${location.host}/pair/screen</strong>${" "}${t("or")}${" "}<strong class="device-address" translate=${false}>${location.host}/pair/kiosk</strong>. ${t("It shows eight letters.")}</p>
    <form class="form form-row" onSubmit=${send}>
      <${Trouble} of=${wrong.value} />
      <${Field} name="code" label=${t("The eight letters")} class="field field-code" value=${letters.value} autocomplete="off"
        autocapitalize="characters" spellcheck="false" maxlength="20" required placeholder="BCDF-GHJK" />
      <${Choice} name="hall" label=${t("Hall")} choices=${known.halls.map(({ id, name }) => [id, pick(name)])} />
      <${Field} name="name" label=${t("What is it called?")} placeholder=${t("Screen at the entrance")} maxlength=${NAME_MAX} required autocomplete="off" />
      <button type="submit" class="button button-main">${t("Connect")}</button>
    </form>
    <p class="form-said" role="status">${said.value}</p>
  </section>`;
}

/* ---- those there are ---- */

function List() {
  const on = devices.value.filter(({ revoked }) => !revoked);
  const gone = devices.value.filter(({ revoked }) => revoked);
  return html`<section class="panel" aria-labelledby="devices-title">
    <h2 id="devices-title">${t("Connected")}${" "}<span class="quiet figures">${on.length}</span></h2>
    ${on.length === 0 ? html`<p class="quiet">${t("No screen or kiosk is connected yet.")}</p>` : html`<${Table} devices=${on} />`}
    ${gone.length > 0 &&
    html`<details>
      <summary>${t("Disconnected")} (${gone.length})</summary>
      <${Table} devices=${gone} />
    </details>`}
  </section>`;
}

function Table({ devices: shown }) {
  return html`<table class="cards">
    <thead>
      <tr>
        <th>${t("Name")}</th>
        <th>${t("Kind")}</th>
        <th>${t("Hall")}</th>
        <th>${t("Last seen")}</th>
        <th>${t("Connected since")}</th>
        <th><span class="unseen">${t("Disconnect")}</span></th>
      </tr>
    </thead>
    <tbody>
      ${shown.map((device) => html`<${Row} key=${device.id} device=${device} />`)}
    </tbody>
  </table>`;
}

function Row({ device }) {
  const asking = useSignal(false);
  const { name, kind, hall, made, last_seen: seen, revoked } = device;
  return html`<tr>
      <th scope="row" translate=${false}>${name}</th>
      <td data-name=${t("Kind")}>${kind === "kiosk" ? t("Kiosk") : t("Screen")}</td>
      <td data-name=${t("Hall")}>${hallName(hall)}</td>
      <td data-name=${t("Last seen")}>${revoked ? "–" : html`<${Seen} at=${seen} />`}</td>
      <td data-name=${t("Connected since")}>${dayAndTime(made)}</td>
      <td class="cards-deed">
        ${revoked
          ? t("disconnected {when}", { when: dayAndTime(revoked) })
          : html`<button type="button" class="button" aria-expanded=${String(asking.value)} onClick=${() => (asking.value = !asking.value)}>
              ${t("Disconnect")}<span class="unseen" translate=${false}> ${name}</span>
            </button>`}
      </td>
    </tr>
    ${asking.value &&
    html`<tr class="cards-more">
      <td colspan="6"><${Question} device=${device} close=${() => (asking.value = false)} /></td>
    </tr>`}`;
}

/** A device that was lately there is on; else since when it was not. */
function Seen({ at }) {
  const { words, late } = lastSeen(at);
  return late ? html`<${State} of="late">${words}<//>` : words;
}

/** It cannot be undone from here, so what happens is said before. */
function Question({ device, close }) {
  const busy = useSignal(false);
  const wrong = useSignal(null);
  const { kind, name } = device;
  const revoke = async () => {
    busy.value = true;
    try {
      await call("DELETE", `/devices/${device.id}`);
      said.value = t("{name} is disconnected.", { name });
      await load();
    } catch (problem) {
      wrong.value = troubleOf(problem);
    }
    busy.value = false;
  };
  const happens =
    kind === "kiosk"
      ? t("Within seconds nobody can take a ticket at {name}; it shows eight letters instead. To use it again, connect it again.", { name })
      : t("Within seconds {name} shows no calls any more, but eight letters. To use it again, connect it again.", { name });
  return html`<div class="question-box">
    <p>${happens}</p>
    <${Trouble} of=${wrong.value} />
    <p class="form-deeds">
      <${Button} late busy=${busy.value} onPress=${revoke}>${t("Disconnect it")}<//>
      <${Button} onPress=${close}>${t("Leave it connected")}<//>
    </p>
  </div>`;
}

function Page() {
  return html`<div class="page">
    <${Top} page="devices" />
    <${Trouble} of=${trouble.value} />
    <${Connect} />
    ${devices.value && html`<${List} />`}
  </div>`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (!isAdmitted()) return;
  render(html`<${Page} />`, document.getElementById("app"));
  load();
  setInterval(() => document.visibilityState === "visible" && load(), REFRESH_MS);
}

start();
