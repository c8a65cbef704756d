"""First in, first out, within skills: a freed window takes the longest waiting it can serve.

What most halls do, and the yardstick every other policy is held against.
"""

from __future__ import annotations

from vikno.queue.hall import Hall
from vikno.queue.policy import Choice, Why


class Fifo:
    """The longest waiting of the window's skills; ties go to the smaller ticket identifier."""

    name = "fifo"
    priority_first = False

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at the head of each line the window serves."""
        lines = [hall.lines[service] for service in hall.plan.window[window].services]
        heads = [head for line in lines if (head := line.longest_waiting())]
        if not heads:
            return Choice(None, Why(self.name, "nobody-waiting"))
        ticket = hall.tickets[min(heads)[1]]
        waited = (at - ticket.issued) / 60
        return Choice(ticket.id, Why(self.name, "longest-waiting", waited, waiting=sum(map(len, lines))))
