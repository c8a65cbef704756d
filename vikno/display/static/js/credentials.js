/* By what a page is let in: a token it was lent, one it keeps, that of a paired device, or else the cookie of
 * whoever signed in, which no script can read.
 *
 * A token comes in the fragment of an address, which no server sees, and leaves the address at once. When what a
 * page has is no longer good, it goes to where new can be had: a device to its eight letters, a person to
 * signing in, and from there back.
 */

const SIGN_IN = "/sign-in";
const KEEPS_WITH = { whatif: "overview", audit: "overview", roster: "overview" }; // all are the manager's
const DEVICES = ["screen", "kiosk"];
const ENDED_PLACE = "vikno-pairing-ended";

/** What the page shell says about this page: hall, window, token, address of the API. */
export function pageContext(root = document.documentElement) {
  const { page, hall, window: at, token, api = "/api/v1" } = root.dataset;
  return { page, hall, window: at || "", api, token: token || keptToken(tokenPlace(page, hall, at)) };
}

/** The server knows nobody by what was sent: let go of it, and go to where new can be had. */
export function turnAway({ page, hall, window: at, token }) {
  const isLent = Boolean(document.documentElement.dataset.token); // a visitor's ticket, or a demonstration
  if (isLent || page === "signin" || page === "pair") return;
  const device = pairedDevice(page);
  if (token) forget(tokenPlace(page, hall, at));
  if (device && device.hall === hall) {
    forget(devicePlace(page));
    tellTab(ENDED_PLACE, device.name);
    location.replace(`/pair/${page}`);
  } else {
    location.replace(signInFor(location));
  }
}

/** Where somebody signs in who wanted to be at an address of this server. */
export function signInFor({ pathname, search }) {
  return `${SIGN_IN}?${new URLSearchParams({ next: pathname + search })}`;
}

/** The page to come after signing in, or "" if it is not one of this server's own. */
export function pageAfter(wanted, here = location) {
  if (!wanted || !wanted.startsWith("/")) return "";
  let url;
  try {
    url = new URL(wanted, here.origin);
  } catch (error) {
    return "";
  }
  const isOurs = url.origin === here.origin && !url.pathname.startsWith("//") && !url.pathname.startsWith(SIGN_IN);
  return isOurs ? url.pathname + url.search : "";
}

/** A value of the address's fragment, which is taken out of sight at once. */
export function fromFragment(name) {
  const given = new URLSearchParams(location.hash.slice(1)).get(name);
  if (given) history.replaceState(null, "", location.pathname + location.search);
  return given || "";
}

/* ---- paired devices ---- */

/** Keeps what a pairing gave; false where the browser keeps nothing. */
export function keepDevice({ kind, hall, name, access_token: token }) {
  return remember(tokenPlace(kind, hall), token) && remember(devicePlace(kind), JSON.stringify({ hall, name }));
}

/** The device of such a kind that this browser is: { hall, name }, or null. */
export function pairedDevice(kind) {
  if (!DEVICES.includes(kind)) return null;
  try {
    return JSON.parse(recall(devicePlace(kind)));
  } catch (error) {
    return null;
  }
}

/** The name under which this device was disconnected, told once; else "". */
export function endedPairing() {
  try {
    const name = sessionStorage.getItem(ENDED_PLACE);
    sessionStorage.removeItem(ENDED_PLACE);
    return name || "";
  } catch (error) {
    return "";
  }
}

function tellTab(place, text) {
  try {
    sessionStorage.setItem(place, text);
  } catch (error) {
    // it is only a courtesy to say why
  }
}

const devicePlace = (kind) => `vikno-device:${kind}`;

/* ---- what a browser keeps ---- */

function tokenPlace(page, hall, at) {
  return ["vikno-token", KEEPS_WITH[page] || page, hall, at].filter(Boolean).join(":");
}

function keptToken(place) {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given && remember(place, given)) fromFragment("token");
  return given || recall(place) || "";
}

/** Keeps a text in this browser; false where the browser refuses. */
export function remember(place, text) {
  try {
    localStorage.setItem(place, text);
    return true;
  } catch (error) {
    return false;
  }
}

export function recall(place) {
  try {
    return localStorage.getItem(place);
  } catch (error) {
    return null;
  }
}

function forget(place) {
  try {
    localStorage.removeItem(place);
  } catch (error) {
    // what cannot be forgotten could not be kept
  }
}
