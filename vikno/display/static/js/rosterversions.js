/* Versions of the roster: what happens when two people changed it, and the way back to an older one. */
import { lang, t } from "./i18n.js";
import { may } from "./known.js";
import { brokenWords } from "./rosterrules.js";
import { Upload } from "./rosterupload.js";
import { Button, html } from "./ui.js";

const CLASH = "roster-changed";
const BROKEN = "hard-rule-broken";

/** What the server refused, in the reader's words; a clash offers the way out of it. */
export function Clash({ rostering }) {
  const problem = rostering.trouble.value;
  if (!problem) return null;
  const isClash = problem.code === CLASH;
  return html`<div class="notice notice-late clash" role="alert">
    <p>${isClash ? clashWords() : troubleWords(rostering, problem)}</p>
    ${isClash &&
    html`<${Button} main onPress=${() => rostering.fetchNewest()}>${t("Put my changes on the newest version")}<//>`}
  </div>`;
}

function clashWords() {
  return t("Somebody else has saved this roster meanwhile. Nothing is lost: your changes are still here.");
}

function troubleWords(rostering, { code, detail }) {
  const [first] = rostering.checked.value.violations;
  if (code === BROKEN && first) return brokenWords(rostering, first);
  if (code === "not-signed-in" || code === "not-allowed") {
    return t("This page is for managers. Open it with the link you were given.");
  }
  return code === "bad-roster" ? html`<span lang="en">${detail}</span>` : t("The server did not answer.");
}

export function Versions({ rostering }) {
  const { versions, version } = rostering.told.value;
  return html`<details class="panel versions no-print">
    <summary>${t("Versions")}</summary>
    <table>
      <thead>
        <tr>
          <th class="num">${t("Version")}</th>
          <th>${t("Saved")}</th>
          <th>${t("State")}</th>
          <th><span class="unseen">${t("What can be done")}</span></th>
        </tr>
      </thead>
      <tbody>
        ${versions.map(
          (one) => html`<tr key=${one.version}>
            <td class="num">${one.version}</td>
            <td>${moment(one.at, rostering.hall.time_zone)}</td>
            <td>${stateOf(one, rostering.told.value)}</td>
            <td>
              ${one.version !== version &&
              may("ROSTER") &&
              html`<button type="button" class="tool" onClick=${() => rostering.bringBack(one)}>
                ${t("Bring back version {version}", { version: one.version })}
              </button>`}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${may("ROSTER") &&
    html`<h3>${t("Begin with another roster file")}</h3>
      <${Upload} context=${rostering.context} version=${version} onDone=${(told) => rostering.begin(told)} />`}
  </details>`;
}

function stateOf({ version, in_force: wasForce }, { in_force: inForce }) {
  if (version === inForce) return t("in force");
  return wasForce ? t("was in force") : t("draft");
}

function moment(instant, zone) {
  const form = { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", timeZone: zone };
  return new Intl.DateTimeFormat(lang.value, form).format(new Date(instant));
}
