"""Guessing made slow: whoever was wrong waits, twice as long each time.

It is counted by account and by address, and neither is ever locked: a hall full of clerks behind one address
waits some seconds at most because somebody there guesses, and a guesser elsewhere who keeps an account
waiting does not delay its owner at an address where they have signed in before. Names that are nobody's are
counted like all others, so that no answer tells which there are.

The counts are those of this process, in memory: a server of three processes lets guess three times as often,
which is still seldom, and no guess costs the database a write.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from vikno.api.people.store import PeopleRefused

REMEMBERED_MAX = 20_000
"""Names and addresses that are counted at a time; the one that was quiet the longest is forgotten."""

FIRST_SECONDS = 1.0
DOUBLINGS_MAX = 30
"""Far beyond any limit; a number that doubles with every mistake of a day would be none any more."""

QUIET_SECONDS = 900.0
"""After so long without a mistake all is forgiven."""


class Patience(NamedTuple):
    """So many mistakes are free; no delay is longer than `most` seconds."""

    free: int
    most: float


ACCOUNT = Patience(4, 60.0)
"""A typist's bad minute; then at most 1,440 guesses a day, of passwords that are not among the common."""

ADDRESS = Patience(20, 8.0)
"""Many people may share an address, and none of them shall be locked out by the others."""


class Mistakes(msgspec.Struct):
    """How many, and when the last (POSIX seconds)."""

    count: int = 0
    last: float = 0.0


class Delays:
    """Who has to wait before the next try."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._mistakes: OrderedDict[tuple[str, str], Mistakes] = OrderedDict()
        self._homes: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, name: str, address: str) -> None:
        """A try: a mistake until `succeeded` says otherwise, so that many at once count as many.

        `slow-down` if it comes too early; that counts for nothing.
        """
        places = {self._place(name, address): ACCOUNT, ("", address): ADDRESS}
        now = self._now()
        wait = max(_ready(self._seen(place), patience) - now for place, patience in places.items())
        if wait > 0:
            raise PeopleRefused(
                "slow-down", "too many mistakes; wait before the next try", retry_seconds=wait
            )
        for mistakes in map(self._of, places):
            mistakes.count += 1
            mistakes.last = now

    def succeeded(self, name: str, address: str) -> None:
        """The try that began was right."""
        self._mistakes.pop(self._place(name, address), None)
        here = self._of(("", address))
        here.count = max(0, here.count - 1)
        self._homes[name, address] = None
        self._homes.move_to_end((name, address))
        if len(self._homes) > REMEMBERED_MAX:
            self._homes.popitem(last=False)

    def untried(self, name: str, address: str) -> None:
        """The try that began was not made after all, for no fault of theirs."""
        for place in (self._place(name, address), ("", address)):
            if place in self._mistakes:
                self._mistakes[place].count = max(0, self._mistakes[place].count - 1)

    def _place(self, name: str, address: str) -> tuple[str, str]:
        """Where somebody's mistakes are counted: at home by themselves."""
        return (name, address) if (name, address) in self._homes else (name, "")

    def _seen(self, place: tuple[str, str]) -> Mistakes:
        """What is counted there. Asking remembers nothing, or refused names would push out the others."""
        found = self._mistakes.get(place)
        return Mistakes() if found is None or self._now() - found.last > QUIET_SECONDS else found

    def _of(self, place: tuple[str, str]) -> Mistakes:
        found = self._mistakes.setdefault(place, Mistakes())
        self._mistakes.move_to_end(place)
        if self._now() - found.last > QUIET_SECONDS:
            found.count = 0
        if len(self._mistakes) > REMEMBERED_MAX:
            self._mistakes.popitem(last=False)
        return found


def _ready(mistakes: Mistakes, patience: Patience) -> float:
    """When the next try may come."""
    over = mistakes.count - patience.free
    if over < 0:
        return 0.0
    return mistakes.last + min(patience.most, FIRST_SECONDS * 2.0 ** min(over, DOUBLINGS_MAX))
