"""How good rosters get in how much time: the instances of Curtois & Qu, and a made hall.

The best published costs are of an hour's search by five methods, the best of ten minutes of four (see
https://www.schedulingbenchmarks.org/nrp/). Costs are those of the evaluator, which knows nothing of the
search. The instances lie beside the project and are no part of it; where they are absent only the made hall
is measured.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.harness import ROOT, Row
from benchmarks.rosters.made import made
from vikno.scheduler.roster.curtois import read_curtois
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.search import Solved, solve

DATA = ROOT.parent / "shared" / "data" / "rosters"
MADE = "made"
WORKERS = 2
SEED = 1


class Target(NamedTuple):
    """Best published, best of ten minutes, the time that is given, and the ratio to reach."""

    best: int
    ten_minutes: int
    seconds: float
    ratio: float


TARGETS = {
    "1": Target(607, 607, 60, 1.005),
    "2": Target(828, 828, 60, 1.005),
    "3": Target(1001, 1001, 60, 1.005),
    "4": Target(1716, 1716, 60, 1.005),
    "5": Target(1143, 1143, 60, 1.005),
    "6": Target(1950, 1950, 60, 1.005),
    "8": Target(1308, 1341, 60, 1.02),
    "10": Target(4631, 4631, 60, 1.005),
    "11": Target(3443, 3443, 60, 1.005),
    "13": Target(1905, 3109, 300, 1.15),
    "15": Target(3928, 4144, 300, 1.15),
    "18": Target(4650, 5000, 300, 1.15),
}
COLUMNS = "problem", "status", "cost", "bound", "best", "10 min", "ratio", "gap", "s", "judged", "broken"
MADE_SECONDS, MADE_GAP = 120.0, 0.05


class Line(NamedTuple):
    """One problem: what was asked, what was found, what the evaluator says of it."""

    name: str
    solved: Solved
    judged: float
    violations: int

    @property
    def ratio(self) -> float | None:
        """Cost over the best published."""
        return self.judged / TARGETS[self.name].best if self.name in TARGETS else None

    @property
    def gap(self) -> float:
        """What of the cost a better roster could save at most."""
        return max(0.0, self.judged - self.solved.bound) / self.judged if self.judged else 0.0


def line(name: str, seconds: float | None = None) -> Line:
    """Solve one; `seconds` instead of the time that its target gives."""
    if name == MADE:
        return _solved(name, made(), seconds or MADE_SECONDS)
    return _solved(name, read_curtois(DATA / f"Instance{name}.txt"), seconds or TARGETS[name].seconds)


def _solved(name: str, problem: Problem, seconds: float) -> Line:
    solved = solve(problem, seconds, seed=SEED, workers=WORKERS)
    assert solved.roster is not None, f"{name}: no roster in {seconds:g} s"
    judged = evaluate(problem, solved.roster)
    return Line(name, solved, judged.total, len(judged.violations))


def present() -> list[str]:
    """The problems that are there; says which are not."""
    names = [name for name in TARGETS if (DATA / f"Instance{name}.txt").is_file()]
    if len(names) < len(TARGETS):
        print(f"rosters: {len(TARGETS) - len(names)} published instances are absent from {_shown(DATA)}")
    return [*names, MADE]


def _shown(path: Path) -> str:
    return f"../{path.relative_to(ROOT.parent)}"


def row(found: Line) -> Row:
    """The line of the table of all benchmarks."""
    told = f"{found.judged:,.0f} ({found.solved.status}, bound {found.solved.bound:,.0f})"
    if found.ratio is None:
        what = "roster of 60 people, 4 weeks, 12 skills, quarter-hour cover: gap"
        reached = found.gap <= MADE_GAP and not found.violations
        return Row(what, f"{found.gap:.1%} {told}", f"at most {MADE_GAP:.0%}", reached)
    target = TARGETS[found.name]
    what = f"Curtois & Qu instance {found.name}, {target.seconds:.0f} s: cost over the best published"
    reached = found.ratio <= target.ratio and not found.violations
    return Row(what, f"{found.ratio:.3f} {told}", f"at most {target.ratio:g}", reached)


def measure() -> list[Row]:
    """Everything there is."""
    return [row(line(name)) for name in present()]


def main(arguments: list[str]) -> None:
    """Print a table of those that are named, or of all."""
    seconds = None
    if "--seconds" in arguments:
        place = arguments.index("--seconds")
        seconds = float(arguments[place + 1])
        arguments = arguments[:place] + arguments[place + 2 :]
    table = Table(
        "problem", "status", "cost", "bound", "best", "10 min", "ratio", "gap", "s", "judged", "broken"
    )
    for name in arguments or present():
        found = line(name, seconds)
        target = TARGETS.get(name)
        table.add_row(
            name,
            found.solved.status,
            f"{found.solved.cost:,.2f}",
            f"{found.solved.bound:,.2f}",
            str(target.best) if target else "",
            str(target.ten_minutes) if target else "",
            f"{found.ratio:.3f}" if found.ratio else "",
            f"{found.gap:.2%}",
            f"{found.solved.seconds:.1f}",
            f"{found.judged:,.2f}",
            str(found.violations),
        )
    Console(width=140).print(table)
