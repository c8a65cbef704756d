"""Signing in and staying in: sessions that end when they should, and nowhere a word too many."""

from __future__ import annotations

import asyncio
import threading
import unicodedata
from typing import Any

import argon2
import pytest
from sqlalchemy import text

from tests.api.people.office import BOSS, PASSWORD, Browser, Office, code, key_of
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.people.delays import ADDRESS
from vikno.api.people.keys import KEY_SECONDS
from vikno.api.people.passwords import HASHING_AT_ONCE, OWASP, WAITING_MAX, Passwords
from vikno.api.people.sessions import COOKIE, IDLE_SECONDS, SESSION_SECONDS
from vikno.api.people.store import PeopleRefused

OTHER = "four kettles of tea"


async def test_who_signs_in_is_who_they_are_until_they_sign_out(any_office: Office) -> None:
    browser = any_office.browser()
    answer = await browser.sign_in(" Boss ")
    assert answer.json()["account"]["grants"] == [{"role": "admin", "hall": ANY_HALL}]
    assert set(answer.headers["set-cookie"].split("; ")[1:]) == {
        *("HttpOnly", "Secure", "SameSite=strict", "Path=/")
    }
    account = await browser.who()
    assert account is not None
    assert account["name"] == BOSS
    stolen = browser.cookies[COOKIE]
    assert (await browser.delete("/session")).status_code == 204
    assert COOKIE not in browser.cookies
    browser.cookies.set(COOKIE, stolen, domain="vikno.test")
    assert await browser.who() is None
    assert any_office.trail()[:2] == [("account:boss", "signed-out"), ("account:boss", "signed-in")]


async def test_whoever_signs_in_again_leaves_no_session_behind(any_office: Office) -> None:
    browser = await any_office.boss()
    before = browser.cookies[COOKIE]
    await browser.signed_in(BOSS)
    assert browser.cookies[COOKIE] != before
    old = any_office.browser(Cookie=f"{COOKIE}={before}")
    assert await old.who() is None
    assert await browser.who()
    before = browser.cookies[COOKIE]
    key = any_office.people.keys.make(any_office.account("petro").id, who="test")
    assert (await browser.post("/session/key", json={"key": key, "password": PASSWORD})).is_success
    old = any_office.browser(Cookie=f"{COOKIE}={before}")
    assert await old.who() is None, "a link signs in another person there"


async def test_every_sign_in_has_a_session_of_its_own_and_none_is_kept_as_it_is(office: Office) -> None:
    first, second = await office.boss(), await office.boss()
    cookies = {first.cookies[COOKIE], second.cookies[COOKIE]}
    assert len(cookies) == 2
    with office.engine.connect() as connection:
        kept = {row[0] for row in connection.execute(text("SELECT hash FROM sessions"))}
        everything = str(connection.execute(text("SELECT * FROM accounts")).all())
    assert cookies.isdisjoint(kept)
    assert PASSWORD not in everything


@pytest.mark.parametrize(
    ("steps", "seconds"), [(1, IDLE_SECONDS), (2, IDLE_SECONDS), (24, SESSION_SECONDS / 23.9)]
)
async def test_a_session_ends_when_it_lies_idle_and_at_the_end_of_a_long_day(
    any_office: Office, steps: int, seconds: float
) -> None:
    browser = await any_office.boss()
    for _ in range(steps - 1):
        any_office.clock.at += seconds - 1
        assert await browser.who()
    any_office.clock.at += seconds + 1
    assert await browser.who() is None
    again = Browser(any_office, {})
    again.cookies = browser.cookies
    assert await again.who() is None


