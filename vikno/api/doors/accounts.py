"""Accounts: made, changed and helped by whoever may give what they hold.

An account is governed by who could give all its grants: a manager of a hall helps its clerks and receptions,
an administrator of a hall everybody who is only there. Nobody sets the password of somebody who may do more.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import Field

from vikno.api.access import ANY_HALL, Action, Grant, NotAllowed, Principal, Role
from vikno.api.doors.session import Id, Line, Name
from vikno.api.doors.tickets import Strict
from vikno.api.doors.views import account_view
from vikno.api.doors.visit import JSON, PREFIX, allowed_somewhere, encode
from vikno.api.house import House
from vikno.api.people.accounts import DISPLAY_NAME_LENGTH_MAX, FIRST, Account, checked_grants, may_grant
from vikno.api.people.keys import link
from vikno.api.problems import RESPONSES

router = APIRouter(prefix=PREFIX, tags=["accounts"], responses=RESPONSES)

GRANTS_MAX = 200
"""An administrator of every hall of a city by name."""

NUMBER_MAX = 2**31 - 1

Keeper = Annotated[Principal, Depends(allowed_somewhere(Action.PEOPLE))]
Number = Annotated[int, Path(ge=1, le=NUMBER_MAX)]
DisplayName = Annotated[str, Field(min_length=1, max_length=DISPLAY_NAME_LENGTH_MAX), Line]
Language = Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")]


class GrantWish(Strict):
    """A role in a hall, or in every one (`*`)."""

    role: Annotated[str, Field(max_length=20)]
    hall: Id


Grants = Annotated[list[GrantWish], Field(max_length=GRANTS_MAX)]


class NewAccount(Strict):
    """Somebody who will sign in."""

    name: Name
    display_name: DisplayName
    language: Language = ""
    grants: Grants


class Changes(Strict):
    """What shall be different; what is left out stays."""

    display_name: DisplayName | None = None
    language: Language | None = None
    grants: Grants | None = None
    active: bool | None = None


@router.get("/accounts", summary="Who can sign in")
async def see_accounts(keeper: Keeper, request: Request) -> Response:
    """Those with a role in a hall of the asker's, by name."""
    house: House = request.app.state.house
    halls = keeper.halls(Action.PEOPLE)
    found = [one for one in await asyncio.to_thread(house.people.accounts.all) if _shown(one, halls)]
    return Response(encode({"accounts": [account_view(one) for one in found]}), media_type=JSON)


@router.post("/accounts", summary="Make an account", status_code=HTTPStatus.CREATED)
async def make_account(new: NewAccount, keeper: Keeper, request: Request) -> Response:
    """With a one-time link by which its owner chooses a password; it is told once."""
    house: House = request.app.state.house
    grants = _wanted(new.grants, keeper, house)

    def make() -> tuple[Account, str]:
        account = house.people.accounts.add(new.name, new.display_name, new.language, grants, who=keeper.who)
        return account, house.people.keys.make(account.id, who=keeper.who)

    account, key = await asyncio.to_thread(make)
    house.people.gate.changed()
    body = {"account": account_view(account), "link": link(str(request.base_url), key)}
    return Response(encode(body), HTTPStatus.CREATED, media_type=JSON)


@router.patch("/accounts/{account}", summary="Change an account")
async def change_account(account: Number, changes: Changes, keeper: Keeper, request: Request) -> Response:
    """Other rights, or none any more, end its sessions."""
    house: House = request.app.state.house
    wanted = changes.model_dump(exclude_unset=True, exclude_none=True)
    present = await _governed(account, keeper, house, only_grants=set(wanted) == {"grants"})
    if changes.grants is not None:
        wanted["grants"] = _wanted(changes.grants, keeper, house, present)
    changed = await asyncio.to_thread(lambda: house.people.accounts.change(account, wanted, who=keeper.who))
    house.people.gate.changed()
    return Response(encode({"account": account_view(changed)}), media_type=JSON)


@router.post("/accounts/{account}/link", summary="A one-time link for a forgotten password")
async def make_link(account: Number, keeper: Keeper, request: Request) -> Response:
    """Told once; links made before work no more. The present password works until it is used."""
    house: House = request.app.state.house
    await _governed(account, keeper, house)
    key = await asyncio.to_thread(lambda: house.people.keys.make(account, who=keeper.who))
    return Response(encode({"link": link(str(request.base_url), key)}), media_type=JSON)


@router.delete(
    "/accounts/{account}/sessions", summary="Sign somebody out everywhere", status_code=HTTPStatus.NO_CONTENT
)
async def sign_out_everywhere(account: Number, keeper: Keeper, request: Request) -> Response:
    """At once; what they have open is closed."""
    house: House = request.app.state.house
    await _governed(account, keeper, house)
    await asyncio.to_thread(lambda: house.people.accounts.sign_out(account, who=keeper.who))
    house.people.gate.changed()
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _shown(account: Account, halls: frozenset[str]) -> bool:
    return ANY_HALL in halls or any(grant.hall in halls for grant in account.grants)


async def _governed(number: int, keeper: Principal, house: House, *, only_grants: bool = False) -> Account:
    """The account, if it is the asker's to change; only its grants, if they are looked at one by one."""
    account = await asyncio.to_thread(house.people.accounts.get, number)
    mine = FIRST in keeper.grants or (bool(account.grants) and may_grant(keeper, account.grants))
    if not mine and not (only_grants and _shown(account, keeper.halls(Action.PEOPLE))):
        raise NotAllowed("this account is not yours to change; ask somebody who could give all its roles")
    return account


def _wanted(
    wishes: list[GrantWish], keeper: Principal, house: House, present: Account | None = None
) -> tuple[Grant, ...]:
    """What is wanted, if the asker may give what is new in it and take what is not in it."""
    known: dict[str, Role] = {role.value: role for role in Role}
    # What is no role stays as it was written, so that its refusal can name it.
    asked = [Grant(known.get(one.role, cast("Role", one.role)), one.hall) for one in wishes]
    before = set(present.grants) if present else set()
    kept = [grant for grant in asked if grant in before]
    new = checked_grants([grant for grant in asked if grant not in before], house.rooms)
    if not may_grant(keeper, {*new, *(before - set(kept))}):
        raise NotAllowed("you may not give or take all of these roles; ask an administrator")
    return (*kept, *new)
