/* What all pages are built from: Preact with htm and signals, and small parts.
 *
 * Pages import from here only, so that the libraries are named in one place.
 */
import { Fragment, h, render } from "../vendor/preact.js";
import htm from "../vendor/htm.js";
import { t } from "./i18n.js";
import { time } from "./words.js";

export { Fragment, h, render };
export { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "../vendor/hooks.js";
export { batch, computed, effect, signal, untracked, useComputed, useSignal } from "../vendor/signals.js";
export { ago, day, minutesBetween, time, waitWords } from "./words.js";

export const html = htm.bind(h);

/** A ticket or window number: `A42` is read as one, shown as A 42. */
export function Numeral({ value, class: more = "" }) {
  const [, letter, figures] = /^(\p{L}*)(.*)$/u.exec(value || "");
  return html`<span class="number ${more}">
    ${letter && html`<span class="number-letter">${letter}</span>`}${figures}
  </span>`;
}

/** The mark of these pages. `children` stand beside it. */
export function Mark({ children }) {
  return html`<div class="mark"><span class="mark-plate"><${Shape} of="called" /></span>Vikno${children}</div>`;
}

/* Shapes of states, so that none is told by colour alone. */
const SHAPES = {
  waiting: html`<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2.5" />`,
  called: html`<path d="M1 5h8V1l6 7-6 7v-4H1z" fill="currentColor" />`,
  late: html`<path d="M8 1l7.5 14H.5z" fill="currentColor" />`,
  serving: html`<circle cx="8" cy="8" r="6.5" fill="currentColor" />`,
  free: html`<rect x="2" y="2" width="12" height="12" rx="1" fill="none" stroke="currentColor" stroke-width="2.5" />`,
  paused: html`<path d="M3 2h4v12H3zm6 0h4v12H9z" fill="currentColor" />`,
  closed: html`<path d="M2 6.5h12v3H2z" fill="currentColor" />`,
};

export function Shape({ of }) {
  return html`<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">${SHAPES[of]}</svg>`;
}

/** One of the three states, by shape, word and colour. */
export function State({ of, children }) {
  const words = { waiting: t("waiting"), called: t("called"), late: t("over target") };
  return html`<span class="state state-${of}"><${Shape} of=${of} />${children || words[of]}</span>`;
}

/** The clock of the hall, hours and minutes. */
export function Clock({ now, zone }) {
  const words = time(now.value, zone);
  return html`<time class="clock figures" datetime=${words}>${words}</time>`;
}

/** Says since when the server is out of reach; nothing while all is well. */
export function LinkLost({ link, zone }) {
  const { status, since } = link.value;
  if (status !== "lost") return null;
  const words = since ? t("No connection since {time}", { time: time(since, zone) }) : t("No connection");
  return html`<p class="link-lost" role="status"><${Shape} of="late" />${words}</p>`;
}

/** A button that answers once: further presses wait until the deed is done. */
export function Button({ main, late, busy, onPress, children, ...rest }) {
  const kind = `button ${main ? "button-main" : ""} ${late ? "button-late" : ""}`;
  const press = (event) => !busy && onPress && onPress(event);
  const disabled = busy ? "true" : undefined;
  return html`<button type="button" class=${kind} aria-disabled=${disabled} onClick=${press} ...${rest}>
    ${children}
  </button>`;
}
