"""How true the waits were that visitors were told, measured as the day goes.

When a ticket is issued, what its visitor is told is kept; at the first call it is held against what came. As
with the day's figures, each ticket weighs something according to its record, so an undone call corrects the
figures by itself.

Not measured: who leaves, or is never called; who lets others pass, for the wait is then their own wish; who
was told that nothing is known; and after a restart those who took their ticket before it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec

from vikno.display.waits import SECONDS_A_MINUTE, Expected, told
from vikno.queue.records import Ticket

JUDGED_VISITS_MIN = 30
"""Fewer say little: of thirty right ranges of eight in ten, 24 give or take four hold."""

WITHIN_SHARE_MIN = 0.65
"""Of eight in ten that should be, so many at least: two standard errors of `JUDGED_VISITS_MIN` visits."""

LATER_SHARE_MAX = 0.25
"""Of one in ten who may wait longer than they were told, so many at most."""


class Score(msgspec.Struct):
    """Of visitors called: `within` the foreseen eight in ten, in the range `shown`, `later` than its end.

    `minutes_off` is the sum of the absolute errors of the median.
    """

    visits: int = 0
    within: int = 0
    shown: int = 0
    later: int = 0
    minutes_off: float = 0.0

    def add(self, other: Score, sign: int = 1) -> None:
        """Put another on, or take it off."""
        self.visits += sign * other.visits
        self.within += sign * other.within
        self.shown += sign * other.shown
        self.later += sign * other.later
        self.minutes_off += sign * other.minutes_off

    def view(self) -> dict[str, Any]:
        """Shares and minutes; None while nobody was called. `honest`: None while too few were."""
        visits = self.visits
        return {
            "visits": visits,
            "within": self.within / visits if visits else None,
            "shown": self.shown / visits if visits else None,
            "later": self.later / visits if visits else None,
            "minutes_off": max(self.minutes_off, 0.0) / visits if visits else None,
            "honest": self.is_honest(),
        }

    def is_honest(self) -> bool | None:
        """Whether visitors can rely on what they are told; None while too few were called."""
        if self.visits < JUDGED_VISITS_MIN:
            return None
        often = self.within >= WITHIN_SHARE_MIN * self.visits
        return often and self.later <= LATER_SHARE_MAX * self.visits


class Promise(NamedTuple):
    """What somebody was told, in minutes from their ticket on."""

    expected: Expected
    low: int
    high: int


class Honesty:
    """The score of one day of a hall, from what was `kept` of it before this process."""

    def __init__(self, kept: Score | None = None) -> None:
        self.score = kept or Score()
        self._promises: dict[str, Promise] = {}
        self._weighed: dict[str, Score] = {}

    def promised(self, ticket: Ticket, expected: Expected | None) -> None:
        """A ticket was issued, and this was foreseen for it."""
        range_ = told(expected)
        if expected is not None and range_ is not None:
            self._promises[ticket.id] = Promise(expected, *range_)

    def folded(self, tickets: Mapping[str, Ticket]) -> None:
        """These are the day's tickets now; what was weighed of others counts no more."""
        for gone in self._promises.keys() - tickets.keys():
            del self._promises[gone]
            self._unweigh(gone)
        for ticket in tickets.values():
            self.saw(ticket)

    def released(self, ticket: Ticket) -> None:
        """The visitor lets others pass: nothing was promised for that."""
        if ticket.first_called is None:
            self._promises.pop(ticket.id, None)

    def saw(self, ticket: Ticket | None) -> None:
        """A ticket's record is now this."""
        if ticket is None or ticket.id not in self._promises:
            return
        self._unweigh(ticket.id)
        if ticket.first_called is not None:
            came = (ticket.first_called - ticket.issued) / SECONDS_A_MINUTE
            weight = self._weighed[ticket.id] = _weigh(self._promises[ticket.id], came)
            self.score.add(weight)

    def _unweigh(self, ticket: str) -> None:
        before = self._weighed.pop(ticket, None)
        if before is not None:
            self.score.add(before, -1)


def _weigh(promise: Promise, minutes: float) -> Score:
    """What one visit adds, whose call came after so many minutes.

    What is foreseen holds to the whole minute, outward: who should be called at once is, some seconds later.
    """
    expected = promise.expected
    low = math.floor(expected.p10)
    return Score(
        visits=1,
        within=int(low <= minutes <= max(math.ceil(expected.p90), low + 1)),
        shown=int(promise.low <= minutes <= promise.high),
        later=int(minutes > promise.high),
        minutes_off=abs(minutes - expected.p50),
    )
