"""How often a device may ask for letters, and how often somebody may type them wrongly (RFC 8628, 5.1)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from vikno.api.people.store import PeopleRefused

if TYPE_CHECKING:
    from limits import RateLimitItem
    from limits.strategies import MovingWindowRateLimiter

MINUTES = 10
TYPED_MAX = 5
"""Wrong letters of one person in `MINUTES`: with 500 devices waiting, one in ten million finds one."""

ASKED_MAX = 60
"""Pairings begun at one address in `MINUTES`: a hall in which every screen was switched on at once, twice."""


class Tries:
    """Counts in this process."""

    def __init__(self) -> None:
        self._limiter: MovingWindowRateLimiter | None = None
        self._items: dict[str, RateLimitItem] = {}

    def ask(self, address: str) -> None:
        """A device asks for letters. `too-many-pairings` if it is one too many."""
        if not self._count("asked", address):
            raise PeopleRefused(
                "too-many-pairings",
                "devices at this address ask for letters too often; wait some minutes",
                retry_seconds=self._wait("asked", address),
            )

    def type(self, who: str) -> None:
        """Somebody types letters. `too-many-tries` if they were wrong too often."""
        if not self._count("typed", who):
            raise PeopleRefused(
                "too-many-tries",
                "user_code: wrong letters too often; look at the device, and try again in some minutes",
                field="user_code",
                retry_seconds=self._wait("typed", who),
            )

    def typed_well(self, who: str) -> None:
        """They were right, so nobody is guessing."""
        limiter = self._ready()
        limiter.clear(self._items["typed"], who)

    def _count(self, what: str, who: str) -> bool:
        return self._ready().hit(self._items[what], who)

    def _wait(self, what: str, who: str) -> float:
        return max(1.0, self._ready().get_window_stats(self._items[what], who).reset_time - time.time())

    def _ready(self) -> MovingWindowRateLimiter:
        if self._limiter is None:
            # A tenth of a second to import, which no start waits for.
            from limits import RateLimitItemPerMinute  # noqa: PLC0415
            from limits.storage import MemoryStorage  # noqa: PLC0415
            from limits.strategies import MovingWindowRateLimiter  # noqa: PLC0415

            self._items = {
                "typed": RateLimitItemPerMinute(TYPED_MAX, MINUTES, "typed"),
                "asked": RateLimitItemPerMinute(ASKED_MAX, MINUTES, "asked"),
            }
            self._limiter = MovingWindowRateLimiter(MemoryStorage())
        return self._limiter
