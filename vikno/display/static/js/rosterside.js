/* What a change means: the rules it breaks, what it costs, what the twin says, and keeping it or not.
 *
 * Before stands the kept version, after stands the draft. It is told in this order because that is how people
 * decide: may I, what does it cost, who waits.
 */
import { t } from "./i18n.js";
import { may } from "./known.js";
import { brokenWords, softName } from "./rosterrules.js";
import { Clash } from "./rosterversions.js";
import { dayName } from "./rosterwords.js";
import { Button, Shape, html } from "./ui.js";
import { decimals } from "./whatifwords.js";

const RULES_SHOWN = 6; // the rest is one press away

export function Side({ rostering }) {
  return html`<aside class="side" aria-label=${t("What it means")}>
    <${Deeds} rostering=${rostering} />
    <${Clash} rostering=${rostering} />
    <${Rules} rostering=${rostering} />
    <${Twin} rostering=${rostering} />
    <${Costs} rostering=${rostering} />
  </aside>`;
}

function Deeds({ rostering }) {
  const { past, future, saving, isChanged, checked } = rostering;
  const count = rostering.changes.value.length;
  const { version, in_force: inForce } = rostering.told.value;
  const isBroken = checked.value.violations.length > 0;
  const mayForce = !isBroken && (isChanged || inForce !== version);
  return html`<section class="side-part no-print" aria-labelledby="keep-title">
    <h2 id="keep-title">${isChanged ? t("{n} days changed", { n: count }) : t("Nothing changed")}</h2>
    <p class="quiet">${versionWords(version, inForce)}</p>
    <div class="deeds">
      <${Button} busy=${past.value.length === 0} onPress=${() => rostering.undo()}>${t("Undo")}<//>
      <${Button} busy=${future.value.length === 0} onPress=${() => rostering.redo()}>${t("Redo")}<//>
    </div>
    ${may("ROSTER")
      ? html`<div class="deeds">
          <${Button} busy=${!isChanged || saving.value} onPress=${() => rostering.save(false)}>${t("Save as a draft")}<//>
          <${Button} main busy=${!mayForce || saving.value} onPress=${() => rostering.save(true)}>${t("Put in force")}<//>
        </div>`
      : html`<p class="small">${t("You can look and try here; saving is for the hall’s manager.")}</p>`}
    ${isBroken && html`<p class="small">${t("A roster that breaks a rule stays a draft.")}</p>`}
  </section>`;
}

function versionWords(version, inForce) {
  if (inForce === version) return t("Version {version}, in force", { version });
  if (inForce === null) return t("Version {version}, a draft; none is in force", { version });
  return t("Version {version}, a draft; version {inForce} is in force", { version, inForce });
}

/** On a narrow screen the whole stands below the days; this line of it stays in view. */
export function Verdict({ rostering }) {
  if (!rostering.isChanged) return null;
  const broken = rostering.checked.value.violations.length;
  const difference = rostering.checked.value.total - rostering.told.value.check.total;
  const told = rostering.trial.told.value;
  const wait = told && told.figures.wait_mean.difference.value;
  return html`<section class="verdict no-print" aria-label=${t("In short")}>
    <span class=${broken > 0 ? "state-late" : ""}>
      <${Shape} of=${broken > 0 ? "late" : "serving"} />${broken > 0 ? t("{n} rules are broken", { n: broken }) : t("Every rule is kept.")}
    </span>
    <span class="figures">${t("Cost")} <b>${differencePoints(difference)}</b></span>
    <span class="figures">${t("Mean wait, min")} <b>${told ? signed(wait, 1) : rostering.trial.problem.value ? "–" : "…"}</b></span>
    <button type="button" class="tool" onClick=${() => rostering.undo()}>${t("Undo")}</button>
  </section>`;
}

