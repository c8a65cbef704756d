"""How much a request may say, and that its JSON has one meaning: seen to before anybody acts on it.

Whoever answers "too large" after the command was done has lied, so the whole body is there first; it is
small, or it is refused.
"""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vikno.api.guard.strictjson import NotStrict, read
from vikno.api.problems import problem

BODY_BYTES_MAX = 16 * 1024
"""Several times the longest command: eight services, or a note of 500 letters."""

ROSTER = re.compile(r"/api/v1/halls/[^/]+/roster(/\w+)?")
ROSTER_BYTES_MAX = 4 * 1024 * 1024
"""A roster file of a large office: 60 people, and needs of twelve skills by quarter hour for four weeks."""


class BodyLimit:
    """Hands requests on whole; larger ones get a problem document."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = ROSTER_BYTES_MAX if ROSTER.fullmatch(scope["path"]) else BODY_BYTES_MAX
        body, more = b"", True
        while more and len(body) <= most:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
        if len(body) > most:
            refusal = problem(413, "too-large", f"a body may hold {most} bytes; send less")
            await refusal(scope, receive, send)
            return
        if body and _says_json(scope):
            try:
                read(body)
            except NotStrict as error:
                refusal = problem(422, "invalid", f"body: {error}")
                await refusal(scope, receive, send)
                return
        whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, replay, send)


def _says_json(scope: Scope) -> bool:
    return any(name == b"content-type" and b"json" in value.lower() for name, value in scope["headers"])
