"""Rosters as files: the JSON that `vikno roster` writes, read back as the roster in force."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from vikno.queue.errors import HallFileError
from vikno.queue.fields import Fields, shown
from vikno.queue.hallfile import read_text
from vikno.scheduler.roster.problem import Assignment, Period, Problem

FILE_BYTES_MAX = 50_000_000
REMEDY = "give the file that vikno roster --json wrote"
NO_ROSTER = "infeasible"
"""The status of a search that ended without a roster."""
NO_ROSTER_REMEDY = "give a file with a roster; this one tells why there is none"


def read_present(path: Path, problem: Problem) -> tuple[Assignment, ...]:
    """The assignments of a roster, each checked against the problem; what else it tells is not looked at."""
    try:
        content = json.loads(read_text(path, FILE_BYTES_MAX))
    except (ValueError, RecursionError) as error:
        raise HallFileError(str(path), "JSON", str(error), "correct the syntax there") from None
    rows = content.get("assignments") if isinstance(content, dict) else None
    if isinstance(content, dict) and content.get("status") == NO_ROSTER:
        raise HallFileError(str(path), "status", "is that no roster keeps the rules", NO_ROSTER_REMEDY)
    if not isinstance(rows, list):
        raise HallFileError(str(path), "assignments", "must be a list of assignments", REMEDY)
    found: dict[tuple[str, int], Assignment] = {}
    for number, row in enumerate(rows, 1):
        name = f"assignments[{number}]"
        if not isinstance(row, dict):
            raise HallFileError(str(path), name, f"must be a table, not {shown(row)}", REMEDY)
        fields = Fields(str(path), name, row)
        assignment = _assignment(fields, problem)
        key = assignment.staff, assignment.day
        if key in found:
            fields.wrong("day", f"gives {key[0]!r} a second shift on day {key[1]}", "keep one of them")
        found[key] = assignment
    return tuple(found.values())


def _assignment(fields: Fields, problem: Problem) -> Assignment:
    staff = _known(fields, "staff", problem.person, "nobody of this roster")
    day = fields.whole("day", "give the number of a day, from 0", low=0, high=problem.days - 1)
    shift = _known(fields, "shift", problem.shift, "no shift of this roster")
    breaks = _breaks(fields) if fields.has("breaks") else ()
    fields.done()
    return Assignment(staff, day, shift, breaks)


def _known(fields: Fields, field: str, names: dict[str, Any], problem: str) -> str:
    value = fields.text(field, REMEDY)
    if value not in names:
        fields.wrong(field, f"{shown(value)} is {problem}", "use the ids of the roster file")
    return value


def _breaks(fields: Fields) -> tuple[Period, ...]:
    remedy = 'give from and to of each, for example [["12:00", "12:30"]]'

    def row(field: str, starts: Any, ends: Any) -> Period:
        return fields.as_clock(field, starts), fields.as_clock(field, ends)

    value = fields.take("breaks", remedy)
    rows = fields.rows("breaks", value, remedy, row) if value != [] else ()
    edges = [time for period in rows for time in period]
    if any(later <= earlier for earlier, later in pairwise(edges)):
        fields.wrong("breaks", "are not in order", remedy)
    return rows
