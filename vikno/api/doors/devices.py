"""Screens and kiosks: how they ask to be let in, and how somebody lets them in, lists and revokes them."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from vikno.api.access import Action, Principal, Role
from vikno.api.doors.accounts import Number
from vikno.api.doors.session import KEY_LENGTH_MAX, Id, Line, address_of
from vikno.api.doors.tickets import Strict
from vikno.api.doors.views import device_view
from vikno.api.doors.visit import JSON, PREFIX, allowed_somewhere, anybody, encode
from vikno.api.guard.rates import OVER_AT_ADDRESS
from vikno.api.house import House
from vikno.api.people.devices import OVER, PAIRING_SECONDS, POLL_SECONDS, plain_letters
from vikno.api.people.store import PeopleRefused
from vikno.api.problems import RESPONSES

router = APIRouter(prefix=PREFIX, tags=["devices"], responses=RESPONSES)

NAME_LENGTH_MAX = 100
TYPED_LENGTH_MAX = 40
"""Eight letters, with whatever somebody types between them."""

Keeper = Annotated[Principal, Depends(allowed_somewhere(Action.DEVICES))]


class NewPairing(Strict):
    """What wants to be let in."""

    kind: Literal["screen", "kiosk"]


class Poll(Strict):
    """The device asks whether it was let in."""

    device_code: Annotated[str, Field(max_length=KEY_LENGTH_MAX)]


class NewDevice(Strict):
    """The letters that a device shows, where it is, and what it shall be called."""

    user_code: Annotated[str, Field(max_length=TYPED_LENGTH_MAX)]
    hall: Id
    name: Annotated[str, Field(min_length=1, max_length=NAME_LENGTH_MAX), Line]


@router.post("/devices/pairing", summary="A device asks to be let in", dependencies=[Depends(anybody)])
async def ask(new: NewPairing, request: Request) -> Response:
    """It shows the eight letters and asks every `interval` seconds whether somebody typed them (RFC 8628)."""
    house: House = request.app.state.house
    house.people.tries.ask(address_of(request))
    pairing = await asyncio.to_thread(house.people.devices.ask, Role(new.kind))
    letters = pairing.user_code
    body = {
        "device_code": pairing.device_code,
        "user_code": f"{letters[:4]}-{letters[4:]}",
        "verification_uri": f"{request.base_url}devices",
        "expires_in": int(PAIRING_SECONDS),
        "interval": int(POLL_SECONDS),
    }
    return Response(encode(body), media_type=JSON)


@router.post("/devices/token", summary="A device asks whether it was let in", dependencies=[Depends(anybody)])
async def fetch(poll: Poll, request: Request) -> Response:
    """Its token, told once; until then 400 with the codes of RFC 8628, 3.5."""
    house: House = request.app.state.house
    address = address_of(request)
    house.rates.check(OVER_AT_ADDRESS, address)
    try:
        paired = await asyncio.to_thread(house.people.devices.fetch, poll.device_code)
    except PeopleRefused as error:
        if error.code == OVER:
            house.rates.spend(OVER_AT_ADDRESS, address)
        raise
    device = paired.device
    body = {
        "access_token": paired.access_token,
        "token_type": "Bearer",
        "hall": device.hall,
        "kind": device.kind,
        "name": device.name,
    }
    return Response(encode(body), media_type=JSON)


@router.get("/devices", summary="Screens and kiosks")
async def see_devices(keeper: Keeper, request: Request) -> Response:
    """Those of the asker's halls, the newest first, with those that were revoked."""
    house: House = request.app.state.house
    found = await asyncio.to_thread(house.people.devices.all, keeper.halls(Action.DEVICES))
    return Response(encode({"devices": [device_view(one) for one in found]}), media_type=JSON)


@router.post("/devices", summary="Let a device in", status_code=HTTPStatus.CREATED)
async def let_in(new: NewDevice, keeper: Keeper, request: Request) -> Response:
    """Whoever stands before it types its eight letters; five wrong ones in ten minutes are too many."""
    house: House = request.app.state.house
    keeper.check(Action.DEVICES, new.hall)
    house.room(new.hall)
    house.people.tries.type(keeper.who)
    letters = plain_letters(new.user_code)
    device = await asyncio.to_thread(
        lambda: house.people.devices.let_in(letters, new.hall, new.name, who=keeper.who)
    )
    house.people.tries.typed_well(keeper.who)
    house.people.gate.changed()
    return Response(encode(device_view(device)), HTTPStatus.CREATED, media_type=JSON)


@router.delete("/devices/{device}", summary="Revoke a device", status_code=HTTPStatus.NO_CONTENT)
async def revoke(device: Number, keeper: Keeper, request: Request) -> Response:
    """At once; what it has open is closed."""
    house: House = request.app.state.house
    found = await asyncio.to_thread(house.people.devices.get, device)
    keeper.check(Action.DEVICES, found.hall)
    await asyncio.to_thread(lambda: house.people.devices.revoke(device, who=keeper.who))
    house.people.gate.changed()
    return Response(status_code=HTTPStatus.NO_CONTENT)
