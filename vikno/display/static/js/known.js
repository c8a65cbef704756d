/* What the frame of a page says of the person in front of it: who is signed in, and what is open to them.
 *
 * The server tells it with the page, so that nothing need be asked before something can be shown. A page with a
 * token of its own, such as a kiosk, has nobody signed in.
 */
import { pageContext } from "./credentials.js";

const NOBODY = { account: null, admitted: "yes", rights: [], halls: [], pages: [], gives: {} };

/**
 * `account` as docs/api.md describes it, or null; `admitted` to this page: "yes", "window" (once that window is
 * taken) or "no"; `rights` in the hall of the page; `halls` in which they are somebody, with name, languages and windows; `pages` they may open.
 */
export const known = parsed(document.getElementById("known"));

/** The name a person is called by. */
export const nameOf = ({ display_name: shown, name }) => shown || name;

/** Whether a page should offer what needs such a right; with a token of its own it does, and the server decides. */
export function may(right) {
  return !known.account || Boolean(pageContext().token) || known.rights.includes(right);
}

/** Whether somebody holds one of these roles, in a hall or in any. */
export function hasRole(account, roles, hall = null) {
  return account.grants.some((one) => roles.includes(one.role) && (!hall || one.hall === hall || one.hall === "*"));
}

function parsed(element) {
  return element ? { ...NOBODY, ...JSON.parse(element.textContent) } : NOBODY;
}