function Rules({ rostering }) {
  const { checked, told, checking } = rostering;
  const before = new Set(told.value.check.violations.map(nameOf));
  const broken = checked.value.violations;
  const fresh = broken.filter((one) => !before.has(nameOf(one)));
  const sorted = [...fresh, ...broken.filter((one) => before.has(nameOf(one)))];
  return html`<section class="side-part" aria-labelledby="rules-title" aria-busy=${String(checking.value)}>
    <h2 id="rules-title">${t("Rules")}</h2>
    <div role="status">
      ${broken.length === 0
        ? html`<p class="rules-kept"><${Shape} of="serving" />${t("Every rule is kept.")}</p>`
        : html`<p class="state-late rules-count"><${Shape} of="late" />${t("{n} rules are broken", { n: broken.length })}</p>`}
      <${Sentences} rostering=${rostering} broken=${sorted.slice(0, RULES_SHOWN)} fresh=${fresh} />
    </div>
    ${sorted.length > RULES_SHOWN &&
    html`<details>
      <summary>${t("{n} more", { n: sorted.length - RULES_SHOWN })}</summary>
      <${Sentences} rostering=${rostering} broken=${sorted.slice(RULES_SHOWN)} fresh=${fresh} />
    </details>`}
  </section>`;
}

function Sentences({ rostering, broken, fresh }) {
  return html`<ul class="rules">
    ${broken.map(
      (one) => html`<li key=${nameOf(one)} class="rule-broken">
        ${brokenWords(rostering, one)} ${fresh.includes(one) && html`<b class="rule-new">${t("new")}</b>`}
      </li>`,
    )}
  </ul>`;
}

function nameOf({ rule, person, day, detail }) {
  return [rule, person, day, detail].join(" ");
}

function Costs({ rostering }) {
  const before = rostering.told.value.check;
  const after = rostering.checked.value;
  const rules = Object.keys(after.costs).filter((rule) => after.costs[rule] !== 0 || before.costs[rule] !== 0);
  return html`<section class="side-part" aria-labelledby="costs-title">
    <h2 id="costs-title">${t("What it costs")}</h2>
    <table class="costs">
      <${Heads} first=${t("Wish or need")} />
      <tbody>
        ${rules.map((rule) => html`<${Cost} key=${rule} name=${softName(rule)} before=${before.costs[rule]} after=${after.costs[rule]} />`)}
        <${Cost} name=${t("Together")} before=${before.total} after=${after.total} isSum />
      </tbody>
    </table>
    <p class="quiet small">${t("Points of the roster file: fewer are better.")}</p>
  </section>`;
}

function Heads({ first }) {
  return html`<thead>
    <tr>
      <th>${first}</th>
      <th class="num">${t("Before")}</th>
      <th class="num">${t("After")}</th>
      <th class="num">${t("Difference")}</th>
    </tr>
  </thead>`;
}

function Cost({ name, before, after, isSum }) {
  return html`<tr class=${isSum ? "costs-sum" : ""}>
    <th scope="row">${name}</th>
    <td class="num">${points(before)}</td>
    <td class="num">${points(after)}</td>
    <td class="num costs-difference">${differencePoints(after - before)}</td>
  </tr>`;
}

function Twin({ rostering }) {
  const { trial, trialOf } = rostering;
  const told = trial.told.value;
  const problem = trial.problem.value;
  const day = trialOf.value;
  const isAsked = day !== null && rostering.changes.value.some((one) => one.day === day);
  return html`<section class="side-part" aria-labelledby="twin-title">
    <h2 id="twin-title">${t("What it does to waits")}</h2>
    ${!isAsked && html`<p class="quiet">${t("Change a day, and it is simulated with the same visitors, before and after.")}</p>`}
    ${isAsked && html`<p class="quiet">${dayName(rostering.problem, day)}</p>`}
    ${isAsked && told && html`<${Waits} told=${told} />`}
    <p class="small quiet" role="status">${isAsked ? stateWords(trial, told, problem) : ""}</p>
  </section>`;
}

