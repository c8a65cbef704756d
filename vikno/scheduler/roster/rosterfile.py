"""The roster file: one TOML file that says what a roster is made for.

It is read whole and every field is checked, on its own and against the others, before anything is used.
docs/roster-file.md describes the format with an example that the tests read.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from msgspec import structs

from vikno.queue.fields import Fields, shown, toml_fields
from vikno.queue.hallfile import read_hall_file, read_text, read_time_zone
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.absence import CHANGE_COST, without
from vikno.scheduler.roster.file.breaks import read_breaks
from vikno.scheduler.roster.file.cover import Cover, not_twice
from vikno.scheduler.roster.file.days import Horizon, is_date
from vikno.scheduler.roster.file.people import Reader
from vikno.scheduler.roster.file.shifts import read_shifts
from vikno.scheduler.roster.present import read_present
from vikno.scheduler.roster.problem import (
    COST_MAX,
    DAYS_MAX,
    Problem,
    ShiftCover,
    SkillCover,
    Weights,
)

FORMAT = 1
FILE_BYTES_MAX = 5_000_000
MISSING_COST = 10
"""Of one person missing for a quarter of an hour: more than most wishes are worth."""
FILE_REMEDY = "name a file beside this one"
LOAD_MAX = 1000.0
TABLES = ("breaks", "shifts", "contracts", "people", "cover", "shift_cover", "wishes", "fixed", "absent")
NEEDED = ("shifts", "contracts", "people")
FILES = ("hall", "cover", "present")
"""Fields of `[roster]` that name a file beside it."""


class _Header(NamedTuple):
    """The table `[roster]`: when, where, and which files belong to it."""

    id: str
    horizon: Horizon
    hall: HallPlan | None
    time_zone: str
    closed: frozenset[int]
    present: Path | None
    cover: Path | None


def read_roster_file(path: Path | str) -> Problem:
    """The problem of a roster file; `HallFileError` names file, field, problem and remedy in one line.

    Files that it names are looked for beside it.
    """
    path = Path(path)
    return parse_roster(read_text(path, FILE_BYTES_MAX), str(path), path.parent)


def parse_roster(text: str, file: str = "roster file", folder: Path = Path()) -> Problem:
    """The problem that a roster file's text describes; `file` names it in errors."""
    top = toml_fields(text, file, FORMAT)
    roster = top.table("roster", 'describe the roster in a table "[roster]"')
    weights = top.table("weights", "use a table") if top.has("weights") else Fields(file, "weights", {})
    tables = {
        name: top.tables(name, f'describe each in a table "[[{name}]]"')
        if name in NEEDED or top.has(name)
        else []
        for name in TABLES
    }
    top.done()
    return _problem(_header(roster, folder), weights, tables, top)


def _header(fields: Fields, folder: Path) -> _Header:
    start = fields.take("start", "give the first day, for example start = 2026-11-02")
    if not is_date(start):
        fields.wrong("start", f"{shown(start)} is not a date", "give the first day, for example 2026-11-02")
    days = fields.whole("days", "give how many days, for example 28", low=1, high=DAYS_MAX)
    try:
        start + timedelta(days)
    except OverflowError:
        fields.wrong("start", f"{start} is too late", "give a day before the year 9999")
    horizon = Horizon(start, days)
    hall = read_hall_file(path) if (path := _file(fields, "hall", folder)) else None
    if hall is not None and fields.has("time_zone"):
        fields.wrong("time_zone", "is that of the hall", "leave it out")
    header = _Header(
        id=fields.identifier("id", "november"),
        horizon=horizon,
        hall=hall,
        time_zone=hall.time_zone if hall is not None else read_time_zone(fields),
        closed=frozenset(horizon.take_if_there(fields, "closed")),
        present=_file(fields, "present", folder),
        cover=_file(fields, "cover", folder),
    )
    fields.done()
    return header


def _file(fields: Fields, field: str, folder: Path) -> Path | None:
    if not fields.has(field):
        return None
    named = folder / fields.text(field, FILE_REMEDY)
    if not os.path.exists(named):  # noqa: PTH110  (no file has a name that is too long; `Path` raises)
        fields.wrong(field, f"there is no file {shown(str(named))}", FILE_REMEDY)
    return named


def _problem(header: _Header, weights: Fields, tables: dict[str, list[Fields]], top: Fields) -> Problem:
    missing = weights.whole("missing", "give a cost", MISSING_COST, low=1, high=COST_MAX)
    shifts = read_shifts(tables["shifts"], read_breaks(tables["breaks"]))
    services = tuple(service.id for service in header.hall.services) if header.hall is not None else None
    reader = Reader(header.horizon, shifts, services)
    people = reader.people(tables["people"], reader.contracts(tables["contracts"]), header.closed)
    known = {person.id: person for person in people}
    skills = frozenset(services or (skill for person in people for skill in person.skills))
    open_days = tuple(day for day in range(header.horizon.days) if day not in header.closed)
    skill_cover, shift_cover = _cover(
        Cover(header.horizon, shifts, skills, open_days, missing), header.cover, tables, top
    )
    problem = Problem(
        id=header.id,
        days=header.horizon.days,
        shifts=shifts.all,
        people=people,
        shift_cover=shift_cover,
        skill_cover=skill_cover,
        wishes=tuple(reader.wishes(tables["wishes"], known)),
        weights=_weights(weights),
        fixed=tuple(reader.fixed(tables["fixed"], known)),
        start=header.horizon.start,
        time_zone=header.time_zone,
    )
    if header.present is not None:
        problem = structs.replace(problem, present=read_present(header.present, problem))
    for person, days in reader.absent(tables["absent"], known):
        problem = without(problem, person, days)
    return problem


def _cover(
    cover: Cover, file: Path | None, tables: dict[str, list[Fields]], top: Fields
) -> tuple[tuple[SkillCover, ...], tuple[ShiftCover, ...]]:
    by_skill = tuple(cover.by_skill(tables["cover"]))
    if file is not None:
        by_skill += tuple(cover.from_file(file))
    not_twice(top, by_skill, cover.horizon)
    by_shift = tuple(cover.by_shift(tables["shift_cover"]))
    if not by_skill and not by_shift:
        remedy = 'add [[cover]] or [[shift_cover]], or cover = "…" in [roster] with what vikno staff writes'
        top.wrong("cover", "nothing says when people are needed", remedy)
    return by_skill, by_shift


def _weights(fields: Fields) -> Weights:
    usual = {"unfair": 0, "change": CHANGE_COST, "idle": 0}
    unfair, change, idle = (
        fields.whole(name, "give a cost", cost, low=0, high=COST_MAX) for name, cost in usual.items()
    )
    load = fields.number("weekend_load", "give a load, for example 1.0", 1.0, high=LOAD_MAX)
    fields.done()
    return Weights(unfair, change, idle, load)