async def test_wrong_name_and_wrong_password_are_answered_with_the_same_words_after_the_same_work(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.person("olena", Role.CLERK)
    disabled = office.account("petro", Grant(Role.CLERK, "demo"))
    office.people.accounts.change(disabled.id, {"active": False}, who="test")
    office.account("new", Grant(Role.CLERK, "demo"))
    works = 0
    verify = argon2.PasswordHasher.verify

    def counted(*args: Any) -> bool:
        nonlocal works
        works += 1
        return verify(*args)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    names = ("olena", "petro", "new", "nobody", "x" * 200, "", "олена")
    answers = [await office.browser().sign_in(name, "wrong") for name in names]
    assert len({(answer.status_code, answer.text, str(answer.headers)) for answer in answers}) == 1
    assert works == len(names)
    assert (await office.browser().sign_in("petro")).status_code == 401


async def test_what_was_typed_as_a_name_is_nowhere_in_the_trail(office: Office) -> None:
    await office.browser().sign_in("my-password-in-the-wrong-field", "x")
    with office.engine.connect() as connection:
        assert "wrong-field" not in str(connection.execute(text("SELECT * FROM trail")).all())
    assert office.trail()[0] == ("nobody", "sign-in-refused")


async def test_passwords_are_hashed_a_few_at_a_time_and_a_flood_is_sent_away(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(HASHING_AT_ONCE, timeout=30)
    verify = argon2.PasswordHasher.verify

    def counted(*args: Any) -> bool:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        full.wait()  # nobody goes on before as many as may are at it
        try:
            return verify(*args)
        finally:
            with lock:
                now -= 1

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counted)
    checks = [office.people.entry.passwords.check(None, "wrong") for _ in range(WAITING_MAX + 5)]
    done = await asyncio.gather(*checks, return_exceptions=True)
    assert most == HASHING_AT_ONCE
    assert [getattr(one, "code", "") for one in done].count("slow-down") == 5


async def test_who_is_sent_away_by_a_flood_has_made_no_mistake(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise PeopleRefused("slow-down", "many sign in just now")

    browser = office.browser()
    with monkeypatch.context() as flooded:
        flooded.setattr(office.people.entry.passwords, "check", full)
        for _ in range(ADDRESS.free + 5):
            assert code(await browser.sign_in(BOSS)) == "slow-down"
    assert (await browser.sign_in(BOSS)).is_success


async def test_a_hash_made_with_less_work_is_made_anew_at_the_next_sign_in(office: Office) -> None:
    def kept() -> str:
        with office.engine.connect() as connection:
            return str(connection.execute(text("SELECT password FROM accounts")).scalar_one())

    weak = kept()
    office.people.entry.passwords = Passwords()
    await office.boss()
    strong = kept()
    assert weak != strong
    assert strong.startswith(f"$argon2id$v=19$m={OWASP.memory_kib},t={OWASP.time},p={OWASP.lanes}$")
    await office.boss()
    assert kept() == strong


async def test_letters_are_the_same_however_a_keyboard_composes_them(office: Office) -> None:
    account = office.account("zofia", Grant(Role.CLERK, "demo"))
    composed, apart = (unicodedata.normalize(form, "żółć i zażółcenie") for form in ("NFC", "NFD"))
    assert composed != apart
    await office.people.entry.use_key(office.people.keys.make(account.id, who="test"), "", composed)
    assert (await office.browser().sign_in("zofia", apart)).is_success


async def test_another_password_ends_every_other_session_and_changes_ones_own(any_office: Office) -> None:
    here, there = await any_office.boss(), await any_office.boss()
    before = here.cookies[COOKIE]
    wrong = await here.post("/session/password", json={"old": "wrong", "new": OTHER})
    assert (wrong.status_code, code(wrong), wrong.json()["field"]) == (422, "wrong-password", "old")
    short = await here.post("/session/password", json={"old": PASSWORD, "new": "short"})
    assert (short.status_code, code(short), short.json()["field"]) == (422, "bad-password", "new")
    assert (await here.post("/session/password", json={"old": PASSWORD, "new": OTHER})).status_code == 204
    assert here.cookies[COOKIE] != before
    assert await here.who()
    assert await there.who() is None
    assert (await any_office.browser().sign_in(BOSS)).status_code == 401
    assert (await any_office.browser().sign_in(BOSS, OTHER)).is_success


async def test_the_first_account_is_made_once(any_office: Office) -> None:
    people = any_office.people
    assert people.keys.first() is None
    with any_office.engine.begin() as connection:
        for table in ("accounts", "grants", "sessions"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608
    links = [people.keys.first() for _ in range(3)]
    done = await asyncio.gather(
        *(people.entry.use_key(str(key), f"boss{place}", PASSWORD) for place, key in enumerate(links)),
        return_exceptions=True,
    )
    ended = sorted(one.code if isinstance(one, PeopleRefused) else type(one).__name__ for one in done)
    assert ended == ["Signed", "wrong-key", "wrong-key"]
    assert [one.grants for one in people.accounts.all()] == [(Grant(Role.ADMIN, ANY_HALL),)]


async def test_a_link_works_once_for_three_days_and_for_nobody_else(any_office: Office) -> None:
    boss, people = await any_office.boss(), any_office.people
    new = {"name": "olena", "display_name": "Olena", "grants": [{"role": "clerk", "hall": "demo"}]}
    made = (await boss.post("/accounts", json=new)).json()

    async def use(link: str) -> str:
        answer = await any_office.browser().post(
            "/session/key", json={"key": key_of(link), "password": PASSWORD}
        )
        return "signed in" if answer.is_success else code(answer)

    assert await use(made["link"]) == "signed in"
    assert await use(made["link"]) == "wrong-key"
    where = f"/accounts/{made['account']['id']}/link"
    old = (await boss.post(where)).json()["link"]
    newer = (await boss.post(where)).json()["link"]
    assert await use(old) == "wrong-key", "a newer one was made"
    any_office.clock.at += KEY_SECONDS + 1
    assert await use(newer) == "wrong-key", "it is too old"
    late = people.keys.make(made["account"]["id"], who="test")
    people.accounts.change(made["account"]["id"], {"active": False}, who="test")
    assert await use(f"https://vikno.test/sign-in#key={late}") == "unknown-account"


async def test_a_reset_signs_out_whoever_had_the_password_before(any_office: Office) -> None:
    thief = await any_office.person("olena", Role.CLERK)
    account = any_office.people.accounts.named("olena")
    key = any_office.people.keys.make(account.id, who="test")
    assert await thief.who()
    answer = await any_office.browser().post("/session/key", json={"key": key, "password": OTHER})
    assert answer.is_success
    assert await thief.who() is None


async def test_a_window_belongs_to_who_took_it_last(any_office: Office) -> None:
    olena, petro = await any_office.person("olena", Role.CLERK), await any_office.person("petro", Role.CLERK)
    here = "/halls/demo/windows/w-1/open"
    assert (await olena.post(here)).status_code == 403
    for clerk, other in ((olena, petro), (petro, olena)):
        taken = await clerk.patch("/session", json={"hall": "demo", "window": "w-1"})
        assert (taken.json()["account"]["hall"], taken.json()["account"]["window"]) == ("demo", "w-1")
        assert (await clerk.post(here)).status_code in {200, 409}
        assert (await clerk.post("/halls/demo/windows/w-2/open")).status_code == 403
        assert (await other.post(here)).status_code == 403
    left = await petro.patch("/session", json={"hall": None, "window": None})
    assert left.json()["account"]["window"] is None
    assert (await petro.post(here)).status_code == 403


async def test_a_window_that_two_take_at_once_belongs_to_one(any_office: Office) -> None:
    clerks = [await any_office.person(name, Role.CLERK) for name in ("olena", "petro")]
    for window in [f"w-{n}" for n in (1, 2)] * 10:
        await asyncio.gather(
            *(one.patch("/session", json={"hall": "demo", "window": window}) for one in clerks)
        )
        told = [await one.who() for one in clerks]
        assert sum(one is not None and one["window"] == window for one in told) == 1


@pytest.mark.parametrize(
    ("hall", "window", "status"),
    [("other", "w-1", 403), ("demo", "w-99", 404), ("nowhere", "w-1", 403), (None, "w-1", 403)],
)
async def test_a_window_elsewhere_cannot_be_taken(
    office: Office, hall: str | None, window: str, status: int
) -> None:
    clerk = await office.person("olena", Role.CLERK)
    assert (await clerk.patch("/session", json={"hall": hall, "window": window})).status_code == status
    account = await clerk.who()
    assert account is not None
    assert account["window"] is None


Headers = dict[str, str]
OURS = {"Origin": "https://vikno.test"}


@pytest.mark.parametrize(
    ("headers", "may"),
    [
        (OURS, True),
        (OURS | {"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"X-Nothing": "said"}, False),
        ({"Origin": "https://elsewhere.test"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "https://["}, False),
        ({"Origin": "https://vikno.test:444"}, False),
        ({"Origin": "https://vikno.test.elsewhere"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        (OURS | {"Sec-Fetch-Site": "cross-site"}, False),
        ({"Origin": "https://elsewhere.test", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
async def test_a_cookie_changes_something_only_from_a_page_of_this_server(
    office: Office, headers: Headers, may: bool
) -> None:
    browser = office.browser(**headers)
    browser.cookies = (await office.boss()).cookies
    new = {"services": ["passport"]}
    answers = [
        await browser.post("/halls/demo/tickets", json=new),
        await browser.patch("/session", json={"hall": None, "window": None}),
        await browser.delete("/devices/1"),
    ]
    assert [answer.status_code == 403 for answer in answers] == [not may] * 3
    assert (await browser.get("/halls/demo")).is_success, "to look changes nothing"


async def test_no_other_site_signs_anybody_in_and_a_program_may(office: Office) -> None:
    assert (await office.browser(Origin="https://elsewhere.test").sign_in(BOSS)).status_code == 403
    assert (await office.browser(**{"User-Agent": "a program"}).sign_in(BOSS)).is_success


async def test_a_session_is_no_token_and_a_token_no_session(office: Office) -> None:
    boss = await office.boss()
    cookie = boss.cookies[COOKIE]
    token = office.people.tokens.issue(Grant(Role.ADMIN, ANY_HALL))
    stranger = office.browser()
    as_token = await stranger.get("/halls/demo", headers={"Authorization": f"Bearer {cookie}"})
    as_cookie = await stranger.get("/halls/demo", headers={"Cookie": f"{COOKIE}={token}"})
    assert (as_token.status_code, as_cookie.status_code) == (401, 401)
