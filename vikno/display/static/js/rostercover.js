/* What is needed and what of it is covered, over the hours of a day, under the bars and in line with them.
 *
 * Each person counts for one need at a time. So the need, a dashed line, is what is covered, filled, and what is
 * missing, hatched, with a triangle and a word. Of all skills together a thin line says who is there: whom it shows
 * above the filled part are there and know nothing that is still needed.
 */
import { levels } from "./chart.js";
import { t } from "./i18n.js";
import { QUARTER, hoursOf } from "./rosterhours.js";
import { Take } from "./rostertake.js";
import { dayName, skillName } from "./rosterwords.js";
import { Shape, html, useEffect, useRef, useSignal, useState } from "./ui.js";
import { clock, decimals } from "./whatifwords.js";

const HEIGHT = 160;
const EDGE = { top: 26, bottom: 8 };
const USUAL_WIDTH = 900;
const MARKS_MAX = 4;
const MARK_APART = 92; // pixels between two words, so that they never run into each other
const ALL = "";

export function Cover({ rostering, day }) {
  const chosen = useSignal(ALL);
  const { hall, problem } = rostering;
  const skills = [...new Set((problem.skill_cover || []).map(({ skill }) => skill))];
  const skill = skills.includes(chosen.value) ? chosen.value : ALL;
  const quarters = quartersOf(rostering, day, skill);
  const name = skill ? skillName(hall, skill) : t("All together");
  const title = `${t("Need and cover")}: ${name}`;
  if (skills.length === 0) return null;
  return html`<section class="cover" aria-labelledby="cover-title">
    <div class="cover-view">
      <div class="cover-head">
        <h2 id="cover-title">${t("Need and cover")}<span class="cover-skill">: ${name}</span></h2>
        <label class="editor-field no-print">
          <span>${t("Skill")}</span>
          <select value=${skill} onChange=${({ currentTarget: { value } }) => (chosen.value = value)}>
            <option value=${ALL} selected=${skill === ALL}>${t("All together")}</option>
            ${skills.map((one) => html`<option key=${one} value=${one} selected=${skill === one}>${skillName(hall, one)}</option>`)}
          </select>
        </label>
        <${Legend} isAll=${skill === ALL} />
      </div>
      <${Steps} rostering=${rostering} quarters=${quarters} isAll=${skill === ALL} title=${title} words=${coverWords(rostering, day, quarters, skill)} />
    </div>
    <${Take}
      rostering=${rostering}
      name=${`cover-${day + 1}`}
      title=${`${title}, ${dayName(problem, day)}`}
      columns=${[t("Time"), t("Needed"), t("Covered"), t("Missing"), ...(skill ? [] : [t("There")])]}
      rows=${quarters.map(({ at, need, covered, missing, there }) => [clock(at), need, covered, missing, ...(skill ? [] : [there])])}
    />
  </section>`;
}

function Legend({ isAll }) {
  return html`<p class="legend">
    <span class="legend-name"><svg class="sample" viewBox="0 0 28 16" aria-hidden="true"><line class="step-need" x1="0" x2="28" y1="8" y2="8" /></svg>${t("needed")}</span>
    <span class="legend-name"><svg class="sample" viewBox="0 0 28 16" aria-hidden="true"><rect class="step-covered" x="0" y="4" width="28" height="12" /></svg>${t("covered")}</span>
    <span class="legend-name state-late"><${Shape} of="late" />${t("missing")}</span>
    ${isAll && html`<span class="legend-name"><svg class="sample" viewBox="0 0 28 16" aria-hidden="true"><line class="step-there" x1="0" x2="28" y1="8" y2="8" /></svg>${t("there")}</span>`}
  </p>`;
}

function Steps({ rostering, quarters, isAll, title, words }) {
  const [place, wide] = useWidth();
  const hours = hoursOf(rostering.problem, rostering.hall);
  const { top, lines } = levels(Math.max(1, ...quarters.map(({ need, there }) => Math.max(need, there))));
  const x = (minute) => ((minute - hours.from) / (hours.until - hours.from)) * wide;
  const y = (value) => EDGE.top + (1 - value / top) * (HEIGHT - EDGE.top - EDGE.bottom);
  const marks = marksOf(quarters, x);
  return html`<figure>
    <div class="gantt-line">
      <div class="gantt-who cover-scale figures" aria-hidden="true">
        ${lines.map((value) => html`<span key=${value} style=${{ top: `${y(value)}px` }}>${value}</span>`)}
      </div>
      <div class="cover-lane" ref=${place}>
        <svg class="chart" viewBox="0 0 ${wide} ${HEIGHT}" role="img" aria-label="${title}. ${words}">
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <rect width="6" height="6" class="hatch-ground" /><line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
            </pattern>
          </defs>
          ${lines.map((value) => html`<g key=${value} class="chart-grid"><line x1="0" x2=${wide} y1=${y(value)} y2=${y(value)} /></g>`)}
          <path class="step-covered" d=${area(quarters, x, y, "covered")} />
          ${quarters.map(
            ({ at, need, missing }) =>
              missing > 0 &&
              html`<rect
                key=${at}
                class="step-missing"
                x=${x(at)}
                width=${x(at + QUARTER) - x(at)}
                y=${y(need)}
                height=${Math.max(1, y(need - missing) - y(need))}
              />`,
          )}
          <path class="step-need" d=${line(quarters, x, y, "need")} />
          ${isAll && html`<path class="step-there" d=${line(quarters, x, y, "there")} />`}
          ${marks.map(
            ({ at, people }) => html`<g key=${at} class="step-mark" transform="translate(${x(at)} 4)">
              <path d="M7 0l7 13H0z" />
              <text x="18" y="12">${t("missing {people}", { people: short(people) })}</text>
            </g>`,
          )}
        </svg>
      </div>
    </div>
    <figcaption>${words}</figcaption>
  </figure>`;
}

