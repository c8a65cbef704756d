/* What is wrong with what was typed, in the reader's words and at the right place.
 *
 * The server names the field as the order has it ("scenarios[2].changes[3].open[1]"); the page knows which
 * of its fields that was. Each kind of field has one sentence that says what would be right; the server's
 * own line, which also says what was there, stands below it.
 */
import { pick, t } from "./i18n.js";
import { html } from "./ui.js";

/** Where on the page a problem belongs: { plan, window, kind, part }, or null for the whole. */
export function placeOf(problem, asked) {
  const field = (problem && problem.field) || "";
  if (field === "days" || field === "seed") return { part: field };
  const found = /^scenarios\[(\d+)\](?:\.changes\[(\d+)\])?(?:\.(.*))?$/.exec(field);
  if (!found || !asked) return null;
  const [, scenario, change, part = ""] = found;
  const plan = asked[scenario - 1];
  if (!plan) return null;
  if (!change) return { plan: plan.name, part };
  return { plan: plan.name, ...plan.changes[change - 1], change: undefined, part };
}

/** Whether a problem belongs to this field; `part` is how the server calls it, up to its first bracket. */
export function isAt(place, plan, at) {
  if (!place || place.plan !== plan) return false;
  const same = ["window", "kind"].every((name) => place[name] === at[name]);
  return same && (at.part === undefined || place.part.startsWith(at.part));
}

/** The problem beside its field. `id` is what the field is described by. */
export function Wrong({ problem, id, services }) {
  const words = wordsOf(problem, services);
  return html`<p class="wrong" id=${id} role="alert">
    ${words && html`<span>${words}</span>`} <span class="wrong-line" lang="en">${lineOf(problem)}</span>
  </p>`;
}

/** Why there is no result, where no field is at fault. */
export function failureWords({ code }) {
  const words = {
    "connection-lost": t("The connection was lost. What had come until then stays; press Run for all of it."),
    "laboratory-lost": t("The experiment broke off. Please run it again."),
    "too-many-experiments": t("Others are trying plans too. Please try again in a minute."),
    "journal-unavailable": t("The hall cannot be read now. Please try again in a minute."),
    "nothing-to-simulate": t("With this plan nobody comes, so there is nothing to try."),
    "too-many-visitors": t("So many visitors a day are more than can be tried here."),
  };
  return words[code];
}

function wordsOf(problem, services) {
  const part = problem.field.replace(/^scenarios\[\d+\]\.?/, "").replace(/^changes\[\d+\]\.?/, "");
  if (part.startsWith("open")) {
    return t("Give times such as 08:00, the later one after the earlier, periods one after the other.");
  }
  if (part === "skills") return t("Choose at least one service for this window.");
  if (part.startsWith("skills")) return t("Give a number above 0: 1 is usual, 0.8 is quicker, 1.2 is slower.");
  if (part === "percent") return t("Give percent of today’s visitors, from 0 to 1000.");
  if (part === "days" || part === "seed") return t("Give a whole number in the range that is allowed.");
  if (part === "windows") return t("At least one window must stay open.");
  const service = /^services\[(\d+)\]\.id$/.exec(part);
  if (service && services[service[1] - 1]) {
    const name = pick(services[service[1] - 1].name);
    return t("No window serves “{service}” any more. Give it to a window.", { service: name });
  }
  return failureWords(problem);
}

/** The server's line without the place that the page has found already. */
function lineOf({ detail, field }) {
  return detail.startsWith(`${field}: `) ? detail.slice(field.length + 2) : detail;
}
