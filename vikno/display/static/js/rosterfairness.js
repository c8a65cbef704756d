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
      <table class="fair-table">
        <thead>
          <tr>
            ${columns.map((column, place) => html`<th key=${column} scope="col" class=${place ? "num" : ""}>${column}</th>`)}
            <th scope="col"><span class="unseen">${t("Difference as a bar")}</span></th>
          </tr>
        </thead>
        <tbody>
          ${loads.map(
            (one) => html`<tr key=${one.person}>
              <th scope="row">${name(one.person)} ${one.share !== 1 && html`<span class="quiet">× ${decimals(one.share, 2)}</span>`}</th>
              <td class="num"><b>${signed(one.above)}</b></td>
              <td class="num">${short(one.past)}</td>
              <td class="num">${short(one.load - one.past)}</td>
              <td class="num">${short(one.load)}</td>
              <td class="num">${short(one.fair)}</td>
              <td class="fair-bars"><${Bar} share=${one.above / most} /></td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <p class="quiet small">
      ${t("Counted are unpopular shifts and weekends, as the roster file weighs them. The fair share is that of the person’s contract in the sum of all.")}
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
  const words = { most: name(first.person), above: short(first.above), least: name(last.person), below: short(-last.above) };
  return t("{most} bears {above} more than their share, {least} {below} less.", words);
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
