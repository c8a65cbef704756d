/* Who bears how much of what nobody likes: late shifts and weekends, the past months included. */
import { t } from "./i18n.js";
import { Take } from "./rostertake.js";
import { personName } from "./rosterwords.js";
import { html } from "./ui.js";
import { decimals } from "./whatifwords.js";

export function Fairness({ rostering }) {
  const loads = rostering.checked.value.loads.map((one) => ({ ...one, above: one.load - one.fair }));
  const most = Math.max(1, ...loads.map(({ above }) => Math.abs(above)));
  const name = (id) => personName(rostering.person.value.get(id));
  const columns = [t("Person"), t("Difference"), t("Past months"), t("These days"), t("Together"), t("Fair share")];
  return html`<section class="fairness" aria-labelledby="fair-title">
    <h2 id="fair-title">${t("Fairness")}</h2>
    <p class="chart-words">${fairWords(loads, name)}</p>
    <div class="panel" tabindex="0" role="group" aria-label=${t("Fairness")}>
      <table class="fair-table" role="table">
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map((column, place) => html`<th key=${column} role="columnheader" scope="col" class=${place ? "num" : ""}>${column}</th>`)}
            <th role="columnheader" scope="col"><span class="unseen">${t("Difference as a bar")}</span></th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${loads.map(
            (one) => html`<tr key=${one.person} role="row">
              <th role="rowheader" scope="row">${name(one.person)} ${one.share !== 1 && html`<span class="quiet">× ${decimals(one.share, 2)}</span>`}</th>
              <td role="cell" class="num"><b>${signed(one.above)}</b></td>
              ${[one.past, one.load - one.past, one.load, one.fair].map(
                (units, place) => html`<td key=${place} role="cell" class="num" data-name=${columns[place + 2]}>${short(units)}</td>`,
              )}
              <td role="cell" class="fair-bars"><${Bar} share=${one.above / most} /></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="quiet small">
      ${t("Counted are unpopular shifts and weekends, as the roster file weighs them. What is fair is the person’s share, also of the roster file, of the sum of all.")}
    </p>
    <${Take}
      rostering=${rostering}
      name="fairness"
      title=${t("Fairness")}
      shown=${false}
      columns=${columns}
      rows=${loads.map((one) => [name(one.person), ...[one.above, one.past, one.load - one.past, one.load, one.fair].map(cents)])}
    />
  </section>`;
}

/** To the right whoever bears too much, to the left whoever bears less. */
function Bar({ share }) {
  const wide = Math.abs(share) * 50;
  return html`<svg class="fair-bar" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true" focusable="false">
    <line x1="50" x2="50" y1="0" y2="16" class="fair-middle" />
    <rect x=${share < 0 ? 50 - wide : 50} y="3" width=${wide} height="10" class=${share > 0 ? "fair-above" : "fair-below"} />
  </svg>`;
}

function fairWords(loads, name) {
  const sorted = [...loads].sort((a, b) => b.above - a.above);
  const [first, last] = [sorted[0], sorted[sorted.length - 1]];
  if (first.above < 1) return t("Nobody bears a unit more than their share.");
  const alike = (one) => sorted.filter(({ above }) => short(above) === short(one.above));
  const words = { most: namesOf(alike(first), name), above: short(first.above), least: namesOf(alike(last), name), below: short(-last.above) };
  return t("Furthest above their share: {most}, by {above}; furthest below: {least}, by {below}.", words);
}

/** Who it is that several share a place with. */
function namesOf([first, ...others], name) {
  const person = name(first.person);
  return others.length === 0 ? person : t("{person} and {n} others", { person, n: others.length });
}

function signed(value) {
  const size = short(Math.abs(value));
  if (Math.abs(value) < 0.05) return size;
  return `${value > 0 ? "+" : "−"}${size}`;
}

function short(value) {
  return decimals(value, 1);
}

function cents(value) {
  return Math.round(value * 100) / 100;
}
