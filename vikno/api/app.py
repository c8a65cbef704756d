"""The one place that wires a server: halls, journal, doors, pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from vikno import display
from vikno.api import problems
from vikno.api.bodies import BodyLimit
from vikno.api.doors import halls, pages, speech, tickets, windows
from vikno.api.house import House
from vikno.display.speech import Speaker

STATIC = Path(display.__file__).parent / "static"


class Application(FastAPI):
    """FastAPI, whose description also says how to sign in."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document; every call below `/api/v1` wants a bearer token."""
        schema = super().openapi()
        bearer = {"type": "http", "scheme": "bearer"}
        schema.setdefault("components", {})["securitySchemes"] = {"bearer": bearer}
        schema["security"] = [{"bearer": []}]
        return schema


def create_app(house: House, *, lends_tokens: bool = False) -> FastAPI:
    """The application for the halls of `house`; with `lends_tokens`, pages need none of their own."""
    app = Application(title="Vikno", version="1", docs_url=None, redoc_url=None)
    app.state.house = house
    app.state.lender = pages.Lender(house, lends=lends_tokens)
    app.state.speaker = Speaker()
    app.add_middleware(BodyLimit)
    problems.install(app)
    for door in (halls, tickets, windows, speech):
        app.include_router(door.router, prefix="/api/v1", responses=problems.RESPONSES)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    return app
