"""The table of what dispatch is worth: `python -m benchmarks.dispatch [hall ...] [--seconds T]`.

Fresh days, the same for all policies, ratios to `fifo`. What is learned is learned once for each hall, as its
file stands scaled to the middle load, and lives through all three loads: what is learned on one load must not
break on another. The days of learning and those of measuring have different seeds.

Five sets of 200 days, each of another seed. The longest wait of a set is one visitor's, so its ratio says
little: the same policy has 0.7 of fifo's on one set and 1.1 on the next. Told is the middle one of the five
ratios, with the smallest and the largest.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table as Sheet

from benchmarks.dispatch import choice
from benchmarks.dispatch.halls import LOADS, at_load, halls
from benchmarks.dispatch.outcome import Comparison, compare, live_days
from benchmarks.harness import ROOT, Row
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned, read_learned
from vikno.simulation.fastforward.days import bounded_rule, draw_crowd, rule_of
from vikno.simulation.fastforward.kernel import Rule

DAYS = 200
SEEDS = (20_261, 20_262, 20_263, 20_264, 20_265)
TUNING_SEED, RESAMPLING_SEED = 7, 3
MIDDLE = LOADS[1]
SECONDS = 60.0

UNTUNED_MIXED = (0.70, 0.78, 1.0)
TUNED_MIXED = (0.55, 0.56, 1.0)
MEAN_MOST, P95_MOST, LONGEST_MOST, POINTS_MOST = 1.0, 1.02, 1.1, 1.0


class Line(NamedTuple):
    """One hall at one load under one policy, held against fifo."""

    hall: str
    load: float
    policy: str
    against: Comparison


def learned(plan: HallPlan, seconds: float) -> Learned:
    """What the command makes of the hall's file in so many seconds, from its start to the file."""
    with tempfile.TemporaryDirectory() as folder:
        hall, policy = Path(folder) / "hall.toml", Path(folder) / "policy.json"
        hall.write_text(write_hall(plan), encoding="utf-8")
        command = [ROOT / ".venv" / "bin" / "vikno", "tune", hall, "--seconds", str(seconds)]
        subprocess.run(
            [*map(str, command), "--seed", str(TUNING_SEED), "--out", str(policy)],
            check=True,
            capture_output=True,
        )
        return read_learned(policy)


def lines(names: list[str], seconds: float) -> list[Line]:
    """Every hall named, at every load, untuned and tuned."""
    found = []
    for name in names:
        hall = at_load(halls()[name], MIDDLE)
        policy = learned(hall, seconds)
        for load in LOADS:
            plan = at_load(hall, load)
            crowds = [draw_crowd(plan, seed, day) for seed in SEEDS for day in range(DAYS)]
            fifo = live_days(plan, rule_of(plan, policy_named("fifo")), crowds)
            rules: dict[str, Rule] = {
                "index": rule_of(plan, policy_named("index")),
                "optimized": rule_of(plan, policy_named("optimized")),
                "learned": bounded_rule(plan, policy.table_of(plan)),
            }
            for policy_name, rule in rules.items():
                ours, rng = live_days(plan, rule, crowds), np.random.default_rng(RESAMPLING_SEED)
                found.append(Line(name, load, policy_name, compare(plan, ours, fifo, rng, sets=len(SEEDS))))
    return found


def sheet(found: list[Line]) -> Sheet:
    """As people read it."""
    heads = ("hall", "load", "policy", "mean", "p95", "max", "worst share, points", "spread", "overtaken")
    table = Sheet(*heads)
    for line in found:
        against = line.against
        table.add_row(
            line.hall,
            f"{line.load:.2f}",
            line.policy,
            str(against.mean),
            str(against.p95),
            str(against.longest),
            f"{against.worst_share} {against.worst_service}",
            str(against.spread),
            str(against.overtaken),
        )
    return table


def rows(found: list[Line]) -> list[Row]:
    """What the figures come to against what is to be reached."""
    result = []
    for policy, reach in (("optimized", UNTUNED_MIXED), ("learned", TUNED_MIXED)):
        for line in found:
            if (line.hall, line.load, line.policy) == ("mixed", MIDDLE, policy):
                got = (line.against.mean, line.against.p95, line.against.longest)
                result.append(
                    Row(
                        f"mixed at {MIDDLE}, {policy}: mean wait; p95; max, ratio to fifo",
                        "; ".join(str(figure) for figure in got),
                        "; ".join(f"{most:.2f}" for most in reach),
                        all(figure.value <= most for figure, most in zip(got, reach, strict=True)),
                    )
                )
    for policy in ("optimized", "learned"):
        mine = [line.against for line in found if line.policy == policy]
        result.append(_everywhere(policy, mine))
    return result


def _everywhere(policy: str, found: list[Comparison]) -> Row:
    worst = {
        "mean": max(c.mean.value for c in found),
        "p95": max(c.p95.value for c in found),
        "max": max(c.longest.value for c in found),
        "share": min(c.worst_share.value for c in found),
        "spread": max(c.spread.value for c in found),
    }
    average = [np.mean([figure.value for figure in row]) for row in zip(*[c[:3] for c in found], strict=True)]
    return Row(
        f"every hall and load, {policy}: worst (average) mean; p95; max; worst share; spread of occupancy",
        f"{worst['mean']:.3f} ({average[0]:.2f}); {worst['p95']:.2f} ({average[1]:.2f}); "
        f"{worst['max']:.2f} ({average[2]:.2f}); {worst['share']:.1f} points; {worst['spread']:.2f}",
        f"below {MEAN_MOST:g}; {P95_MOST}; {LONGEST_MOST}; -{POINTS_MOST:g} point; 1",
        worst["mean"] < MEAN_MOST
        and worst["p95"] <= P95_MOST
        and worst["max"] <= LONGEST_MOST
        and worst["share"] >= -POINTS_MOST
        and worst["spread"] <= 1.0,
    )


def measure() -> list[Row]:
    """For the table of all benchmarks."""
    return [*rows(lines(list(halls()), SECONDS)), *choice.measure()]


def main(arguments: list[str]) -> None:
    """Print the long table and the short one."""
    seconds = SECONDS
    if "--seconds" in arguments:
        place = arguments.index("--seconds")
        seconds = float(arguments[place + 1])
        del arguments[place : place + 2]
    began = time.monotonic()
    found = lines(arguments or list(halls()), seconds)
    console = Console(width=190)
    console.print(sheet(found))
    for row in rows(found):
        console.print(row)
    console.print(f"{time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
