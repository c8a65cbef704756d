"""The pages: frames rendered on the server, drawn by their scripts; the phone page whole without one."""

from __future__ import annotations

import asyncio
import io
import re
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from vikno.api.access import Grant, Role
from vikno.api.doors.known import Guest, guest, hall_line, hall_links
from vikno.api.doors.session import address_of
from vikno.api.guard.rates import DRAWN_AT_ADDRESS
from vikno.api.house import House
from vikno.display import catalog
from vikno.display.pages import (
    NOBODY,
    HallPage,
    HousePage,
    Known,
    choose_language,
    pick,
    render_home,
    render_no_ticket,
    render_page,
    render_phone,
)
from vikno.queue.errors import CommandRefused
from vikno.queue.plan import HallPlan

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

PUBLIC: frozenset[HallPage] = frozenset({"kiosk", "screen"})
"""What visitors see; all other pages are for those who work here."""

QR_TEXT_BYTES_MAX = 300
"""An address with a key in it is a third of it; more makes a picture that phones read badly."""

SPOKEN = re.compile(r"\b[a-z]{2,3}\b")
"""The languages of `Accept-Language`, in the order of preference in which browsers send them."""


class Lender:
    """In a demonstration (`lends`) each page is lent the token it needs, once. Else pages bring their own."""

    def __init__(self, house: House, *, lends: bool) -> None:
        self._house = house
        self.lends = lends
        self._lent: dict[Grant, str] = {}

    def token(self, role: Role, hall: str, window: str | None = None) -> str:
        """A token for such a page, or nothing."""
        if not self.lends:
            return ""
        grant = Grant(role, hall, window)
        if grant not in self._lent:
            self._lent[grant] = self._house.people.gate.lend(grant)
        return self._lent[grant]


async def _page(request: Request, kind: HallPage, hall: str, role: Role, window: str = "") -> Response:
    """A page of a hall; whoever is signed in is told whether it is open to them."""
    house: House = request.app.state.house
    lender: Lender = request.app.state.lender
    plan = house.room(hall).plan
    if window and window not in plan.window:
        raise CommandRefused("unknown-window", f"this hall has no window {window!r}", field="window")
    token = lender.token(role, hall, window or None)
    who = None if token else await guest(request)
    language = _public(request, plan) if kind in PUBLIC else _spoken(request, who, plan)
    known = who.known(language, who.in_hall(kind, hall, window), hall) if who else NOBODY
    name = pick(plan.name, language)
    html = render_page(kind, hall=hall, window=window, token=token, language=language, name=name, known=known)
    return HTMLResponse(html, headers=SECURITY)


async def _house_page(request: Request, kind: HousePage) -> Response:
    """A page of the whole server."""
    who = await guest(request)
    language = _spoken(request, who, _first(request))
    known = who.known(language, who.at_home(kind)) if who else NOBODY
    return HTMLResponse(render_page(kind, language=language, known=known), headers=SECURITY)


def _public(request: Request, plan: HallPlan) -> str:
    """The language of a page for visitors: one that the hall speaks."""
    return choose_language(request.query_params.get("lang"), plan.languages)


def _spoken(request: Request, who: Guest | None, plan: HallPlan) -> str:
    """The language of a page for those who work here: any that there are words in.

    As the address asks, else that of the account, else one that the browser's owner reads, else the hall's.
    """
    known = catalog.languages()
    spoken: list[str] = SPOKEN.findall(request.headers.get("accept-language", ""))
    wanted = (request.query_params.get("lang"), who.language if who else None, *spoken)
    return next((one for one in wanted if one in known), None) or choose_language(None, plan.languages)


def _first(request: Request) -> HallPlan:
    """The hall whose language speaks where no other is asked for."""
    house: House = request.app.state.house
    return next(iter(house.rooms.values())).plan


@router.get("/")
async def home(request: Request) -> Response:
    """What is open to whoever asks; everything in a demonstration."""
    house: House = request.app.state.house
    lender: Lender = request.app.state.lender
    who = await guest(request)
    language = _spoken(request, who, _first(request))
    known = NOBODY
    if who is not None:
        known = who.known(language)
    elif lender.lends:
        plans = [room.plan for room in house.rooms.values()]
        links = [link for plan in plans for link in hall_links(plan, language)]
        known = Known(admitted="yes", halls=[hall_line(plan) for plan in plans], pages=links)
    return HTMLResponse(render_home(known, language=language), headers=SECURITY)


