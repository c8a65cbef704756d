"""What a server counts about itself: plain whole numbers, because they stand in the path of every request.

Nothing here knows of any format; exposition.py tells the numbers to whoever asks. Labels come from us (the
template of a route, a method there is, a reason of ours), never from an address that somebody made up, so
their number has a limit.
"""

from __future__ import annotations

from bisect import bisect_left

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds. A synced command takes some milliseconds; beyond a second every clerk notices."""


class Durations:
    """How long things took: how many up to each of `BOUNDS`, how many longer, and their sum in seconds."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds


class Tally:
    """The counts of one process since it started."""

    def __init__(self) -> None:
        self.requests: dict[tuple[str, str, int], int] = {}
        """By method, template of the route, status."""
        self.durations: dict[tuple[str, str], Durations] = {}
        """By method and template of the route."""
        self.cut: dict[str, int] = {}
        """Streams that were cut off, by why."""

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        key = (method, route, status)
        self.requests[key] = self.requests.get(key, 0) + 1
        durations = self.durations.get((method, route))
        if durations is None:
            durations = self.durations[method, route] = Durations()
        durations.add(seconds)

    def stream_cut(self, reason: str) -> None:
        """A reader was too slow, or silent."""
        self.cut[reason] = self.cut.get(reason, 0) + 1
