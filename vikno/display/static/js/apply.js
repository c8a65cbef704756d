/* What a message does to the picture of the hall. Pure: state in, state out.
 *
 * The server sends with each event the state it left behind, so a reader only
 * replaces and never calculates. What is not replaced stays the same object.
 */

const FINAL = ["served", "no-show", "left", "unserved"];
const CALLS_KEPT = 20; // as many as the server's board has
const CALLING = ["ticket-called", "ticket-recalled"];

/** The hall after a `snapshot`, an event, a `heartbeat` or `waits`. */
export function applied(hall, message) {
  if (message.type === "snapshot") return message.hall;
  if (isBetweenEvents(message)) return withWaits(hall, message.waits || {}, message.tickets || {});
  const next = { ...hall };
  if (message.waiting) next.services = withValues(hall.services, "waiting", message.waiting);
  if (message.windows) next.services = withValues(next.services, "windows", message.windows);
  if (message.window) next.windows = replaced(hall.windows, message.window);
  if (message.today) next.today = message.today;
  if (message.ticket && hall.tickets) next.tickets = withTicket(hall.tickets, message.ticket);
  next.calls = withCall(hall.calls || [], message);
  return next;
}

/** Whether it tells of no event: its `seq` is that of the last one. */
export function isBetweenEvents({ type }) {
  return type === "heartbeat" || type === "waits";
}

/** The call an event makes, for either audience, or null. Its time is that of the event. */
export function callOf(message) {
  if (!CALLING.includes(message.type)) return null;
  const call = message.call || callOfTicket(message.ticket);
  return { ...call, at: message.at, why: message.why };
}

/** The number whose call an event takes back, or null. */
export function retractedBy(message) {
  if (message.retract) return message.retract;
  const undone = message.type === "step-undone" && message.ticket;
  return undone && message.ticket.state === "waiting" ? message.ticket.number : null;
}

function callOfTicket({ number, window, label, service, language, called, calls }) {
  return { number, window, label, service, language, at: called, times: calls };
}

/** A call goes to the top; one that comes back because a step was undone keeps its time. */
function withCall(calls, message) {
  const call = callOf(message) || message.call;
  const gone = call ? call.number : retractedBy(message);
  if (!gone) return calls;
  const others = calls.filter(({ number }) => number !== gone);
  return call ? [call, ...others].slice(0, CALLS_KEPT) : others;
}

function withTicket(tickets, ticket) {
  if (FINAL.includes(ticket.state)) return tickets.filter((one) => one.id !== ticket.id);
  const known = tickets.some((one) => one.id === ticket.id);
  return known ? replaced(tickets, ticket) : [...tickets, ticket];
}

function replaced(list, item) {
  return list.map((one) => (one.id === item.id ? { ...one, ...item } : one));
}

function withValues(list, what, values) {
  return list.map((one) => (one.id in values ? { ...one, [what]: values[one.id] } : one));
}

/** Waits by service, and for staff by ticket. */
function withWaits(hall, waits, ofTickets) {
  const services = withValues(hall.services, "wait", waits);
  const tickets = hall.tickets && withValues(hall.tickets, "wait", ofTickets);
  return tickets ? { ...hall, services, tickets } : { ...hall, services };
}
