/* A course over the day for one plan or two, each with its band: a drawing, a sentence, a table.
 *
 * The drawing is as wide as its place in pixels, so that words in it keep their size on a phone.
 */
import { levels, range } from "./chart.js";
import { t } from "./i18n.js";
import { html, useEffect, useRef, useState } from "./ui.js";
import { clock, interval, minutes } from "./whatifwords.js";

const HEIGHT = 260;
const EDGE = { left: 36, right: 12, top: 10, bottom: 26 };
const HOUR = 60;
const TICK_WIDTH = 56; // pixels a clock time needs
const TICK_HOURS = [1, 2, 3, 4, 6, 12];
const USUAL_WIDTH = 720;

/** `courses`: [{ kind, name, curve }]; `band`: "sure" or "days"; `words` gives the sentence of one course. */
export function Course({ id, title, unit, courses, band, words }) {
  const [place, width] = useWidth();
  const [at, setAt] = useState(null);
  const points = courses.map(({ curve }) => pointsOf(curve, band));
  const scale = scaleOf(points, width);
  const told = courses.map(({ name }, index) => words(name, points[index])).filter(Boolean).join(" ");
  const shown = at === null ? null : momentWords(courses, points, at);
  return html`<section class="panel course" aria-labelledby="${id}-title">
    <h3 id="${id}-title">${title} <span class="quiet">${unit}</span></h3>
    <figure ref=${place}>
      <svg
        class="chart"
        viewBox="0 0 ${width} ${HEIGHT}"
        role="img"
        aria-label="${title}. ${told}"
        onPointerMove=${(event) => setAt(nearest(points, scale, event, width))}
        onPointerLeave=${() => setAt(null)}
      >
        <${Grid} scale=${scale} width=${width} />
        ${courses.map(
          ({ kind }, index) => html`<g key=${kind}>
            ${segments(points[index], ({ low, high }) => low !== null && high !== null).map(
              (part, number) => html`<path key=${number} class="band-${kind}" d=${bandPath(part, scale)} />`,
            )}
          </g>`,
        )}
        ${courses.map(
          ({ kind }, index) => html`<g key=${kind}>
            ${segments(points[index], ({ value }) => value !== null).map(
              (part, number) => html`<path key=${number} class="course-${kind}" d=${linePath(part, scale)} />`,
            )}
          </g>`,
        )}
        ${at !== null && html`<${Cursor} x=${scale.x(at)} />`}
      </svg>
      <figcaption>${shown || told}</figcaption>
    </figure>
    <${Numbers} courses=${courses} points=${points} />
  </section>`;
}

function Grid({ scale, width }) {
  return html`
    ${scale.lines.map(
      (value) => html`<g key=${value} class="chart-grid">
        <line x1=${EDGE.left} x2=${width - EDGE.right} y1=${scale.y(value)} y2=${scale.y(value)} />
        <text x=${EDGE.left - 8} y=${scale.y(value) + 4} text-anchor="end">${value}</text>
      </g>`,
    )}
    ${scale.ticks.map(
      (tick) => html`<text key=${tick} x=${scale.x(tick)} y=${HEIGHT - 6} text-anchor="middle">${clock(tick)}</text>`,
    )}
  `;
}

function Cursor({ x }) {
  return html`<line class="chart-cursor" x1=${x} x2=${x} y1=${EDGE.top} y2=${HEIGHT - EDGE.bottom} />`;
}

function Numbers({ courses, points }) {
  const times = [...new Set(points.flatMap((course) => course.map(({ from }) => from)))].sort((a, b) => a - b);
  return html`<details class="chart-table">
    <summary>${t("As a table")}</summary>
    <table>
      <thead>
        <tr>
          <th>${t("Time")}</th>
          ${courses.map(({ kind, name }) => html`<th key=${kind} class="num">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${times.map(
          (from) => html`<tr key=${from}>
            <td>${clock(from)}</td>
            ${points.map((course, index) => {
              const point = course.find((one) => one.from === from);
              return html`<td key=${courses[index].kind} class="num">
                ${point ? minutes(point.value) : "–"} <span class="quiet">${interval(point)}</span>
              </td>`;
            })}
          </tr>`,
        )}
      </tbody>
    </table>
  </details>`;
}

/** A curve as points in the middle of its quarters of an hour, with the ends of the band that is asked for. */
function pointsOf(curve, band) {
  const step = curve.minutes.length > 1 ? curve.minutes[1] - curve.minutes[0] : 0;
  const [low, high] = band === "days" ? [curve.day_low, curve.day_high] : [curve.low, curve.high];
  return curve.minutes.map((from, place) => ({
    from,
    at: from + step / 2,
    value: curve.value[place],
    low: low[place],
    high: high[place],
  }));
}

function momentWords(courses, points, at) {
  const told = courses.map(({ name }, index) => {
    const point = points[index].find((one) => one.at === at);
    return point && point.value !== null ? `${name} ${minutes(point.value)} (${interval(point) || "–"})` : null;
  });
  const from = points.flat().find((one) => one.at === at).from;
  return `${clock(from)}: ${told.filter(Boolean).join("; ")}`;
}

function scaleOf(points, width) {
  const all = points.flat();
  const times = all.map(({ at }) => at);
  const from = Math.floor(Math.min(...times) / HOUR) * HOUR;
  const until = Math.max(from + HOUR, ...times);
  const { top, lines } = levels(Math.max(1, ...all.map(({ value, high }) => Math.max(value || 0, high || 0))));
  const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const fits = (hours) => ((until - from) / HOUR / hours) * TICK_WIDTH <= inner.width;
  const step = (TICK_HOURS.find(fits) || 24) * HOUR;
  return {
    x: (at) => EDGE.left + ((at - from) / (until - from)) * inner.width,
    y: (value) => EDGE.top + (1 - value / top) * inner.height,
    moment: (x) => from + ((x - EDGE.left) / inner.width) * (until - from),
    lines,
    ticks: range(Math.ceil(from / step) * step, until, step),
  };
}

/** Stretches without a gap: where nothing is known, nothing is drawn. */
function segments(points, known) {
  const parts = [[]];
  for (const point of points) {
    if (known(point)) parts[parts.length - 1].push(point);
    else if (parts[parts.length - 1].length > 0) parts.push([]);
  }
  return parts.filter((part) => part.length > 0);
}

function linePath(part, { x, y }) {
  return part.map(({ at, value }, place) => `${place ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join(" ");
}

function bandPath(part, { x, y }) {
  const spot = (at, value) => `${x(at).toFixed(1)} ${y(Math.max(0, value)).toFixed(1)}`;
  const above = part.map(({ at, high }) => spot(at, high));
  const below = part.map(({ at, low }) => spot(at, low)).reverse();
  return `M${[...above, ...below].join(" L")} Z`;
}

function nearest(points, scale, event, width) {
  const box = event.currentTarget.getBoundingClientRect();
  const wanted = scale.moment(((event.clientX - box.left) / box.width) * width);
  const far = ({ at }) => Math.abs(at - wanted);
  return points.flat().reduce((best, one) => (far(one) < far(best) ? one : best)).at;
}

/** An element and its width in pixels, as it is now. */
function useWidth() {
  const place = useRef(null);
  const [width, setWidth] = useState(USUAL_WIDTH);
  useEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) => setWidth(Math.max(240, Math.round(contentRect.width))));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return [place, width];
}
