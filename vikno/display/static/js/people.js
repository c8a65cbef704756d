/* Who may sign in, and as what: a new account and its link, what it may do, and help for who lost something. */
import { ONCE, call } from "./api.js";
import { Field, LanguageChoice, valuesOf } from "./forms.js";
import { isAdmitted } from "./gate.js";
import { Grants, firstGrant } from "./grants.js";
import { HandOver } from "./handover.js";
import { lang, t } from "./i18n.js";
import { known, nameOf } from "./known.js";
import { loadWords } from "./language.js";
import { keepTheme } from "./managertools.js";
import { Top } from "./peopletop.js";
import { hallName, roleName } from "./roles.js";
import { Trouble, troubleOf } from "./trouble.js";
import { Button, html, render, signal, useSignal } from "./ui.js";
import { lastSeen } from "./words.js";

const NAME_MAX = 100;
const FEW = 10; // so many are found by looking

const accounts = signal(null);
const trouble = signal(null);
const handing = signal(null); // { name, link }: told once, gone when done
const said = signal("");

async function load() {
  try {
    accounts.value = (await call("GET", "/accounts")).accounts;
    trouble.value = null;
  } catch (problem) {
    trouble.value = troubleOf(problem);
  }
}

const REFUSALS = {
  "name-taken": () => t("There is an account of this name already."),
  "bad-name": () => t("Use small Latin letters, figures and . _ @ + - in the name to sign in with."),
  "last-admin": () => t("This is the last account of an administrator; without it nobody could help anybody."),
};

/** Does one thing to an account, tells what was done, and looks again. */
async function change(deed, words, wrong) {
  try {
    const answer = await deed();
    said.value = words;
    wrong.value = null;
    await load();
    return answer;
  } catch (problem) {
    wrong.value = troubleOf(problem, REFUSALS);
    return undefined;
  }
}

/* ---- a new one ---- */

function New() {
  const open = useSignal(false);
  const grants = useSignal([firstGrant()]);
  const wrong = useSignal(null);
  const send = async (event) => {
    event.preventDefault();
    const form = event.currentTarget;
    const body = { ...valuesOf(form), grants: grants.value };
    const made = await change(() => call("POST", "/accounts", body, ONCE), "", wrong);
    if (!made) return;
    form.reset();
    grants.value = [firstGrant()];
    open.value = false;
    handing.value = { name: nameOf(made.account), link: made.link };
  };
  if (!open.value) {
    return html`<p class="no-print"><${Button} main onPress=${() => (open.value = true)}>${t("New account")}<//></p>`;
  }
  return html`<section class="card panel" aria-labelledby="new-title">
    <h2 id="new-title">${t("New account")}</h2>
    <form class="form form-row" onSubmit=${send}>
      <${Trouble} of=${wrong.value} />
      <${Field} name="display_name" label=${t("First and last name")} maxlength=${NAME_MAX} required autocomplete="off" autofocus />
      <${Field} name="name" label=${t("Name to sign in with")} hint=${t("Small Latin letters and figures, or an address of e-mail.")} maxlength=${NAME_MAX} required autocomplete="off" autocapitalize="none" spellcheck="false" />
      <${LanguageChoice} name="language" value=${lang.value} />
      <${Grants} grants=${grants} name="new" />
      <p class="form-deeds">
        <button type="submit" class="button button-main">${t("Make the account")}</button>
        <${Button} onPress=${() => (open.value = false)}>${t("Do not make it")}<//>
      </p>
    </form>
  </section>`;
}

/* ---- those there are ---- */

function List() {
  const wanted = useSignal("");
  const found = accounts.value.filter((one) => wordsOf(one).includes(wanted.value.trim().toLowerCase()));
  const active = found.filter((one) => one.active);
  const closed = found.filter((one) => !one.active);
  return html`<section class="panel" aria-labelledby="people-title">
    <h2 id="people-title">${t("Accounts")}${" "}<span class="quiet figures">${active.length}</span></h2>
    ${accounts.value.length > FEW &&
    html`<div class="form form-row find no-print">
      <${Field} name="find" type="search" label=${t("Find by name, role or hall")} autocomplete="off" onInput=${({ currentTarget }) => (wanted.value = currentTarget.value)} />
    </div>`}
    <${Table} accounts=${active} />
    ${closed.length > 0 &&
    html`<details>
      <summary>${t("Closed accounts")} (${closed.length})</summary>
      <${Table} accounts=${closed} />
    </details>`}
  </section>`;
}

/** All that stands in a line, to be found by. */
function wordsOf(account) {
  const grants = account.grants.flatMap(({ role, hall }) => [roleName(role), hallName(hall)]);
  return [account.name, nameOf(account), ...grants].join(" ").toLowerCase();
}

