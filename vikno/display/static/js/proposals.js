/* A better rule for calling people, found in the hall's own past: what it would gain, and the manager's word.
 *
 * While something waits to be decided it stands above the hall; else it is a quiet panel below the calls.
 * The server tells no page when a search is over, so while one goes on it is asked now and then.
 */
import { call } from "./api.js";
import { pageContext } from "./credentials.js";
import { lang, pick, t } from "./i18n.js";
import { may } from "./known.js";
import { ruleName } from "./rules.js";
import { Button, day, effect, html, signal } from "./ui.js";

const REFRESH_MS = 60000; // a proposal comes once a night
const SEARCH_MS = 3000; // while a search goes on

export class Proposals {
  constructor() {
    this.told = signal(null);
    this.busy = signal(false);
    this.trouble = signal(false);
    this.page = pageContext();
    this.timer = null;
    effect(() => this.ask(lang.value)); // sentences come in the page's language
  }

  async ask(language) {
    if (may("SEE_PROPOSALS")) await this.send("GET", "", language);
  }

  /** "accept", "decline", "take-back" */
  decide(proposal, decision) {
    return this.press(`/${proposal.id}/${decision}`);
  }

  look() {
    return this.press("");
  }

  async press(path) {
    if (this.busy.peek()) return;
    this.busy.value = true;
    await this.send("POST", path, lang.peek());
    this.busy.value = false;
  }

  async send(method, path, language) {
    clearTimeout(this.timer);
    try {
      const told = await call(method, `/halls/${this.page.hall}/proposals${path}?lang=${language}`);
      if (language === lang.peek()) this.told.value = told;
      this.trouble.value = false;
    } catch (problem) {
      this.trouble.value = true;
    }
    const told = this.told.peek();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(lang.peek()), told && told.working ? SEARCH_MS : REFRESH_MS);
  }
}

/** What waits for the manager's word: above everything but the hall's own sentence. */
export function Waiting({ proposals, hall }) {
  const proposal = waitingOf(proposals.told.value);
  if (!proposal) return null;
  const busy = proposals.busy.value;
  return html`<section class="panel proposal" aria-labelledby="proposal-title">
    <h2 id="proposal-title">${t("A better rule was found")}</h2>
    <p class="proposal-sentence">${proposal.sentence}</p>
    <${Gains} proposal=${proposal} hall=${hall} />
    <p class="quiet">${from(proposal)}</p>
    <p class="quiet">${against(proposal)}</p>
    ${may("DECIDE") &&
    html`<div class="proposal-buttons no-print">
      <${Button} main busy=${busy} onPress=${() => proposals.decide(proposal, "accept")}>${t("Call by it from now on")}<//>
      <${Button} busy=${busy} onPress=${() => proposals.decide(proposal, "decline")}>${t("Decline")}<//>
    </div>`}
    ${proposals.trouble.value && html`<p class="sentence-late" role="status">${t("The server did not answer.")}</p>`}
  </section>`;
}

/** The rule in force, how it came to be so, and the way back. */
export function Rule({ proposals, hall }) {
  const told = proposals.told.value;
  if (!told) return null;
  const busy = proposals.busy.value;
  const accepted = told.proposals.find(({ state }) => state === "accepted");
  const [last] = told.proposals;
  const zone = hall.time_zone;
  return html`<section class="panel rule" aria-labelledby="rule-title">
    <h2 id="rule-title">${t("Who is called next")}</h2>
    <p>${ruleName(told.policy)}</p>
    ${accepted && html`<p class="quiet">${t("Accepted on {day}.", { day: day(accepted.decided, zone) })} ${accepted.sentence}</p>`}
    ${last && last.state === "nothing" && html`<p class="quiet">${vain(last, zone)}</p>`}
    ${told.days < told.days_needed && told.on && html`<p class="quiet">${few(told)}</p>`}
    ${told.working && html`<p role="status">${t("A better rule is being looked for. It takes some minutes.")}</p>`}
    ${may("DECIDE") &&
    html`<div class="proposal-buttons no-print">
      ${accepted &&
      html`<${Button} busy=${busy} onPress=${() => proposals.decide(accepted, "take-back")}>${t("Back to the rule before")}<//>`}
      ${told.on && !told.working && told.days >= told.days_needed &&
      html`<${Button} busy=${busy} onPress=${() => proposals.look()}>${t("Look for a better rule")}<//>`}
    </div>`}
  </section>`;
}

/** Before and after, by service; then what it costs others. */
function Gains({ proposal: { gain }, hall }) {
  const proof = gain.recorded || gain.drawn;
  const names = new Map(hall.services.map(({ id, name }) => [id, pick(name)]));
  const { overtaken_share: overtaken, occupancy_spread: spread } = gain.drawn.figures;
  return html`<table class="gains">
      <thead>
        <tr>
          <th>${t("Service")}</th>
          <th class="num">${t("Mean wait, min")}</th>
          <th class="num">${t("Called within the target")}</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(proof.services).map(
          ([id, pairs]) => html`<tr key=${id}>
            <th scope="row">${names.get(id) || id}</th>
            <td class="num figures">${change(pairs.wait_mean, minutes)}</td>
            <td class="num figures">${change(pairs.within_target, percent)}</td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="quiet figures">
      ${t("Overtaken by somebody who came later: {change} of visitors.", { change: change(overtaken, percent) })}${" "}
      ${t("Spread of work over windows: {change}.", { change: change(spread, percent) })}
    </p>`;
}

function waitingOf(told) {
  return told && told.proposals.find(({ state }) => state === "proposed");
}

function from({ days, left_out: checked }) {
  const words = { n: days.count, first: date(days.first), last: date(days.last) };
  const learned = t("Learned from {n} days of this hall, {first} to {last}.", words);
  if (!checked) return learned;
  return `${learned} ${t("Tried on {n} other days with the people who came then.", { n: checked.count })}`;
}

/** What it was held against; if that is not the rule in force any more, it is said. */
function against({ gain, outdated }) {
  const words = t("Compared with the rule: {rule}.", { rule: ruleName(gain.present) });
  return outdated ? `${words} ${t("Since then the rule was changed.")}` : words;
}

function vain({ made, reason }, zone) {
  const words = {
    "cannot-be-tuned": t("This hall cannot be simulated well enough to learn from."),
    "service-would-lose": t("What was found would have been paid for by one of the services."),
  };
  return `${t("Looked for a better rule on {day}: found none.", { day: day(made, zone) })} ${words[reason] || ""}`;
}

function few({ days, days_needed: n }) {
  return t("A better rule is looked for once there are {n} whole days to learn from; there are {days}.", { n, days });
}

function change({ present, proposed }, words) {
  return `${words(present.value)} → ${words(proposed.value)}`;
}

function minutes(value) {
  if (value === null) return "–";
  return new Intl.NumberFormat(lang.value, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

function percent(value) {
  return value === null ? "–" : `${Math.round(value * 100)}%`;
}

function date(words) {
  const form = { day: "numeric", month: "long", timeZone: "UTC" };
  return new Intl.DateTimeFormat(lang.value, form).format(new Date(`${words}T12:00:00Z`));
}
