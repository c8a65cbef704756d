"""The one place that wires a server: halls, journal, doors, pages."""

from __future__ import annotations

from pathlib import Path

from fastapi.telemetry import TelemetryConfig
from starlette.staticfiles import StaticFiles

from vikno import display
from vikno.api import problems
from vikno.api.bodies import BodyLimit
from vikno.api.description import Application
from vikno.api.doors import (
    accounts,
    audit,
    devices,
    halls,
    health,
    pages,
    proposals,
    roster,
    session,
    signin,
    speech,
    tickets,
    trail,
    whatif,
    windows,
)
from vikno.api.doors.visit import check_guards
from vikno.api.house import House
from vikno.api.people.oidc import Provider
from vikno.api.watch.requests import Watched
from vikno.display.speech import Speaker

DOORS = (
    *(windows, tickets, halls, speech, whatif, audit, proposals, roster),
    *(session, signin, accounts, devices, trail),
)
"""In the order in which a request is compared with them, each taking most of a microsecond: what a hall does
all day comes first."""

TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""Ours stand at /metrics and leave tickets out; looking in every request for another's costs 2% of it."""

STATIC = Path(display.__file__).parent / "static"


def create_app(house: House, *, lends_tokens: bool = False, provider: Provider | None = None) -> Application:
    """The application for the halls of `house`; with `lends_tokens`, pages need none of their own.

    `provider` vouches for people, beside their passwords.
    """
    app = Application(title="Vikno", version="1", docs_url=None, redoc_url=None, telemetry=TELEMETRY)
    app.state.house = house
    app.state.lender = pages.Lender(house, lends=lends_tokens)
    app.state.provider = provider
    app.state.speaker = Speaker()
    app.add_middleware(BodyLimit)
    app.add_middleware(Watched, house=house)
    problems.install(app)
    for door in DOORS:
        check_guards(door.router.routes)
        # The routes themselves: a router within a router is matched twice for every request.
        app.router.routes += door.router.routes
    app.include_router(pages.router)
    app.router.routes += health.ROUTES
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
