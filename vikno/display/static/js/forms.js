/* Parts of a form: a label that stands above what it names, a hint beside it, and a password that can be looked at. */
import { everyLanguage, offered, t } from "./i18n.js";
import { html, useSignal } from "./ui.js";

export function Field({ name, label, hint, children, id = `field-${name}`, ...input }) {
  return html`<div class="form-field">
    <label for=${id}>${label}</label>
    ${hint && html`<p class="form-hint" id="${id}-hint">${hint}</p>`}
    <div class="form-line">
      <input id=${id} name=${name} class="field" aria-describedby=${hint ? `${id}-hint` : undefined} ...${input} />
      ${children}
    </div>
  </div>`;
}

/** A password, which may be shown: who can read what they type mistypes less. */
export function PasswordField(props) {
  const shown = useSignal(false);
  return html`<${Field} ...${props} type=${shown.value ? "text" : "password"} required autocapitalize="none" spellcheck="false">
    <button type="button" class="button form-show" aria-pressed=${String(shown.value)} onClick=${() => (shown.value = !shown.value)}>
      ${shown.value ? t("Hide") : t("Show")}<span class="unseen"> ${t("the password")}</span>
    </button>
  <//>`;
}

/** `choices`: [[value, words], …], with the language of the words where it is another. */
export function Choice({ name, label, choices, value, id = `field-${name}`, ...select }) {
  return html`<div class="form-field">
    <label for=${id}>${label}</label>
    <select id=${id} name=${name} class="field" ...${select}>
      ${choices.map(
        ([one, words, language]) => html`<option key=${one} value=${one} lang=${language} selected=${one === value}>${words}</option>`,
      )}
    </select>
  </div>`;
}

/** Any language there is; an account without one reads what its browser asks for. */
export function LanguageChoice(props) {
  const choices = [["", t("as the browser asks")], ...offered(everyLanguage()).map(([code, name]) => [code, name, code])];
  return html`<${Choice} label=${t("Language")} choices=${choices} ...${props} />`;
}

/** What stands in the fields of a form, by their names. */
export function valuesOf(form) {
  return Object.fromEntries(new FormData(form));
}
