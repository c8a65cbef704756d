/* The windows of a plan and who works at them: hours, services, how quick; one more, one less. */
import { pick, t } from "./i18n.js";
import { Numeral, html } from "./ui.js";
import { number, withAnother, withWindow, withWindowAsToday } from "./whatifdraft.js";
import { Wrong, isAt } from "./whatifproblems.js";
import { minutes as minuteWords, typed } from "./whatifwords.js";

/** `at` says which plan this is, `wrong` what is wrong where, `open` which window is being changed. */
export function Windows({ plan, draft, change, at, wrong, open }) {
  const working = draft.windows.filter(({ state }) => state !== "closed");
  const whole = isAt(wrong.place, at, {});
  const add = () => {
    const made = withAnother(draft, working[working.length - 1] || draft.windows[0]);
    change(made);
    open.value = made.windows[made.windows.length - 1].id;
  };
  return html`<section class="part" aria-labelledby="windows-title">
    <h2 id="windows-title">${t("Windows and their people")}</h2>
    ${whole && html`<${Wrong} problem=${wrong.problem} id="wrong-plan" services=${plan.services} />`}
    <ul class="posts">
      ${draft.windows.map(
        (one) => html`<${Post} key=${one.id} ...${{ one, plan, draft, change, at, wrong, open }} />`,
      )}
    </ul>
    <button type="button" class="button add" onClick=${add}>${t("One more window with a person")}</button>
  </section>`;
}

