"""A server whose clock stands where each request says: `python stepping.py HALL DATA PORT START POLICY`."""

from __future__ import annotations

import sys
from pathlib import Path

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from vikno.api import serve
from vikno.queue.hallfile import read_hall_file

INSTANT = "hall-instant"
"""The header that says what time it is: POSIX seconds."""


class SteppedClock:
    """Shows what the last request said."""

    speed = 1.0

    def __init__(self, at: float) -> None:
        self.at = at

    def now(self) -> float:
        return self.at


class Steps:
    """Sets the clock before anybody looks at it."""

    def __init__(self, app: ASGIApp, clock: SteppedClock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for name, value in scope.get("headers", ()):
            if name == INSTANT.encode():
                self._clock.at = float(value)
        await self._app(scope, receive, send)


def main(file: str, data: str, port: str, start: str, policy: str) -> None:
    """Serve until killed."""
    plan, clock = read_hall_file(file), SteppedClock(float(start))
    engine = serve.open_engine(Path(data), None)
    house = serve.build_house([plan], engine, policy=policy, clock=lambda _plan: clock)
    sock = serve.listen("127.0.0.1", int(port))

    def also(app: FastAPI) -> None:
        app.add_middleware(Steps, clock=clock)

    def ready() -> None:
        sys.stdout.write(f"stepping at http://127.0.0.1:{sock.getsockname()[1]}/\n")
        sys.stdout.flush()

    serve.run(house, sock, also=also, ready=ready)


if __name__ == "__main__":
    main(*sys.argv[1:])
