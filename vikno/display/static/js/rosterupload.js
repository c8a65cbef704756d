/* Bringing a roster file: what a roster is made for, written by hand or by the office's own program. */
import { call } from "./api.js";
import { t } from "./i18n.js";
import { html, useSignal } from "./ui.js";

export function Upload({ context, version, onDone }) {
  const wrong = useSignal(null);
  const send = async ({ currentTarget: field }) => {
    const files = [...field.files];
    field.value = ""; // so that the same file, put right, can be chosen again
    const texts = await Promise.all(files.map(async (one) => [one.name, await one.text()]));
    const roster = texts.find(([name]) => name.endsWith(".toml"));
    if (!roster) return;
    const beside = Object.fromEntries(texts.filter((one) => one !== roster));
    const body = { version, name: roster[0], file: roster[1], files: beside };
    try {
      onDone(await call("POST", `/halls/${context.hall}/roster/problem`, body, { context }));
    } catch (problem) {
      wrong.value = problem.message;
    }
  };
  return html`<div class="upload">
    ${version === 0 && html`<p class="sentence">${t("There is no roster yet.")}</p>`}
    <p>${t("A roster file says who works here, which shifts there are, what is agreed with whom, and how many people are needed when.")}</p>
    <label class="button upload-file">
      <input type="file" class="unseen" accept=".toml,.json" multiple aria-describedby=${wrong.value ? "upload-wrong" : undefined} onChange=${send} />
      ${t("Choose a roster file and the files it names")}
    </label>
    ${wrong.value && html`<p class="notice notice-late" id="upload-wrong" role="alert" lang="en">${wrong.value}</p>`}
  </div>`;
}
