/* What to learn: which skill for whom cuts the waiting most, one by one and in pairs, for each hour of training.
 *
 * The best of many look good by luck alone, so what is shown was measured on other days than those it was chosen
 * on, and its intervals hold together.
 */
import { t } from "./i18n.js";
import { Take } from "./rostertake.js";
import { personName, skillName } from "./rosterwords.js";
import { Button, Shape, html } from "./ui.js";
import { decimals } from "./whatifwords.js";

export function Training({ rostering }) {
  const { training } = rostering;
  const told = training.told.value;
  return html`<section class="search" aria-labelledby="training-title">
    <h2 id="training-title">${t("Training")}</h2>
    <p class="chart-words">
      ${t("Who should learn what, so that people wait less? Each lesson is tried on the days of this roster, alone and together with another. It takes some minutes.")}
    </p>
    <p class="deeds no-print">
      ${training.running
        ? html`<${Button} busy=${training.status.value === "ending"} onPress=${() => training.cancel()}>${t("Stop")}<//>`
        : html`<${Button} main onPress=${() => rostering.startTraining()}>${t("Look for lessons")}<//>`}
    </p>
    <p role="status">${stateWords(training, told)}</p>
    ${training.running && told && told.left > 0 && html`<progress aria-label=${t("Lessons tried in this round")} max=${told.left} value=${told.done}></progress>`}
    ${told && told.type === "result" && html`<${Plan} rostering=${rostering} plan=${told} />`}
  </section>`;
}

function Plan({ rostering, plan }) {
  const gains = [...plan.singles, ...plan.pairs];
  if (gains.length === 0) return html`<p class="sentence">${t("There is nothing to learn here that people wait for.")}</p>`;
  const columns = [
    t("Who learns what"),
    t("Hours of training"),
    t("Waiting saved, min a day"),
    t("Saved for an hour of training"),
    t("Mean wait, min"),
    t("More than one by one"),
  ];
  return html`<p class="sentence">${planWords(rostering, gains)}</p>
    <div class="panel" tabindex="0" role="group" aria-label=${t("Training")}>
      <table class="training-table">
        <thead>
          <tr>
            ${columns.map((column, place) => html`<th key=${column} scope="col" class=${place ? "num" : ""}>${column}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${gains.map((gain) => html`<${Line} key=${lessons(rostering, gain)} rostering=${rostering} gain=${gain} />`)}
        </tbody>
      </table>
    </div>
    <p class="quiet small">
      ${t("Measured on {days} simulated days that nothing was chosen by; all intervals hold together (95%).", { days: plan.days })}${" "}
      ${t("Seed {seed}: the same seed gives the same numbers.", { seed: plan.seed })}
    </p>
    <${Take}
      rostering=${rostering}
      name="training"
      title=${t("Training")}
      shown=${false}
      columns=${[...columns.slice(0, 3), t("from"), t("to"), columns[3], t("from"), t("to"), columns[5], t("from"), t("to")]}
      rows=${gains.map((gain) => [lessons(rostering, gain), gain.hours, ...ends(gain.saved_minutes), ...ends(gain.saved_minutes_an_hour), ...ends(gain.beyond_minutes)])}
    />`;
}

function Line({ rostering, gain }) {
  const { wait_mean: wait } = gain;
  return html`<tr>
    <th scope="row">
      ${lessons(rostering, gain)}
      ${!gain.sure && html` <span class="quiet training-unsure"><${Shape} of="waiting" />${t("not proved")}</span>`}
    </th>
    <td class="num">${decimals(gain.hours, 0)}</td>
    <td class="num"><${Estimate} of=${gain.saved_minutes} digits=${0} /></td>
    <td class="num"><${Estimate} of=${gain.saved_minutes_an_hour} digits=${1} /></td>
    <td class="num">${number(wait.present.value, 1)} → ${number(wait.proposed.value, 1)}</td>
    <td class="num">${gain.beyond_minutes ? html`<${Estimate} of=${gain.beyond_minutes} digits=${0} />` : "–"}</td>
  </tr>`;
}

function Estimate({ of: { value, low, high }, digits }) {
  const words = { low: number(low, digits), high: number(high, digits) };
  return html`<b>${number(value, digits)}</b> <span class="quiet interval">${t("{low} to {high}", words)}</span>`;
}

/** "Olena learns Passports and Ivan learns Residence" */
function lessons(rostering, { skills }) {
  const one = ({ person, service }) =>
    t("{person} learns: {skill}", {
      person: personName(rostering.person.value.get(person) || { id: person }),
      skill: skillName(rostering.hall, service),
    });
  return skills.map(one).join("; ");
}

function planWords(rostering, gains) {
  const best = gains.find(({ sure }) => sure);
  if (!best) return t("No lesson that was tried surely makes people wait less.");
  const { low, high } = best.saved_minutes;
  const words = { low: number(low, 0), high: number(high, 0) };
  return `${t("Most is saved for an hour of training if: {lessons}.", { lessons: lessons(rostering, best) })} ${t("Together people would wait {low} to {high} minutes less a day.", words)}`;
}

function stateWords(training, told) {
  const problem = training.problem.value;
  if (problem && problem.code === "too-many-experiments") return t("Others are trying plans too. Please try again in a minute.");
  if (problem) return t("The simulation broke off. Please start it again.");
  if (training.status.value === "ending") return t("Stopped: what was found is being measured.");
  if (!training.running) return told && told.interrupted ? t("Stopped; this is what was found by then.") : "";
  const stages = {
    one: t("Single lessons against each other"),
    two: t("Pairs of lessons against each other"),
    telling: t("The best are being measured on other days"),
  };
  return told ? stages[told.stage] || "" : t("The search begins…");
}

function ends(estimate) {
  return ["value", "low", "high"].map((end) => (estimate ? estimate[end] : null));
}

function number(value, digits) {
  return value === null || value === undefined ? "–" : decimals(value, digits);
}
