/* Who is signed in, on every page of a person: their name, and behind it the ways out. */
import { call } from "./api.js";
import { t } from "./i18n.js";
import { known, nameOf } from "./known.js";
import { leaveWindow, stationOf } from "./stations.js";
import { html, useEffect, useRef } from "./ui.js";

/** Ends the session; whoever comes next signs in anew. */
export async function signOut() {
  try {
    await call("DELETE", "/session");
  } finally {
    location.assign("/sign-in"); // which says so if the session is still there
  }
}

async function leave(station) {
  await leaveWindow(station);
  location.assign("/");
}

/** A menu behind the name; nothing on a page that has a token of its own. `children` are lines of the page. */
export function Who({ children }) {
  const menu = useRef(null);
  useEffect(() => {
    const close = ({ type, key, target }) => {
      if (!menu.current || !menu.current.open) return;
      if (type === "keydown" ? key === "Escape" : !menu.current.contains(target)) menu.current.open = false;
    };
    const events = ["keydown", "click", "focusin"];
    events.forEach((name) => document.addEventListener(name, close));
    return () => events.forEach((name) => document.removeEventListener(name, close));
  }, []);
  if (!known.account) return null;
  const station = stationOf(known.account);
  return html`<details class="who no-print" ref=${menu}>
    <summary>
      <span class="unseen">${t("Signed in:")}${" "}</span><span class="who-name" translate=${false}>${nameOf(known.account)}</span>
    </summary>
    <div class="who-menu">
      ${children}
      ${station && html`<button type="button" class="tool" onClick=${() => leave(station)}>${t("Leave the window")}</button>`}
      <a class="tool" href="/">${t("All my pages")}</a>
      <a class="tool" href="/sign-in">${t("My account")}</a>
      <button type="button" class="tool" onClick=${signOut}>${t("Sign out")}</button>
    </div>
  </details>`;
}
