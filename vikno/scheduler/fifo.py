"""First in, first out, within skills: a freed window takes the longest waiting it can serve.

What most halls do, and the yardstick every other policy is held against.
"""

from __future__ import annotations

from vikno.queue.hall import Hall
from vikno.queue.line import Entry
from vikno.queue.policy import Choice, Why

NO_SCORE: dict[str, float] = {}
"""Nothing is weighed; one for all, for a fresh table for each call is a fiftieth of a simulated visit."""


class Fifo:
    """The longest waiting of the window's skills; ties go to the smaller ticket identifier."""

    name = "fifo"
    priority_first = False

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at the head of each line the window serves."""
        waiting = 0
        first: Entry | None = None
        for line in hall.lines_at[window]:
            head = line.head
            if head is not None:
                waiting += line.size
                if first is None or head < first:
                    first = head
        if first is None:
            return Choice(None, Why(self.name, "nobody-waiting"))
        ticket = first[1]
        waited = (at - hall.tickets[ticket].issued) / 60
        return Choice(ticket, Why(self.name, "longest-waiting", waited, waiting, 0, (), NO_SCORE, NO_SCORE))
