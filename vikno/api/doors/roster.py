"""The roster of a hall: what it is made for, its versions, what a change would break, and keeping it.

A page holds a version and the changes on top of it. Everything it asks names both, so the server remembers
nothing of it, and whoever saves on top of a version that is not the newest any more loses nothing but the
time to look at the other's.
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from vikno.api.access import Action
from vikno.api.doors.tickets import Strict
from vikno.api.doors.visit import JSON, PREFIX, Visit, allowed, encode
from vikno.api.doors.whatif import adopted
from vikno.api.house import House
from vikno.api.problems import RESPONSES
from vikno.api.rosterchanges import Change, changed
from vikno.api.rostercheck import broken_hard_rule, check
from vikno.api.rosters import Kept, RosterRefused, Version, Writing, in_force
from vikno.api.rosterupload import Uploaded, read_upload
from vikno.display import rostersheet
from vikno.display.views import Views
from vikno.queue.plan import HallPlan
from vikno.scheduler.roster.problem import DAYS_MAX, PEOPLE_MAX, Problem, Roster

router = APIRouter(prefix=PREFIX, tags=["roster"], responses=RESPONSES)

NAME_LENGTH_MAX = 200
BREAKS_MAX = 20
CHANGES_MAX = DAYS_MAX * PEOPLE_MAX
VERSION_MAX = 2**31 - 1
TEXT_LENGTH_MAX = 4 * 2**20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Planner = Annotated[Visit, Depends(allowed(Action.ROSTER))]
Reader = Annotated[Visit, Depends(allowed(Action.SEE_ROSTER))]
Number = Annotated[int, Field(ge=0, le=VERSION_MAX)]
Name = Annotated[str, Field(max_length=NAME_LENGTH_MAX)]
Text = Annotated[str, Field(max_length=TEXT_LENGTH_MAX)]
Minute = Annotated[int, Field(ge=0, le=2 * 24 * 60)]


class ChangedDay(Strict):
    """Somebody's day as it shall be: free without a shift, with the usual breaks if none are given."""

    staff: Name
    day: Annotated[int, Field(ge=0, le=DAYS_MAX)]
    shift: Name | None = None
    breaks: (
        Annotated[
            list[Annotated[list[Minute], Field(min_length=2, max_length=2)]], Field(max_length=BREAKS_MAX)
        ]
        | None
    ) = None


class Changes(Strict):
    """A version, and what is different on top of it."""

    version: Number
    changes: Annotated[list[ChangedDay], Field(max_length=CHANGES_MAX)]


class Saving(Changes):
    """Changes to be kept, as the roster in force or as a draft."""

    in_force: bool = False


class Restoring(Strict):
    """An earlier version that shall be the next one; `version` is the newest there is."""

    version: Number
    restore: Number


class Upload(Strict):
    """A roster file, or the same as JSON, to begin with; `version` is the newest there is, 0 if none.

    `name`: what errors call the roster file. `files`: those that it names, by their names.
    """

    version: Number
    name: Name = "roster file"
    file: Text | None = None
    files: Annotated[dict[Name, Text], Field(default_factory=dict)]
    problem: dict[str, Any] | None = None


class Sheet(Strict):
    """A table of the page, to be taken along."""

    title: Name
    columns: Annotated[list[Name], Field(min_length=1, max_length=200)]
    rows: Annotated[
        list[Annotated[list[Name | int | float | None], Field(max_length=200)]], Field(max_length=20_000)
    ]


@router.get("/halls/{hall}/roster", summary="The roster, what it is made for, and its versions")
async def see_roster(
    visit: Reader,
    request: Request,
    version: Annotated[
        int | None, Query(ge=1, le=VERSION_MAX, description="Another than the newest.")
    ] = None,
) -> Response:
    """`problem` is null as long as nothing was uploaded."""
    return await _tell(visit, request, version)


@router.post("/halls/{hall}/roster", summary="Keep a changed roster")
async def save(saving: Saving, visit: Planner, request: Request) -> Response:
    """As a draft, or as the roster in force, which breaks no hard rule. 409 if another was saved since."""
    house: House = request.app.state.house
    hall = visit.room.plan.id

    def write() -> int:
        kept, roster = _wanted(house, hall, saving)
        if saving.in_force and (broken := broken_hard_rule(kept.problem, roster)) is not None:
            raise RosterRefused("hard-rule-broken", f"{broken}; put it right, or save this as a draft")
        return house.rosters.save(hall, roster, _writing(visit, saving.version, in_force=saving.in_force))

    version = await asyncio.to_thread(write)
    if saving.in_force:
        await visit.note(house, "roster-in-force", version=version)
    return await _tell(visit, request, version)


@router.post("/halls/{hall}/roster/restored", summary="Bring back an earlier version")
async def restore(wanted: Restoring, visit: Planner, request: Request) -> Response:
    """With what it was made for, as the next version: a draft until it is put in force."""
    house: House = request.app.state.house
    writing = _writing(visit, wanted.version, in_force=False)
    hall = visit.room.plan.id
    version = await asyncio.to_thread(house.rosters.restore, hall, wanted.restore, writing)
    return await _tell(visit, request, version)


