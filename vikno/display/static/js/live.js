/* The hall as it is now, kept by one WebSocket that never gives up.
 *
 * First a snapshot, then events numbered without a gap (apply.js says what each
 * does). What does not fit (a gap, another epoch, a changed plan) is answered by
 * a new snapshot, never by guessing. A page that was asleep, a server that
 * restarts, a cable pulled overnight: each ends in the same place, a new try.
 */
import { batch, signal } from "../vendor/signals.js";
import { ONCE, call } from "./api.js";
import { applied, isBetweenEvents } from "./apply.js";
import { pageContext } from "./credentials.js";

const STALE_MS = 15000; // three heartbeats missed: what is shown may be wrong
const LOST_MS = 3000; // a shorter break is not worth a word
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15000;
const RESTART_SPREAD_MS = 3000; // all screens of a hall come back, not all at once
const RESTART_LONGEST_MS = 15000; // whatever a server says
const RETRY_AFTER = /retry_after=(\d+)/; // when it is our turn, in ms: a server that stops gives each its own
const HANDSHAKE_MS = 10000;
const TICK_MS = 1000;
const SLEPT_MS = 10000; // the clock of the day ran on by that much more than ours: the machine slept
const SERVER_RESTARTS = 1012;
const SIGNED_OUT = 4401; // whoever listened may not any more
const NO_RIGHT = 403;
const NEEDS_SNAPSHOT = ["plan-adopted", "day-began"];

/**
 * Opens the stream of a hall. Gives signals:
 * `state` (Board or Hall, null before the first snapshot), `link`
 * ({ status: "connecting" | "live" | "lost", since: Date | null, stale: boolean }),
 * `now` (the hall's clock as a Date, moved every second), and
 * `hallNow()`, `speed()`, `close()`. `onMessage(message, hall)` is told of every message applied. With `idle` nothing
 * is opened: the page is not for whoever is in front of it.
 */
export function connect({ hall, token, api, idle, onState, onMessage } = {}) {
  const page = pageContext();
  const context = { ...page, api: api || page.api, hall: hall || page.hall, token: token === undefined ? page.token : token };
  const live = new Live({
    address: streamAddress(context.api, context.hall),
    context,
    onState: onState || (() => {}),
    onMessage: onMessage || (() => {}),
  });
  if (!idle) live.open();
  return {
    state: live.state,
    link: live.link,
    now: live.now,
    hallNow: () => live.hallNow(),
    speed: () => live.clock.speed,
    close: () => live.stop(),
  };
}

