"""The line of one service: who waits, by priority level and place.

Lists kept sorted by `bisect` beat cleverer structures here: most visitors join at the end and leave at the
front, and even 5,000 entries move in a few microseconds.

A line also knows who has overtaken whom in it. A call overtakes everybody with an earlier place who waits in
a line the window serves. Each such line keeps the entry of the called in `passed`, so that whoever waits here
has been overtaken as often as `passed` holds entries later than their own. From this follow the three things
the bound on starvation rests on:

- the earliest of a line is its most overtaken: fewer entries are later than a later place;
- entries up to the earliest place count for nobody, so they are dropped, and all of them when the line has
  been empty;
- who comes into a line at an old place (from parking, a transfer, the service before, having left) begins
  with what the line holds after that place: at most what the earliest there has, in an empty line nothing.

A later place, for more time, leaves behind those who are earlier now; another priority changes nothing. A
call taken back counts for nobody, and whoever was called by it has all their own overtakers again.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Iterator

from vikno.queue.records import Ticket

Entry = tuple[float, str]
"""Place and ticket: the place orders, the identifier breaks ties."""


class Line:
    """Those waiting for one service. Most halls have one level; a few have two or three."""

    __slots__ = ("_latest", "_levels", "head", "passed", "size")

    def __init__(self) -> None:
        self._levels: dict[int, list[Entry]] = {}
        self._latest: Entry = (-math.inf, "")  # of all who ever joined; a newcomer is nearly always later
        # For reading. Attributes, for they are asked of every line at every choice.
        self.head: Entry | None = None
        self.size = 0
        self.passed: list[Entry] = []
        """Those who were called before somebody here who came earlier, one entry a call, by place."""

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
            level = self._levels[ticket.priority] = []
        if entry > self._latest:
            self._latest = entry
            level.append(entry)
        else:
            insort(level, entry)
        head = self.head
        if head is None or entry < head:
            if self.passed:
                self._forget(head)
            self.head = entry
        self.size += 1

    def remove(self, ticket: Ticket) -> None:
        """Leave the line; the record must be the one that joined."""
        level = self._levels[ticket.priority]
        index, entry = 0, level[0]
        if entry[1] != ticket.id:
            index = bisect_left(level, (ticket.place, ticket.id))
            entry = level[index]
            if entry[1] != ticket.id:
                raise LookupError(f"ticket {ticket.id} is not in this line")
        del level[index]
        if not level:
            del self._levels[ticket.priority]
        self.size -= 1
        if entry is self.head:
            self.head = level[0] if level and len(self._levels) == 1 else self._earliest_of_levels()

    def _forget(self, head: Entry | None) -> None:
        """What counts for nobody from `head` on; all of it if nobody is left."""
        self.passed = [] if head is None else self.passed[bisect_right(self.passed, head) :]

    def overtake(self, entry: Entry) -> None:
        """Somebody of this entry is called to a window that serves this line."""
        head = self.head
        if head is not None and head < entry:
            self._forget(head)
            insort(self.passed, entry)

    def take_back(self, entry: Entry) -> None:
        """The last `overtake` of this entry did not happen, if it found anybody here to overtake."""
        if entry in self.passed:
            self.passed.remove(entry)

    def overtakers(self, entry: Entry) -> tuple[Entry, ...]:
        """Those who have overtaken somebody who waits here at `entry`."""
        return tuple(self.passed[bisect_right(self.passed, entry) :])

    def overtaken(self, entry: Entry) -> int:
        """By how many calls somebody who waits here at `entry` has been overtaken."""
        return len(self.passed) - bisect_right(self.passed, entry)

    def remember(self, passed: Iterable[Entry]) -> None:
        """Hold at least these: somebody they have overtaken is back as if never called."""
        self.passed = sorted((Counter(self.passed) | Counter(passed)).elements())

    def levels(self) -> list[int]:
        """The priorities present, highest first."""
        return sorted(self._levels, reverse=True)

    def first(self, level: int) -> Entry:
        """The longest waiting of a level."""
        return self._levels[level][0]

    def heads(self) -> list[tuple[int, Entry]]:
        """The priority and the longest waiting of every level."""
        return [(priority, level[0]) for priority, level in self._levels.items()]

    def _earliest_of_levels(self) -> Entry | None:
        earliest = None
        for level in self._levels.values():
            if earliest is None or level[0] < earliest:
                earliest = level[0]
        return earliest

    def earlier(self, entry: Entry) -> int:
        """How many of all levels have an earlier place."""
        if entry > self._latest:
            return self.size
        return sum(bisect_left(level, entry) for level in self._levels.values())

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
