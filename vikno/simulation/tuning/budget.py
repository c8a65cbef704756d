"""How long a search may go on: seconds in all, from the start to the file, or a number of rounds.

Seconds are what a person has; rounds are what can be repeated: the same seed and number give the same file.
"""

from __future__ import annotations

from collections.abc import Callable

RESERVE_SHARE_MOST = 0.35
"""Of the time, to judge what was found; if that is too little, fewer days judge it."""
RESERVE_MARGIN = 1.5
"""Other programs take the processor just when it is counted on."""
WRITE_SECONDS = 1.0
"""And what the interpreter took to start, before anybody could look at a clock."""
LAST_DAYS_LEAST = 80


SLOWEST_FADES = 0.9
"""A round: what once disturbed it may be over."""


class Budget:
    """Either `seconds`, by the `clock` since `begun`, or `rounds`.

    `last_days` judge what was found; each of them is lived or drawn `last_lives` times.
    """

    def __init__(
        self,
        seconds: float | None,
        rounds: int | None,
        *,
        clock: Callable[[], float],
        begun: float,
        last_days: int,
        last_lives: float,
    ) -> None:
        assert (seconds is None) != (rounds is None)
        self.seconds, self.rounds = seconds, rounds
        self.last_days, self._last_lives = last_days, last_lives
        self._clock, self._begun = clock, begun
        self._reserve = 0.0
        self._slowest = 0.0
        self._round_begun: float | None = None

    def spent(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._begun

    def used(self, share: float) -> bool:
        """Whether so much of the time is gone; rounds have none."""
        return self.seconds is not None and self.spent() > share * self.seconds

    def lived(self, days: int, seconds: float) -> None:
        """So many days were lived in so many seconds: sets time aside for those that judge."""
        if self.seconds is None:
            return
        each = seconds / days
        most = RESERVE_SHARE_MOST * self.seconds

        def reserve() -> float:
            return WRITE_SECONDS + RESERVE_MARGIN * each * self.last_days * self._last_lives

        while reserve() > most and self.last_days > LAST_DAYS_LEAST:
            self.last_days //= 2
        self._reserve = min(reserve(), most)

    def allows(self, rounds: int) -> bool:
        """Whether there is time for one round more after so many."""
        if self.seconds is None:
            assert self.rounds is not None
            return rounds < self.rounds
        now = self.spent()
        if self._round_begun is not None:
            self._slowest = max(self._slowest * SLOWEST_FADES, now - self._round_begun)
        self._round_begun = now
        return now + self._slowest < self.seconds - self._reserve
