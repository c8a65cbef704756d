/* Why somebody was called, in a sentence: vikno/display/reasons.py for pages with a script.
 *
 * The same messages, chosen in the same way; a test in the browser holds that both say the
 * same. Nothing is computed here but the words: the reason is the one stored with the call.
 */
import { lang, t } from "./i18n.js";
import { html } from "./ui.js";

const FIRST = {
  "longest-waiting": (of) => t("{number} first: has waited longest of all this window serves, {n} min.", of),
  "highest-priority": (of) => t("{number} first: has priority, and has waited {n} min.", of),
  "chosen-by-clerk": (of) => t("{number} first: chosen by the clerk after waiting {n} min.", of),
  "nearest-target": (of) => t("{number} first: nearest to its target after waiting {n} min.", of),
  "shortest-here": (of) => t("{number} first: takes little time at this window, {rate} an hour.", of),
  "best-here": (of) => t("{number} first: this window suits it best.", of),
  "earlier-left": (of) =>
    t("{number} first: who came earlier is served quicker at a window that is soon free.", of),
  "overtaken-enough": (of) =>
    t("{number} first: as many who came later have gone before as the hall allows.", of),
  "waited-enough": (of) => t("{number} first: has waited {n} min, so nobody who came later goes before.", of),
  "nobody-waiting": () => t("Nobody is waiting for this window."),
  "better-window": () => t("Nobody yet: another free window is better for those who wait."),
  "longer-free": () => t("Nobody yet: another window has been free for longer."),
  "quicker-soon": () => t("Nobody yet: a quicker window for those who wait is soon free."),
};
const byRule = (of) => t("{number} first: chosen by the hall's rule after waiting {n} min.", of);

/* With the part of the score each speaks of: it is only said where the figures bear it out. */
const EARLIER = {
  "nearest-target": ["pressure", (of) => t("{other} came earlier, but is further from the target.", of)],
  "shortest-here": ["rate", (of) => t("{other} came earlier, but takes longer here: {rate} an hour.", of)],
  "best-here": ["fit", (of) => t("{other} came earlier, but is better served at other windows.", of)],
};

const TO_VISITORS = {
  "longest-waiting": () => t("The last one had waited longest for that window."),
  "highest-priority": () => t("The last one has priority."),
  "chosen-by-clerk": () => t("The last one was called by the clerk in person."),
  "nearest-target": () => t("The last one had waited long for what they came for."),
  "shortest-here": () => t("The last one takes little time at that window."),
  "best-here": () =>
    t("The last one went to the window that suits them best; other windows suit you better."),
  "earlier-left": () => t("The last one could go: for those who came earlier a quicker window is soon free."),
  "overtaken-enough": () => t("The last one had been passed too often already."),
  "waited-enough": () => t("The last one had waited very long."),
};

/* The parts of a score that have a name of their own; another one is shown by the name it was kept by. */
const PARTS = {
  pressure: () => t("Urgency (1 is the target)"),
  rate: () => t("Visitors an hour here"),
  fit: () => t("How well the window suits"),
  score: () => t("Points"),
  priority: () => t("Priority"),
  overtaken: () => t("Times overtaken"),
  overtaken_max: () => t("The most the hall allows"),
  waited: () => t("Minutes in line"),
  waited_max: () => t("The most the hall allows"),
};

/** The reason for staff: one clause or two. `number` is that of the ticket called, if one was. */
export function sentence(why, number = "") {
  return [first(why, number), earlier(why)].filter(Boolean).join(" ");
}

function first({ rule, waited_minutes: waited, score = {}, overtook_numbers: numbers = [] }, number) {
  if (rule === "overtaken-enough" && "overtaken" in score) {
    const n = Math.round(score.overtaken);
    return t("{number} first: {n} who came later have gone before; the hall allows no more.", { number, n });
  }
  if (rule === "better-window" && numbers.length > 0) {
    return t("Nobody yet: another free window is better for {numbers}.", { numbers: numbers.join(", ") });
  }
  const word = FIRST[rule] || byRule;
  return word({ number, n: Math.floor(waited + 0.5), rate: figure(score.rate) });
}

