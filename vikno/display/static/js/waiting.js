/* Who waits, for how long, and against which target. Pure. */
import { minutesBetween } from "./words.js";

/** Those waiting, the longest first: { ticket, service, waited (minutes), target, late }. */
export function lateFirst(hall, now) {
  const services = new Map(hall.services.map((service) => [service.id, service]));
  return hall.tickets
    .filter(({ state }) => state === "waiting")
    .map((ticket) => waitOf(ticket, services.get(ticket.service), now))
    .sort((one, other) => other.waited - one.waited);
}

/** The line of one service: how many wait, the longest wait, how many over the target. */
export function lineOf(service, people) {
  const line = people.filter(({ ticket }) => ticket.service === service.id);
  return {
    count: line.length,
    longest: line.length > 0 ? line[0].waited : 0,
    late: line.filter(({ late }) => late).length,
  };
}

/** A first leg waits from the ticket on, a later one from the end of the leg before. */
function waitOf(ticket, service, now) {
  const waited = minutesBetween(ticket.leg === 0 ? ticket.issued : ticket.since, now);
  return { ticket, service, waited, target: service.target_minutes, late: waited > service.target_minutes };
}
