/* The line of announcements: first in, first out, each spoken whole.
 *
 * A call that comes second never silences the first, and each stands as the large
 * call for a while even when many come at once. When the line grows long, it is
 * the repetitions that go, never a call. A call that is over before its turn
 * (the visitor is already at the window) needs no announcement any more.
 */
import { signal } from "../vendor/signals.js";

const SHOWN_MS = 4000; // least time as the large call: to find a number and read its window
const BACKLOG_MS = 20000; // beyond this, nothing is said twice
const CHIME = "chime.wav";
const SENTENCE_MS = 5000; // guess of a sentence with its chime, until one has been heard
const LOG_MAX = 200;

export class AnnouncementLine {
  /**
   * `play(path)` plays a sound of the server and gives whether it was heard,
   * `load(path)` fetches it ahead; `language()` is the hall's first; `log` is filled.
   */
  constructor({ play, load, language, log, wait = sleep, clock = Date.now }) {
    Object.assign(this, { play, load, language, log, wait, clock });
    this.current = signal(null); // the call whose turn it is
    this.waiting = [];
    this.gone = new Set();
    this.sentenceMs = SENTENCE_MS;
    this.running = false;
  }

  add(call) {
    this.waiting = [...this.waiting.filter((one) => one.number !== call.number), call];
    this.gone.delete(call.number);
    this.languagesOf(call).forEach(({ language }) => this.load(pathOf(call, language)));
    if (!this.running) this.run();
  }

  /** The call is over. `undone`: it was a mistake and is not shown a moment longer. */
  retract(number, undone) {
    this.waiting = this.waiting.filter((call) => call.number !== number);
    const current = this.current.value;
    if (!current || current.number !== number) return;
    this.gone.add(number);
    if (undone) this.current.value = null;
  }

  /** The call whose turn it is, and those behind it. */
  calls() {
    return [this.current.value, ...this.waiting].filter(Boolean);
  }

  async run() {
    this.running = true;
    while (this.waiting.length > 0) {
      const call = this.waiting.shift();
      this.current.value = call;
      const entry = this.enter(call);
      await Promise.all([this.speak(call, entry), this.wait(SHOWN_MS)]);
      entry.endedAt = this.clock();
      this.gone.delete(call.number);
    }
    this.current.value = null;
    this.running = false;
  }

  async speak(call, entry) {
    const begun = this.clock();
    await this.hear(CHIME);
    for (const { language, again } of this.languagesOf(call)) {
      if (this.gone.has(call.number) && entry.languages.length > 0) return;
      if (again && this.isLong()) continue;
      if (!(await this.hear(pathOf(call, language)))) continue;
      entry.languages.push(language);
      if (entry.languages.length === 1) this.sentenceMs = this.clock() - begun;
    }
  }

  /** A loudspeaker that fails makes a silent call, not the end of all calls. */
  async hear(path) {
    try {
      return await this.play(path);
    } catch (error) {
      return false;
    }
  }

  /** The hall's language, the same once more, then the visitor's own. */
  languagesOf(call) {
    const hall = this.language();
    const said = [
      { language: hall, again: false },
      { language: hall, again: true },
    ];
    const own = call.language && call.language !== hall;
    return own ? [...said, { language: call.language, again: false }] : said;
  }

  isLong() {
    const sentences = this.waiting.reduce((sum, call) => sum + this.languagesOf(call).length, 0);
    return sentences * this.sentenceMs > BACKLOG_MS;
  }

  enter({ number, window: at, label }) {
    const entry = { number, window: at, label, languages: [], startedAt: this.clock(), endedAt: null };
    this.log.push(entry);
    if (this.log.length > LOG_MAX) this.log.shift();
    return entry;
  }
}

function pathOf({ number, window: at }, language) {
  return `${language}/${encodeURIComponent(number)}/${at}.wav`;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
