/* Waiting over the day: a small drawing, a sentence that says the same, and a table. */
import { t } from "./i18n.js";
import { html, time, useState } from "./ui.js";

const WIDTH = 720;
const HEIGHT = 200;
const EDGE = { left: 34, right: 92, top: 12, bottom: 26 };
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200];
const LINES_MAX = 4; // horizontal lines, so that the drawing stays quiet
const TICKS_MAX = 8;
const MINUTE_MS = 60000;
const TICK_MINUTES = [5, 15, 30, 60, 120, 180];
const TABLE_ROWS_MAX = 120;
const SPAN_LEAST_MS = 15 * MINUTE_MS; // the axis of a page just opened
const NAMES_APART = 14; // units of the drawing: names closer than that run into each other

export function Chart({ samples, zone }) {
  const [at, setAt] = useState(null);
  const title = t("Waiting over the day");
  if (samples.length < 2) {
    return html`<section class="panel">
      <h2>${title}</h2>
      <p class="quiet">${t("The picture begins with the second minute.")}</p>
    </section>`;
  }
  const shown = at === null ? null : samples[Math.min(at, samples.length - 1)];
  return html`<section class="panel" aria-labelledby="chart-title">
    <h2 id="chart-title">${title}</h2>
    <figure>
      <${Drawing} samples=${samples} zone=${zone} title=${title} shown=${shown} setAt=${setAt} />
      <figcaption>${shown ? momentWords(shown, zone) : dayWords(samples, zone)}</figcaption>
    </figure>
    <${Numbers} samples=${samples} zone=${zone} />
  </section>`;
}

function Drawing({ samples, zone, title, shown, setAt }) {
  const scale = scaleOf(samples);
  const move = (event) => setAt(nearest(samples, scale, event));
  const words = `${title}. ${dayWords(samples, zone)}`;
  return html`<svg
    class="chart"
    viewBox="0 0 ${WIDTH} ${HEIGHT}"
    role="img"
    aria-label=${words}
    onPointerMove=${move}
    onPointerLeave=${() => setAt(null)}
  >
    <${Grid} scale=${scale} zone=${zone} />
    <path class="chart-area" d=${`${path(samples, scale, "waiting")} V${scale.y(0)} H${scale.x(samples[0].at)} Z`} />
    <path class="chart-waiting" d=${path(samples, scale, "waiting")} />
    <path class="chart-late" d=${path(samples, scale, "late")} />
    <${Names} last=${samples[samples.length - 1]} scale=${scale} />
    ${shown && html`<${Cursor} x=${scale.x(shown.at)} />`}
  </svg>`;
}

function Grid({ scale, zone }) {
  const right = WIDTH - EDGE.right;
  return html`
    ${scale.lines.map(
      (value) => html`<g key=${value} class="chart-grid">
        <line x1=${EDGE.left} x2=${right} y1=${scale.y(value)} y2=${scale.y(value)} />
        <text x=${EDGE.left - 8} y=${scale.y(value) + 4} text-anchor="end">${value}</text>
      </g>`,
    )}
    ${scale.ticks.map(
      (tick) => html`<text key=${tick} x=${scale.x(tick)} y=${HEIGHT - 6} text-anchor="middle">
        ${time(tick, zone)}
      </text>`,
    )}
  `;
}

/** Each line has its name at its end; where they meet, the names part. */
function Names({ last, scale }) {
  const apart = Math.max(0, NAMES_APART - (scale.y(last.late) - scale.y(last.waiting))) / 2;
  const x = scale.x(last.at) + 8;
  return html`
    <text class="chart-name" x=${x} y=${scale.y(last.waiting) + 4 - apart}>${t("waiting")}</text>
    <text class="chart-name chart-name-late" x=${x} y=${scale.y(last.late) + 4 + apart}>${t("over target")}</text>
  `;
}

function Cursor({ x }) {
  return html`<line class="chart-cursor" x1=${x} x2=${x} y1=${EDGE.top} y2=${HEIGHT - EDGE.bottom} />`;
}

function Numbers({ samples, zone }) {
  const every = Math.ceil(samples.length / TABLE_ROWS_MAX);
  const rows = samples.filter((sample, index) => index % every === 0).reverse();
  return html`<details class="chart-table">
    <summary>${t("As a table")}</summary>
    <p><a download="waiting.csv" href=${csv(samples)}>${t("All of it as CSV")}</a></p>
    <table>
      <thead>
        <tr>
          <th>${t("Time")}</th>
          <th class="num">${t("Waiting")}</th>
          <th class="num">${t("Over target")}</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ at, waiting, late }) => html`<tr key=${at}>
            <td>${time(at, zone)}</td>
            <td class="num">${waiting}</td>
            <td class="num">${late}</td>
          </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

function dayWords(samples, zone) {
  const last = samples[samples.length - 1];
  const most = samples.reduce((best, one) => (one.waiting > best.waiting ? one : best));
  const words = { since: time(samples[0].at, zone), most: most.waiting, time: time(most.at, zone), now: last.waiting };
  return t("Since {since}: at most {most} waiting, at {time}; now {now}.", words);
}

function momentWords({ at, waiting, late }, zone) {
  return t("{time}: {waiting} waiting, {late} over target.", { time: time(at, zone), waiting, late });
}

function scaleOf(samples) {
  const from = samples[0].at;
  const until = Math.max(samples[samples.length - 1].at, from + SPAN_LEAST_MS);
  const { top, lines } = levels(Math.max(1, ...samples.map(({ waiting }) => waiting)));
  const inner = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  return {
    x: (at) => EDGE.left + ((at - from) / (until - from)) * inner.width,
    y: (value) => EDGE.top + (1 - value / top) * inner.height,
    moment: (x) => from + ((x - EDGE.left) / inner.width) * (until - from),
    lines,
    ticks: ticksOf(from, until),
  };
}

/** Few and round horizontal lines from 0 to the first one that is not below `most`. */
export function levels(most) {
  const step = STEPS.find((one) => most / one <= LINES_MAX) || most;
  const top = Math.ceil(most / step) * step;
  return { top, lines: range(0, top, step) };
}

function ticksOf(from, until) {
  const minutes = TICK_MINUTES.find((one) => (until - from) / MINUTE_MS / one <= TICKS_MAX) || 240;
  const step = minutes * MINUTE_MS;
  return range(Math.ceil(from / step) * step, until, step);
}

export function range(from, until, step) {
  return Array.from({ length: Math.floor((until - from) / step) + 1 }, (none, index) => from + index * step);
}

/** A count stays until it changes: steps, not slopes. */
function path(samples, scale, name) {
  const [first, ...rest] = samples;
  const start = `M${scale.x(first.at)} ${scale.y(first[name])}`;
  return start + rest.map((one) => ` H${scale.x(one.at).toFixed(1)} V${scale.y(one[name]).toFixed(1)}`).join("");
}

function nearest(samples, scale, event) {
  const box = event.currentTarget.getBoundingClientRect();
  const at = scale.moment(((event.clientX - box.left) / box.width) * WIDTH);
  const after = samples.findIndex((one) => one.at >= at);
  return after < 0 ? samples.length - 1 : after;
}

function csv(samples) {
  const lines = samples.map(({ at, waiting, late }) => `${new Date(at).toISOString()},${waiting},${late}`);
  return `data:text/csv;charset=utf-8,${encodeURIComponent(["time,waiting,over_target", ...lines].join("\n"))}`;
}
