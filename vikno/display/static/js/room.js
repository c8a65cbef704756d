/* How large the numbers of a hall screen must be, from the room and not from taste.
 *
 * EN 301 549, 5.1.4: capital height at least 0.7 degrees as seen by the reader,
 * which is 12.2 mm for each metre of distance.
 */

const CAPITAL_MM_PER_METRE = 12.2;
const CAPITAL_OF_FONT = 0.7; // capital height of the typeface, in em
const MM_PER_INCH = 25.4;

/* Shares of the screen that the layout of screen.css leaves to the numbers. */
const HERO_USUAL = { landscape: 0.26, portrait: 0.135 }; // of the height, where the room is not known
const HERO_LEAST = { landscape: 0.2, portrait: 0.1 }; // less would not be the largest thing on the screen
const HERO_MOST = { landscape: 0.335, portrait: 0.17 };
const HERO_EM = { landscape: 5.21, portrait: 3.1 }; // width of M142, arrow and 12; of M142 alone
const HERO_WIDTH = { landscape: 0.958, portrait: 0.94 };
const ROWS = 5;
const FRAME = { landscape: 0.15, portrait: 0.125 }; // header, headings and gaps, of the height
const BOARD_SHARE = { landscape: 1, portrait: 0.52 }; // what the rows get of what is left
const HERO_LINES = { landscape: 1.24, portrait: 2.3 };
const ROW_FILL = 0.78; // font of a row's height
const ROW_OF_HERO = 0.6; // at most: the call of now stays the largest
const ROW_EM = 9.2; // width of a whole row
const ROW_WIDTH = { landscape: 0.47, portrait: 0.955 };

/** Capital height, in millimetres, that is readable from `distance` metres. */
export function capitalMm(distance) {
  return distance * CAPITAL_MM_PER_METRE;
}

/**
 * Sizes in pixels for a viewport ({ width, height }) and a room ({ diagonal in
 * inches, distance in metres }, or null): `hero` and `row` fonts, and the height
 * `below` that the list of services may fill; with a room also the font `needed`,
 * whether it `fits`, and to how many metres each is readable.
 */
export function sizes(viewport, room) {
  const shape = viewport.width >= viewport.height ? "landscape" : "portrait";
  const most = Math.min(
    viewport.height * HERO_MOST[shape],
    (viewport.width * HERO_WIDTH[shape]) / HERO_EM[shape],
  );
  if (!room) return withRow({ shape, hero: Math.min(most, viewport.height * HERO_USUAL[shape]) }, viewport);
  const pixelMm = pixelSizeMm(viewport, room.diagonal);
  const needed = capitalMm(room.distance) / CAPITAL_OF_FONT / pixelMm;
  const least = Math.min(most, viewport.height * HERO_LEAST[shape]);
  const found = withRow({ shape, hero: Math.max(least, Math.min(needed, most)) }, viewport);
  const metres = (font) => (font * pixelMm * CAPITAL_OF_FONT) / CAPITAL_MM_PER_METRE;
  return {
    ...found,
    needed,
    fits: needed <= most,
    heroMetres: metres(found.hero),
    mostMetres: metres(most),
    rowMetres: metres(found.row),
  };
}

/** The room of an address (`?diagonal=55&distance=8`), or null. */
export function roomOf(search) {
  const asked = new URLSearchParams(search);
  const room = { diagonal: Number(asked.get("diagonal")), distance: Number(asked.get("distance")) };
  return isRoom(room) ? room : null;
}

/** Whether both are numbers a screen and a hall can have. */
export function isRoom(room) {
  return Boolean(room) && room.diagonal >= 5 && room.diagonal <= 300 && room.distance > 0 && room.distance <= 100;
}

function withRow({ shape, hero }, { width, height }) {
  const left = height * (1 - FRAME[shape]) - hero * HERO_LINES[shape];
  const byHeight = ((left * BOARD_SHARE[shape]) / ROWS) * ROW_FILL;
  const byWidth = (width * ROW_WIDTH[shape]) / ROW_EM;
  const below = shape === "landscape" ? left : left * (1 - BOARD_SHARE[shape]);
  return { shape, hero, below, row: Math.max(1, Math.min(byHeight, byWidth, hero * ROW_OF_HERO)) };
}

function pixelSizeMm({ width, height }, diagonal) {
  return (diagonal * MM_PER_INCH) / Math.hypot(width, height);
}
