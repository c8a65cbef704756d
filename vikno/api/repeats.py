"""What was answered to which idempotency key: for as long as somebody may ask again, and no longer.

That is the present service day and the one before, as the journal tells them after a restart (all of which
then count as of today), so that a server which runs for months does not hold the answers of months.
"""

from __future__ import annotations

from collections.abc import Mapping

from vikno.api.groups import Known

KEYS_MAX = 50_000
"""Of one day in memory: more than the busiest day of one hall has commands."""


class Repeats:
    """The known keys of one hall; `of`: those of these days."""

    def __init__(self, of: Mapping[str, Known] | None = None) -> None:
        self._today: dict[str, Known] = dict(of or {})
        self._before: dict[str, Known] = {}

    def get(self, key: str) -> Known | None:
        """What was asked and answered with it, if it is known."""
        return self._today.get(key) or self._before.get(key)

    def add(self, known: Mapping[str, Known]) -> None:
        """These are on the disk now; beyond `KEYS_MAX` the oldest of the day go."""
        self._today.update(known)
        while len(self._today) > KEYS_MAX:
            del self._today[next(iter(self._today))]

    def new_day(self) -> None:
        """Another day: what was known of the day before yesterday is forgotten."""
        self._today, self._before = {}, self._today

    def __len__(self) -> int:
        return len(self._today) + len(self._before)
