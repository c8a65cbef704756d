/* Signing in: a name and a password, another service that vouches for somebody, or a link that is good once.
 *
 * The key of a link stands in the fragment, which no server sees; it is taken out of the address at once and lives
 * only in this page. Where somebody wanted to be stands in `next`, and is followed only within this server.
 */
import { ONCE, call } from "./api.js";
import { fromFragment, pageAfter } from "./credentials.js";
import { PasswordField, Field, valuesOf } from "./forms.js";
import { t } from "./i18n.js";
import { known, nameOf } from "./known.js";
import { loadWords } from "./language.js";
import { Languages, keepTheme, useTitle } from "./managertools.js";
import { Trouble, troubleOf } from "./trouble.js";
import { Button, Mark, html, render, useEffect, useSignal } from "./ui.js";
import { signOut } from "./who.js";

const PASSWORD_MIN = 12; // letters; the server says so too
const PASSWORD_MAX = 200;
const NAME_MAX = 100;

const query = new URLSearchParams(location.search);
const wanted = pageAfter(query.get("next"));

/* Back from a service that vouches for people, without its word. */
const refusal =
  query.get("refused") === "provider"
    ? { words: () => t("The sign-on service does not know you here. Ask whoever looks after accounts.") }
    : null;
const key = fromFragment("key");

function Page() {
  useTitle(t("Sign in"));
  const Shown = key ? Link : known.account ? Account : SignIn;
  return html`<div class="signin">
    <${Mark} />
    <${Shown} />
    <nav class="signin-languages" aria-label=${t("Language")}><${Languages} /></nav>
  </div>`;
}

/** A form that is sent once at a time; `send(values)` throws what is refused. */
function Form({ send, deed, refusals, children }) {
  const busy = useSignal(false);
  const trouble = useSignal(null);
  const submit = async (event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    trouble.value = null;
    try {
      await send(valuesOf(event.currentTarget));
    } catch (problem) {
      trouble.value = troubleOf(problem, refusals);
    }
    busy.value = false;
  };
  return html`<form class="form" onSubmit=${submit}>
    <${Trouble} of=${trouble.value} />
    ${children}
    <button type="submit" class="button button-main" aria-disabled=${busy.value ? "true" : undefined}>${deed}</button>
  </form>`;
}

/* ---- name and password ---- */

function SignIn() {
  const send = async (values) => {
    await call("POST", "/session", values, ONCE);
    location.replace(wanted || "/");
  };
  return html`<h1>${t("Sign in")}</h1>
    ${wanted && !/^\/(\?|$)/.test(wanted) && html`<p class="quiet">${t("Then you go on to the page you wanted.")}</p>`}
    <${Trouble} of=${refusal} />
    <${Form} send=${send} deed=${t("Sign in")}>
      <${Field} name="name" label=${t("Name")} autocomplete="username" autocapitalize="none" spellcheck="false" maxlength=${NAME_MAX} required autofocus />
      <${PasswordField} name="password" label=${t("Password")} autocomplete="current-password" maxlength=${PASSWORD_MAX} />
    <//>
    <${Providers} />
    <p class="quiet small">${t("Forgotten your password? Whoever looks after accounts here gives you a new link.")}</p>`;
}

/** Services that vouch for people, where this server trusts any. */
function Providers() {
  const providers = useSignal([]);
  useEffect(() => {
    call("GET", "/sign-in/providers").then(
      (told) => (providers.value = told.providers),
      () => {}, // then there is the password
    );
  }, []);
  if (providers.value.length === 0) return null;
  const next = wanted ? `?${new URLSearchParams({ next: wanted })}` : "";
  return html`<div class="signin-providers">
    <p class="signin-or quiet small"><span>${t("or")}</span></p>
    ${providers.value.map(
      ({ id, name }) => html`<a key=${id} class="button" href="/api/v1/sign-in/${id}${next}">${t("Go on with {name}", { name })}</a>`,
    )}
  </div>`;
}

/* ---- a link that is good once ---- */

