/* An entry of the trail as a sentence in the reader's language. What this page does not know yet is told as it is. */
import { t } from "./i18n.js";
import { hallName, roleName } from "./roles.js";
import { labelOf } from "./stations.js";

/* What can be chosen among, and the kinds of entries that belong to it. */
export const KINDS = {
  "sign-ins": ["signed-in", "sign-in-refused", "signed-out", "signed-out-everywhere"],
  passwords: ["first-account", "password-set", "password-changed", "link-made"],
  accounts: ["account-made", "account-changed", "first-account"],
  devices: ["device-paired", "device-revoked", "token-made", "token-revoked"],
  windows: ["window-taken", "window-left"],
  settings: ["policy-decided", "roster-in-force", "hall-moved-here", "hall-moved-away", "restored"],
};

export function kindName(kind) {
  return {
    "sign-ins": t("signing in and out"),
    passwords: t("passwords and links"),
    accounts: t("accounts and roles"),
    devices: t("devices and tokens"),
    windows: t("windows taken and left"),
    settings: t("settings of halls"),
  }[kind];
}

const SENTENCES = {
  "signed-in": ({ by }) => (by === "password" ? t("{who} signed in with a password.") : t("{who} signed in through the sign-on service.")),
  "sign-in-refused": ({ by }) =>
    by ? t("Somebody was refused who came from the sign-on service.") : t("Somebody was refused who wanted to sign in as {who}, from {address}."),
  "signed-out": () => t("{who} signed out."),
  "signed-out-everywhere": () => t("{who} signed {account} out everywhere."),
  "first-account": () => t("{who} made the first account."),
  "password-set": () => t("{who} chose a password by a link."),
  "password-changed": () => t("{who} chose another password."),
  "link-made": () => t("{who} made a link for {account}."),
  "account-made": () => t("{who} made the account {account}: {rights}."),
  "account-changed": changed,
  "device-paired": ({ device_kind: kind }) => (kind === "kiosk" ? t("{who} connected the kiosk {name}.") : t("{who} connected the screen {name}.")),
  "device-revoked": () => t("{who} disconnected {name}."),
  "token-made": () => t("{who} made token {token}: {role}."),
  "token-revoked": () => t("{who} revoked token {token}."),
  "window-taken": () => t("{who} took window {window}."),
  "window-left": () => t("{who} left the window."),
  "policy-decided": ({ decision }) =>
    ({
      accepted: t("{who} accepted the learned rule of proposal {proposal}."),
      declined: t("{who} declined the learned rule of proposal {proposal}."),
      "taken-back": t("{who} took the learned rule of proposal {proposal} back."),
    })[decision],
  "roster-in-force": () => t("{who} put version {version} of the roster in force."),
  "hall-moved-here": () => t("{who} moved the hall here from another database."),
  "hall-moved-away": () => t("{who} moved the hall to another database."),
  restored: () => t("{who} restored everything from a back-up."),
};

/** A change of an account says what is different now. */
function changed({ active, rights, display_name: name, language }) {
  if (active === false) return t("{who} closed the account {account}.");
  if (active === true) return t("{who} opened the account {account} again.");
  if (rights) return t("{who} changed what {account} may be: {rights}.");
  if (name && !language) return t("{who} changed the name of {account}: {display_name}.");
  return t("{who} changed the account {account}.");
}

/** The sentence of an entry. */
export function sentenceOf(entry) {
  const { kind, detail } = entry;
  const template = SENTENCES[kind] && SENTENCES[kind](detail);
  if (!template) return `${whoOf(entry)}: ${kind} ${JSON.stringify(detail)}`;
  const words = {
    ...detail,
    who: whoOf(entry),
    rights: rightsWords(detail.rights || []),
    role: roleName(detail.role),
    window: labelOf(entry.hall, detail.window),
  };
  return template.replace(/\{(\w+)\}/g, (found, name) => (name in words ? String(words[name]) : found));
}

/** Who did it, by the name they sign in with. */
export function whoOf({ who }) {
  const [kind, ...rest] = who.split(":");
  const name = rest.join(":");
  if (kind === "command-line") return t("The command line");
  if (kind === "provider") return t("The sign-on service");
  if (kind === "nobody") return t("an unknown name");
  if (kind === "token") return t("Token {name}", { name });
  if (kind === "device") return t("Device {name}", { name });
  return name || who;
}

/** "clerk of wola" as the trail keeps it: role and hall by their names. */
function rightsWords(rights) {
  if (rights.length === 0) return t("nothing yet");
  return rights
    .map((one) => one.split(" of "))
    .map(([role, hall]) => `${roleName(role)} · ${hallName(hall)}`)
    .join(", ");
}