class Live {
  constructor(options) {
    Object.assign(this, options);
    this.state = signal(null);
    this.link = signal({ status: "connecting", since: null, stale: false });
    this.now = signal(new Date());
    this.clock = { at: Date.now(), heard: monotonic(), speed: 1 };
    this.seen = null; // { epoch, seq } of the last message applied
    this.failures = 0;
    this.heard = monotonic();
    this.ticked = { day: Date.now(), own: monotonic() };
    this.opened = this.heard;
    this.closed = false;
    this.wake = () => this.onWake();
    this.ticker = setInterval(() => this.tick(), TICK_MS);
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  hallNow() {
    const { at, heard, speed } = this.clock;
    return new Date(at + (monotonic() - heard) * speed);
  }

  open() {
    clearTimeout(this.retry);
    if (this.closed) return;
    const { token } = this.context;
    const protocols = token ? ["vikno", `bearer.${token}`] : ["vikno"];
    const socket = new WebSocket(this.address(this.seen), protocols);
    this.socket = socket;
    this.opened = monotonic();
    this.handshake = setTimeout(() => this.drop(socket, 0), HANDSHAKE_MS);
    socket.onmessage = (event) => this.socket === socket && this.onText(event.data);
    socket.onopen = () => (socket.onclose = ({ code, reason }) => (code === SIGNED_OUT ? this.refused(socket) : this.drop(socket, code, reason)));
    socket.onclose = () => this.refused(socket);
  }

  /** A browser does not say why a stream was refused; a question about the same hall does. */
  async refused(socket) {
    this.drop(socket, 0);
    const hadPicture = Boolean(this.state.value);
    try {
      await call("GET", `/halls/${this.context.hall}/board`, undefined, { context: this.context, ...ONCE });
    } catch ({ status }) {
      // Nobody signed in is turned away by the call itself. Whose right has ended is told so by the page anew.
      if (status === NO_RIGHT && hadPicture && !this.context.token) location.reload();
    }
  }

  /** Leaves a socket, whatever became of it, and plans the next one. */
  drop(socket, code, reason) {
    if (!socket || this.socket !== socket) return;
    this.socket = null;
    clearTimeout(this.handshake);
    socket.onclose = null;
    socket.close();
    this.failures += 1;
    this.retry = setTimeout(() => this.open(), this.pauseMs(code, reason));
  }

  pauseMs(code, reason) {
    const told = RETRY_AFTER.exec(reason);
    if (told) return Math.min(Number(told[1]), RESTART_LONGEST_MS);
    if (code === SERVER_RESTARTS) return Math.random() * RESTART_SPREAD_MS;
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.failures - 1));
    return longest * (0.5 + Math.random() / 2);
  }

  onText(text) {
    const message = parsed(text);
    if (!message) return;
    clearTimeout(this.handshake);
    const place = placeOf(message, this.seen);
    if (place === "next") this.accept(message);
    if (place === "gap") this.startAgain();
  }

  /** A new socket without `after`: the server answers with a snapshot. */
  startAgain() {
    this.seen = null;
    this.drop(this.socket, 0);
  }

  accept(message) {
    const hall = applied(this.state.value, message);
    this.failures = message.type === "snapshot" ? this.failures : 0;
    this.heard = monotonic();
    this.seen = { epoch: message.epoch, seq: message.seq };
    const speed = message.speed || this.clock.speed;
    this.clock = { at: Date.parse(message.at), heard: this.heard, speed };
    batch(() => {
      this.state.value = hall;
      this.now.value = this.hallNow();
      this.link.value = { status: "live", since: null, stale: false };
    });
    this.onState(this.state.value);
    this.onMessage(message, this.state.value);
  }

  tick() {
    const silent = monotonic() - this.heard;
    const dead = Math.min(silent, monotonic() - this.opened) > STALE_MS;
    this.now.value = this.hallNow();
    if (this.slept() || dead) this.drop(this.socket, 0);
    const broken = !this.socket || this.socket.readyState !== WebSocket.OPEN;
    if (silent > STALE_MS || (broken && silent > LOST_MS)) this.sayLost(silent > STALE_MS);
  }

  /** A socket does not survive sleep, and may not know it for minutes. */
  slept() {
    const before = this.ticked;
    this.ticked = { day: Date.now(), own: monotonic() };
    return this.ticked.day - before.day - (this.ticked.own - before.own) > SLEPT_MS;
  }

  sayLost(stale) {
    const before = this.link.value;
    if (before.status === "lost" && before.stale === stale) return;
    const since = this.state.value ? new Date(this.clock.at) : null;
    this.link.value = { status: "lost", since, stale };
  }

  /** The machine slept, or the cable is back: do not wait for the next try. */
  onWake() {
    if (document.visibilityState === "hidden") return;
    this.tick();
    if (!this.socket) this.open();
  }

  stop() {
    this.closed = true;
    clearInterval(this.ticker);
    clearTimeout(this.retry);
    clearTimeout(this.handshake);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    if (this.socket) this.socket.close();
  }
}

/** Where a message stands after what was seen: "next", "old" or behind a "gap". */
function placeOf(message, seen) {
  const { type, epoch, seq } = message;
  if (type === "snapshot") return "next";
  if (!seen || seen.epoch !== epoch) return "gap";
  if (isBetweenEvents(message)) return seq === seen.seq ? "next" : seq < seen.seq ? "old" : "gap";
  if (seq <= seen.seq) return "old";
  return seq === seen.seq + 1 && !NEEDS_SNAPSHOT.includes(type) ? "next" : "gap";
}

function streamAddress(api, hall) {
  return (seen) => {
    const url = new URL(`${api}/halls/${hall}/stream`, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    if (seen) url.search = new URLSearchParams({ epoch: seen.epoch, after: seen.seq }).toString();
    return url.href;
  };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null; // not of this stream; the next gap brings a snapshot
  }
}

/** Unlike the clock of the day it is never set back; unlike a timer it is not delayed. */
function monotonic() {
  return performance.now();
}
