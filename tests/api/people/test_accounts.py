"""Accounts are made, changed and helped; what may not be is refused by name, and changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.api.people.office import BOSS, PASSWORD, Office, code, key_of
from vikno.api.access import ANY_HALL, Grant, Role

CLERK = {"role": "clerk", "hall": "demo"}
ADMIN = {"role": "admin", "hall": ANY_HALL}


def new(name: str = "olena", **other: Any) -> dict[str, Any]:
    return {"name": name, "display_name": "Olena K.", "grants": [CLERK], "language": "uk"} | other


async def test_an_account_is_made_listed_changed_and_closed(any_office: Office) -> None:
    boss = await any_office.boss()
    made = await boss.post("/accounts", json=new("Olena@City.test"))
    account = made.json()["account"]
    assert made.status_code == 201
    assert account == {
        "id": account["id"],
        "name": "olena@city.test",
        "display_name": "Olena K.",
        "language": "uk",
        "grants": [CLERK],
        "active": True,
        "last_seen": None,
    }
    assert account in (await boss.get("/accounts")).json()["accounts"]
    where = f"/accounts/{account['id']}"
    changes: list[dict[str, Any]] = [
        {"display_name": "Olena Kovalenko"},
        {"language": ""},
        {"grants": [CLERK, {"role": "auditor", "hall": "other"}]},
        {"active": False},
    ]
    for change in changes:
        answer = await boss.patch(where, json=change)
        account |= change
        assert answer.json()["account"] == account
    key = key_of((await boss.post(f"{where}/link")).json()["link"])
    refused = await any_office.browser().post("/session/key", json={"key": key, "password": PASSWORD})
    assert code(refused) == "unknown-account", "it is closed"


@pytest.mark.parametrize(
    ("wrong", "status", "expected"),
    [
        ({"name": BOSS.title()}, 409, ("name-taken", "name")),
        ({"name": "олена"}, 422, ("bad-name", "name")),
        ({"name": ""}, 422, ("bad-name", "name")),
        ({"name": "a b"}, 422, ("bad-name", "name")),
        ({"name": "-a"}, 422, ("bad-name", "name")),
        ({"display_name": ""}, 422, ("invalid", "display_name")),
        ({"display_name": "  "}, 422, ("invalid", "display_name")),
        ({"display_name": "Olena\nroot"}, 422, ("invalid", "display_name")),
        ({"display_name": "\x1b[2J"}, 422, ("invalid", "display_name")),
        ({"display_name": "\u202eanelO"}, 422, ("invalid", "display_name")),
        ({"language": "english"}, 422, ("invalid", "language")),
        ({"grants": [{"role": "kiosk", "hall": "demo"}]}, 422, ("bad-grant", "grants")),
        ({"grants": [{"role": "visitor", "hall": "demo"}]}, 422, ("bad-grant", "grants")),
        ({"grants": [{"role": "king", "hall": "demo"}]}, 422, ("bad-grant", "grants")),
        ({"grants": [{"role": "clerk", "hall": "nowhere"}]}, 422, ("bad-grant", "grants")),
        ({"grants": [{"role": "clerk", "hall": ANY_HALL}]}, 422, ("bad-grant", "grants")),
        ({"grants": [{"role": "clerk"}]}, 422, ("invalid", "grants.0.hall")),
        ({"password": "anything at all"}, 422, ("invalid", "password")),
    ],
)
async def test_what_cannot_be_an_account_is_refused_by_its_field(
    office: Office, wrong: dict[str, Any], status: int, expected: tuple[str, str]
) -> None:
    boss = await office.boss()
    before = office.people.accounts.all(), office.trail()
    answer = await boss.post("/accounts", json=new() | wrong)
    assert (answer.status_code, (code(answer), answer.json()["field"])) == (status, expected)
    assert (office.people.accounts.all(), office.trail()) == before


async def test_a_name_that_is_taken_leaves_nothing_behind(any_office: Office) -> None:
    before = any_office.people.accounts.all(), any_office.trail()
    boss = await any_office.boss()
    assert (await boss.post("/accounts", json=new(BOSS))).status_code == 409
    assert any_office.people.accounts.all()[0].grants == before[0][0].grants
    assert any_office.trail()[1:] == before[1]


async def test_there_is_always_somebody_who_may_do_everything(any_office: Office) -> None:
    boss = await any_office.boss()
    (me,) = (await boss.get("/accounts")).json()["accounts"]
    where = f"/accounts/{me['id']}"
    nothing: list[Any] = []
    for change in ({"grants": nothing}, {"grants": [CLERK]}, {"active": False}):
        answer = await boss.patch(where, json=change)
        assert (answer.status_code, code(answer)) == (409, "last-admin")
    assert (await boss.post("/accounts", json=new("second", grants=[ADMIN]))).status_code == 201
    assert (await boss.patch(where, json={"grants": [CLERK]})).is_success
    assert (await boss.get("/accounts")).status_code == 401, "other rights are another session"


async def test_two_administrators_cannot_remove_each_other_at_once(any_office: Office) -> None:
    accounts = any_office.people.accounts
    two = [accounts.named(BOSS), any_office.account("second", Grant(Role.ADMIN, ANY_HALL))]
    removals = [
        asyncio.to_thread(accounts.change, one.id, {"active": False}, who=other.name)
        for one, other in (two, reversed(two))
    ]
    await asyncio.gather(*removals, return_exceptions=True)
    assert any(one.active for one in accounts.all())


async def test_other_rights_end_the_sessions_and_another_name_does_not(any_office: Office) -> None:
    boss, clerk = await any_office.boss(), await any_office.person("petro", Role.CLERK)
    where = f"/accounts/{any_office.people.accounts.named('petro').id}"
    for change, stays in (
        ({"display_name": "Petro P.", "language": "uk"}, True),
        ({"grants": [CLERK]}, True),
        ({"grants": [CLERK, {"role": "receptionist", "hall": "demo"}]}, False),
    ):
        assert (await boss.patch(where, json=change)).is_success
        assert (await clerk.who() is not None) is stays


async def test_a_link_ends_with_the_rights_it_was_made_for(any_office: Office) -> None:
    boss, manager = await any_office.boss(), await any_office.person("maria", Role.MANAGER)
    made = (await manager.post("/accounts", json=new("petro", grants=[CLERK]))).json()
    where = f"/accounts/{made['account']['id']}"
    assert (await boss.patch(where, json={"display_name": "Petro P."})).is_success
    used = {"key": key_of(made["link"]), "password": PASSWORD}
    assert (await boss.patch(where, json={"grants": [CLERK, ADMIN]})).is_success
    assert code(await any_office.browser().post("/session/key", json=used)) == "wrong-key"


async def test_signed_out_everywhere_is_everywhere_and_nobody_else(any_office: Office) -> None:
    boss = await any_office.boss()
    here = await any_office.person("petro", Role.CLERK)
    there = await any_office.browser().signed_in("petro")
    number = any_office.people.accounts.named("petro").id
    assert (await boss.delete(f"/accounts/{number}/sessions")).status_code == 204
    assert [await one.who() is not None for one in (here, there, boss)] == [False, False, True]


async def test_a_manager_sees_and_helps_their_own_hall_and_nobody_above(office: Office) -> None:
    manager = await office.person("maria", Role.MANAGER)
    clerk = office.account("petro", Grant(Role.CLERK, "demo"))
    both = office.account("ivan", Grant(Role.CLERK, "demo"), Grant(Role.CLERK, "other"))
    office.account("vira", Grant(Role.CLERK, "other"))
    listed = {one["name"] for one in (await manager.get("/accounts")).json()["accounts"]}
    assert listed == {"maria", "petro", "ivan"}
    helped = [(await manager.post(f"/accounts/{one.id}/link")).status_code for one in (clerk, both)]
    assert helped == [200, 403]
    elsewhere = {"role": "clerk", "hall": "other"}
    reception = {"role": "receptionist", "hall": "demo"}
    where = f"/accounts/{both.id}"
    assert (await manager.patch(where, json={"grants": [reception, elsewhere]})).is_success
    assert (await manager.patch(where, json={"grants": [reception]})).status_code == 403
    assert (await manager.patch(where, json={"grants": [elsewhere], "active": False})).status_code == 403


@pytest.mark.parametrize("number", ["999", "0", "x", str(2**40)])
async def test_an_account_that_is_not_there_is_not_there(office: Office, number: str) -> None:
    boss = await office.boss()
    for answer in (
        await boss.patch(f"/accounts/{number}", json={}),
        await boss.post(f"/accounts/{number}/link"),
        await boss.delete(f"/accounts/{number}/sessions"),
        await boss.delete(f"/devices/{number}"),
    ):
        assert answer.status_code in {404, 422}


async def test_the_trail_tells_who_did_what_to_whom_newest_first_and_part_by_part(office: Office) -> None:
    boss = await office.boss()
    made = (await boss.post("/accounts", json=new())).json()["account"]
    await boss.patch(f"/accounts/{made['id']}", json={"active": False})
    entries = (await boss.get("/trail")).json()["entries"]
    assert [entry["id"] for entry in entries] == sorted((entry["id"] for entry in entries), reverse=True)
    newest = entries[0]
    assert (newest["who"], newest["kind"], newest["hall"]) == ("account:boss", "account-changed", "demo")
    assert newest["detail"] == {"account": "olena", "active": False}
    older = (await boss.get("/trail", params={"before": newest["id"]})).json()["entries"]
    assert older == entries[1:]
    here = (await boss.get("/trail", params={"hall": "other"})).json()["entries"]
    assert here == []
    assert (await boss.get("/trail", params={"hall": "nowhere"})).status_code == 404
