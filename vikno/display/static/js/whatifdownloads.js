/* What can be taken along: the numbers as sheets, the changed plan as a hall file, the link to it all. */
import { call } from "./api.js";
import { lang, t } from "./i18n.js";
import { html, useRef, useSignal } from "./ui.js";
import { changesOf } from "./whatifdraft.js";
import { planName } from "./whatifplans.js";

const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export function Downloads({ trying, told }) {
  const name = `${trying.plan.id}-what-if`;
  const sheets = told.type === "result" ? told.sheets : null;
  return html`<section class="part take no-print" aria-labelledby="take-title">
    <h2 id="take-title">${t("Take it along")}</h2>
    ${!sheets && html`<p class="quiet">${t("The sheets are ready when the run has ended.")}</p>`}
    <p class="take-deeds">
      ${sheets &&
      html`<a class="button" download="${name}.xlsx" href=${`data:${XLSX};base64,${inLanguage(sheets.xlsx)}`}>XLSX</a>
        <a class="button" download="${name}.csv" href=${`data:text/csv;base64,${sheets.csv}`}>CSV</a>`}
      ${["a", "b"].map((plan) => html`<${HallFile} key=${plan} trying=${trying} name=${plan} />`)}
    </p>
    <${Link} trying=${trying} />
  </section>`;
}

/** The changed plan as the file that the hall could be started with. */
function HallFile({ trying, name }) {
  const failed = useSignal(false);
  const changes = changesOf(trying.drafts.value[name], trying.plan).map(({ change }) => change);
  if (changes.length === 0) return null;
  const fetchFile = async () => {
    try {
      const made = await call("POST", `/halls/${trying.plan.id}/plan/changed`, { changes }, trying.options);
      failed.value = false;
      save(made.file, made.text);
    } catch (error) {
      failed.value = true;
    }
  };
  return html`<button type="button" class="button" onClick=${fetchFile}>
      ${t("Hall file of {plan}", { plan: planName(name, false) })}
    </button>
    ${failed.value && html`<span class="state-late" role="alert">${t("This plan cannot be a hall file yet.")}</span>`}`;
}

function Link({ trying }) {
  const field = useRef(null);
  const copied = useSignal(false);
  const copy = () => {
    field.current.select();
    copied.value = document.execCommand("copy"); // works without TLS too, as halls often are
  };
  return html`<div class="link">
    <label for="link">${t("Link to these plans and these days")}</label>
    <div class="link-line">
      <input id="link" ref=${field} type="text" readonly value=${trying.link.value} onFocus=${() => (copied.value = false)} />
      <button type="button" class="button" onClick=${copy}>${t("Copy")}</button>
      <span role="status">${copied.value ? t("Copied") : ""}</span>
    </div>
  </div>`;
}

function save(file, text) {
  const link = document.createElement("a");
  link.download = file;
  link.href = `data:application/toml;charset=utf-8,${encodeURIComponent(text)}`;
  link.click();
}

function inLanguage(sheets) {
  return sheets[lang.value] || Object.values(sheets)[0];
}
