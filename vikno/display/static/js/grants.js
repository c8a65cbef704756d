/* Choosing what an account may do: a role in a hall, line by line. */
import { t } from "./i18n.js";
import { hallName, hallsToGive, isMine, roleName, roleUse, rolesToGive } from "./roles.js";
import { html } from "./ui.js";

/** `grants` is a signal of [{ role, hall }]. Those the reader may not give are shown and stay. */
export function Grants({ grants, name }) {
  const change = (place, grant) => (grants.value = grants.value.map((one, at) => (at === place ? grant : one)));
  const remove = (place) => (grants.value = grants.value.filter((one, at) => at !== place));
  return html`<fieldset class="grants">
    <legend>${t("May be")}</legend>
    <ul>
      ${grants.value.map((grant, place) =>
        isMine(grant)
          ? html`<${Line} key=${place} grant=${grant} place=${place} name=${name} change=${change} remove=${remove} />`
          : html`<li key=${place} class="grant">${roleName(grant.role)} · ${hallName(grant.hall)}</li>`,
      )}
    </ul>
    <button type="button" class="tool" onClick=${() => (grants.value = [...grants.value, firstGrant()])}>${t("One more role")}</button>
  </fieldset>`;
}

/** What a new line begins with: the first hall, and the role that most people have there. */
export function firstGrant() {
  const [[hall]] = hallsToGive().filter(([id]) => rolesToGive(id).some(([role]) => role === "clerk"));
  return { role: "clerk", hall };
}

function Line({ grant, place, name, change, remove }) {
  const { role, hall } = grant;
  const id = `${name}-${place}`;
  const move = (to) => {
    const roles = rolesToGive(to).map(([one]) => one);
    change(place, { role: roles.includes(role) ? role : roles[0], hall: to });
  };
  return html`<li class="grant">
    <div class="grant-choice">
      <${Select} id="${id}-role" label=${t("Role")} value=${role} choices=${rolesToGive(hall)} describedby="${id}-use"
        onChoose=${(to) => change(place, { role: to, hall })} />
      <${Select} id="${id}-hall" label=${t("Hall")} value=${hall} choices=${hallsToGive()} onChoose=${move} />
      <button type="button" class="tool" onClick=${() => remove(place)}>
        ${t("Remove")}<span class="unseen"> ${roleName(role)}, ${hallName(hall)}</span>
      </button>
    </div>
    <p class="quiet small" id="${id}-use">${roleUse(role)}</p>
  </li>`;
}

function Select({ id, label, value, choices, describedby, onChoose }) {
  return html`<label class="unseen" for=${id}>${label}</label>
    <select id=${id} class="field" aria-describedby=${describedby} onChange=${({ currentTarget }) => onChoose(currentTarget.value)}>
      ${choices.map(([one, words]) => html`<option key=${one} value=${one} selected=${one === value}>${words}</option>`)}
    </select>`;
}
