/* The eight letters that a screen or kiosk shows, as somebody types them: on a phone, in a hurry, on a keyboard
 * that may be set to Cyrillic.
 *
 * There are twenty of them, no vowels, so that no word appears (RFC 8628, 6.1). Spaces, hyphens and small letters
 * are forgiven, and so is a Cyrillic letter that looks like one of them.
 */

const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;
const HALF = LENGTH / 2;
const LOOK_ALIKE = { В: "B", С: "C", Н: "H", К: "K", М: "M", Р: "P", Т: "T", Х: "X", Ѕ: "S", Ј: "J" };

/** What was typed as letters of the code; `rest` are signs that no code has. */
export function codeOf(typed) {
  const signs = [...typed.toUpperCase()].filter((sign) => !/[\s\-–—_.]/.test(sign)).map((sign) => LOOK_ALIKE[sign] || sign);
  const isKnown = (sign) => LETTERS.includes(sign);
  return { letters: signs.filter(isKnown).join(""), rest: signs.filter((sign) => !isKnown(sign)).join("") };
}

export function isWhole({ letters, rest }) {
  return letters.length === LENGTH && rest === "";
}

/** In two groups, as it is shown: BCDF-GHJK. */
export function grouped(letters) {
  return letters.length > HALF ? `${letters.slice(0, HALF)}-${letters.slice(HALF)}` : letters;
}
