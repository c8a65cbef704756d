"""Where a roster goes: JSON, a workbook, calendars, and a summary on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from vikno.api.files import (
    STDOUT,
    OutputError,
    Places,
    check_folder,
    check_places,
    check_workbook,
    json_text,
    put,
    write_whole,
)
from vikno.api.rostercalendar import calendars
from vikno.api.rostertold import as_json, conflicts_json, costs, plain
from vikno.api.rosterworkbook import write_workbook
from vikno.scheduler.roster.conflict import Conflict
from vikno.scheduler.roster.evaluate import Evaluation
from vikno.scheduler.roster.present import NO_ROSTER
from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.rules import SOFT
from vikno.scheduler.roster.search import Solved


class Outputs:
    """What was asked for; every place is looked at before any roster is made."""

    def __init__(self, json: str | None, xlsx: Path | None, ical: Path | None, inputs: Places) -> None:
        self._json = json
        self._printed = json == STDOUT
        self._xlsx, self._ical = xlsx, ical
        check_workbook("--xlsx", xlsx)
        check_places({"--json": json, "--xlsx": xlsx}, inputs)
        if ical is None:
            return
        if ical.is_dir():
            check_folder("--ical", ical)
        elif ical.exists():
            raise OutputError(f"--ical: {ical} is a file; name a folder")
        else:
            check_places({"--json": json, "--xlsx": xlsx, "--ical": ical}, inputs)

    def check(self, problem: Problem) -> None:
        """Refuse what cannot be written of this problem."""
        if self._ical is not None and problem.start is None:
            raise OutputError(f"--ical: the days of {problem.id} have no dates; leave it out")

    def write(self, problem: Problem, solved: Solved, evaluation: Evaluation, at: datetime) -> None:
        """Everything that was asked for, and a summary unless the screen is taken by JSON."""
        assert solved.roster is not None
        cost = plain(evaluation.total)
        if self._json is not None:
            self._write_json(
                {
                    "status": solved.status,
                    "cost": cost,
                    "bound": plain(bound_of(solved, evaluation)),
                    "seconds": round(solved.seconds, 2),
                    "assignments": as_json(problem, solved.roster),
                    "costs": costs(evaluation),
                }
            )
        if self._xlsx is not None:
            write = partial(write_workbook, problem, solved.roster, evaluation)
            write_whole("--xlsx", self._xlsx, write)
        if self._ical is not None:
            self._ical.mkdir(exist_ok=True)
            for person, content in calendars(problem, solved.roster, at).items():
                place = self._ical / f"{person}.ics"
                put("--ical", place, content)
        if not self._printed:
            _show(problem, solved, evaluation)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was asked for and is written of rosters only."""
        asked = {"--xlsx": self._xlsx, "--ical": self._ical}
        return tuple(option for option, place in asked.items() if place is not None)

    def write_conflicts(self, conflicts: Sequence[Conflict], seconds: float) -> None:
        """There is no roster; JSON tells why."""
        if self._json is not None:
            self._write_json(
                {
                    "status": NO_ROSTER,
                    "cost": None,
                    "bound": None,
                    "seconds": round(seconds, 2),
                    "assignments": [],
                    "conflicts": conflicts_json(conflicts),
                }
            )

    def _write_json(self, content: dict[str, Any]) -> None:
        assert self._json is not None
        put("--json", self._json, json_text(content))


def bound_of(solved: Solved, evaluation: Evaluation) -> float:
    """No roster costs less; whatever a search has proven yet, none costs less than nothing."""
    return max(0.0, min(solved.bound, evaluation.total))


def _show(problem: Problem, solved: Solved, evaluation: Evaluation) -> None:
    """What each soft rule cost."""
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = Console(highlight=False)
    cost, bound = evaluation.total, bound_of(solved, evaluation)
    gap = (cost - bound) / cost if cost else 0.0
    console.print(
        f"{problem.id}: {solved.status}, cost {plain(cost):,}, no roster costs less than {plain(bound):,} "
        f"(gap {gap:.1%}), {solved.seconds:.0f} s"
    )
    table = Table("soft rule", "what it counts", "cost")
    for name, rule in SOFT.items():
        table.add_row(name, str(rule.__doc__).strip(), f"{plain(evaluation.costs[name]):,}")
    console.print(table)
