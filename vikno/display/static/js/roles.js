/* What somebody may be to a hall, in words, and who may give it to whom. */
import { pick, t } from "./i18n.js";
import { known } from "./known.js";

export const ANY_HALL = "*";

const WORDS = {
  receptionist: () => [t("Receptionist"), t("gives out tickets, lets visitors leave and come back")],
  clerk: () => [t("Clerk"), t("calls and serves visitors at a window")],
  manager: () => [t("Manager"), t("sees how the hall runs, plans windows and rosters, decides by which rule is called")],
  "network-manager": () => [t("Network manager"), t("sees how halls run, changes nothing")],
  auditor: () => [t("Auditor"), t("reads why calls were made, who signed in and what was changed")],
  admin: () => [t("Administrator"), t("everything, accounts and devices included")],
};

export function roleName(role) {
  return WORDS[role] ? WORDS[role]()[0] : role;
}

export function roleUse(role) {
  return WORDS[role] ? WORDS[role]()[1] : "";
}

export function hallName(id) {
  if (id === ANY_HALL) return t("all halls");
  const found = known.halls.find((one) => one.id === id);
  return found ? pick(found.name) : id;
}

/** The halls in which the reader may give anything, as [id, name]; every hall at once stands first. */
export function hallsToGive() {
  return Object.keys(known.gives).map((id) => [id, hallName(id)]);
}

/** The roles the reader may give in a hall, as [role, name]. */
export function rolesToGive(hall) {
  return (known.gives[hall] || []).map((role) => [role, roleName(role)]);
}

/** Whether the reader may take a grant away again; what they may not give stays as it is. */
export function isMine({ role, hall }) {
  return (known.gives[hall] || []).includes(role);
}
