/* The pages' way to the server: one action, one key, as many tries as it takes.
 *
 * The network of a hall blinks. An action keeps one Idempotency-Key over all its
 * tries, so that a call whose answer was lost happens once and not twice.
 */
import { pageContext, turnAway } from "./credentials.js";

const FIRST_PAUSE_MS = 400; // short enough that a blink is not noticed
const LONGEST_PAUSE_MS = 5000;
const PATIENCE_MS = 30000; // longer than a server takes to restart
const TRY_MS = 10000; // a try without an answer by then is lost
const KEY_BYTES = 16; // 128 random bits: never the same twice
const NOBODY = 401;
const WORTH_ANOTHER_TRY = [429, 502, 503, 504];

/** Options of a call that a person waits for and is told of at once, or that would not be the same if done twice. */
export const ONCE = { patienceMs: 0 };

/** A refusal or a failure. `code` is for programs, `message` (English) for logs, `seconds` when to come again. */
export class Problem extends Error {
  constructor({ status, code, title, detail, field, seconds = 0 }) {
    super(detail || title || code);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.field = field;
    this.seconds = seconds;
  }
}

/** A key for one action of a person; hand it to every try of that action. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * One call of the API; gives the JSON of the answer or throws a Problem.
 * Options: `key` to continue an earlier action, `patienceMs` for all tries
 * together, `onRetry(tries)` to tell the person that the network is slow.
 */
export async function call(method, path, body, options = {}) {
  const { key = newKey(), patienceMs = PATIENCE_MS, onRetry = () => {} } = options;
  const context = options.context || pageContext();
  const request = { method, headers: headersOf(context.token, method, key, body) };
  if (body !== undefined) request.body = JSON.stringify(body);
  const giveUpAt = Date.now() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    const { answer, problem } = await oneTry(context.api + path, request);
    if (!problem) return answer;
    if (problem.status === NOBODY) turnAway(context);
    const pause = Math.max(pauseMs(tries), problem.seconds * 1000);
    if (!isWorthAnotherTry(problem) || Date.now() + pause > giveUpAt) throw problem;
    onRetry(tries);
    await sleep(pause);
  }
}

/** A sound or a sheet of the API as bytes, or null where there is none; `body` is posted. Never throws. */
export async function fetchBytes(path, context = pageContext(), body = undefined) {
  const asked = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  try {
    const response = await fetch(context.api + path, { ...asked, headers: { ...bearer(context.token), ...type } });
    if (response.status === NOBODY) turnAway(context);
    return response.ok ? await response.arrayBuffer() : null;
  } catch (error) {
    return null;
  }
}

async function oneTry(url, request) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TRY_MS);
  try {
    const response = await fetch(url, { ...request, signal: stop.signal });
    if (response.ok) return { answer: response.status === 204 ? null : await response.json() };
    return { problem: await problemOf(response) };
  } catch (error) {
    return { problem: new Problem({ status: 0, code: "network", detail: String(error) }) };
  } finally {
    clearTimeout(timer);
  }
}

async function problemOf(response) {
  const document = await response.json().catch(() => ({}));
  const seconds = Number(response.headers.get("Retry-After")) || 0;
  return new Problem({ code: `http-${response.status}`, ...document, status: response.status, seconds });
}

function isWorthAnotherTry(problem) {
  return problem.code === "network" || WORTH_ANOTHER_TRY.includes(problem.status);
}

function pauseMs(tries) {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (tries - 1));
  return longest * (0.5 + Math.random() / 2); // spread, so that pages do not return all at once
}

function headersOf(token, method, key, body) {
  const headers = bearer(token);
  if (method !== "GET") headers["Idempotency-Key"] = key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return headers;
}

function bearer(token) {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
