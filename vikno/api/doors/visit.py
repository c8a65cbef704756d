"""What every door does first: who is it, may they, and have they asked this before.

A route below `/api/v1` has exactly one guard: `allowed(action)` for what is done in the hall of its path,
`allowed_somewhere(action)` for what concerns several halls, `signed_in` for what somebody does with their
own account, `anybody` for how one comes to have something to show. A route without one is no application
(`check_guards`): nothing is open because somebody forgot to close it.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

import msgspec
from fastapi import Request, Response
from fastapi.routing import APIRoute

from vikno.api.access import Action, Grant, Kind, NotAllowed, NotSignedIn, Principal
from vikno.api.guard.front import home
from vikno.api.house import House
from vikno.api.origin import SAFE_METHODS, from_here, read_cookie
from vikno.api.people.sessions import COOKIE
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
    """One request that was let in, by which grant; `window` and `ticket` are its path's, or empty."""

    __slots__ = ("grant", "key", "principal", "request", "room", "ticket", "window")

    def __init__(
        self,
        room: Room,
        principal: Principal,
        grant: Grant,
        key: str | None,
        *,
        request: str,
        window: str,
        ticket: str,
    ) -> None:
        self.room = room
        self.principal = principal
        self.grant = grant
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
            # An answer is kept in the journal for whoever asks again, and notes must not be.
            return encode(tell(self.room.views(notes=False), hall, events))

        body = await self.room.owner.submit(make, answer, key=self.key, request=self.request, note=note)
        return Response(body, status, media_type=JSON)

    async def note(self, house: House, kind: str, **detail: Any) -> None:
        """Tell the trail what they have done to the hall."""
        trail, who, hall = house.people.trail, self.principal.who, self.room.plan.id
        await asyncio.to_thread(lambda: trail.write(kind, who=who, hall=hall, **detail))

    async def see(self, view: Callable[[Views, Hall], Any]) -> Response:
        """Answer with a view of the hall as the disk has it."""
        body = await self.room.owner.read(lambda hall: encode(view(self.room.views(), hall)))
        return Response(body, media_type=JSON)


RULE = "vikno_rule"
"""Where a guard says what it lets in; tests make the matrix of rights from it."""


ACCOUNT, ANYBODY = "an account", "anybody"


def allowed(action: Action) -> Callable[..., Awaitable[Visit]]:
    """The guard that lets in who may do `action` in the hall, window and ticket of the path."""

    # The path and the header are read by hand: having FastAPI do it cost a tenth of a request.
    # description.py puts them into the OpenAPI document.
    async def let_in(request: Request) -> Visit:
        house: House = request.app.state.house
        path = request.path_params
        hall, window, ticket = path["hall"], path.get("window"), path.get("ticket")
        principal = await caller(request, hall)
        grant = principal.check(action, hall, window=window, ticket=ticket)
        house.rates.charge(grant.role, action, principal.id)
        room = house.room(hall)
        key = _checked(request.headers.get("idempotency-key"))
        asked = await _fingerprint(request) if key else ""
        return Visit(room, principal, grant, key, request=asked, window=window or "", ticket=ticket or "")

    setattr(let_in, RULE, action)
    return let_in


def allowed_somewhere(action: Action) -> Callable[..., Awaitable[Principal]]:
    """The guard that lets in who may do `action` in some hall; the door sees to it that it is that one."""

    async def let_in(request: Request) -> Principal:
        principal = await caller(request)
        if not principal.halls(action):
            principal.check(action, "")
        return principal

    setattr(let_in, RULE, action)
    return let_in


async def signed_in(request: Request) -> Principal:
    """The guard that lets in an account."""
    principal = await caller(request)
    if principal.kind is not Kind.ACCOUNT:
        raise NotSignedIn("this is about a session; sign in")
    return principal


async def anybody(request: Request) -> None:
    """The guard of doors that nobody can show anything at yet; only another site's page is kept out."""
    headers = request.headers
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    silent = origin is None and site is None
    if request.method not in SAFE_METHODS and not silent and not from_here(origin, site, headers.get("host")):
        raise NotAllowed("this page comes from another site")


setattr(signed_in, RULE, ACCOUNT)
setattr(anybody, RULE, ANYBODY)


def rule_of(route: APIRoute) -> Any:
    """What the guard of a route lets in. `LookupError` if it has none, or more than one."""
    rules = [getattr(guard.call, RULE) for guard in route.dependant.dependencies if hasattr(guard.call, RULE)]
    if len(rules) != 1:
        raise LookupError(f"{route.path} has {len(rules)} guards; give it one of those in doors/visit.py")
    return rules[0]


def check_guards(routes: Iterable[Any]) -> None:
    """`LookupError` for a route that would let in anybody."""
    for route in routes:
        if isinstance(route, APIRoute):
            rule_of(route)


async def caller(request: Request, hall: str = "") -> Principal:
    """Who asks, or `NotSignedIn`; in a hall, its visitors are known too."""
    house: House = request.app.state.house
    headers = request.headers
    address = home(request.scope["client"])
    authorization = headers.get("authorization")
    if authorization is not None:
        return await house.principal(authorization, hall, address=address)
    ours = request.method in SAFE_METHODS or from_here(
        headers.get("origin"), headers.get("sec-fetch-site"), headers.get("host")
    )
    cookie = read_cookie(headers.get("cookie"), COOKIE)
    return await house.principal(None, hall, cookie=cookie, ours=ours, address=address)


def _checked(key: str | None) -> str | None:
    if key is None:
        return None
    if len(key) > KEY_LENGTH_MAX or not (key.isascii() and key.isprintable() and key.strip()):
        raise CommandRefused("bad-key", "use 1 to 200 printable ASCII characters", field="Idempotency-Key")
    return key


async def _fingerprint(request: Request) -> str:
    """What was asked, so that a key is never taken for another call."""
    # Of the scope: `request.url` would be put together and taken apart for it.
    asked = f"{request.method} {request.scope['path']}\n".encode() + await request.body()
    return hashlib.blake2b(asked, digest_size=16).hexdigest()
