/* The left of the page: two plans, what is different in each, the rule, the visitors, the windows. */
import { pick, t } from "./i18n.js";
import { ruleName } from "./rules.js";
import { html } from "./ui.js";
import { changesOf, draftOf, number, withWindowAsToday } from "./whatifdraft.js";
import { Wrong, isAt } from "./whatifproblems.js";
import { Windows, hours, services } from "./whatifwindows.js";

/** "today’s plan" while nothing is changed, else the plan's letter. */
export function planName(name, isToday) {
  if (isToday) return t("Today’s plan");
  return name === "a" ? t("Plan A") : t("Plan B");
}

export function Plans({ trying }) {
  const { plan } = trying;
  const shown = trying.shown.value;
  const other = shown === "a" ? "b" : "a";
  const draft = trying.drafts.value[shown];
  const change = (made) => trying.change(shown, made);
  const copy = () => change({ ...trying.drafts.value[other] });
  return html`<div class="plans">
    <${Switch} trying=${trying} shown=${shown} />
    <${Different} trying=${trying} draft=${draft} change=${change} copy=${copy} other=${other} />
    <${Visitors} plan=${plan} draft=${draft} change=${change} at=${shown} wrong=${trying.wrong.value} />
    <${Windows}
      plan=${plan}
      draft=${draft}
      change=${change}
      at=${shown}
      wrong=${trying.wrong.value}
      open=${trying.open}
    />
    <${Rule} plan=${plan} draft=${draft} change=${change} />
  </div>`;
}

function Switch({ trying, shown }) {
  return html`<fieldset class="switch">
    <legend class="unseen">${t("Which plan to change")}</legend>
    ${["a", "b"].map((name) => {
      const count = trying.countOf(name);
      return html`<label key=${name} class="switch-side ${shown === name ? "is-shown" : ""}">
        <input
          type="radio"
          name="plan"
          checked=${shown === name}
          onChange=${() => (trying.shown.value = name)}
        />
        <span class="switch-name">${planName(name, count === 0 && name === "a")}</span>
        <span class="switch-count quiet small">
          <${Sample} of=${name} /> ${count > 0 ? t("{n} changes", { n: count }) : t("nothing changed")}
        </span>
      </label>`;
    })}
  </fieldset>`;
}

/** How the lines of a plan are drawn in the charts. */
export function Sample({ of }) {
  return html`<svg class="sample" viewBox="0 0 28 8" aria-hidden="true" focusable="false">
    <line class="course-${of}" x1="1" x2="27" y1="4" y2="4" />
  </svg>`;
}

function Different({ trying, draft, change, copy, other }) {
  const { plan } = trying;
  const found = differences(draft, plan);
  return html`<section class="part different" aria-labelledby="different-title">
    <h2 id="different-title">${t("What is different")}</h2>
    ${found.length === 0 && html`<p class="quiet">${t("Nothing: this is the hall as it runs today.")}</p>`}
    <ul>
      ${found.map(
        ({ key, words, undone }) => html`<li key=${key} class="difference">
          <span>${words}</span>
          <button type="button" class="tool" onClick=${() => change(undone)}>
            ${t("As today")}<span class="unseen">, ${words}</span>
          </button>
        </li>`,
      )}
    </ul>
    <p class="different-deeds">
      ${found.length > 0 &&
      html`<button type="button" class="tool" onClick=${() => change(draftOf(plan))}>${t("All as today")}</button>`}
      ${trying.countOf(other) > 0 &&
      html`<button type="button" class="tool" onClick=${copy}>
        ${t("Take over everything from {plan}", { plan: planName(other, false) })}
      </button>`}
    </p>
  </section>`;
}

/** What is different in a plan, to stand beside a result on paper. */
export function DifferencesOnPaper({ trying }) {
  const { plan } = trying;
  return html`<dl class="on-paper">
    ${["a", "b"].map((name) => {
      const found = differences(trying.drafts.value[name], plan);
      if (found.length === 0) return null;
      return html`<dt>${planName(name, false)}</dt>
        ${found.map(({ key, words }) => html`<dd key=${key}>${words}</dd>`)}`;
    })}
  </dl>`;
}

