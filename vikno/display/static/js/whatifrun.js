/* One run that is worked out beside the server: a WebSocket that is opened for it and closed after it.
 *
 * Nobody else needs the run, so there is no coming back to it: hanging up ends it, and what was told until
 * then stays on the page.
 */
import { signal } from "./ui.js";

const CANCEL = '{"type":"cancel"}'; // word for word, as the server expects it

export class Run {
  constructor({ api, hall, token }, place = "experiments") {
    this.address = () => {
      const url = new URL(`${api}/halls/${hall}/${place}`, location.href);
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      return url.href;
    };
    this.token = token;
    this.status = signal("idle"); // "idle", "running", "ending" (cancelled, not yet told), "over"
    this.told = signal(null); // the last message with numbers
    this.problem = signal(null);
    this.socket = null;
  }

  get running() {
    return this.status.value === "running" || this.status.value === "ending";
  }

  start(order) {
    this.stop();
    this.status.value = "running";
    this.told.value = null;
    this.problem.value = null;
    const socket = new WebSocket(this.address(), this.token ? ["vikno", `bearer.${this.token}`] : ["vikno"]);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: "run", ...order }));
    socket.onmessage = ({ data }) => this.socket === socket && this.hear(JSON.parse(data));
    socket.onclose = () => this.socket === socket && this.close();
  }

  /** Enough: what is there is the result. */
  cancel() {
    if (this.status.value !== "running") return;
    this.status.value = "ending";
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(CANCEL);
    else this.stop();
  }

  stop() {
    const { socket } = this;
    this.socket = null;
    if (socket && socket.readyState === WebSocket.CONNECTING) socket.onopen = () => socket.close();
    else if (socket) socket.close();
    if (this.running) this.status.value = "over";
  }

  hear(message) {
    if (message.type === "problem") this.problem.value = message.problem;
    else this.told.value = message;
    if (message.type !== "progress") this.status.value = "over";
  }

  close() {
    this.socket = null;
    if (!this.running) return;
    this.status.value = "over";
    this.problem.value = { code: "connection-lost", detail: "", field: "" };
  }
}
