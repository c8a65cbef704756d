/* Setting up a hall screen: two questions, and whether the numbers can be read. */
import { recall, remember } from "./credentials.js";
import { t } from "./i18n.js";
import { isRoom, roomOf } from "./room.js";
import { html, useEffect, useRef, useState } from "./ui.js";

const USUAL = { diagonal: 55, distance: 8, silent: false };
const SHOWN_MS = 20000; // the button is offered when the page is new, then leaves the picture

/** The room of the address, else the one kept in this browser; `silent` is false by default. */
export function keptRoom(hall) {
  const kept = parsed(recall(placeOf(hall))) || {};
  return { ...kept, ...roomOf(location.search) };
}

/** The button in the corner and what it opens. `room` is a signal, changed as one types. */
export function RoomDialog({ hall, room, sizes }) {
  const [open, setOpen] = useState(false);
  const visible = useVisibleFor(SHOWN_MS);
  const close = () => setOpen(false);
  const change = (part) => {
    room.value = { ...USUAL, ...room.value, ...part };
    remember(placeOf(hall), JSON.stringify(room.value));
  };
  return html`
    <button type="button" class="button setup ${visible ? "" : "is-away"}" onClick=${() => setOpen(true)}>
      ${t("Set up this screen")}
    </button>
    ${open && html`<${Questions} room=${room.value} sizes=${sizes.value} change=${change} close=${close} />`}
  `;
}

function Questions({ room, sizes, change, close }) {
  const dialog = useRef(null);
  useEffect(() => {
    change({});
    dialog.current.showModal();
  }, []);
  const values = { ...USUAL, ...room };
  return html`<dialog ref=${dialog} class="room" onClose=${close}>
    <form method="dialog">
      <h2>${t("Set up this screen")}</h2>
      <${Ask} part="diagonal" step="1" values=${values} change=${change}>${t("Diagonal of the screen, inches")}<//>
      <${Ask} part="distance" step="0.5" values=${values} change=${change}>${t("Farthest seat, metres")}<//>
      <label class="room-switch">
        <input
          type="checkbox"
          checked=${!values.silent}
          onChange=${(event) => change({ silent: !event.target.checked })}
        />
        ${t("This screen announces the calls aloud")}
      </label>
      <${Verdict} room=${values} sizes=${sizes} />
      <button class="button button-main" value="done">${t("Done")}</button>
    </form>
  </dialog>`;
}

function Ask({ part, step, values, change, children }) {
  return html`<label class="room-question">
    <span>${children}</span>
    <input
      type="number"
      min="0"
      step=${step}
      inputmode="decimal"
      value=${values[part]}
      onInput=${(event) => change({ [part]: Number(event.target.value) })}
    />
  </label>`;
}

function Verdict({ room, sizes }) {
  if (!isRoom(room)) return html`<p class="notice notice-late">${t("Both must be numbers above zero.")}</p>`;
  if (!sizes.mostMetres) return null;
  const found = { seat: metres(room.distance), most: metres(sizes.mostMetres), row: metres(sizes.rowMetres) };
  const words = sizes.fits
    ? t("It fits: the called number can be read from {seat} m, the earlier ones from {row} m.", found)
    : `${t("It does not fit: from {seat} m the number cannot be read.", found)}
       ${t("This screen serves seats up to {most} m; take a larger one or hang it nearer.", found)}`;
  return html`<p class="notice ${sizes.fits ? "" : "notice-late"}" role="status">${words}</p>`;
}

/** True at first and for a while after the pointer moved or a key was pressed. */
function useVisibleFor(ms) {
  const [visible, setVisible] = useState(true);
  useEffect(() => {
    let timer = setTimeout(() => setVisible(false), ms);
    const show = () => {
      clearTimeout(timer);
      setVisible(true);
      timer = setTimeout(() => setVisible(false), ms);
    };
    const signs = ["pointermove", "pointerdown", "keydown"];
    signs.forEach((sign) => window.addEventListener(sign, show));
    return () => signs.forEach((sign) => window.removeEventListener(sign, show));
  }, []);
  return visible;
}

function metres(value) {
  return Math.floor(value * 10) / 10;
}

function placeOf(hall) {
  return `vikno-room:${hall}`;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}
