"""The doors for those who watch the server: whether it lives, whether it is ready, and its figures.

They are no part of the API and not in its description. The first two answer anybody and say nothing that is
not on every screen. The figures want the right to them: behind a proxy on the same machine everybody seems to
come from it, so an address proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vikno.api.access import ANY_HALL, Action
from vikno.api.doors.visit import JSON, caller
from vikno.api.house import House
from vikno.api.room import Room
from vikno.queue.errors import JournalError
from vikno.queue.hall import Hall

T = TypeVar("T")

UNSTORED = {"Cache-Control": "no-store"}


async def live(_request: Request) -> Response:
    """Whoever gets this answer, asked a process that works."""
    return Response(b'{"live":true}', media_type=JSON, headers=UNSTORED)


async def ready(request: Request) -> Response:
    """200 if it can be given work, else 503; either way what it is that works or does not."""
    house: House = request.app.state.house
    found = await house.health.ready()
    status = HTTPStatus.OK if found.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return Response(msgspec.json.encode(found), status, media_type=JSON, headers=UNSTORED)


async def metrics(request: Request) -> Response:
    """For Prometheus, with the token of a monitor."""
    house: House = request.app.state.house
    principal = await caller(request)
    principal.check(Action.WATCH, ANY_HALL)
    # Loaded when first asked: the start of a server does not wait for a library that few use.
    from vikno.api.watch.exposition import CONTENT_TYPE, Present, exposition  # noqa: PLC0415

    halls = [(room, await _seen(room, Present.of)) for room in house.rooms.values()]
    return Response(exposition(house.tally, halls), media_type=CONTENT_TYPE, headers=UNSTORED)


async def _seen(room: Room, view: Callable[[Hall], T]) -> T | None:
    try:
        return await room.owner.read(view)
    except JournalError:
        return None


ROUTES = [Route("/health/live", live), Route("/health/ready", ready), Route("/metrics", metrics)]