const REFUSALS = {
  "wrong-key": () => t("This link has been used already, or is too old. Ask for a new one."),
  "bad-name": () => t("Use small Latin letters, figures and . _ @ + - in the name to sign in with."),
  "bad-password": () => t("This password is too short, among those that are tried first, or has your name in it. Choose another."),
};

/** Whose link it is only the server knows: asked without a password, it says what is missing, and uses nothing up. */
async function kindOfLink() {
  try {
    await call("POST", "/session/key", { key, password: "" }, ONCE);
    return "";
  } catch (problem) {
    if (problem.code === "bad-password") return "invitation";
    if (problem.code === "bad-name") return "first";
    throw problem;
  }
}

function Link() {
  const kind = useSignal("");
  const trouble = useSignal(null);
  useEffect(() => {
    kindOfLink().then(
      (found) => (kind.value = found),
      (problem) => (trouble.value = troubleOf(problem, REFUSALS)),
    );
  }, []);
  if (trouble.value) {
    return html`<h1>${t("Sign in")}</h1>
      <${Trouble} of=${trouble.value} />
      <p><a class="button" href="/sign-in">${t("Sign in with a password")}</a></p>`;
  }
  if (!kind.value) return html`<p class="quiet" role="status">${t("One moment…")}</p>`;
  const isFirst = kind.value === "first";
  const send = async (values) => {
    await call("POST", "/session/key", { key, ...values }, ONCE);
    location.replace("/");
  };
  return html`<h1>${isFirst ? t("The first account") : t("Choose your password")}</h1>
    ${isFirst && html`<p>${t("This server has no accounts yet. The one you make here may do everything, and make others.")}</p>`}
    <${Form} send=${send} deed=${t("Save and sign in")} refusals=${REFUSALS}>
      ${isFirst &&
      html`<${Field} name="name" label=${t("Name to sign in with")} hint=${t("Small Latin letters and figures, or an address of e-mail.")}
        autocomplete="username" autocapitalize="none" spellcheck="false" maxlength=${NAME_MAX} required autofocus />`}
      <${NewPassword} name="password" autofocus=${!isFirst} />
    <//>`;
}

/** The rule stands there before anything is typed. */
function NewPassword(props) {
  return html`<${PasswordField} ...${props} label=${t("New password")} autocomplete="new-password"
    minlength=${PASSWORD_MIN} maxlength=${PASSWORD_MAX} hint=${passwordRule()} />`;
}

function passwordRule() {
  return t("At least {n} letters, figures or signs: four words that only you would put together are good. A password that many people use, or with your name in it, is refused.", { n: PASSWORD_MIN });
}

/* ---- already signed in ---- */

function Account() {
  const { name } = known.account;
  const shown = nameOf(known.account);
  return html`<h1>${t("My account")}</h1>
    <p>${t("You are signed in as {name}.", { name: shown === name ? name : `${shown} (${name})` })}</p>
    <p class="form-deeds">
      <a class="button button-main" href="/">${t("All my pages")}</a>
      <${Button} onPress=${signOut}>${t("Sign out")}<//>
    </p>
    <details class="signin-password">
      <summary>${t("Change the password")}</summary>
      <${Change} name=${name} />
    </details>`;
}

function Change({ name }) {
  const done = useSignal(false);
  const send = async ({ old, new: chosen }) => {
    done.value = false;
    await call("POST", "/session/password", { old, new: chosen }, ONCE);
    done.value = true;
  };
  return html`<${Form} send=${send} deed=${t("Change the password")} refusals=${REFUSALS}>
    <input type="text" name="username" autocomplete="username" value=${name} readonly hidden />
    <${PasswordField} name="old" label=${t("Present password")} autocomplete="current-password" maxlength=${PASSWORD_MAX} />
    <${NewPassword} name="new" />
    <p class="form-said" role="status">${done.value ? t("The password is changed. Other places where you were signed in are signed out.") : ""}</p>
  <//>`;
}

async function start() {
  keepTheme();
  await loadWords();
  if (wanted && known.account && !key) {
    location.replace(wanted);
    return;
  }
  render(html`<${Page} />`, document.getElementById("app"));
}

start();