@router.get("/sign-in")
async def sign_in(request: Request) -> Response:
    """Where somebody says who they are, or follows a link that is good once."""
    who = await guest(request)
    language = _spoken(request, who, _first(request))
    known = who.known(language) if who else NOBODY
    return HTMLResponse(render_page("signin", language=language, known=known), headers=SECURITY)


@router.get("/pair/screen")
@router.get("/pair/kiosk")
async def pair(request: Request) -> Response:
    """What a screen or kiosk shows until it is let into a hall."""
    language = _public(request, _first(request))
    return HTMLResponse(render_page("pair", language=language), headers=SECURITY)


@router.get("/devices")
async def devices(request: Request) -> Response:
    """Where screens and kiosks are let in and sent away."""
    return await _house_page(request, "devices")


@router.get("/people")
async def people(request: Request) -> Response:
    """Where accounts are made and changed."""
    return await _house_page(request, "people")


@router.get("/trail")
async def trail(request: Request) -> Response:
    """Where it is read who changed what."""
    return await _house_page(request, "trail")


@router.post("/qr.svg")
async def qr_of_text(request: Request) -> Response:
    """A text to be pointed at, drawn; it comes in the body, because a link may be a secret."""
    house: House = request.app.state.house
    body = await request.body()
    if not 0 < len(body) <= QR_TEXT_BYTES_MAX or not body.isascii():
        raise CommandRefused("bad-text", f"send 1 to {QR_TEXT_BYTES_MAX} letters of ASCII, as addresses have")
    house.rates.spend(DRAWN_AT_ADDRESS, address_of(request))
    return await asyncio.to_thread(_drawn, body.decode())


@router.get("/kiosk/{hall}")
async def kiosk(hall: str, request: Request) -> Response:
    """Where tickets are taken."""
    return await _page(request, "kiosk", hall, Role.KIOSK)


@router.get("/console/{hall}/{window}")
async def console(hall: str, window: str, request: Request) -> Response:
    """Where a clerk works."""
    return await _page(request, "console", hall, Role.CLERK, window)


@router.get("/screen/{hall}")
async def screen(hall: str, request: Request) -> Response:
    """What hangs in the hall."""
    return await _page(request, "screen", hall, Role.SCREEN)


@router.get("/overview/{hall}")
async def overview(hall: str, request: Request) -> Response:
    """What the manager sees."""
    return await _page(request, "overview", hall, Role.MANAGER)


@router.get("/audit/{hall}")
async def audit(hall: str, request: Request) -> Response:
    """Where the manager reads why each call was made."""
    return await _page(request, "audit", hall, Role.MANAGER)


@router.get("/whatif/{hall}")
async def whatif(hall: str, request: Request) -> Response:
    """Where the manager tries another plan."""
    return await _page(request, "whatif", hall, Role.MANAGER)


@router.get("/roster/{hall}")
async def roster(hall: str, request: Request) -> Response:
    """Where the manager plans who works when."""
    return await _page(request, "roster", hall, Role.MANAGER)


@router.get("/t/{hall}/{ticket}")
async def phone(hall: str, ticket: str, request: Request) -> Response:
    """The visitor's own page; the address is the key."""
    house: House = request.app.state.house
    room = house.room(hall)

    def look(hall: Any) -> tuple[dict[str, Any] | None, dict[str, Any], float]:
        record, views = hall.tickets.get(ticket), room.views()
        return None if record is None else views.ticket(record), views.board(), views.at

    view, board, at = await room.owner.read(look)
    asked = request.query_params.get("lang")
    if view is None:
        html = render_no_ticket(board, language=choose_language(asked, room.plan.languages))
        return HTMLResponse(html, HTTPStatus.NOT_FOUND, headers=SECURITY)
    asked = asked or view["language"]
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
    return _drawn(str(request.url_for("phone", hall=hall, ticket=ticket)))


def _drawn(text: str) -> Response:
    """A QR code."""
    image = io.BytesIO()
    segno.make(text, error="m").save(image, kind="svg", scale=QR_SCALE, light="white")
    return Response(image.getvalue(), media_type="image/svg+xml", headers=SECURITY)


@router.get("/i18n/{language}.json")
async def words(language: str) -> Response:
    """The words of the pages in one language."""
    if language not in catalog.languages():
        raise CommandRefused("unknown-language", f"there are no words in {language!r}", field="language")
    return Response(catalog.catalog_json(language), media_type="application/json")
