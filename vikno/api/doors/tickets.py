"""Tickets: a visitor comes, asks for more time, goes."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from vikno.api.access import Action
from vikno.api.doors.visit import PREFIX, Visit, allowed
from vikno.api.problems import RESPONSES
from vikno.display.views import Views
from vikno.queue import commands as c
from vikno.queue.errors import CommandRefused
from vikno.queue.events import Event
from vikno.queue.hall import Hall

router = APIRouter(prefix=PREFIX, tags=["tickets"], responses=RESPONSES)

TICKET_BYTES = 16
"""128 random bits: the identifier is the visitor's key to their own page."""

LIST_MAX = 50
NUMBER_MAX = 1_000_000


class Strict(BaseModel):
    """A body in which a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid", strict=True)


class NewTicket(Strict):
    """What a kiosk asks for."""

    services: Annotated[list[str], Field(min_length=1, max_length=LIST_MAX)]
    language: Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")] = ""
    priority: Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)] = 0


class MoreTime(Strict):
    """How many visitors to let pass."""

    places: Annotated[int, Field(ge=1, le=NUMBER_MAX)] = c.MORE_TIME_PLACES


class NewPriority(Strict):
    """Another priority."""

    priority: Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]


@router.post("/halls/{hall}/tickets", status_code=201, summary="Issue a ticket")
async def issue(new: NewTicket, visit: Annotated[Visit, Depends(allowed(Action.ISSUE))]) -> Response:
    """A ticket for one or several services. A priority is given by who may change it: not by a kiosk."""
    if new.priority:
        visit.principal.check(Action.PRIORITISE, visit.room.plan.id)
    ticket = secrets.token_hex(TICKET_BYTES)

    def make(at: float) -> c.IssueTicket:
        return c.IssueTicket(at, ticket, tuple(new.services), new.language, new.priority)

    return await visit.do(make, tell_ticket, status=201)


@router.get("/halls/{hall}/tickets/{ticket}", summary="One ticket")
async def see(visit: Annotated[Visit, Depends(allowed(Action.SEE_TICKET))]) -> Response:
    """The ticket as it is now."""

    def view(views: Views, hall: Hall) -> dict[str, Any]:
        record = hall.tickets.get(visit.ticket)
        if record is None:
            raise CommandRefused("unknown-ticket", "there is no such ticket today", field="ticket")
        return {"ticket": views.ticket(record, staff=visit.principal.staff(visit.grant.hall))}

    return await visit.see(view)


@router.delete("/halls/{hall}/tickets/{ticket}", summary="The visitor leaves")
async def leave(visit: Annotated[Visit, Depends(allowed(Action.MANAGE_TICKET))]) -> Response:
    """Out of the line; for two minutes `return` takes it back."""
    return await visit.do(lambda at: c.Leave(at, visit.ticket), tell_ticket)


@router.post("/halls/{hall}/tickets/{ticket}/return", summary="The visitor takes leaving back")
async def give_back(
    visit: Annotated[Visit, Depends(allowed(Action.MANAGE_TICKET))],
) -> Response:
    """Back at the old place."""
    return await visit.do(lambda at: c.ReturnToLine(at, visit.ticket), tell_ticket)


@router.post("/halls/{hall}/tickets/{ticket}/more-time", summary="The visitor needs more time")
async def more_time(
    visit: Annotated[Visit, Depends(allowed(Action.MANAGE_TICKET))],
    wish: MoreTime | None = None,
) -> Response:
    """The next few of the same line pass."""
    places = (wish or MoreTime()).places
    return await visit.do(lambda at: c.MoveBack(at, visit.ticket, places), tell_ticket)


@router.post("/halls/{hall}/tickets/{ticket}/priority", summary="Change a ticket's priority")
async def prioritise(
    new: NewPriority,
    visit: Annotated[Visit, Depends(allowed(Action.PRIORITISE))],
) -> Response:
    """By the hall's rules, by whom they name."""
    return await visit.do(lambda at: c.ChangePriority(at, visit.ticket, new.priority), tell_ticket)


def tell_ticket(views: Views, hall: Hall, events: Sequence[Event]) -> dict[str, Any]:
    """The ticket that the command was about."""
    return {"ticket": views.ticket(hall.tickets[events[0].ticket])}  # type: ignore[attr-defined]