function Post(props) {
  const { one, plan, draft, change, open } = props;
  const isOpen = open.value === one.id;
  const state = stateOf(one, plan);
  const undo = () => change(withWindowAsToday(draft, plan, one.id));
  const toggle = () => (open.value = isOpen ? null : one.id);
  return html`<li class="post post-${one.state} ${state ? "is-changed" : ""}">
    <div class="post-line">
      <span class="post-label"><span class="unseen">${t("Window")} </span><${Numeral} value=${one.label} /></span>
      <span class="post-what">
        ${state && html`<b class="post-state">${state}</b>${" "}`}
        ${one.state !== "closed" && html`<span class="post-hours figures">
          ${one.open.map((period, place) => html`<span key=${place}>${hours([period])}</span>`)}
        </span>`}
        ${one.state !== "closed" && html`<span class="post-skills">${services(one, plan)}</span>`}
      </span>
      ${one.state === "closed"
        ? html`<${Small} press=${undo} of=${one}>${t("As today")}<//>`
        : html`<${Small} press=${toggle} of=${one} expanded=${isOpen}>${isOpen ? t("Done") : t("Change")}<//>`}
    </div>
    ${isOpen && one.state !== "closed" && html`<${Editor} ...${props} state=${state} undo=${undo} />`}
  </li>`;
}

function Editor({ one, plan, draft, change, at, wrong, open, state, undo }) {
  const set = (part) => change(withWindow(draft, one.id, () => part));
  const close = () => {
    set({ state: "closed" });
    open.value = null;
  };
  const others = draft.windows.filter(({ id, state }) => id !== one.id && state !== "closed");
  const like = (event) => {
    const other = draft.windows.find(({ id }) => id === event.currentTarget.value);
    if (other) set({ skills: { ...other.skills } });
  };
  const wrongHours = isAt(wrong.place, at, { window: one.id, part: "open" });
  const wrongSkills = isAt(wrong.place, at, { window: one.id, part: "skills" });
  return html`<div class="post-editor">
    <fieldset>
      <legend>${t("Hours of work")}</legend>
      <${Hours} one=${one} set=${set} wrong=${wrongHours ? `wrong-${one.id}` : undefined} />
      ${wrongHours && html`<${Wrong} problem=${wrong.problem} id="wrong-${one.id}" services=${plan.services} />`}
    </fieldset>
    <fieldset>
      <legend>${t("Services and how long they take here")}</legend>
      <${Skills} one=${one} plan=${plan} set=${set} place=${wrongSkills ? wrong.place.part : ""} />
      ${wrongSkills && html`<${Wrong} problem=${wrong.problem} id="wrong-${one.id}" services=${plan.services} />`}
    </fieldset>
    <p class="post-deeds">
      <label class="like">
        <span>${t("The same services as window")}</span>
        <select onChange=${like}>
          <option value="">–</option>
          ${others.map(({ id, label }) => html`<option key=${id} value=${id}>${label}</option>`)}
        </select>
      </label>
      <span class="post-buttons">
        ${state &&
        html`<button type="button" class="button" onClick=${undo}>
          ${one.state === "new" ? t("Take away") : t("As today")}
        </button>`}
        ${one.state === "same" &&
        html`<button type="button" class="button button-late" onClick=${close}>${t("Close this window")}</button>`}
      </span>
    </p>
  </div>`;
}

function Hours({ one, set, wrong }) {
  const put = (place, end, value) =>
    set({ open: one.open.map((period, at) => (at === place ? withEnd(period, end, value.trim()) : period)) });
  const last = one.open[one.open.length - 1];
  return html`<div class="periods">
    ${one.open.map(
      (period, place) => html`<span class="period" key=${place}>
        ${[t("from"), t("to")].map(
          (word, end) => html`<label key=${end}>
            <span class="${end === 0 ? "unseen" : ""}">${end === 0 ? word : "–"}</span>
            <span class="unseen">${end === 0 ? "" : word}</span>
            <input
              class="clock-time figures"
              type="text"
              inputmode="numeric"
              maxlength="5"
              autocomplete="off"
              value=${period[end]}
              aria-invalid=${wrong ? "true" : undefined}
              aria-describedby=${wrong}
              onInput=${(event) => put(place, end, event.currentTarget.value)}
            />
          </label>`,
        )}
        ${one.open.length > 1 &&
        html`<button
          type="button"
          class="icon"
          aria-label=${t("Take these hours away")}
          onClick=${() => set({ open: one.open.filter((none, at) => at !== place) })}
        >
          ×
        </button>`}
      </span>`,
    )}
    <button type="button" class="tool" onClick=${() => set({ open: [...one.open, [last[1], last[1]]] })}>
      ${t("More hours")}
    </button>
  </div>`;
}

function Skills({ one, plan, set, place }) {
  const put = (id, factor) => set({ skills: { ...one.skills, [id]: factor } });
  const flip = (id) => {
    const { [id]: had, ...rest } = one.skills;
    set({ skills: had === undefined ? { ...one.skills, [id]: "1" } : rest });
  };
  return html`<ul class="skills">
    ${plan.services.map(({ id, prefix, name, minutes }) => {
      const has = id in one.skills;
      const wrong = place === `skills.${id}` || (place === "skills" && has);
      return html`<li key=${id} class="skill">
        <label class="skill-name">
          <input type="checkbox" checked=${has} onChange=${() => flip(id)} />
          <b>${prefix}</b> <span>${pick(name)}</span>
        </label>
        ${has &&
        html`<label class="skill-factor">
          <span class="unseen">${t("times the usual duration, {service}", { service: pick(name) })}</span>
          <span aria-hidden="true">×</span>
          <input
            class="factor figures"
            type="text"
            inputmode="decimal"
            maxlength="6"
            autocomplete="off"
            value=${typed(one.skills[id])}
            aria-invalid=${wrong ? "true" : undefined}
            aria-describedby=${wrong ? `wrong-${one.id}` : undefined}
            onInput=${(event) => put(id, event.currentTarget.value)}
          />
          <span class="skill-minutes quiet figures">${lasts(minutes, one.skills[id])}</span>
        </label>`}
      </li>`;
    })}
  </ul>`;
}

function Small({ press, of, expanded, children }) {
  const state = expanded === undefined ? undefined : String(expanded);
  return html`<button type="button" class="tool" aria-expanded=${state} onClick=${press}>
    ${children}<span class="unseen">, ${t("Window")} ${of.label}</span>
  </button>`;
}

/** What is different from today, in a word. */
export function stateOf(one, plan) {
  if (one.state === "new") return t("new");
  if (one.state === "closed") return t("closed");
  const today = plan.windows.find(({ id }) => id === one.id);
  const sameHours = JSON.stringify(today.open) === JSON.stringify(one.open);
  const ids = Object.keys(one.skills);
  const same = ids.length === Object.keys(today.skills).length;
  const sameSkills = same && ids.every((id) => today.skills[id] === number(one.skills[id]));
  return sameHours && sameSkills ? "" : t("changed");
}

export function hours(open) {
  return open.map(([from, to]) => `${from}–${to}`).join(", ");
}

/** The letters of a window's services; with the factor where one takes longer or shorter here. */
export function services({ skills }, plan) {
  const given = plan.services.filter(({ id }) => id in skills);
  return given.map(({ id, prefix }) => (number(skills[id]) === 1 ? prefix : `${prefix}×${typed(skills[id])}`)).join(" ");
}

function withEnd(period, end, value) {
  return period.map((was, at) => (at === end ? value : was));
}

function lasts(minutes, factor) {
  const times = number(factor);
  if (minutes === null || typeof times !== "number") return "";
  return `${minuteWords(minutes * times)} ${t("min")}`;
}
