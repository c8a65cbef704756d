"""Eight letters: how a screen or kiosk comes to its token, and how it loses it (RFC 8628)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.api.people.office import Browser, Office, code
from tests.api.running import bearer
from vikno.api.access import Role
from vikno.api.guard.rates import OVER_AT_ADDRESS
from vikno.api.people.devices import (
    LETTERS,
    PAIRING_SECONDS,
    PENDING_MAX,
    POLL_SECONDS,
    SILENT_SECONDS,
    plain_letters,
)
from vikno.api.people.store import PeopleRefused
from vikno.api.people.tries import ASKED_MAX, TYPED_MAX


async def begin(device: Browser, kind: str = "screen") -> dict[str, Any]:
    """A device shows its letters."""
    answer = await device.post("/devices/pairing", json={"kind": kind})
    assert answer.is_success, answer.text
    pairing: dict[str, Any] = answer.json()
    return pairing


async def poll(office: Office, device: Browser, pairing: dict[str, Any], seconds: float) -> str:
    """What it hears when it asks so much later: a code, or its token."""
    office.clock.at += seconds
    answer = await device.post("/devices/token", json={"device_code": pairing["device_code"]})
    return str(answer.json()["access_token"]) if answer.is_success else code(answer)


async def let_in(keeper: Browser, pairing: dict[str, Any], hall: str = "demo") -> str:
    """Somebody types its letters: a code, or nothing."""
    new = {"user_code": pairing["user_code"], "hall": hall, "name": "Entrance"}
    answer = await keeper.post("/devices", json=new)
    return "" if answer.is_success else code(answer)


@pytest.mark.parametrize(("kind", "may_issue"), [("screen", False), ("kiosk", True)])
async def test_a_device_is_let_in_gets_its_token_once_and_is_what_it_said(
    any_office: Office, kind: str, may_issue: bool
) -> None:
    device, manager = any_office.browser(), await any_office.person("olena", Role.MANAGER)
    pairing = await begin(device, kind)
    assert (pairing["expires_in"], pairing["interval"]) == (PAIRING_SECONDS, POLL_SECONDS)
    assert pairing["verification_uri"] == "https://vikno.test/devices"
    assert await poll(any_office, device, pairing, 0) == "authorization_pending"
    assert await let_in(manager, pairing) == ""
    token = await poll(any_office, device, pairing, POLL_SECONDS)
    assert await poll(any_office, device, pairing, POLL_SECONDS) == "expired_token", "told once"
    paired = any_office.browser(**bearer(token))
    assert (await paired.get("/halls/demo/board")).is_success
    assert (await paired.get("/halls/other/board")).status_code == 403
    issued = await paired.post("/halls/demo/tickets", json={"services": ["passport"]})
    assert issued.status_code == (201 if may_issue else 403)
    (told,) = (await manager.get("/devices")).json()["devices"]
    assert (told["name"], told["kind"], told["hall"], told["revoked"]) == ("Entrance", kind, "demo", None)
    with any_office.engine.connect() as connection:
        kept = str([connection.execute(text(f"SELECT * FROM {one}")).all() for one in ("devices", "trail")])  # noqa: S608
    assert token not in kept


async def test_a_revoked_device_is_let_in_no_more_whether_it_has_its_token_or_not(any_office: Office) -> None:
    device, manager = any_office.browser(), await any_office.person("olena", Role.MANAGER)
    late, early = await begin(device), await begin(device)
    for pairing in (late, early):
        assert await let_in(manager, pairing) == ""
    paired = any_office.browser(**bearer(await poll(any_office, device, early, 0)))
    assert (await paired.get("/halls/demo/board")).is_success
    for one in (await manager.get("/devices")).json()["devices"]:
        for _twice in range(2):
            assert (await manager.delete(f"/devices/{one['id']}")).status_code == 204
    assert (await paired.get("/halls/demo/board")).status_code == 401
    assert await poll(any_office, device, late, 0) == "access_denied"
    assert [kind for _, kind in any_office.trail()].count("device-revoked") == 2


async def test_letters_are_good_for_ten_minutes(any_office: Office) -> None:
    device, manager = any_office.browser(), await any_office.person("olena", Role.MANAGER)
    pairing = await begin(device)
    assert await poll(any_office, device, pairing, PAIRING_SECONDS - 1) == "authorization_pending"
    any_office.clock.at += 2
    assert await let_in(manager, pairing) == "unknown-code"
    assert await poll(any_office, device, pairing, 0) == "expired_token"


async def test_letters_let_in_one_device_whoever_types_them_at_once(any_office: Office) -> None:
    devices = any_office.people.devices
    letters = devices.ask(Role.SCREEN).user_code
    typed = [asyncio.to_thread(devices.let_in, letters, "demo", f"s{n}", who="x") for n in range(8)]
    done = await asyncio.gather(*typed, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1
    assert {one.code for one in done if isinstance(one, PeopleRefused)} == {"unknown-code"}


async def test_a_device_that_asks_too_soon_waits_longer_each_time(office: Office) -> None:
    device = office.browser()
    pairing = await begin(device)
    heard = [await poll(office, device, pairing, seconds) for seconds in (0, 4, 9, 14, 21, 19, 25)]
    pending, slow = "authorization_pending", "slow_down"
    assert heard == [pending, slow, slow, slow, pending, slow, pending]


@pytest.mark.parametrize("interval", [POLL_SECONDS])
async def test_a_device_that_keeps_to_the_interval_is_never_told_to_slow_down(
    office: Office, interval: float
) -> None:
    device = office.browser()
    pairing = await begin(device)
    heard = {await poll(office, device, pairing, interval) for _ in range(60)}
    assert heard == {"authorization_pending"}


async def test_five_wrong_letters_are_enough_for_ten_minutes_and_right_ones_begin_anew(
    office: Office,
) -> None:
    device, manager = office.browser(), await office.person("olena", Role.MANAGER)
    wrong = {"user_code": "BBBB-BBBB"}
    assert [await let_in(manager, wrong) for _ in range(TYPED_MAX - 1)] == ["unknown-code"] * (TYPED_MAX - 1)
    assert await let_in(manager, await begin(device)) == ""
    assert [await let_in(manager, wrong) for _ in range(TYPED_MAX)] == ["unknown-code"] * TYPED_MAX
    right = await begin(device)
    refused = await manager.post("/devices", json=right | {"hall": "demo", "name": "x"} | wrong)
    assert refused.status_code == 422, "what is not asked for is not read"
    assert await let_in(manager, right) == "too-many-tries"
    answer = await manager.post("/devices", json={"user_code": "B", "hall": "demo", "name": "x"})
    assert (answer.status_code, 0 < int(answer.headers["Retry-After"]) <= 600) == (429, True)
    other = await office.person("petro", Role.MANAGER)
    assert await let_in(other, right) == "", "nobody else pays for it"


async def test_devices_that_ask_for_letters_without_end_are_sent_away(office: Office) -> None:
    device = office.browser()
    answers = [await device.post("/devices/pairing", json={"kind": "screen"}) for _ in range(ASKED_MAX + 1)]
    assert [answer.status_code for answer in answers] == [200] * ASKED_MAX + [429]
    for _ in range(PENDING_MAX - ASKED_MAX):
        office.people.devices.ask(Role.SCREEN)
    with pytest.raises(PeopleRefused, match="very many devices"):
        office.people.devices.ask(Role.SCREEN)
    office.clock.at += PAIRING_SECONDS + 1
    office.people.devices.ask(Role.SCREEN)


async def test_who_shows_letters_keeps_the_place_and_who_only_took_one_does_not(office: Office) -> None:
    device, keeper = office.browser(), await office.person("olena", Role.MANAGER)
    pairing = await begin(device)
    for _ in range(PENDING_MAX - 1):
        office.people.devices.ask(Role.SCREEN)
    assert await poll(office, device, pairing, SILENT_SECONDS - POLL_SECONDS) == "authorization_pending"
    with pytest.raises(PeopleRefused, match="very many devices"):
        office.people.devices.ask(Role.SCREEN)
    office.clock.at += POLL_SECONDS
    office.people.devices.ask(Role.SCREEN)
    assert await let_in(keeper, pairing) == ""
    assert await poll(office, device, pairing, 0)


async def test_who_asks_about_pairings_that_never_were_is_sent_away(office: Office) -> None:
    device, stranger = office.browser(), office.browser()
    pairing = await begin(device)
    made_up = [await poll(office, stranger, {"device_code": f"x{n}"}, 0) for n in range(150)]
    most = OVER_AT_ADDRESS.a_minute
    assert made_up == ["expired_token"] * most + ["slow-down"] * (150 - most)
    office.house.rates._counts.clear()  # a minute later
    assert await poll(office, device, pairing, 0) == "authorization_pending"


async def test_letters_are_eight_of_twenty_and_drawn_anew(office: Office) -> None:
    shown = [office.people.devices.ask(Role.SCREEN).user_code for _ in range(200)]
    assert len(set(shown)) == 200
    assert set("".join(shown)) == set(LETTERS)
    assert {len(one) for one in shown} == {8}
    assert len(LETTERS) == 20
    assert not set("AEIOUY") & set(LETTERS)


@given(st.text(LETTERS, min_size=8, max_size=8), st.text(" -.–/", max_size=4), st.booleans())
@settings(suppress_health_check=list(HealthCheck))
def test_letters_are_read_however_somebody_types_them(letters: str, between: str, small: bool) -> None:
    typed = f"{between}{letters[:4]}{between}{letters[4:]}"
    assert plain_letters(typed.lower() if small else typed) == letters


@pytest.mark.parametrize("name", ["", " ", "Entrance\n", "\x1b[31mEntrance", "\u202eecnartnE"])
async def test_a_device_has_a_name_that_is_seen_in_one_line(office: Office, name: str) -> None:
    manager, pairing = await office.person("olena", Role.MANAGER), await begin(office.browser())
    new = {"user_code": pairing["user_code"], "hall": "demo", "name": name}
    answer = await manager.post("/devices", json=new)
    assert (answer.status_code, answer.json()["field"]) == (422, "name")
    assert await let_in(manager, pairing) == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "admin"}, "kind"),
        ({}, "kind"),
        ({"kind": "screen", "hall": "demo"}, "hall"),
    ],
)
async def test_a_pairing_that_cannot_be_is_refused_by_its_field(
    office: Office, body: dict[str, str], field: str
) -> None:
    answer = await office.browser().post("/devices/pairing", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)