/** What is needed, covered and missing for each quarter of an hour of the day, and of all skills who is there. */
export function quartersOf(rostering, day, skill) {
  const { problem, hall } = rostering;
  const { from, until } = hoursOf(problem, hall);
  const found = [];
  for (let at = from; at < until; at += QUARTER) found.push({ at, need: 0, missing: 0 });
  const at = (minute) => found[(minute - from) / QUARTER];
  for (const one of problem.skill_cover || []) {
    if (one.day !== day || (skill && one.skill !== skill)) continue;
    for (let minute = one.starts; minute < one.ends; minute += QUARTER) if (at(minute)) at(minute).need += one.need;
  }
  for (const [on, minute, which, people] of rostering.checked.value.missing) {
    if (on === day && at(minute) && (!skill || which === skill)) at(minute).missing += people;
  }
  return found.map((one) => ({
    at: one.at,
    need: cents(one.need),
    covered: cents(one.need - one.missing),
    missing: cents(one.missing),
    there: skill ? 0 : presentAt(rostering, day, one.at),
  }));
}

/** People at work for all of a quarter of an hour. */
function presentAt(rostering, day, minute) {
  let count = 0;
  for (const cell of rostering.draft.value.values()) {
    const shift = rostering.shift.value.get(cell.shift);
    if (cell.day !== day || shift.starts === null) continue;
    const isThere = shift.starts <= minute && minute + QUARTER <= shift.ends;
    if (isThere && !cell.breaks.some(([from, to]) => from < minute + QUARTER && minute < to)) count += 1;
  }
  return count;
}

function coverWords(rostering, day, quarters, skill) {
  const worst = quarters.reduce((most, one) => (one.missing > most.missing ? one : most));
  if (worst.missing === 0) return t("Nobody is missing on this day.");
  const hours = quarters.reduce((sum, { missing }) => sum + missing, 0) / 4;
  const words = { time: clock(worst.at), people: short(worst.missing), hours: decimals(hours, 1) };
  const most = t("Most people are missing at {time}: {people}. Over the day {hours} hours of work are missing.", words);
  if (skill) return most;
  const sums = new Map();
  for (const [on, , which, people] of rostering.checked.value.missing) {
    if (on === day) sums.set(which, (sums.get(which) || 0) + people);
  }
  const [first] = [...sums.entries()].sort((a, b) => b[1] - a[1])[0];
  return `${most} ${t("Most of them for: {skill}.", { skill: skillName(rostering.hall, first) })}`;
}

/** Where the words stand: at the worst quarters, far enough from each other. */
function marksOf(quarters, x) {
  const sorted = quarters.filter(({ missing }) => missing > 0).sort((a, b) => b.missing - a.missing || a.at - b.at);
  const found = [];
  for (const { at, missing } of sorted) {
    if (found.length < MARKS_MAX && found.every((one) => Math.abs(x(one.at) - x(at)) >= MARK_APART)) {
      found.push({ at, people: missing });
    }
  }
  return found;
}

function line(quarters, x, y, name) {
  return quarters
    .map((one, place) => `${place ? "V" : `M${x(one.at).toFixed(1)} `}${y(one[name]).toFixed(1)} H${x(one.at + QUARTER).toFixed(1)}`)
    .join(" ");
}

function area(quarters, x, y, name) {
  return `${line(quarters, x, y, name)} V${y(0)} H${x(quarters[0].at)} Z`;
}

function cents(value) {
  return Math.round(value * 100) / 100;
}

function short(people) {
  return decimals(people, Number.isInteger(people) ? 0 : 1);
}

function useWidth() {
  const place = useRef(null);
  const [wide, setWide] = useState(USUAL_WIDTH);
  useEffect(() => {
    const watch = new ResizeObserver(([{ contentRect }]) => setWide(Math.max(120, Math.round(contentRect.width))));
    watch.observe(place.current);
    return () => watch.disconnect();
  }, []);
  return [place, wide];
}
