"""What every door does first: who is it, may they, and have they asked this before.

`allowed(action)` makes the dependency that a route must have; without one it would be open, so a test
demands it of every route below `/api/v1`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import msgspec
from fastapi import Request, Response

from vikno.api.access import Action, Principal
from vikno.api.house import House
from vikno.api.room import Room
from vikno.display.views import Views
from vikno.queue.commands import Command
from vikno.queue.errors import CommandRefused
from vikno.queue.events import Event
from vikno.queue.hall import Hall

PREFIX = "/api/v1"
KEY_LENGTH_MAX = 200
JSON = "application/json"

encode = msgspec.json.Encoder().encode


class Visit:
    """One request that was let in; `window` and `ticket` are those of its path, or empty."""

    __slots__ = ("key", "principal", "request", "room", "ticket", "window")

    def __init__(  # noqa: PLR0917  (made in one place)
        self, room: Room, principal: Principal, key: str | None, request: str, window: str, ticket: str
    ) -> None:
        self.room = room
        self.principal = principal
        self.key = key
        self.request = request
        self.window = window
        self.ticket = ticket

    async def do(
        self,
        make: Callable[[float], Command],
        tell: Callable[[Views, Hall, Sequence[Event]], dict[str, Any]],
        *,
        status: int = 200,
        note: str | None = None,
    ) -> Response:
        """Have the hall do it; answer what `tell` makes of the events, once they are on the disk."""

        def answer(hall: Hall, events: Sequence[Event]) -> bytes:
            return encode(tell(self.room.views(), hall, events))

        body = await self.room.owner.submit(make, answer, key=self.key, request=self.request, note=note)
        return Response(body, status, media_type=JSON)

    async def see(self, view: Callable[[Views, Hall], Any]) -> Response:
        """Answer with a view of the hall as the disk has it."""
        body = await self.room.owner.read(lambda hall: encode(view(self.room.views(), hall)))
        return Response(body, media_type=JSON)


def allowed(action: Action) -> Callable[..., Awaitable[Visit]]:
    """The dependency that lets in who may do `action` in the hall, window and ticket of the path."""

    # The path and the header are read by hand: having FastAPI do it cost a tenth of a request.
    # description.py puts them into the OpenAPI document.
    async def let_in(request: Request) -> Visit:
        house: House = request.app.state.house
        path = request.path_params
        hall, window, ticket = path["hall"], path.get("window"), path.get("ticket")
        principal = await house.principal(request.headers.get("authorization"), hall)
        principal.check(action, hall, window=window, ticket=ticket)
        room = house.room(hall)
        key = _checked(request.headers.get("idempotency-key"))
        asked = await _fingerprint(request) if key else ""
        return Visit(room, principal, key, asked, window or "", ticket or "")

    return let_in


def _checked(key: str | None) -> str | None:
    if key is None:
        return None
    if len(key) > KEY_LENGTH_MAX or not (key.isascii() and key.isprintable() and key.strip()):
        raise CommandRefused("bad-key", "use 1 to 200 printable ASCII characters", field="Idempotency-Key")
    return key


async def _fingerprint(request: Request) -> str:
    """What was asked, so that a key is never taken for another call."""
    asked = f"{request.method} {request.url.path}\n".encode() + await request.body()
    return hashlib.blake2b(asked, digest_size=16).hexdigest()
