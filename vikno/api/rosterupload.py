"""Reading what a manager uploads: a roster file with the files it names, or its problem as JSON.

A file that came over the network must not make the server read its own disk. So the names in it are plain
names, and what stands behind them came with it; the hall is the one it was uploaded to, and its services are
all the skills there are.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from vikno.api.rosterproblem import check_problem, refused
from vikno.api.rosters import RosterRefused
from vikno.queue.errors import HallFileError
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.rosterfile import parse_roster

ROSTER_FILE = "roster file"
"""What its reader calls it; the files beside it are called by their paths."""
HALL, BESIDE = "hall", ("present", "cover")
"""Fields of `[roster]` that name other files."""


class Uploaded(NamedTuple):
    """A roster file: what its sender calls it, its text if there is one, and the files it names by name."""

    name: str
    text: str | None
    files: Mapping[str, str]


def read_upload(plan: HallPlan, file: Uploaded, problem: Mapping[str, Any] | None) -> Problem:
    """The problem, checked whole; `RosterRefused` says what is wrong with it, and in which file."""
    if (file.text is None) is (problem is None):
        raise refused("file", "is missing", "give the text of a roster file, or `problem`, and not both")
    if file.text is None:
        return _read_json(plan, problem)
    try:
        found = _read_file(plan, file.text, file.files)
        _check_services(plan, found)
    except HallFileError as error:
        inside = error.file == ROSTER_FILE
        field = error.field if inside else f"{Path(error.file).name}: {error.field}"
        where = f"{file.name}: {field}" if inside else field
        raise RosterRefused("bad-roster", f"{where}: {error.problem}; {error.remedy}", field=field) from None
    except RosterRefused as error:
        raise RosterRefused(error.code, f"{file.name}: {error.detail}", field=error.field) from None
    return found


def _read_json(plan: HallPlan, problem: Mapping[str, Any] | None) -> Problem:
    try:
        found = msgspec.convert(problem, Problem)
    except msgspec.ValidationError as error:
        raise refused("problem", str(error), "see Problem in docs/api.md") from None
    check_problem(found)
    _check_services(plan, found)
    return found


def _check_services(plan: HallPlan, problem: Problem) -> None:
    """Every skill must be a service of the hall: of any other nobody could say what it does to waits."""
    rows = [
        (f"people[{number}].skills.{one}", one)
        for number, person in enumerate(problem.people, 1)
        for one in person.skills
    ]
    rows += [(f"skill_cover[{number}].skill", row.skill) for number, row in enumerate(problem.skill_cover, 1)]
    for path, skill in rows:
        if skill not in plan.service:
            raise refused(path, "is not a service of this hall", f"use one of {', '.join(plan.service)}")


def _read_file(plan: HallPlan, text: str, files: Mapping[str, str]) -> Problem:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for field, named in _named(text).items():
            if named not in files and field != HALL:
                raise refused(f"roster.{field}", f"{named!r} did not come with it", "upload both together")
            (folder / named).write_text(files.get(named, "") if field != HALL else write_hall(plan), "utf-8")
        return parse_roster(text, ROSTER_FILE, folder)


def _named(text: str) -> dict[str, str]:
    """The files that a roster file names, by field; what else is wrong with it, its reader says."""
    try:
        roster = tomllib.loads(text).get("roster")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(roster, dict):
        return {}
    found = {field: roster[field] for field in (HALL, *BESIDE) if isinstance(roster.get(field), str)}
    for field, named in found.items():
        if Path(named).name != named or "\0" in named or named in {"", ".", ".."}:
            raise refused(f"roster.{field}", f"{named!r} is no plain name", "name a file beside it")
    return found
