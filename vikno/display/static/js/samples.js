/* How the line grew and shrank today: one sample for each minute of the hall. */
import { recall, remember } from "./api.js";
import { signal } from "./ui.js";
import { lateFirst } from "./waiting.js";

const MINUTE_MS = 60000;
const SAMPLES_MAX = 24 * 60;

/** Keeps { at (ms), waiting, late } in this browser, so that a reload loses nothing of the day. */
export class History {
  constructor(hall) {
    this.place = `vikno-history:${hall}`;
    this.samples = signal([]);
    this.day = null;
  }

  add(now, hall) {
    if (this.day !== hall.day) this.begin(hall.day);
    const at = Math.floor(now.getTime() / MINUTE_MS) * MINUTE_MS;
    const people = lateFirst(hall, now);
    const sample = { at, waiting: people.length, late: people.filter(({ late }) => late).length };
    const before = this.samples.value.filter((one) => one.at < at);
    if (before.length === this.samples.value.length) this.keep(before);
    this.samples.value = [...before, sample].slice(-SAMPLES_MAX);
  }

  /** Minutes that are over do not change any more. */
  keep(samples) {
    remember(this.place, JSON.stringify({ day: this.day, samples }));
  }

  begin(day) {
    this.day = day;
    const kept = parsed(recall(this.place));
    this.samples.value = kept && kept.day === day ? kept.samples : [];
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}
