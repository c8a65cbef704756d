"""The pages: frames rendered on the server, drawn by their scripts; the phone page whole without one."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from vikno.api.access import Grant, Role
from vikno.api.house import House
from vikno.display import catalog
from vikno.display.pages import PageLink, choose_language, pick, render_home, render_page, render_phone
from vikno.queue.errors import CommandRefused

router = APIRouter(include_in_schema=False)

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    # A page needs no device of who looks at it; it may play sound, and fill the screen.
    "Permissions-Policy": (
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
        "microphone=(), midi=(), payment=(), publickey-credentials-get=(), usb=()"
    ),
}
"""What a page says besides what every answer does (`guard/headers.py`)."""

QR_SCALE = 8


class Lender:
    """Demonstration mode: each page is lent the token it needs, once. Otherwise pages bring their own."""

    def __init__(self, house: House, *, lends: bool) -> None:
        self._house = house
        self._lends = lends
        self._lent: dict[Grant, str] = {}

    def token(self, role: Role, hall: str, window: str | None = None) -> str:
        """A token for such a page, or nothing."""
        if not self._lends:
            return ""
        grant = Grant(role, hall, window)
        if grant not in self._lent:
            self._lent[grant] = self._house.people.gate.lend(grant)
        return self._lent[grant]


def _page(request: Request, kind: Any, hall: str, role: Role, window: str = "") -> Response:
    house: House = request.app.state.house
    lender: Lender = request.app.state.lender
    plan = house.room(hall).plan
    if window and window not in plan.window:
        raise CommandRefused("unknown-window", f"this hall has no window {window!r}", field="window")
    language = choose_language(request.query_params.get("lang"), plan.languages)
    token = lender.token(role, hall, window or None)
    name = pick(plan.name, language)
    html = render_page(kind, hall=hall, window=window, token=token, language=language, name=name)
    return HTMLResponse(html, headers=SECURITY)


@router.get("/")
async def home(request: Request) -> Response:
    """Where everything is."""
    house: House = request.app.state.house
    first = next(iter(house.rooms.values())).plan
    language = choose_language(request.query_params.get("lang"), first.languages)
    links = []
    for hall, room in house.rooms.items():
        plan = room.plan
        name = pick(plan.name, language)
        links += [
            PageLink(f"/screen/{hall}", "screen", hall, name),
            PageLink(f"/kiosk/{hall}", "kiosk", hall, name),
            PageLink(f"/overview/{hall}", "overview", hall, name),
            PageLink(f"/audit/{hall}", "audit", hall, name),
            PageLink(f"/whatif/{hall}", "whatif", hall, name),
            PageLink(f"/roster/{hall}", "roster", hall, name),
            *(PageLink(f"/console/{hall}/{w.id}", "console", hall, w.label) for w in plan.windows),
        ]
    return HTMLResponse(render_home(links, language=language), headers=SECURITY)


@router.get("/kiosk/{hall}")
async def kiosk(hall: str, request: Request) -> Response:
    """Where tickets are taken."""
    return _page(request, "kiosk", hall, Role.KIOSK)


@router.get("/console/{hall}/{window}")
async def console(hall: str, window: str, request: Request) -> Response:
    """Where a clerk works."""
    return _page(request, "console", hall, Role.CLERK, window)


@router.get("/screen/{hall}")
async def screen(hall: str, request: Request) -> Response:
    """What hangs in the hall."""
    return _page(request, "screen", hall, Role.SCREEN)


@router.get("/overview/{hall}")
async def overview(hall: str, request: Request) -> Response:
    """What the manager sees."""
    return _page(request, "overview", hall, Role.MANAGER)


@router.get("/audit/{hall}")
async def audit(hall: str, request: Request) -> Response:
    """Where the manager reads why each call was made."""
    return _page(request, "audit", hall, Role.MANAGER)


@router.get("/whatif/{hall}")
async def whatif(hall: str, request: Request) -> Response:
    """Where the manager tries another plan."""
    return _page(request, "whatif", hall, Role.MANAGER)


@router.get("/roster/{hall}")
async def roster(hall: str, request: Request) -> Response:
    """Where the manager plans who works when."""
    return _page(request, "roster", hall, Role.MANAGER)


@router.get("/t/{hall}/{ticket}")
async def phone(hall: str, ticket: str, request: Request) -> Response:
    """The visitor's own page; the address is the key."""
    house: House = request.app.state.house
    room = house.room(hall)

    def look(hall: Any) -> tuple[dict[str, Any], dict[str, Any], float]:
        record = hall.tickets.get(ticket)
        if record is None:
            raise CommandRefused("unknown-ticket", "there is no such ticket today", field="ticket")
        views = room.views()
        return views.ticket(record), views.board(), views.at

    view, board, at = await room.owner.read(look)
    asked = request.query_params.get("lang") or view["language"]
    language = choose_language(asked, room.plan.languages)
    html = render_phone(view, board, language=language, at=datetime.fromtimestamp(at, UTC))
    return HTMLResponse(html, headers=SECURITY)


@router.get("/t/{hall}/{ticket}/qr.svg")
async def qr(hall: str, ticket: str, request: Request) -> Response:
    """The address of the phone page, to be pointed at."""
    house: House = request.app.state.house
    room = house.room(hall)
    if ticket not in room.owner.hall.tickets:
        raise CommandRefused("unknown-ticket", "there is no such ticket today", field="ticket")
    image = io.BytesIO()
    segno.make(str(request.url_for("phone", hall=hall, ticket=ticket)), error="m").save(
        image, kind="svg", scale=QR_SCALE
    )
    return Response(image.getvalue(), media_type="image/svg+xml", headers=SECURITY)


@router.get("/i18n/{language}.json")
async def words(language: str) -> Response:
    """The words of the pages in one language."""
    if language not in catalog.languages():
        raise CommandRefused("unknown-language", f"there are no words in {language!r}", field="language")
    return Response(catalog.catalog_json(language), media_type="application/json")
