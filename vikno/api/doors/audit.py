"""The calls of a day and why each was made: what the journal says, for whoever answers for the hall."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from vikno.api.access import Action
from vikno.api.doors.proposals import decision_view
from vikno.api.doors.visit import JSON, PREFIX, Visit, allowed, encode
from vikno.api.house import House
from vikno.api.problems import RESPONSES
from vikno.display.audit import Call, calls_of, csv_sheet, view
from vikno.display.pages import choose_language
from vikno.queue.journal.journal import Journal

router = APIRouter(prefix=PREFIX, tags=["calls"], responses=RESPONSES)

CALLS = 200
"""Calls in one answer if nothing is said: a page that is read, not a day."""

CALLS_MAX = 20_000
"""Calls in one answer at most: a whole day of the largest hall, two or three seconds of work in a thread."""

SEQ_MAX = 2**53 - 1
"""The largest whole number that every reader of JSON keeps exactly."""

NUMBER_LENGTH_MAX = 20
CSV = "text/csv; charset=utf-8"
SHEET: dict[str, Any] = {"response_class": Response, "responses": {200: {"content": {"text/csv": {}}}}}

Auditor = Annotated[Visit, Depends(allowed(Action.AUDIT))]


class Asked(BaseModel):
    """Which calls."""

    model_config = ConfigDict(extra="forbid")

    date: Annotated[dt.date | None, Field(description="The service day; the present one if left out.")] = None
    number: Annotated[
        str,
        Field(
            max_length=NUMBER_LENGTH_MAX, description="Only this ticket's calls and those that overtook it."
        ),
    ] = ""
    before: Annotated[
        int, Field(ge=1, le=SEQ_MAX, description="Only calls of a lower `seq`: the next part of a long day.")
    ] = SEQ_MAX
    limit: Annotated[int, Field(ge=1, le=CALLS_MAX, description="The newest so many of them.")] = CALLS
    lang: Annotated[str, Field(max_length=20, description="The language of the sentences.")] = ""


Question = Annotated[Asked, Query()]


@router.get("/halls/{hall}/calls", summary="The calls of a day, and why each was made")
async def see_calls(visit: Auditor, asked: Question, request: Request) -> Response:
    """From the journal, newest first; `more` tells whether older ones were left out."""
    plan = visit.room.plan
    day, calls, more = await _read(visit, asked)
    head = {"id": plan.id, "name": plan.name, "languages": plan.languages, "time_zone": plan.time_zone}
    services = {service.id: service.name for service in plan.services}
    decisions = await _decisions(visit, request.app.state.house, day)
    body = head | {
        "services": services,
        "day": day,
        "calls": calls,
        "more": more,
        "decisions": decisions,
    }
    return Response(encode(body), media_type=JSON)


@router.get("/halls/{hall}/calls.csv", summary="The same as a table", **SHEET)
async def save_calls(visit: Auditor, asked: Question) -> Response:
    """One row for each call, newest first."""
    day, calls, _ = await _read(visit, asked)
    name = f"{visit.room.plan.id}-{day or 'calls'}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(csv_sheet(calls), media_type=CSV, headers=headers)


async def _decisions(visit: Visit, house: House, day: str | None) -> list[dict[str, Any]]:
    """What a manager decided that day about the policy by which calls are made, newest first."""
    if day is None:
        return []
    room = visit.room
    views = await room.owner.read(lambda _hall: room.views())
    zone = ZoneInfo(room.plan.time_zone)
    since = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), zone)
    if since.date() == dt.date.max:  # nothing was decided on the last day that a date can be
        return []
    until = dt.datetime.combine(since.date() + dt.timedelta(days=1), dt.time(), zone)
    proposals = house.steering.proposals
    found = await asyncio.to_thread(proposals.decisions, room.plan.id, since.timestamp(), until.timestamp())
    return [decision_view(one, views) for one in reversed(found)]


async def _read(visit: Visit, asked: Asked) -> tuple[str | None, list[dict[str, Any]], bool]:
    """The day, its calls as they are told, and whether there are older ones."""
    room = visit.room
    views, present = await room.owner.read(lambda hall: (room.views(), hall.day.date if hall.day else None))
    day = asked.date.isoformat() if asked.date else present
    language = choose_language(asked.lang, room.plan.languages)

    def read() -> tuple[list[dict[str, Any]], bool]:
        calls = _calls(room.owner.journal, day, asked.number) if day else []
        found = [call for call in calls if call.seq < asked.before]
        told = [view(call, language, views.instant) for call in reversed(found[-asked.limit :])]
        return told, len(found) > asked.limit

    # In a thread of its own: a long day takes a while to read, and the clerks do not wait for it.
    told, more = await asyncio.to_thread(read)
    return day, told, more


def _calls(journal: Journal, day: str, number: str) -> list[Call]:
    plan, events = journal.day(day)
    return calls_of(plan, events, number) if plan else []
