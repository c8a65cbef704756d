/* Which calls stand on a hall screen, which are marked, and which are announced.
 *
 * The board keeps more than the stream does: a visit that is over stays, quietly,
 * for whoever looks up late. A call taken back by its clerk does not.
 */
import { AnnouncementLine } from "./announce.js";
import { fetchBytes } from "./api.js";
import { callOf, retractedBy } from "./apply.js";
import { connect } from "./live.js";
import { isRoom, sizes } from "./room.js";
import { keptRoom } from "./roomdialog.js";
import { computed, minutesBetween, signal } from "./ui.js";
import { Voice } from "./voice.js";

const KEPT = 8; // visits that are over, a little more than a board shows
const MARKED_MS = 30000; // how long a call is marked as new
const WORTH_SAYING_MS = 60000; // a call older than that, told late, is not announced any more
const REMEMBERED_MINUTES = 30; // how long a call that is over may fill the rows below

export class HallScreen {
  constructor(context) {
    const { hall } = context;
    this.hall = hall;
    this.services = new URLSearchParams(location.search).get("services");
    this.room = signal(keptRoom(hall));
    this.viewport = signal(viewportNow());
    this.sizes = computed(() => sizes(this.viewport.value, isRoom(this.room.value) ? this.room.value : null));
    this.told = null; // the calls seen so far, by key; null before the first picture
    this.over = signal([]); // visits that are over: quiet, but still on the board
    this.voice = new Voice((path) => fetchBytes(`/halls/${hall}/speech/${path}`, context));
    this.line = new AnnouncementLine({
      play: async (path) => !this.room.value.silent && this.voice.play(path),
      load: (path) => !this.room.value.silent && this.voice.load(path),
      language: () => this.live.state.value.languages[0],
      log: (window.viknoAnnouncements = []),
    });
    this.live = connect({ ...context, onMessage: (message, picture) => this.onMessage(message, picture) });
    window.addEventListener("resize", () => (this.viewport.value = viewportNow()));
  }

  /** Shown here: all services, or those the address names. */
  isShown(service) {
    return !this.services || this.services.split(",").includes(service);
  }

  /** Marked until the visitor is there, thirty seconds of the reader's time at most. */
  isMarked(call) {
    const age = (this.live.now.value - new Date(call.at)) / this.live.speed();
    return !call.over && !this.live.link.value.stale && age < MARKED_MS;
  }

  onMessage(message, hall) {
    if (message.type === "snapshot") this.onSnapshot(hall);
    const gone = retractedBy(message);
    if (gone) this.onRetract(gone, message.type === "step-undone");
    if (message.type === "service-started") this.line.retract(message.number, false);
    const call = callOf(message);
    if (call) this.announce(call);
  }

  /** The first picture is shown as it is; later ones tell of calls missed meanwhile. */
  onSnapshot(hall) {
    const missed = this.told ? hall.calls.filter((call) => !this.told.has(keyOf(call))) : [];
    this.told = new Map(hall.calls.map((call) => [keyOf(call), call]));
    const gone = this.line.calls().filter((call) => !this.told.has(keyOf(call)));
    gone.forEach(({ number }) => this.line.retract(number, true));
    missed.reverse().forEach((call) => this.announce(call));
  }

  /** A mistake leaves the board; a call that is over stays on it, quietly, for who looks up late. */
  onRetract(number, undone) {
    this.line.retract(number, undone);
    const call = [...this.told.values()].reverse().find((one) => one.number === number);
    const others = this.over.value.filter((one) => one.number !== number);
    this.over.value = undone || !call ? others : [{ ...call, over: true }, ...others].slice(0, KEPT);
  }

  announce(call) {
    this.told.set(keyOf(call), call);
    const late = (this.live.hallNow() - new Date(call.at)) / this.live.speed() > WORTH_SAYING_MS;
    if (this.isShown(call.service) && !late) this.line.add(call);
  }

  /** What stands on the board: visits under way and those just over, newest first. */
  calls(hall) {
    const come = new Set(hall.windows.filter(({ step }) => step === "serving").map(({ number }) => number));
    const under = hall.calls.map((call) => ({ ...call, over: come.has(call.number) }));
    const numbers = new Set(hall.calls.map(({ number }) => number));
    const past = this.over.value.filter(
      ({ number, at }) => !numbers.has(number) && minutesBetween(at, this.live.now.value) < REMEMBERED_MINUTES,
    );
    return [...under, ...past]
      .filter((call) => this.isShown(call.service))
      .sort((one, other) => new Date(other.at) - new Date(one.at));
  }
}

/** The same call, told by an event or by a picture. */
export function keyOf({ number, window: at, times }) {
  return `${number} ${at} ${times}`;
}

function viewportNow() {
  return { width: window.innerWidth, height: window.innerHeight };
}
