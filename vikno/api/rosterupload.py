"""Reading what a manager uploads: a roster file with the files it names, or its problem as JSON.

A file that came over the network must not make the server read its own disk. So the names in it are plain
names, and what stands behind them came with it; the hall is the one it was uploaded to.
"""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from vikno.api.rosterproblem import check_problem, refused
from vikno.api.rosters import RosterRefused
from vikno.queue.errors import HallFileError
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import Problem
from vikno.scheduler.roster.rosterfile import parse_roster

HALL, BESIDE = "hall", ("present", "cover")
"""Fields of `[roster]` that name other files."""


def read_upload(
    plan: HallPlan, file: str | None, files: Mapping[str, str], problem: Mapping[str, Any] | None
) -> Problem:
    """The problem, checked whole; `RosterRefused` says what is wrong with it."""
    if (file is None) is (problem is None):
        raise refused("file", "is missing", "give the text of a roster file, or `problem`, and not both")
    if file is not None:
        return _read_file(plan, file, files)
    try:
        found = msgspec.convert(problem, Problem)
    except msgspec.ValidationError as error:
        raise refused("problem", str(error), "see Problem in docs/api.md") from None
    check_problem(found)
    return found


def _read_file(plan: HallPlan, text: str, files: Mapping[str, str]) -> Problem:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for field, named in _named(text).items():
            if named not in files and field != HALL:
                raise refused(f"roster.{field}", f"{named!r} did not come with it", "upload both together")
            (folder / named).write_text(files.get(named, "") if field != HALL else write_hall(plan), "utf-8")
        try:
            return parse_roster(text, "roster file", folder)
        except HallFileError as error:
            field = error.field if error.file == "roster file" else f"{Path(error.file).name}: {error.field}"
            raise RosterRefused(
                "bad-roster", f"{field}: {error.problem}; {error.remedy}", field=field
            ) from None


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
