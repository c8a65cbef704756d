"""What every answer tells a browser: keep it to yourself, take it for nothing else, let nobody frame it.

Pages bring a policy of their own for what they may load (`doors/pages.py`); all other answers may load
nothing. What has no word of its own about being kept is not kept by anybody: it may be about a visitor. Only
the static files, which are the same for all, may be kept and are asked for again.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

HSTS = (b"strict-transport-security", b"max-age=31536000")
"""A year. Not for the domains below: they are not ours to decide about."""

POLICY = (b"content-security-policy", b"default-src 'none'; base-uri 'none'; frame-ancestors 'none'")
"""For all that is no page."""

NOT_KEPT = (b"cache-control", b"no-store")
ASKED_AGAIN = (b"cache-control", b"no-cache")
STATIC = "/static/"


class SecurityHeaders:
    """Adds what an answer does not say itself; `secure`: people come by TLS alone."""

    def __init__(self, app: ASGIApp, *, secure: bool = False) -> None:
        self._app = app
        self._usual = usual(secure=secure)
        self._usual_static = usual(ASKED_AGAIN, secure=secure)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        added = self._usual_static if scope["path"].startswith(STATIC) else self._usual

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = message["headers"]
                names = {name for name, _ in said}
                message["headers"] = [*said, *[pair for pair in added if pair[0] not in names]]
            await send(message)

        await self._app(scope, receive, marked)


def usual(kept: tuple[bytes, bytes] = NOT_KEPT, *, secure: bool = False) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that says nothing of its own."""
    return [*ALWAYS, POLICY, kept, *([HSTS] if secure else [])]
