"""When a simulation agrees with a number: its 95% interval is narrow and holds the number.

A number that others found by simulation has an interval of its own; then the two overlap.

An honest 95% interval misses one number in twenty, and there are many numbers here. So what is missed is
looked at once more on other days, and must be held then: honest intervals miss twice in 400. That a test
passes never hangs on a lucky seed, and a twin that is wrong by half an interval or more does not get away
with it on every row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from vikno.simulation.estimates import Estimate

SEEDS = (1, 2)
OF_VALUE = 0.02
"""The widest half of an interval, as a share of the number."""
OF_SHARE = 0.01
"""The same for a number that is a share itself."""


class Known(NamedTuple):
    """What is known of a number: `low` to `high` (the same if it is known exactly).

    `half_width`: of the widest interval that shows anything.
    """

    low: float
    high: float
    half_width: float


def number(value: float) -> Known:
    """A wait, a count, a length."""
    return Known(value, value, OF_VALUE * value)


def share(value: float) -> Known:
    """A share of visitors or of time."""
    return Known(value, value, OF_SHARE)


def exactly(value: float) -> Known:
    """What cannot be otherwise on any day."""
    return Known(value, value, 0.0)


def hold(run: Callable[[int], Mapping[str, Estimate]], known: Mapping[str, Known]) -> None:
    """The estimates of a run, by the seed of its days, hold what is known."""
    missed = dict(known)
    for seed in SEEDS:
        found = run(seed)
        for name, expected in known.items():
            assert half_width(found[name]) <= expected.half_width, f"{name}: {found[name]} is too wide"
        missed = {name: expected for name, expected in missed.items() if not holds(found[name], expected)}
        if not missed:
            return
    raise AssertionError(f"twice missed: {missed}, at last by { {name: found[name] for name in missed} }")


def half_width(estimate: Estimate) -> float:
    assert estimate.half_width is not None, "one day tells no interval"
    return estimate.half_width


def holds(estimate: Estimate, known: Known) -> bool:
    """Whether the intervals have anything in common."""
    assert estimate.low is not None
    assert estimate.high is not None
    return estimate.low <= known.high and known.low <= estimate.high