function earlier(why) {
  if (!why.overtook) return "";
  if (!isCompared(why)) return wentBefore(why);
  const [, word] = EARLIER[why.rule];
  return word({ other: why.overtook_numbers[0], rate: figure(why.against.rate) });
}

/** Whether the sentence tells how the longest waiting of those overtaken compares, in place of all their numbers. */
function isCompared({ rule, overtook_numbers: numbers = [], score = {}, against = {} }) {
  const [part] = EARLIER[rule] || [];
  const isLess = (against[part] || 0) < (score[part] || 0);
  return numbers.length > 0 && isLess && Object.keys(against).length > 0;
}

function wentBefore(why) {
  return t("Goes before {n} people who came earlier: {numbers}.", { n: why.overtook, numbers: overtaken(why) });
}

/** The numbers of those overtaken that the reason names, and how many more there were. */
export function overtaken({ overtook = 0, overtook_numbers: numbers = [] }) {
  return numbers.join(", ") + (overtook > numbers.length ? ` +${overtook - numbers.length}` : "");
}

/** What a waiting visitor is told of those who went before: sentences, none while nobody did. */
export function toVisitor(passed) {
  if (!passed || !passed.count) return [];
  const word = TO_VISITORS[passed.rule];
  const told = t("{n} visitors who came later were called first.", { n: passed.count });
  const isNext = passed.most !== null && passed.count >= passed.most;
  const more = isNext ? [t("You are now among the first to be called.")] : limit(passed);
  return [told, ...(word ? [word()] : []), ...more];
}

/** How many may go before a visitor, if the hall sets a limit. */
export function limit(passed) {
  if (!passed || passed.most === null) return [];
  if (passed.most === 0) return [t("Nobody who came later goes before you here.")];
  return [t("At most {n} visitors who came later go before you; then it is your turn.", { n: passed.most })];
}

/** A number to a tenth, as the language writes it. */
export function figure(value) {
  if (value === undefined || value === null) return "–";
  return new Intl.NumberFormat(lang.value, { maximumFractionDigits: 1 }).format(value);
}

function exact(value) {
  if (value === undefined) return "–";
  return new Intl.NumberFormat(lang.value, { maximumSignificantDigits: 3 }).format(value);
}

/** What the sentence leaves out, one press away; nothing where it says all. */
export function More({ why, number }) {
  const { waiting = 0, score = {} } = why;
  if (waiting <= 1 && Object.keys(score).length === 0) return null;
  return html`<details class="reason" onToggle=${showWhole}>
    <summary>${t("Details")}</summary>
    <${Details} why=${why} number=${number} />
  </details>`;
}

/** What was unfolded is seen whole, if there is room for it. */
function showWhole({ currentTarget: details }) {
  if (details.open) details.scrollIntoView({ block: "nearest" });
}

/** How many there were, and the parts of the score side by side. */
function Details({ why, number }) {
  const { waiting = 0, overtook_numbers: numbers = [], score = {}, against = {} } = why;
  const parts = Object.keys(score);
  const other = Object.keys(against).length > 0 && numbers[0];
  return html`<div class="reason-more small">
    ${parts.length > 0 &&
    html`<table class="reason-parts">
      <thead>
        <tr>
          <th>${t("What counted")}</th>
          <th class="num">${number || t("Called")}</th>
          ${other && html`<th class="num">${other}</th>`}
        </tr>
      </thead>
      <tbody>
        ${parts.map(
          (part) => html`<tr key=${part}>
            <th scope="row">${PARTS[part] ? PARTS[part]() : part}</th>
            <td class="num">${exact(score[part])}</td>
            ${other && html`<td class="num">${exact(against[part])}</td>`}
          </tr>`,
        )}
      </tbody>
    </table>`}
    <div>
      ${waiting > 1 && html`<p>${t("Chosen from {n} people.", { n: waiting })}</p>`}
      ${isCompared(why) && html`<p>${wentBefore(why)}</p>`}
    </div>
  </div>`;
}
