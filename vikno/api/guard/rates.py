"""How often somebody may ask for what is dear, guessable, or leaves something behind.

Who manages a hall is not counted: they may close it altogether, so a rate would protect nothing. Who works at
a window or a reception has room for more than hands can do. What is counted at an address are only failures
and what needs no sign-in: many people stand behind one address, and the bad luck of one must not shut out a
hall. So nobody who was let in before is ever refused for an address, and the wait is a minute or ten, never
a lock.

Counts are this process's own and start anew with it: two processes allow twice as much, which the numbers
have room for. A count runs for a minute from its first, which may let through twice the rate for a moment and
harms nobody; so every request can be counted for less than a microsecond, and without a library that takes a
tenth of a second to load. Sign-in and pairing have ways of their own (`people/delays.py`, `people/tries.py`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from vikno.api.access import Action, Role
from vikno.queue.errors import ViknoError

WINDOW_SECONDS = 60.0
COUNTERS_MAX = 50_000
"""Counters kept at once, some 15 MB; beyond, the oldest are forgotten, as only a flood makes so many."""


class Rate(NamedTuple):
    """So many in a minute."""

    name: str
    a_minute: int


BAD_TOKEN_AT_ADDRESS = Rate("bad-token", 300)
"""Tokens nobody has: each is looked up in the database. A hall of revoked screens stays below."""

OVER_AT_ADDRESS = Rate("over", 120)
"""Pairings that are over, or never were: each takes a turn at writing to the database. A device asks once
about letters that are over, and shows others."""

OF_ROLE: dict[Role, Rate] = {
    Role.VISITOR: Rate("visitor", 120),
    Role.SCREEN: Rate("screen", 1_200),
    Role.KIOSK: Rate("kiosk", 600),
    Role.RECEPTIONIST: Rate("receptionist", 6_000),
    Role.CLERK: Rate("clerk", 6_000),
}
"""All a token asks for. A phone asks every few seconds at most; all screens of a hall may share a token, and
each call is spoken in two languages; a kiosk looks at the board between tickets; a clerk's hands do one thing
a second, a program that works for one a hundred."""

DRAWN_AT_ADDRESS = Rate("drawn", 60)
"""Texts drawn as codes: each takes some 20 ms, and whoever asks need not be anybody. A hall in which every
screen shows its letters at once stays below."""

REFUSED_AT_ADDRESS = Rate("refused", 30)
"""Sign-ins at a provider that came to nothing and are written down. Anybody can come back wrongly; that
somebody does all the time is known after so many."""

TICKETS_OF_KIOSK = Rate("tickets", 120)
"""Two a second: four kiosks that share a token, and people who choose in two seconds."""


class SlowDown(ViknoError):
    """Too often; `seconds` until it is worth asking again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"this was asked too often; ask again in {seconds} s")
        self.seconds = seconds


class Rates:
    """The counts of one process: of each rate, for each somebody."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._counts: dict[tuple[str, str], tuple[int, float]] = {}

    def spend(self, rate: Rate, who: str) -> None:
        """Count once more; `SlowDown` if that is too often."""
        now = self._clock()
        count, ends = self._count(rate, who, now)
        if count >= rate.a_minute:
            raise SlowDown(ceil(ends - now))
        self._counts[rate.name, who] = count + 1, ends
        if len(self._counts) > COUNTERS_MAX:
            del self._counts[next(iter(self._counts))]

    def check(self, rate: Rate, who: str) -> None:
        """`SlowDown` if it was too often already; counts nothing."""
        now = self._clock()
        count, ends = self._count(rate, who, now)
        if count >= rate.a_minute:
            raise SlowDown(ceil(ends - now))

    def charge(self, role: Role, action: Action, who: str) -> None:
        """Count what somebody does by their role."""
        rate = OF_ROLE.get(role)
        if rate is not None:
            self.spend(rate, who)
        if role is Role.KIOSK and action is Action.ISSUE:
            self.spend(TICKETS_OF_KIOSK, who)

    def _count(self, rate: Rate, who: str, now: float) -> tuple[int, float]:
        """How often within the window, and when that ends (seconds of the clock)."""
        count, ends = self._counts.get((rate.name, who), (0, 0.0))
        if ends > now:
            return count, ends
        self._counts.pop((rate.name, who), None)  # its new one is the youngest
        return 0, now + WINDOW_SECONDS
