"""How often somebody may ask for what is dear, guessable, or leaves something behind.

Who manages a hall is not counted: they may close it altogether, so a rate would protect nothing. Who works at
a window or a reception has room for more than hands can do. What is counted at an address are only failures
and what needs no sign-in: many people stand behind one address, and the bad luck of one must not shut out a
hall. So nobody who was let in before is ever refused for an address, and the wait is a minute or ten, never
a lock.

Counts are this process's own and start anew with it: two processes allow twice as much, which the numbers
have room for. Windows are fixed ones (`limits`): cheapest, and twice the rate for a moment harms nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from vikno.api.access import Action, Role
from vikno.queue.errors import ViknoError

COUNTERS_MAX = 50_000
"""Counters kept at once, some 15 MB; beyond, the oldest are forgotten, as only a flood makes so many."""

SIGN_IN_OF_NAME = RateLimitItemPerMinute(10, 5, "sign-in-name")
"""Wrong passwords of one name: two a minute find no password in a lifetime, and nobody mistypes so often."""

SIGN_IN_AT_ADDRESS = RateLimitItemPerMinute(100, 5, "sign-in-address")
"""Wrong passwords from one address: a whole office that comes back from a holiday."""

BAD_TOKEN_AT_ADDRESS = RateLimitItemPerMinute(300, 1, "bad-token")
"""Tokens nobody has: each is looked up in the database. A hall of revoked screens stays below."""

PAIRING_AT_ADDRESS = RateLimitItemPerMinute(60, 10, "pairing")
"""New pairings: a hall is fitted out in a morning, each screen shows new letters every ten minutes."""

OF_ROLE: dict[Role, RateLimitItem] = {
    Role.VISITOR: RateLimitItemPerMinute(120, 1, "visitor"),
    Role.SCREEN: RateLimitItemPerMinute(1_200, 1, "screen"),
    Role.KIOSK: RateLimitItemPerMinute(600, 1, "kiosk"),
    Role.RECEPTIONIST: RateLimitItemPerMinute(6_000, 1, "receptionist"),
    Role.CLERK: RateLimitItemPerMinute(6_000, 1, "clerk"),
}
"""All a token asks for. A phone asks every few seconds at most; all screens of a hall may share a token, and
each call is spoken in two languages; a kiosk looks at the board between tickets; a clerk's hands do one thing
a second, a program that works for one a hundred."""

TICKETS_OF_KIOSK = RateLimitItemPerMinute(120, 1, "tickets")
"""Two a second: four kiosks that share a token, and people who choose in two seconds."""


class SlowDown(ViknoError):
    """Too often; `seconds` until it is worth asking again."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"this was asked too often; ask again in {seconds} s")
        self.seconds = seconds


class Rates:
    """The counts of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._counters = Counters(clock)
        self._clock = clock
        self._limiter = FixedWindowRateLimiter(self._counters)

    def spend(self, rate: RateLimitItem, *who: str) -> None:
        """Count once more; `SlowDown` if that is too often."""
        if not self._limiter.hit(rate, *who):
            raise self._slow_down(rate, *who)

    def charge(self, role: Role, action: Action, who: str) -> None:
        """Count what somebody does by their role."""
        rate = OF_ROLE.get(role)
        if rate is not None:
            self.spend(rate, who)
        if role is Role.KIOSK and action is Action.ISSUE:
            self.spend(TICKETS_OF_KIOSK, who)

    def check(self, rate: RateLimitItem, *who: str) -> None:
        """`SlowDown` if it was too often already; counts nothing."""
        if not self._limiter.test(rate, *who):
            raise self._slow_down(rate, *who)

    def forgive(self, rate: RateLimitItem, *who: str) -> None:
        """Start anew, as after the right password."""
        self._limiter.clear(rate, *who)

    def _slow_down(self, rate: RateLimitItem, *who: str) -> SlowDown:
        ends = self._limiter.get_window_stats(rate, *who).reset_time
        return SlowDown(max(1, ceil(ends - self._clock())))


class Counters(Storage):
    """Counters that end; the storage in memory that `limits` brings wakes a thread to look at all of them."""

    STORAGE_SCHEME = None
    base_exceptions = ValueError

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._kept: dict[str, tuple[int, float]] = {}

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """The count after adding to it; a new one ends `expiry` seconds from now."""
        count, ends = self._live(key) or (0, self._clock() + expiry)
        self._kept[key] = count + amount, ends
        while len(self._kept) > COUNTERS_MAX:
            del self._kept[next(iter(self._kept))]
        return count + amount

    def get(self, key: str) -> int:
        """The count."""
        found = self._live(key)
        return found[0] if found else 0

    def get_expiry(self, key: str) -> float:
        """When the count ends."""
        found = self._live(key)
        return found[1] if found else self._clock()

    def check(self) -> bool:
        """Memory is always there."""
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        self._kept.clear()
        return None

    def clear(self, key: str) -> None:
        """Forget one."""
        self._kept.pop(key, None)

    def _live(self, key: str) -> tuple[int, float] | None:
        found = self._kept.get(key)
        if found is not None and found[1] <= self._clock():
            del self._kept[key]
            return None
        return found
