/* The link to an experiment: all of it in the address, so that whoever opens it sees the same.
 *
 * Plans as their changes, days, seed, and the mark of the hall's plan they were changed from. It is JSON in
 * base64 without the three letters that addresses use for themselves, and it survives any mail program.
 */

const PLACE = "try";

/** What an address asks for: { a, b, days, seed, ran, plan }, or null. */
export function readLink(search = location.search) {
  const text = new URLSearchParams(search).get(PLACE);
  if (!text) return null;
  try {
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    return isExperiment(found) ? found : null;
  } catch (error) {
    return null; // an address that was cut off
  }
}

/** The address of this page with an experiment in it. */
export function linkTo(experiment, language) {
  const bytes = new TextEncoder().encode(JSON.stringify(experiment));
  const text = btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  const plain = text.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
  return `${location.origin}${location.pathname}?lang=${language}&${PLACE}=${plain}`;
}

function isExperiment(found) {
  const plans = found && [found.a, found.b];
  return Boolean(plans) && plans.every((one) => one && Array.isArray(one.changes));
}
