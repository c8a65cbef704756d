"""The best roster so far and the bound, for all who search at once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from threading import Lock

from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import Roster
from vikno.scheduler.roster.search.answer import Progress
from vikno.scheduler.roster.search.frame import Column, Frame
from vikno.scheduler.roster.search.generation import TOLERANCE
from vikno.scheduler.roster.search.placing import Placer

HUNDREDTH = 0.01
"""Costs are multiples of it."""


class Incumbent:
    """Who finds something better says so here; who wants to know whether to go on asks here."""

    def __init__(
        self,
        frame: Frame,
        seconds: float | None,
        tell: Callable[[Progress], None],
        cancelled: Callable[[], bool],
    ) -> None:
        self._frame = frame
        self._placer = Placer(frame)
        self._tell = tell
        self._cancelled = cancelled
        self._start = time.monotonic()
        self._end = math.inf if seconds is None else self._start + seconds
        self._lock = Lock()
        self.step = 1.0 if frame.whole_costs else HUNDREDTH
        """The least by which two costs differ."""
        self.columns: list[Column] = []
        self.roster: Roster | None = None
        self.cost = math.inf
        self.bound = 0.0

    @property
    def limit(self) -> float:
        """What a better roster costs at most."""
        return self.cost - self.step

    @property
    def optimal(self) -> bool:
        return self.bound > self.limit + TOLERANCE

    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._start

    def left(self) -> float:
        """Seconds that are left."""
        return self._end - time.monotonic()

    def stop(self) -> bool:
        """Whether to end: no time left, cancelled, or nothing better to be found."""
        return self.left() <= 0 or self.optimal or self._cancelled()

    def found(self, columns: Sequence[Column]) -> bool:
        """Somebody found a roster, a tour for each person; whether it is better."""
        ordered = sorted(columns, key=lambda column: column.person)
        with self._lock:
            return self._judged(ordered, self._placer.place(ordered))

    def offered(self, columns: Sequence[Column], roster: Roster) -> bool:
        """The same, with the breaks as they are in this roster; tours in the order of people."""
        with self._lock:
            return self._judged(list(columns), roster)

    def best(self) -> tuple[list[Column], Roster | None]:
        """Tours and roster that belong together."""
        with self._lock:
            return self.columns, self.roster

    def _judged(self, columns: list[Column], roster: Roster) -> bool:
        cost = evaluate(self._frame.problem, roster).total
        if cost > self.limit + TOLERANCE:
            return False
        self.columns, self.roster, self.cost = columns, roster, cost
        self._say()
        return True

    def bounded(self, bound: float) -> None:
        """Somebody found that no roster costs less; nothing if they were stopped before they found out."""
        if not math.isfinite(bound):
            return
        whole = math.ceil((bound - TOLERANCE) / self.step) * self.step
        with self._lock:
            if whole > self.bound:
                self.bound = min(whole, self.cost)
                self._say()

    def _say(self) -> None:
        cost = None if self.roster is None else self.cost
        self._tell(Progress(self.seconds(), cost, self.bound))
