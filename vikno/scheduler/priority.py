"""Priority classes: the highest class first, the longest waiting within it.

A visitor's class is the priority of the service plus that of the ticket. It is what halls configure by
hand today; nothing bounds how long a low class waits.
"""

from __future__ import annotations

from vikno.queue.hall import Hall
from vikno.queue.line import Entry
from vikno.queue.policy import Choice, Why, why_overtaking


class Priority:
    """The highest class the window can serve; in it the earliest place."""

    name = "priority"
    priority_first = True

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at the head of the highest level of each line the window serves."""
        services = hall.plan.window[window].services
        best: tuple[int, Entry] | None = None
        for service in services:
            line = hall.lines[service]
            if line:
                level = line.levels()[0]
                candidate = (-level - hall.plan.service[service].priority, line.first(level))
                best = candidate if best is None else min(best, candidate)
        if best is None:
            return Choice(None, Why(self.name, "nobody-waiting"))
        rank, entry = best
        ticket = hall.tickets[entry[1]]
        why = why_overtaking(
            hall,
            window,
            ticket,
            at,
            policy=self.name,
            rule="highest-priority",
            score={"priority": float(-rank)},
        )
        return Choice(ticket.id, why)
