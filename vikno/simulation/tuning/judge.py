"""The judgement: what was found against what is there already, on days that nothing was learned from.

A table is only handed out if it is better than `index` on these days, by an interval that holds their chance;
otherwise the better of `optimized` and `index` is. Better means the score of the search (measure.py), which
counts mean and P95 and puts a price on services and visitors who would pay for them: `index` itself may have
a lower mean where it leaves slow services behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.scheduler.table import SECONDS_A_MINUTE, Table, index_table, optimized_table
from vikno.simulation.estimates import (
    Estimate,
    Linear,
    Sample,
    difference_of_ratios,
    linear_quantile,
    linear_ratio,
    mean_of,
    ratio_of,
    spread_of,
)
from vikno.simulation.tuning.measure import LOADS, P95, Lived, held
from vikno.simulation.tuning.search import Search

LAST_DAYS = 400
"""To judge by: half of them at the load of the hall, a quarter at each of the others."""
LIVES = 9.0
"""How often a day is drawn or lived to judge and, before, to choose."""

GROUPS = 20
"""Of days, for the interval of a difference of scores (a jackknife over groups)."""

FIFO, INDEX, OPTIMIZED, LEARNED = "fifo", "index", "optimized", "learned"
DECIMALS = 6


class Judged(NamedTuple):
    """The table to hand out, which one it is, and what is told of it."""

    table: Table
    chosen: str
    """`learned`, or the name of the policy that the search did not better."""
    told: dict[str, Any]


def judge(search: Search, found: Table) -> Judged:
    """Live the last days and decide."""
    plan = search.plan
    tables = {LEARNED: found, INDEX: index_table(plan), OPTIMIZED: optimized_table(plan)}
    dealt = search.fresh(search.budget.last_days)
    lived = dict(zip(tables, search.live(list(tables.values()), dealt.batches), strict=True))
    lived[FIFO] = dealt.fifo
    known = tables[OPTIMIZED]
    same = found.alike == known.alike and np.array_equal(found.weight, known.weight)
    less = _less(lived[LEARNED], lived[INDEX], lived[FIFO])
    chosen = OPTIMIZED if same else LEARNED
    if less.high is None or less.high >= 0:
        chosen = min((INDEX, OPTIMIZED), key=lambda name: held(lived[name], lived[FIFO]).score)
    lived[LEARNED] = lived[chosen]
    return Judged(tables[chosen], chosen, _told(plan, lived))


def _less(lived: Sequence[Lived], other: Sequence[Lived], fifo: Sequence[Lived]) -> Estimate:
    """The score less that of another table, with its interval: pseudo-values of leaving out groups of days.

    (J. Shao and D. Tu, The Jackknife and Bootstrap, 1995, section 2.3.)
    """

    def apart(left_out: int | None) -> float:
        parts = [[_without(one, left_out) for one in rule] for rule in (lived, other, fifo)]
        return held(parts[0], parts[2]).score - held(parts[1], parts[2]).score

    whole = apart(None)
    values = [GROUPS * whole - (GROUPS - 1) * apart(group) for group in range(GROUPS)]
    return mean_of(values)


def _without(lived: Lived, group: int | None) -> Lived:
    """All days but every twentieth."""
    if group is None:
        return lived
    kept = np.arange(len(lived.sizes)) % GROUPS != group
    return Lived(lived.waits[np.repeat(kept, lived.sizes)], *(column[kept] for column in lived[1:]))


def _told(plan: HallPlan, lived: dict[str, list[Lived]]) -> dict[str, Any]:
    """What the table gains, by load, and what each service and the windows have of it at the hall's own."""
    here, base = lived[LEARNED][0], lived[FIFO][0]
    gains = {
        f"{load:g}": {
            "days": len(lived[LEARNED][place].sizes),
            "wait_mean_minutes": {name: _mean(runs[place]) for name, runs in lived.items()},
            "ratio_to": {
                name: _ratios(lived[LEARNED][place], lived[name][place]) for name in (FIFO, INDEX, OPTIMIZED)
            },
        }
        for place, load in enumerate(LOADS)
    }
    return {
        "by_load": gains,
        "within_target": {
            service.id: {
                LEARNED: _plain(ratio_of(here.within[:, n], here.counted[:, n])),
                FIFO: _plain(ratio_of(base.within[:, n], base.counted[:, n])),
                "difference": _plain(
                    difference_of_ratios(
                        here.within[:, n], here.counted[:, n], base.within[:, n], base.counted[:, n]
                    )
                ),
            }
            for n, service in enumerate(plan.services)
        },
        "occupancy_spread": {
            name: _plain(spread_of(lived[name][0].serving, lived[name][0].staffed))
            for name in (LEARNED, FIFO)
        },
    }


def _mean(lived: Lived) -> dict[str, float | None]:
    return _plain(ratio_of(_sums(lived) / SECONDS_A_MINUTE, lived.sizes))


def _ratios(lived: Lived, other: Lived) -> dict[str, Any]:
    """Of the mean, the P95 and, without an interval, the longest wait; day by day on the same visitors."""
    means = [linear_ratio(_sums(one), one.sizes) for one in (lived, other)]
    p95s = [linear_quantile(Sample(one.waits, one.sizes), P95) for one in (lived, other)]
    most = [float(one.waits.max()) if one.waits.size else 0.0 for one in (lived, other)]
    return {
        "wait_mean": _over(*means),
        "wait_p95": _over(*p95s),
        "wait_max": round(most[0] / most[1], DECIMALS) if most[1] else None,
    }


def _sums(lived: Lived) -> np.ndarray:
    """Of the waits of each day."""
    day = np.repeat(np.arange(len(lived.sizes)), lived.sizes)
    return np.bincount(day, lived.waits, len(lived.sizes))


def _over(one: Linear | None, other: Linear | None) -> dict[str, float | None]:
    ratio = None if one is None or other is None else one.over(other)
    return _plain(Estimate(None, None, None) if ratio is None else ratio.estimate())


def _plain(estimate: Estimate) -> dict[str, float | None]:
    return {
        name: None if number is None else round(number, DECIMALS)
        for name, number in (("value", estimate.value), ("low", estimate.low), ("high", estimate.high))
    }
