/* A screen or kiosk that belongs to no hall yet: eight letters, and where somebody types them (RFC 8628).
 *
 * Nobody stands in front of it with a keyboard. It asks the server for letters, shows them as large as a hall screen
 * shows a number, asks now and then whether they were typed, and then becomes the screen or kiosk of its hall. This
 * address may be the start page of the device for good: what is paired goes on to its hall at once.
 */
import { ONCE, call } from "./api.js";
import { endedPairing, keepDevice, pairedDevice } from "./credentials.js";
import { lang, loadCatalog, t } from "./i18n.js";
import { useTitle } from "./managertools.js";
import { QrCode } from "./qr.js";
import { LinkLost, Shape, batch, html, render, signal } from "./ui.js";

const SECOND_MS = 1000;
const SLOWER_S = 5; // RFC 8628, 3.5: by so much, when the server says "slow_down"
const AGAIN_S = 5; // after a network that blinked
const WORDS_AGAIN_MS = 5000;

const kind = location.pathname.split("/").pop();
const code = signal(null); // { user_code, device_code, until (ms), interval (s) }
const left = signal(0); // seconds
const lost = signal({ status: "connecting", since: null });
const said = signal(null); // why there are letters again
const done = signal(null);

/** New letters, at once or as soon as the server is there. */
async function begin() {
  try {
    const told = await call("POST", "/devices/pairing", { kind }, ONCE);
    batch(() => {
      code.value = { ...told, until: performance.now() + told.expires_in * SECOND_MS };
      lost.value = { status: "live", since: null };
      tick();
    });
    ask(told.interval);
  } catch (problem) {
    lost.value = { status: "lost", since: null };
    setTimeout(begin, Math.max(AGAIN_S, problem.seconds) * SECOND_MS);
  }
}

/** Asks after `interval` seconds whether the letters were typed. */
function ask(interval) {
  setTimeout(async () => {
    try {
      become(await call("POST", "/devices/token", { device_code: code.value.device_code }, ONCE));
    } catch ({ code: reason }) {
      lost.value = { status: reason === "network" ? "lost" : "live", since: null };
      if (reason === "expired_token" || reason === "access_denied") begin();
      else ask(reason === "slow_down" ? interval + SLOWER_S : interval);
    }
  }, interval * SECOND_MS);
}

function become(device) {
  done.value = device;
  if (keepDevice(device)) location.replace(`/${device.kind}/${device.hall}`);
  else said.value = () => t("This browser keeps nothing, so it cannot stay paired. Allow it to keep data, and load this page again.");
}

function tick() {
  if (code.value) left.value = Math.max(0, Math.round((code.value.until - performance.now()) / SECOND_MS));
}

/* ---- parts ---- */

function Page() {
  const title = kind === "kiosk" ? t("Connect this kiosk") : t("Connect this screen");
  useTitle(title);
  return html`<div class="pair">
    <header class="pair-top">
      <h1>${title}</h1>
      <${LinkLost} link=${lost} />
    </header>
    ${said.value && html`<p class="pair-said" role="status">${said.value()}</p>`}
    ${done.value ? html`<p class="pair-done" role="status">${done.value.name}</p>` : code.value && html`<${Letters} />`}
  </div>`;
}

function Letters() {
  const { user_code: letters, verification_uri: address } = code.value;
  const [first, second] = letters.split("-");
  return html`<p class="pair-code" translate=${false}>
      <span class="unseen">${[...first, ...second].join(" ")}</span>
      ${[first, second].map((group) => html`<span key=${group} aria-hidden="true">${[...group].map((letter) => html`<span class="pair-letter">${letter}</span>`)}</span>`)}
    </p>
    <div class="pair-how">
      <ol class="pair-steps">
        <li>${t("On a phone or a computer, open this address and sign in:")}
          <strong class="pair-address" translate=${false}>${readable(address)}</strong></li>
        <li>${t("Type the eight letters, choose the hall, and give this device a name.")}</li>
        <li>${t("It goes on by itself.")}</li>
      </ol>
      <div class="pair-qr"><${QrCode} text=${`${address}#code=${letters}`} label=${t("The address, with the letters")} /></div>
    </div>
    <p class="pair-left quiet figures">${t("New letters in {time}", { time: clock(left.value) })}</p>`;
}

/** As somebody types it: without what a browser adds itself. */
function readable(address) {
  return address.replace(/^https?:\/\//, "");
}

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Words may come late: a device shows its letters first and its language when it can. */
async function speakLanguage() {
  if (!(await loadCatalog(lang.value))) setTimeout(speakLanguage, WORDS_AGAIN_MS);
}

async function start() {
  const device = pairedDevice(kind);
  if (device) {
    location.replace(`/${kind}/${device.hall}`);
    return;
  }
  await speakLanguage();
  const ended = endedPairing();
  if (ended) said.value = () => t("{name} was disconnected. To use this device again, connect it anew.", { name: ended });
  render(html`<${Page} />`, document.getElementById("app"));
  setInterval(tick, SECOND_MS);
  begin();
}

start();
