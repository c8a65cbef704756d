/* A one-time link, shown once, to be handed to the one it is for: copied, printed, or read by their phone. */
import { t } from "./i18n.js";
import { QrCode } from "./qr.js";
import { html, useEffect, useRef, useSignal } from "./ui.js";

const LINK_HOURS = 72;

export function HandOver({ name, link, onDone }) {
  const field = useRef(null);
  const title = useRef(null);
  const copied = useSignal(false);
  useEffect(() => title.current.focus(), [link]);
  const copy = () => {
    field.current.select();
    copied.value = document.execCommand("copy"); // works without TLS too, as halls often are
  };
  return html`<section class="card handover" aria-labelledby="handover-title">
    <div class="handover-words">
      <h2 id="handover-title" tabindex="-1" ref=${title}>${t("A link for {name}", { name })}</h2>
      <p>${t("Give it to {name} yourself, or send it in a way you trust: whoever opens it first chooses the password. It works once, for {n} hours, and is not shown again.", { name, n: LINK_HOURS })}</p>
      <label for="handover-link">${t("Link")}</label>
      <div class="form-line">
        <input id="handover-link" class="field" type="text" readonly ref=${field} value=${link} onFocus=${() => field.current.select()} />
        <button type="button" class="button button-main" onClick=${copy}>${t("Copy")}</button>
      </div>
      <p class="form-said" role="status">${copied.value ? t("Copied") : ""}</p>
      <p class="form-deeds no-print">
        <button type="button" class="button" onClick=${() => window.print()}>${t("Print")}</button>
        <button type="button" class="button" onClick=${onDone}>${t("Done")}</button>
      </p>
    </div>
    <${QrCode} text=${link} label=${t("The link for {name}, for their phone", { name })} />
  </section>`;
}
