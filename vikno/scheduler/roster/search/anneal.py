"""Cover by skill: better rosters by people stepping out and back, told where the linear program has them.

The program knows what the whole month wants (wishes, weekends, paid time) and little of whole people; a step
of `exchange` knows exactly the opposite. So at first a day that somebody works in the program is worth more,
in proportion to the part they work of it, and less and less so as the search cools.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vikno.scheduler.roster.search.exchange import Exchange, Guide, State
from vikno.scheduler.roster.search.incumbent import Incumbent
from vikno.scheduler.roster.search.rules import Floats

HOT, COLD = 6.0, 0.5
"""Temperatures, in units of cost: an hour in which one person is missing costs a few times as much."""

BLUR = 0.3
"""Of the temperature: by how much prices are blurred."""

OUT_MAX = 3
"""So many people step out at once."""

GUIDANCE = 100.0
"""What a day as in the linear program is worth at first."""

GUIDED = 0.8
"""Of the time."""

SHIFT_PART = 0.3
"""Of the guidance: for the very shift; the rest is for working at all."""

MIDDLE = 0.5
"""Of a day: who works so much of it is neither kept from it nor drawn to it."""

TELL_SECONDS = 1.0
"""A better roster is judged by its evaluator no more often."""

BEHIND = 10.0
"""Temperatures by which a search may be behind the best of all before it goes on from there."""


@dataclass(frozen=True)
class Span:
    """When a search ends by itself, and how long it lasts, in seconds."""

    seconds: float
    start: float

    @staticmethod
    def of(seconds: float) -> Span:
        """From now on."""
        return Span(seconds, time.monotonic())

    def passed(self) -> float:
        """The part that is over."""
        return (time.monotonic() - self.start) / self.seconds if self.seconds > 0 else 1.0


def guides(parts: Sequence[Floats]) -> list[Floats]:
    """P times D x S: what days are worth beyond others, from the parts that somebody works of them."""
    return [
        GUIDANCE * (SHIFT_PART * part + (1 - SHIFT_PART) * part.sum(1, keepdims=True) - MIDDLE)
        for part in parts
    ]


def anneal(
    exchange: Exchange,
    incumbent: Incumbent,
    span: Span,
    rng: np.random.Generator,
    *,
    guide: Sequence[Floats] = (),
    stop: Callable[[], bool] = lambda: False,
) -> None:
    """Search until the span is over; from nothing if there is a guide, else from the best roster."""
    guided = Guide(guide)
    state = best = exchange.begin(rng, guided) if guide else _best(exchange, incumbent)
    told = time.monotonic()
    while (passed := span.passed()) < 1 and not incumbent.stop() and not stop():
        heat = HOT * (COLD / HOT) ** passed
        guided.strength = max(0.0, 1 - passed / GUIDED) if guide else 0.0
        people = rng.permutation(len(state.tours))[: rng.integers(1, OUT_MAX + 1)].tolist()
        after = exchange.changed(state, people, guided, BLUR * heat, rng)
        if after.cost <= state.cost or rng.random() < math.exp((state.cost - after.cost) / heat):
            state = after
        if state.cost < best.cost:
            best = state
        if time.monotonic() > told + TELL_SECONDS:
            _tell(exchange, incumbent, best)
            if not guided.strength and incumbent.cost < best.cost - BEHIND * heat:
                best = state = _best(exchange, incumbent)
            told = time.monotonic()
    _tell(exchange, incumbent, best)


def _tell(exchange: Exchange, incumbent: Incumbent, best: State) -> None:
    if best.cost < incumbent.limit:
        incumbent.offered(best.tours, exchange.roster(best))


def _best(exchange: Exchange, incumbent: Incumbent) -> State:
    columns, roster = incumbent.best()
    assert roster is not None
    return exchange.of(columns, roster)
