/* The loudspeaker of a hall screen: sounds of the server, played whole.
 *
 * A browser may forbid sound until somebody touches the page. The voice then is
 * silent, says so in `blocked`, and speaks from the first touch on.
 */
import { signal } from "../vendor/signals.js";
import { fetchBytes } from "./api.js";

const KEPT_MAX = 24; // sentences kept in memory: a few halls' worth of calls under way
const MARGIN_MS = 1000; // a sound that has not ended by then never will

export class Voice {
  /** `fetchSound(path)` gives the bytes of a sound, or null. */
  constructor(fetchSound = fetchBytes) {
    this.fetchSound = fetchSound;
    this.context = new AudioContext();
    this.blocked = signal(this.context.state !== "running");
    this.kept = new Map();
    this.context.onstatechange = () => this.notice();
    this.onTouch = () => this.context.resume().catch(() => {});
    window.addEventListener("pointerdown", this.onTouch);
    window.addEventListener("keydown", this.onTouch);
    this.onTouch();
  }

  notice() {
    this.blocked.value = this.context.state !== "running";
  }

  /** Begins to fetch a sound that will be wanted soon; gives it, or null, when it is here. */
  load(path) {
    const known = this.kept.get(path);
    if (known) return known;
    const coming = this.fetchSound(path)
      .then((bytes) => bytes && this.context.decodeAudioData(bytes))
      .catch(() => null)
      .then((sound) => this.keepIfHere(path, sound));
    this.kept.set(path, coming);
    if (this.kept.size > KEPT_MAX) this.kept.delete(this.kept.keys().next().value);
    return coming;
  }

  /** Plays a sound to its end; false if there is none or the browser is still silent. */
  async play(path) {
    const sound = this.blocked.value ? null : await this.load(path);
    if (!sound || this.blocked.value) return false;
    const source = this.context.createBufferSource();
    source.buffer = sound;
    source.connect(this.context.destination);
    await ended(source, sound.duration);
    return true;
  }

  /** A sound that did not come is asked for again the next time. */
  keepIfHere(path, sound) {
    if (!sound) this.kept.delete(path);
    return sound;
  }
}

function ended(source, seconds) {
  return new Promise((resolve) => {
    source.onended = resolve;
    setTimeout(resolve, seconds * 1000 + MARGIN_MS);
    source.start();
  });
}