@router.post("/halls/{hall}/roster/check", summary="What a changed roster would break and cost")
async def check_roster(changes: Changes, visit: Reader, request: Request) -> Response:
    """Nothing is kept."""
    house: House = request.app.state.house

    def look() -> bytes:
        kept, roster = _wanted(house, visit.room.plan.id, changes)
        return encode({"version": changes.version, "check": check(kept.problem, roster)})

    return Response(await asyncio.to_thread(look), media_type=JSON)


@router.post("/halls/{hall}/roster/problem", summary="Begin with a roster file", status_code=201)
async def upload(new: Upload, visit: Planner, request: Request) -> Response:
    """Its present roster becomes the first version for it: in force if it breaks no hard rule."""
    house: House = request.app.state.house
    plan = await adopted(visit.room)

    def write() -> tuple[int, bool]:
        problem = read_upload(plan, Uploaded(new.name, new.file, new.files), new.problem)
        roster = changed(problem, Roster(problem.present or ()), ())
        legal = problem.present is not None and broken_hard_rule(problem, roster) is None
        writing = _writing(visit, new.version, in_force=legal)
        return house.rosters.begin(visit.room.plan.id, problem, roster, writing), legal

    version, legal = await asyncio.to_thread(write)
    if legal:
        await visit.note(house, "roster-in-force", version=version)
    return await _tell(visit, request, version, 201)


@router.post(
    "/halls/{hall}/roster/sheet",
    summary="A table as a workbook",
    responses={200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}},
    response_class=Response,
)
async def sheet(table: Sheet, visit: Reader) -> Response:  # noqa: ARG001  (the visit is the right to ask)
    """The very numbers that the page shows, as XLSX."""
    data = await asyncio.to_thread(rostersheet.workbook, table.title, table.columns, table.rows)
    return Response(data, media_type=XLSX)


def _wanted(house: House, hall: str, changes: Changes) -> tuple[Kept, Roster]:
    """The version that is named, and the roster that the changes make of it."""
    kept = house.rosters.version(hall, changes.version)
    wanted = msgspec.convert([one.model_dump() for one in changes.changes], list[Change])
    return kept, changed(kept.problem, kept.roster, wanted)


def _writing(visit: Visit, base: int, *, in_force: bool) -> Writing:
    owner = visit.room.owner
    at = max(owner.clock.now(), owner.hall.at)
    return Writing(base, at, visit.grant.role, in_force, visit.key, visit.request)


async def _tell(visit: Visit, request: Request, version: int | None, status: int = 200) -> Response:
    """A version, the newest if none is named."""
    house: House = request.app.state.house
    hall = visit.room.plan.id
    views = await visit.room.owner.read(lambda _hall: visit.room.views())
    plan = await adopted(visit.room)

    def look() -> bytes:
        kept = house.rosters.newest(hall) if version is None else house.rosters.version(hall, version)
        return encode(roster_view(plan, kept, house.rosters.versions(hall), views))

    return Response(await asyncio.to_thread(look), status, media_type=JSON)


def roster_view(plan: HallPlan, kept: Kept | None, versions: list[Version], views: Views) -> dict[str, Any]:
    """What a page needs to show a roster and to change it."""
    body: dict[str, Any] = {
        "hall": _hall_view(plan, views),
        "versions": [version_view(one, views) for one in versions],
        "in_force": in_force(versions),
        "version": 0,
        "problem": None,
    }
    if kept is not None:
        body |= version_view(kept.version, views) | {"in_force": in_force(versions)}
        body |= {
            "problem": problem_view(kept.problem),
            "assignments": kept.roster.assignments,
            "check": check(kept.problem, kept.roster),
        }
    return body


def problem_view(problem: Problem) -> dict[str, Any]:
    """The problem as JSON has it, with what its people and shifts leave out said."""
    told: dict[str, Any] = msgspec.to_builtins(problem)
    told["shifts"] = [
        {"starts": None, "ends": None, "breaks": [], "unpopular": 0.0} | one for one in told["shifts"]
    ]
    usual = {"name": "", "skills": {}, "days_off": [], "absent": []}
    told["people"] = [usual | one for one in told["people"]]
    return told


def version_view(version: Version, views: Views) -> dict[str, Any]:
    """When it was written, by whom, for which problem."""
    return msgspec.structs.asdict(version) | {"at": views.instant(version.at)}


def _hall_view(plan: HallPlan, views: Views) -> dict[str, Any]:
    return {
        "id": plan.id,
        "name": plan.name,
        "languages": plan.languages,
        "time_zone": plan.time_zone,
        "opens": plan.opens,
        "closes": plan.closes,
        "services": [{"id": one.id, "prefix": one.prefix, "name": one.name} for one in plan.services],
        "at": views.instant(views.at),
    }