/** Each difference in words, with the draft that would be without it. */
function differences(draft, plan) {
  const found = [];
  if (draft.policy !== plan.policy) {
    const words = t("Rule: {rule}", { rule: ruleName(draft.policy) });
    found.push({ key: "policy", words, undone: { ...draft, policy: plan.policy } });
  }
  for (const { change, kind, window: id } of changesOf(draft, plan)) {
    if (id) {
      const one = draft.windows.find((each) => each.id === id);
      const undone = withWindowAsToday(draft, plan, id);
      found.push({ key: `${id} ${change.change}`, words: windowWords(one, change, plan), undone });
    } else {
      const undone = kind ? { ...draft, kinds: { ...draft.kinds, [kind]: "100" } } : { ...draft, percent: "100" };
      const words = kind
        ? t("{service}: {percent}% of today’s visitors", { service: kindName(kind, plan), percent: change.percent })
        : t("All visitors: {percent}% of today’s", { percent: change.percent });
      found.push({ key: `demand ${kind}`, words, undone });
    }
  }
  return found;
}

function windowWords(one, { change }, plan) {
  const told = { window: one.label, hours: hours(one.open), services: services(one, plan) };
  return {
    "add-window": () => t("Window {window}: new, {hours}, services {services}", told),
    "remove-window": () => t("Window {window}: closed", told),
    "set-hours": () => t("Window {window}: {hours}", told),
    "set-skills": () => t("Window {window}: services {services}", told),
  }[change]();
}

function kindName(kind, plan) {
  const ids = kind.split("+");
  return ids.map((one) => pick((plan.services.find(({ id }) => id === one) || {}).name) || one).join(" + ");
}

function Rule({ plan, draft, change }) {
  return html`<section class="part" aria-labelledby="rule-title">
    <h2 id="rule-title">${t("Who is called next")}</h2>
    <select
      class="wide"
      aria-labelledby="rule-title"
      onChange=${(event) => change({ ...draft, policy: event.currentTarget.value })}
    >
      ${plan.policies.map(
        (one) => html`<option key=${one} value=${one} selected=${one === draft.policy}>${ruleName(one)}</option>`,
      )}
    </select>
  </section>`;
}

function Visitors({ plan, draft, change, at, wrong }) {
  const come = plan.demand.filter(({ visitors }) => visitors > 0);
  const all = number(draft.percent) / 100;
  const today = come.reduce((sum, { visitors }) => sum + visitors, 0);
  const put = (kind, value) => change({ ...draft, kinds: { ...draft.kinds, [kind]: value } });
  const share = (kind) => all * (number(draft.kinds[kind]) / 100);
  const tried = come.reduce((sum, { services, visitors }) => sum + visitors * share(services.join("+")), 0);
  const wrongAt = (kind) => (isAt(wrong.place, at, { kind, part: "percent" }) ? wrong.problem : null);
  const oneIsWrong = come.some(({ services }) => wrongAt(services.join("+")));
  return html`<section class="part" aria-labelledby="visitors-title">
    <h2 id="visitors-title">${t("Visitors")}</h2>
    <${Percent}
      name=${t("All visitors")}
      value=${draft.percent}
      put=${(value) => change({ ...draft, percent: value })}
      from=${today}
      to=${tried}
      wrong=${wrongAt("")}
      id="all"
      services=${plan.services}
    />
    <details open=${oneIsWrong || undefined}>
      <summary>${t("By service")}</summary>
      ${come.map(({ services, visitors }) => {
        const kind = services.join("+");
        return html`<${Percent}
          key=${kind}
          name=${kindName(kind, plan)}
          value=${draft.kinds[kind]}
          put=${(value) => put(kind, value)}
          from=${visitors}
          to=${visitors * share(kind)}
          wrong=${wrongAt(kind)}
          id=${kind}
          services=${plan.services}
        />`;
      })}
    </details>
  </section>`;
}

function Percent({ name, value, put, from, to, wrong, id, services }) {
  const described = wrong ? `wrong-percent-${id}` : undefined;
  const count = (number) => (Number.isFinite(number) ? String(Math.round(number)) : "–");
  return html`<div class="percent">
    <label class="percent-line">
      <span class="percent-name">${name}</span>
      <span class="percent-value">
        <input
          class="figures"
          type="text"
          inputmode="decimal"
          maxlength="6"
          autocomplete="off"
          value=${value}
          aria-invalid=${wrong ? "true" : undefined}
          aria-describedby=${described}
          onInput=${(event) => put(event.currentTarget.value)}
        />
        %
      </span>
      <span class="percent-count quiet figures">
        ${count(from) === count(to)
          ? t("{count} a day", { count: count(from) })
          : t("{from} → {to} a day", { from: count(from), to: count(to) })}
      </span>
    </label>
    ${wrong && html`<${Wrong} problem=${wrong} id=${described} services=${services} />`}
  </div>`;
}
