"""Around every request: counted by route and status, and one line in the log if requests are logged.

Only what the server itself says is used: the template of the route and never the path, the query or a
header, in which identifiers of tickets and other secrets may stand. The one thing taken from outside is a
request identifier that a proxy in front has given, if it looks like one.
"""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vikno.api.house import House
from vikno.api.watch.logs import request_id

log = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER = "other"
NOWHERE = "none"
"""Instead of the template of a route: there is none for this address."""

ID_BYTES = 8
REQUEST_ID = b"x-request-id"
GIVEN_ID = re.compile(rb"[A-Za-z0-9-]{8,64}")
SERVER_ERROR = 500


class Watched:
    """Counts and logs what `app` answers."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), SERVER_ERROR
        logs = log.isEnabledFor(logging.INFO)
        token = request_id.set(_id(scope)) if logs else None

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            seconds = perf_counter() - began
            method = scope["method"] if scope["method"] in METHODS else OTHER
            route = getattr(scope.get("route"), "path", NOWHERE)
            self._house.tally.request(method, route, status, seconds)
            if token is not None:
                hall = scope.get("path_params", {}).get("hall")
                told = {"hall": hall} if hall in self._house.rooms else {}
                log.info(
                    "%s %s %d",
                    method,
                    route,
                    status,
                    extra=told
                    | {"method": method, "route": route, "status": status, "ms": round(seconds * 1_000, 1)},
                )
                request_id.reset(token)


def _id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == REQUEST_ID and GIVEN_ID.fullmatch(value):
            return str(value, "ascii")
    return secrets.token_hex(ID_BYTES)
