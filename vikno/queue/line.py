"""The line of one service: who waits, by priority level and place.

Lists kept sorted by `bisect` beat cleverer structures here: most visitors join at the end and leave at the
front, and even 5,000 entries move in a few microseconds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from vikno.queue.records import Ticket

Entry = tuple[float, str]
"""Place and ticket: the place orders, the identifier breaks ties."""


class Line:
    """Those waiting for one service. Most halls have one level; a few have two or three."""

    __slots__ = ("_levels", "_size")

    def __init__(self) -> None:
        self._levels: dict[int, list[Entry]] = {}
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        """Tickets from the highest level down, each level by place."""
        for level in self.levels():
            for _, ticket in self._levels[level]:
                yield ticket

    def add(self, ticket: Ticket) -> None:
        """Join at the ticket's priority and place."""
        insort(self._levels.setdefault(ticket.priority, []), (ticket.place, ticket.id))
        self._size += 1

    def remove(self, ticket: Ticket) -> None:
        """Leave the line; the record must be the one that joined."""
        level = self._levels[ticket.priority]
        index = bisect_left(level, (ticket.place, ticket.id))
        if level[index][1] != ticket.id:
            raise LookupError(f"ticket {ticket.id} is not in this line")
        del level[index]
        if not level:
            del self._levels[ticket.priority]
        self._size -= 1

    def levels(self) -> list[int]:
        """The priorities present, highest first."""
        return sorted(self._levels, reverse=True)

    def first(self, level: int) -> Entry:
        """The longest waiting of a level."""
        return self._levels[level][0]

    def longest_waiting(self) -> Entry | None:
        """The earliest place of all levels."""
        return min((level[0] for level in self._levels.values()), default=None)

    def earlier(self, entry: Entry) -> int:
        """How many of all levels have an earlier place."""
        count = 0
        for level in self._levels.values():  # a loop: this is asked for every ticket
            count += bisect_left(level, entry)
        return count

    def earliest(self, entry: Entry, most: int) -> list[Entry]:
        """Up to `most` entries before `entry`, of all levels, by place."""
        return sorted(
            e for level in self._levels.values() for e in level[: min(most, bisect_left(level, entry))]
        )[:most]

    def ahead(self, priority: int, entry: Entry, *, priority_first: bool) -> int:
        """How many go before somebody of this priority and entry, by place or by priority and place."""
        if not priority_first:
            return self.earlier(entry)
        higher = sum(len(level) for other, level in self._levels.items() if other > priority)
        return higher + bisect_left(self._levels.get(priority, []), entry)

    def behind(self, ticket: Ticket, *, priority_first: bool) -> list[Entry]:
        """Those who come after the ticket in the line; with `priority_first`, of its own level only."""
        entry = (ticket.place, ticket.id)
        levels = [self._levels[ticket.priority]] if priority_first else self._levels.values()
        return sorted(other for level in levels for other in level[bisect_right(level, entry) :])
