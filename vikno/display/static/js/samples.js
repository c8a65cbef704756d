/* How the line grew and shrank today: the server's samples, then one for each minute the page is open. */
import { signal } from "./ui.js";
import { lateFirst } from "./waiting.js";

const MINUTE_MS = 60000;
const SAMPLES_MAX = 24 * 60;

/** Keeps { at (ms), waiting, late }. */
export class History {
  constructor() {
    this.samples = signal([]);
  }

  /** A snapshot tells the day so far. */
  begin(history) {
    this.samples.value = history.map(({ at, waiting, late }) => ({ at: Date.parse(at), waiting, late }));
  }

  add(now, hall) {
    const at = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
    const people = lateFirst(hall, now);
    const sample = { at, waiting: people.length, late: people.filter(({ late }) => late).length };
    const before = this.samples.value.filter((one) => one.at < at);
    this.samples.value = [...before, sample].slice(-SAMPLES_MAX);
  }
}
