"""Reading what a roster is lived by: its file, its hall, who comes, and rosters that `vikno roster` wrote."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from vikno.queue.errors import ViknoError
from vikno.queue.hallfile import read_hall_file, read_text
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.present import read_present
from vikno.scheduler.roster.problem import Problem, Roster
from vikno.scheduler.roster.rosterfile import FILE_BYTES_MAX, FILES, read_roster_file
from vikno.simulation.forecast.forecast import read_forecast
from vikno.simulation.trial.demand import demand_of
from vikno.simulation.trial.hall import halls_of


class RosterDays(msgspec.Struct, frozen=True):
    """A roster file with the demand of each of its open days."""

    problem: Problem
    days: dict[int, HallPlan]
    windows: int | None

    def halls(self, roster: Roster) -> tuple[HallPlan, ...]:
        """The hall of each open day as this roster staffs it."""
        return halls_of(self.days, self.problem, roster, self.windows)


def is_roster_file(path: Path) -> bool:
    """Whether the file describes a roster and no hall; False of one that cannot be read as either."""
    return "roster" in _content(path)


def named_by(path: Path) -> dict[str, Path]:
    """The files that a roster file names, by how an error calls them; none of what cannot be read."""
    try:
        roster = _content(path).get("roster")
    except ViknoError:  # whoever reads it for good says why
        return {}
    named = roster if isinstance(roster, dict) else {}
    return {
        f"[roster] {field} of {path}": path.parent / name
        for field in FILES
        if isinstance(name := named.get(field), str)
    }


def read_roster_days(
    path: Path, hall: Path | None, forecast: Path | None, windows: int | None = None
) -> RosterDays:
    """A roster file, and the demand of its days: of its hall, or of `hall`, or as the forecast has it."""
    problem = read_roster_file(path)
    if hall is None:
        named = _content(path)["roster"].get("hall")
        if named is None:
            raise ViknoError(f"--hall: is missing; {path} names no hall, so say which one it is for")
        hall = path.parent / named
    foreseen = None if forecast is None else read_forecast(forecast)
    return RosterDays(problem, demand_of(read_hall_file(hall), problem, foreseen), windows)


def read_roster(option: str, path: Path | None, problem: Problem) -> Roster:
    """A roster that `vikno roster --json` wrote; without a path, the one in force that its file names."""
    if path is not None:
        return Roster(read_present(path, problem))
    if problem.present is None:
        raise ViknoError(f"{option}: is missing; give what vikno roster --json wrote, or name it in the file")
    return Roster(problem.present)


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path, FILE_BYTES_MAX))
    except (ValueError, RecursionError):
        return {}
