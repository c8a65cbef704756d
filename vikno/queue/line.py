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

    __slots__ = ("_levels", "size")

    def __init__(self) -> None:
        self._levels: dict[int, list[Entry]] = {}
        self.size = 0
        """How many wait; for reading. An attribute, for it is asked of every line at every choice."""

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[str]:
        """Tickets from the highest level down, each level by place."""
        for level in self.levels():
            for _, ticket in self._levels[level]:
                yield ticket

    def add(self, ticket: Ticket) -> None:
        """Join at the ticket's priority and place."""
        entry = (ticket.place, ticket.id)
        level = self._levels.get(ticket.priority)
        if level is None:
            self._levels[ticket.priority] = [entry]
        elif entry > level[-1]:
            level.append(entry)
        else:
            insort(level, entry)
        self.size += 1

    def remove(self, ticket: Ticket) -> None:
        """Leave the line; the record must be the one that joined."""
        level = self._levels[ticket.priority]
        entry = (ticket.place, ticket.id)
        index = 0 if level[0] == entry else bisect_left(level, entry)
        if level[index] != entry:
            raise LookupError(f"ticket {ticket.id} is not in this line")
        if len(level) == 1:
            del self._levels[ticket.priority]
        else:
            del level[index]
        self.size -= 1

    def levels(self) -> list[int]:
        """The priorities present, highest first."""
        return sorted(self._levels, reverse=True)

    def first(self, level: int) -> Entry:
        """The longest waiting of a level."""
        return self._levels[level][0]

    def longest_waiting(self) -> Entry | None:
        """The earliest place of all levels."""
        earliest = None
        for level in self._levels.values():
            if earliest is None or level[0] < earliest:
                earliest = level[0]
        return earliest

    def earlier(self, entry: Entry) -> int:
        """How many of all levels have an earlier place."""
        count = 0
        for level in self._levels.values():  # a loop: this is asked for every ticket
            count += len(level) if level[-1] < entry else bisect_left(level, entry)
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