export function Waits({ told }) {
  const { figures } = told;
  return html`<p class="twin-words">${twinWords(told)}</p>
    <table class="costs">
      <${Heads} first=${t("Figure")} />
      <tbody>
        <${Wait} name=${t("Mean wait, min")} pair=${figures.wait_mean} form=${one} />
        <${Wait} name=${t("19 of 20 wait up to, min")} pair=${figures.wait_p95} form=${one} />
        <${Wait} name=${t("Called within the target")} pair=${figures.within_target} form=${share} size=${100} unit=${inPoints} />
      </tbody>
    </table>`;
}

function Wait({ name, pair: { present, proposed, difference }, form, size = 1, unit = (words) => words }) {
  return html`<tr>
    <th scope="row">${name}</th>
    <td class="num">${form(present.value)}</td>
    <td class="num">${form(proposed.value)}</td>
    <td class="num costs-difference">${unit(signed(difference.value, size))} <span class="quiet interval">${ends(difference, size)}</span></td>
  </tr>`;
}

/** The difference of the mean wait as a sentence. */
export function twinWords({ same, figures }) {
  const { value, low, high } = figures.wait_mean.difference;
  if (same) return t("Nobody waits longer or shorter: the same windows are open.");
  if (value === null || low === null) return emptyWords(figures.wait_mean);
  const words = { minutes: one(Math.abs(value)), low: one(Math.min(Math.abs(low), Math.abs(high))), high: one(Math.max(Math.abs(low), Math.abs(high))) };
  if (low > 0) return t("People would wait {minutes} min longer on average ({low} to {high}).", words);
  if (high < 0) return t("People would wait {minutes} min less on average ({low} to {high}).", words);
  return t("A difference of the mean wait is not proved.");
}

/** Where nobody is called there is no wait, and nothing to hold another against. */
function emptyWords({ present, proposed }) {
  if (proposed.value !== null) return t("Before nobody would be called at all; there is no wait to compare.");
  if (present.value !== null) return t("Nobody would be called any more; there is no wait to compare.");
  return t("Nobody would be called, before or after; there is nothing to compare.");
}

function stateWords(trial, told, problem) {
  if (problem && problem.code === "too-many-experiments") return t("Others are simulating; this begins in a moment.");
  if (problem) return PROBLEMS()[problem.code] || t("The simulation broke off. Change something to start it again.");
  if (trial.running && !told) return t("The day is being simulated…");
  if (trial.running) return t("{n} simulated days so far", { n: told.lives * told.days });
  return told ? `${t("{n} simulated days", { n: told.lives * told.days })}. ${t("Seed {seed}: the same seed gives the same numbers.", { seed: told.seed })}` : "";
}

const PROBLEMS = () => ({
  "not-a-hall": t("This day cannot be simulated: a shift has no clock times."),
  "closed-day": t("The hall is closed on this day: everybody has it off and nobody comes. Nothing is simulated."),
  "nothing-to-simulate": t("This day cannot be simulated: the hall file does not say how many visitors come."),
});

function ends({ low, high }, size) {
  if (low === null || high === null) return "";
  return t("{low} to {high}", { low: signed(low, size), high: signed(high, size) });
}

function signed(value, size) {
  if (value === null) return "–";
  const words = one(Math.abs(value) * size);
  if (Number(words.replace(",", ".")) === 0) return words;
  return `${value > 0 ? "+" : "−"}${words}`;
}

function share(value) {
  return value === null ? "–" : `${decimals(value * 100, 1)}%`;
}

/** Shares differ by percentage points. */
function inPoints(size) {
  return size === "–" ? size : t("{size} pp", { size });
}

function one(value) {
  return value === null || value === undefined ? "–" : decimals(value, 1);
}

function differencePoints(exact) {
  const difference = Math.round(exact * 100) / 100;
  const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
  return `${sign}${points(Math.abs(difference))}`;
}

function points(value) {
  return decimals(value, Number.isInteger(value) ? 0 : 1);
}
