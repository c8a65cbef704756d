"""Signing in and out, the window that a clerk has taken, and one's own password."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from vikno.api.access import Action, Principal
from vikno.api.doors.tickets import Strict
from vikno.api.doors.views import account_view, instant
from vikno.api.doors.visit import JSON, PREFIX, anybody, encode, signed_in
from vikno.api.guard.front import home
from vikno.api.house import House
from vikno.api.origin import read_cookie
from vikno.api.people.accounts import is_line
from vikno.api.people.entry import Signed
from vikno.api.people.sessions import COOKIE, Opened
from vikno.api.problems import RESPONSES
from vikno.queue.errors import CommandRefused

router = APIRouter(prefix=PREFIX, tags=["session"], responses=RESPONSES)

NAME_LENGTH_MAX = 200
PASSWORD_LENGTH_MAX = 1_000
"""More than any password may have: what is wrong with it is told by the rules for passwords."""

KEY_LENGTH_MAX = 200
ID_LENGTH_MAX = 40


def _one_line(text: str) -> str:
    if not is_line(text):
        raise PydanticCustomError("line", "use letters that are seen, in one line")
    return text.strip()


Account = Annotated[Principal, Depends(signed_in)]
Name = Annotated[str, Field(max_length=NAME_LENGTH_MAX)]
Password = Annotated[str, Field(max_length=PASSWORD_LENGTH_MAX)]
Line = AfterValidator(_one_line)
"""For what somebody is shown as: a name that nobody sees, or that looks like two, is none."""

Id = Annotated[str, Field(min_length=1, max_length=ID_LENGTH_MAX)]


class SignIn(Strict):
    """Who says that they are who."""

    name: Name
    password: Password


class OneTimeLink(Strict):
    """The key of a link, and the password that is chosen; a name if this makes the first account."""

    key: Annotated[str, Field(max_length=KEY_LENGTH_MAX)]
    name: Name = ""
    password: Password


class NewPassword(Strict):
    """The present password, and the one to come."""

    old: Password
    new: Password


class Place(Strict):
    """The window at which a clerk works from now on; null: at none."""

    hall: Id | None
    window: Id | None


@router.post("/session", summary="Sign in", dependencies=[Depends(anybody)])
async def sign_in(who: SignIn, request: Request) -> Response:
    """The answer sets the cookie of the session."""
    house: House = request.app.state.house
    signed = await house.people.entry.sign_in(who.name, who.password, address_of(request))
    return await _welcome(signed, request)


@router.post("/session/key", summary="Use a one-time link", dependencies=[Depends(anybody)])
async def use_key(link: OneTimeLink, request: Request) -> Response:
    """Sets the password and signs in; every other session of the account ends."""
    house: House = request.app.state.house
    signed = await house.people.entry.use_key(link.key, link.name, link.password)
    house.people.gate.changed()
    return await _welcome(signed, request)


@router.get("/session", summary="Who is signed in")
async def see_session(principal: Account, request: Request) -> Response:
    """With the window they have taken, if they have."""
    return await _tell(principal, request)


@router.patch("/session", summary="Take a window, or leave it")
async def take_window(place: Place, principal: Account, request: Request) -> Response:
    """A clerk takes a window, and whoever was there is there no more."""
    house: House = request.app.state.house
    hall, window = (place.hall, place.window) if place.window is not None else (None, None)
    if window is not None:
        principal.check(Action.WORK, hall or "")
        if window not in house.room(hall or "").plan.window:
            raise CommandRefused("unknown-window", f"this hall has no window {window!r}", field="window")
    await asyncio.to_thread(house.people.sessions.take, principal, hall, window)
    house.people.gate.changed()
    return await _tell(principal, request)


@router.delete("/session", summary="Sign out", status_code=HTTPStatus.NO_CONTENT)
async def sign_out(principal: Account, request: Request) -> Response:
    """What this session has open is closed."""
    house: House = request.app.state.house
    await asyncio.to_thread(house.people.sessions.close, principal)
    house.people.gate.changed()
    return without_cookie(Response(status_code=HTTPStatus.NO_CONTENT))


@router.post("/session/password", summary="Choose another password", status_code=HTTPStatus.NO_CONTENT)
async def change_password(passwords: NewPassword, principal: Account, request: Request) -> Response:
    """The answer sets a new cookie; every other session of the account ends."""
    house: House = request.app.state.house
    opened = await house.people.entry.change_password(principal, passwords.old, passwords.new)
    house.people.gate.changed()
    return with_cookie(Response(status_code=HTTPStatus.NO_CONTENT), opened)


def address_of(request: Request) -> str:
    """Where a request comes from, as it is counted."""
    client = request.client
    return home(None if client is None else (client.host, client.port))


def with_cookie(response: Response, opened: Opened) -> Response:
    """The answer that signs in; the cookie lasts as long as the browser, at most as long as the session."""
    response.set_cookie(COOKIE, opened.secret, path="/", secure=True, httponly=True, samesite="strict")
    return response


def without_cookie(response: Response) -> Response:
    """The answer that signs out."""
    response.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return response


async def _welcome(signed: Signed, request: Request) -> Response:
    """In the place of whoever was signed in in this browser."""
    house: House = request.app.state.house
    if before := read_cookie(request.headers.get("cookie"), COOKIE):
        await asyncio.to_thread(house.people.sessions.end, before)
        house.people.gate.changed()
    body = session_view(account_view(signed.account), signed.opened.until)
    return with_cookie(Response(encode(body), media_type=JSON), signed.opened)


async def _tell(principal: Principal, request: Request) -> Response:
    house: House = request.app.state.house
    told = await asyncio.to_thread(house.people.sessions.told, principal)
    place = {"hall": told.hall, "window": told.window}
    return Response(encode(session_view(account_view(told.account) | place, told.until)), media_type=JSON)


def session_view(account: dict[str, Any], until: float) -> dict[str, Any]:
    """Who is signed in, and when they must do so again at the latest."""
    return {"account": {"hall": None, "window": None} | account, "expires": instant(until)}
