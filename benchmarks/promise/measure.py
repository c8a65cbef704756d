"""The whole promise: `python -m benchmarks.promise [office ...]`.

Three offices of Warsaw, calibrated from published queues (`office` says what is assumed of their people,
`rosters` how they are rostered). What is held against what, on the same 200 fresh days:

    as practised   fixed shifts, one lunch hour for all, each person serves their own line, FIFO
    ours           breaks and shifts placed by need, everything that people know in use, `optimized`

with the same people and the same paid minutes. The steps are taken one after the other, each on top of those
before, so the last row is the whole and the rows between say what each adds in this order. Overtime is not
part of the paid minutes: who has somebody at the window or people in line at closing stays, in both, so the
minutes worked are told too. Intervals are those of weeks (5 days), 40 of them.

The offices themselves do not close for lunch: as calibrated, with its windows as seen, each is shown as well.
So is the whole with people who know one other line instead of two, which the steps do not go through.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Row
from benchmarks.promise.office import DAYS, FILES, OTHER_LINES, Office, office
from benchmarks.promise.rosters import MORE_SHIFTS, SHIFTS, as_practised, needs_of, ours, problem
from vikno.queue.plan import HallPlan
from vikno.simulation.estimates import Estimate
from vikno.simulation.proving import Pair
from vikno.simulation.trial.hall import halls_of
from vikno.simulation.trial.trial import Trial, hold

SEED, WEEKS = 20_262, 40
FIFO, OPTIMIZED = "fifo", "optimized"
MEAN_MOST, P95_MOST = 0.35, 0.45
MEAN_BEYOND, P95_BEYOND = 0.25, 0.3


class Step(NamedTuple):
    """What an office does, and how that compares with what is practised."""

    office: str
    name: str
    trial: Trial


def steps(name: str) -> Iterator[Step]:
    """As practised, and each step on top of those before."""
    found = office(name)
    practised = problem(found, 0, SHIFTS)
    before = halls_of(_days(found), practised, as_practised(practised))

    def step(what: str, halls: tuple[HallPlan, ...], policy: str) -> Step:
        return Step(name, what, hold(before, halls, (FIFO, policy), SEED, WEEKS))

    def rostered(others: int, shifts: str) -> tuple[HallPlan, ...]:
        return halls_of(_days(found), *ours(found, needs, others, shifts))

    needs = needs_of(found)
    yield step("as calibrated", (found.plan,) * DAYS, FIFO)
    yield step("as practised", before, FIFO)
    yield step("breaks by need", rostered(0, SHIFTS), FIFO)
    yield step("shifts by need", rostered(0, SHIFTS + MORE_SHIFTS), FIFO)
    yield step("one other line, dispatch", rostered(1, SHIFTS + MORE_SHIFTS), OPTIMIZED)
    whole = rostered(OTHER_LINES, SHIFTS + MORE_SHIFTS)
    yield step("skills in use", whole, FIFO)
    yield step("dispatch", whole, OPTIMIZED)


def _days(found: Office) -> dict[int, HallPlan]:
    return dict.fromkeys(range(DAYS), found.plan)


def sheet(found: list[Step]) -> Table:
    """As people read it."""
    table = Table("office", "step", "mean wait", "ratio", "p95", "ratio", "within target", "minutes worked")
    for one in found:
        figures = one.trial.figures
        table.add_row(
            one.office,
            one.name,
            f"{figures['wait_mean'].proposed.value:.1f}",
            _shown(figures["wait_mean"].ratio),
            f"{figures['wait_p95'].proposed.value:.1f}",
            _shown(figures["wait_p95"].ratio),
            f"{figures['within_target'].proposed.value:.0%}",
            f"{figures['staffed_minutes'].proposed.value:.0f}",
        )
    return table


def rows(found: list[Step]) -> list[Row]:
    """The last step of each office against what is to be reached."""
    result = []
    for name in dict.fromkeys(step.office for step in found):
        *_, last = (step.trial.figures for step in found if step.office == name)
        mean, p95 = last["wait_mean"].ratio, last["wait_p95"].ratio
        result.append(
            Row(
                f"the whole promise, {name}: mean wait; p95, ratio to as practised",
                f"{_shown(mean)}; {_shown(p95)}",
                f"{MEAN_MOST}; {P95_MOST} (beyond: {MEAN_BEYOND}; {P95_BEYOND})",
                _at_most(last["wait_mean"], MEAN_MOST) and _at_most(last["wait_p95"], P95_MOST),
            )
        )
    return result


def _at_most(pair: Pair, most: float) -> bool:
    return pair.ratio.value is not None and pair.ratio.value <= most


def _shown(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def measure() -> list[Row]:
    """For the table of all benchmarks."""
    return rows([step for name in FILES for step in steps(name)])


def main(arguments: list[str]) -> None:
    """Print the long table and the short one."""
    console = Console(width=150)
    found = [step for name in arguments or list(FILES) for step in steps(name)]
    console.print(sheet(found))
    for row in rows(found):
        console.print(row)


if __name__ == "__main__":
    main(sys.argv[1:])
