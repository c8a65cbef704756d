"""Signing in by an OpenID provider: away to it, and back with what it says.

The way back is a step from another site, so no browser sends or follows a strict cookie on it. What it takes
to come back is therefore in a lax cookie of its own, for some minutes; and whoever is back gets a small page
that goes on by itself, because that step is one from this site again.
"""

from __future__ import annotations

import asyncio
import base64
import html
import logging
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from vikno.api.doors.session import address_of, with_cookie
from vikno.api.doors.visit import JSON, PREFIX, anybody, encode
from vikno.api.guard.rates import REFUSED_AT_ADDRESS, SlowDown
from vikno.api.house import House
from vikno.api.origin import read_cookie
from vikno.api.people.entry import Signed
from vikno.api.people.oidc import ID, NotVouched, Provider
from vikno.api.people.store import PeopleRefused
from vikno.api.problems import RESPONSES
from vikno.api.trail import NOBODY

log = logging.getLogger(__name__)

router = APIRouter(prefix=PREFIX, tags=["session"], responses=RESPONSES, dependencies=[Depends(anybody)])

COOKIE = "__Host-vikno-oidc"
AWAY_SECONDS = 600
"""To sign in at the provider, with a second factor looked for in a bag."""

NEXT_LENGTH_MAX = 500
HOME = "/"
REFUSED = "/sign-in?refused=provider"

Next = Annotated[str, Query(alias="next", max_length=NEXT_LENGTH_MAX, description="The page to go on to.")]
PAGE: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"text/html": {}}, "description": "Signed in; the page goes on."}},
}
AWAY: dict[str, Any] = {
    "response_class": Response,
    "status_code": HTTPStatus.FOUND,
    "responses": {302: {"description": "To the provider."}},
}


class Journey(msgspec.Struct):
    """What is in the cookie of whoever is away: what Authlib wants back, and where they wanted to be."""

    session: dict[str, Any]
    next: str


@router.get("/sign-in/providers", summary="Who else vouches for people here")
async def see_providers(request: Request) -> Response:
    """None or one."""
    provider: Provider | None = request.app.state.provider
    found = [] if provider is None else [{"id": ID, "name": provider.name}]
    return Response(encode({"providers": found}), media_type=JSON)


@router.get("/sign-in/{provider}", summary="Sign in there", **AWAY)
async def send_away(provider: str, request: Request, next_page: Next = HOME) -> Response:
    """To the provider, and from there back to `callback`."""
    known = _known(request, provider)
    request.scope["session"] = {}
    back = str(request.url_for("take_back", provider=provider))
    try:
        response = await known.send_away(request, back)
    except NotVouched as error:
        return await _refuse(request, error)
    journey = Journey(request.session, own_page(next_page))
    told = base64.urlsafe_b64encode(msgspec.json.encode(journey)).decode()
    response.set_cookie(
        COOKIE, told, max_age=AWAY_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )
    return response


@router.get("/sign-in/{provider}/callback", summary="Back from there", **PAGE)
async def take_back(provider: str, request: Request) -> Response:
    """Signs in whom the provider vouches for, and goes on to where they wanted to be."""
    house: House = request.app.state.house
    known = _known(request, provider)
    try:
        journey = _journey(request)
        request.scope["session"] = journey.session
        said = await known.take_back(request, house.rooms)
        signed: Signed = await asyncio.to_thread(house.people.entry.vouched, said)
    except (NotVouched, PeopleRefused) as error:
        return await _refuse(request, error)
    house.people.gate.changed()
    page = html.escape(journey.next)
    text = f'<!doctype html><meta http-equiv="refresh" content="0;url={page}"><a href="{page}">{page}</a>'
    return _done(with_cookie(HTMLResponse(text), signed.opened))


def own_page(wanted: str) -> str:
    """The page to go on to, if it is one of this server's."""
    ours = wanted.startswith("/") and not wanted.startswith("//")
    return (
        quote(wanted, safe="/?&=%#-._~+:,@*")
        if ours and wanted.isprintable() and "\\" not in wanted
        else HOME
    )


def _known(request: Request, provider: str) -> Provider:
    known: Provider | None = request.app.state.provider
    if known is None or provider != ID:
        raise PeopleRefused("unknown-provider", "this server knows no such provider")
    return known


def _journey(request: Request) -> Journey:
    told = read_cookie(request.headers.get("cookie"), COOKIE)
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(told or ""), type=Journey)
    except (ValueError, msgspec.DecodeError):
        raise NotVouched("whoever comes back did not go from this browser, or long ago") from None


async def _refuse(request: Request, error: NotVouched | PeopleRefused) -> Response:
    """Back to the page for signing in, which says so; what exactly was wrong is for the log."""
    house: House = request.app.state.house
    try:
        house.rates.spend(REFUSED_AT_ADDRESS, address_of(request))
    except SlowDown:
        return _done(RedirectResponse(REFUSED, HTTPStatus.SEE_OTHER))
    log.warning("sign-in by the provider refused: %s", error)
    await asyncio.to_thread(lambda: house.people.trail.write("sign-in-refused", who=NOBODY, by="provider"))
    return _done(RedirectResponse(REFUSED, HTTPStatus.SEE_OTHER))


def _done(response: Response) -> Response:
    """The journey is over, whatever came of it."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="lax")
    return response