function Table({ accounts: shown }) {
  return html`<table class="cards">
    <thead>
      <tr>
        <th>${t("Name")}</th>
        <th>${t("May be")}</th>
        <th>${t("Last seen")}</th>
        <th><span class="unseen">${t("Change")}</span></th>
      </tr>
    </thead>
    <tbody>
      ${shown.map((account) => html`<${Row} key=${account.id} account=${account} />`)}
    </tbody>
  </table>`;
}

function Row({ account }) {
  const open = useSignal(false);
  const { id, name, grants, last_seen: seen } = account;
  return html`<tr>
      <th scope="row">
        <span translate=${false}>${nameOf(account)}</span>${nameOf(account) !== name && html` <span class="cards-name" translate=${false}>${name}</span>`}
      </th>
      <td data-name=${t("May be")} class="cards-wide">
        ${grants.length === 0
          ? t("nothing yet")
          : html`<ul>${grants.map(({ role, hall }) => html`<li key=${`${role} ${hall}`}>${roleName(role)} <span class="quiet">· ${hallName(hall)}</span></li>`)}</ul>`}
      </td>
      <td data-name=${t("Last seen")}>${lastSeen(seen).words}</td>
      <td class="cards-deed no-print">
        <button type="button" class="button" aria-expanded=${String(open.value)} aria-controls="more-${id}" onClick=${() => (open.value = !open.value)}>
          ${t("Change")}<span class="unseen" translate=${false}> ${nameOf(account)}</span>
        </button>
      </td>
    </tr>
    ${open.value &&
    html`<tr class="cards-more" id="more-${id}">
      <td colspan="4"><${Change} account=${account} /></td>
    </tr>`}`;
}

function Change({ account }) {
  const { id, active, language } = account;
  const wrong = useSignal(null);
  const grants = useSignal(account.grants);
  const who = nameOf(account);
  const isMe = known.account.id === id;
  const patch = (body, words) => change(() => call("PATCH", `/accounts/${id}`, body, ONCE), words, wrong);
  const keep = (event) => {
    event.preventDefault();
    const { shown, spoken } = valuesOf(event.currentTarget);
    patch({ display_name: shown, language: spoken, grants: grants.value }, t("{name}: saved.", { name: shown }));
  };
  const newLink = async () => {
    const made = await change(() => call("POST", `/accounts/${id}/link`, undefined, ONCE), "", wrong);
    if (made) handing.value = { name: who, link: made.link };
  };
  const signOut = () => change(() => call("DELETE", `/accounts/${id}/sessions`, undefined, ONCE), t("{name} is signed out everywhere.", { name: who }), wrong);
  return html`<div class="question-box">
    <${Trouble} of=${wrong.value} />
    <form class="form form-row" onSubmit=${keep}>
      <${Field} name="shown" id="shown-${id}" label=${t("First and last name")} value=${account.display_name} maxlength=${NAME_MAX} required autocomplete="off" />
      <${LanguageChoice} name="spoken" id="spoken-${id}" value=${language} />
      <${Grants} grants=${grants} name=${`of-${id}`} />
      <p class="form-deeds"><button type="submit" class="button button-main">${t("Save")}</button></p>
    </form>
    <ul class="deeds-list">
      <${Deed} words=${t("Forgotten password: a new link is made, and the old password counts no more once it was used.")} deed=${t("New link")} who=${who} onPress=${newLink} />
      <${Deed} words=${t("A phone or computer was lost: everybody signed in by this account is signed out within seconds.")} deed=${t("Sign out everywhere")} who=${who} onPress=${signOut} />
      ${!isMe &&
      (active
        ? html`<${Deed} late words=${t("No longer works here: signed out within seconds, and cannot sign in again. The account can be opened again.")} deed=${t("Close the account")} who=${who} onPress=${() => patch({ active: false }, t("The account {name} is closed.", { name: who }))} />`
        : html`<${Deed} words=${t("Can sign in again, with the same rights.")} deed=${t("Open the account again")} who=${who} onPress=${() => patch({ active: true }, t("The account {name} is open again.", { name: who }))} />`)}
    </ul>
  </div>`;
}

function Deed({ words, deed, who, late, onPress }) {
  return html`<li>
    <p>${words}</p>
    <${Button} late=${late} onPress=${onPress}>${deed}<span class="unseen" translate=${false}>: ${who}</span><//>
  </li>`;
}

function Page() {
  return html`<div class="page">
    <${Top} page="people" />
    <${Trouble} of=${trouble.value} />
    <p class="form-said" role="status">${said.value}</p>
    ${handing.value ? html`<${HandOver} ...${handing.value} onDone=${() => (handing.value = null)} />` : html`<${New} />`}
    ${accounts.value && html`<${List} />`}
  </div>`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (!isAdmitted()) return;
  render(html`<${Page} />`, document.getElementById("app"));
  load();
}

start();
