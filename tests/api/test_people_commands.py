"""Accounts and tokens from the command line, for whoever keeps the machine."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.calling import Vikno
from tests.api.owning import database
from tests.api.running import Server, bearer
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.people.registry import People

PASSWORD = "lilac otter kettle"


def people_of(data: Path) -> People:
    """Those that a server on this folder would know."""
    return People(database(data))


async def test_an_account_that_is_added_chooses_its_password_by_the_link_that_is_printed(
    vikno: Vikno, tmp_path: Path
) -> None:
    data = ("--data", tmp_path)
    url = ("--url", "https://hall.city.test")
    added = vikno("account", "add", "Olena", "--role", "clerk", "--hall", "demo", *url, *data)
    key = re.fullmatch(r"https://hall\.city\.test/sign-in#key=([\w-]+)\n", added.out)
    assert key is not None
    people = people_of(tmp_path)
    signed = await people.entry.use_key(key[1], "", PASSWORD)
    assert (signed.account.name, signed.account.grants) == ("olena", (Grant(Role.CLERK, "demo"),))
    assert vikno("account", "list", *data).out.startswith("olena\tOlena\tclerk of demo\tseen 20")
    assert vikno("account", "disable", "olena", *data).code == 0
    assert vikno("account", "list", *data).out.endswith("\tdisabled\n")
    assert vikno("account", "enable", "olena", *data).code == 0
    assert vikno("account", "link", "olena", *data).out.startswith("http://127.0.0.1:8080/sign-in#key=")
    kinds = [entry.kind for entry in people.trail.entries(frozenset({ANY_HALL}))]
    assert kinds[:3] == ["link-made", "account-changed", "account-changed"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["account", "add", "olena", "--role", "king", "--hall", "demo"], "--role: there is no role 'king'"),
        (["account", "add", "a b", "--role", "clerk", "--hall", "demo"], "name: use 1 to 100 of a-z"),
        (["account", "add", "olena", "--role", "clerk", "--hall", "*"], "grants: a clerk is one in a hall"),
        (["account", "link", "nobody"], "there is no such account"),
        (["account", "disable", "nobody"], "there is no such account"),
        (["tokens", "--revoke", "7"], "--revoke: there is no valid token 7"),
        (["token", "monitor", "--hall", "demo"], "--hall: a monitor watches the server and no hall"),
        (["token", "manager", "--hall", "*"], "--hall: only a token of admin, auditor"),
        (["token", "visitor", "--hall", "demo"], "ROLE: there is no role 'visitor'"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(
    vikno: Vikno, tmp_path: Path, words: list[str], said: str
) -> None:
    told = vikno(*words, "--data", tmp_path)
    assert (told.code, told.out) == (2, "")
    assert told.err.startswith(f"vikno: {said}")
    assert told.err.count("\n") == 1


async def test_tokens_are_listed_without_being_told_and_worth_nothing_once_revoked(
    vikno: Vikno, tmp_path: Path
) -> None:
    data = ("--data", tmp_path)
    made = [
        vikno("token", role, "--hall", hall, *more, *data).out.strip()
        for role, hall, *more in (("kiosk", "demo"), ("clerk", "demo", "--window", "w-1"), ("auditor", "*"))
    ]
    listed = vikno("tokens", *data).out
    assert [line.split("\t")[:2] for line in listed.splitlines()] == [
        ["1", "kiosk of demo"],
        ["2", "clerk of demo window w-1"],
        ["3", "auditor of *"],
    ]
    assert not any(token in listed for token in made)
    assert vikno("tokens", "--revoke", "2", *data).code == 0
    assert vikno("tokens", *data).out.splitlines()[1].count("revoked 20") == 1
    gate = people_of(tmp_path).gate
    assert [await gate.bearer(token) is not None for token in made] == [True, False, True]


def test_a_server_without_an_account_prints_the_link_of_its_first_administrator(
    make_server: Callable[..., Server],
) -> None:
    server = make_server()
    server.start()
    line = server.output.readline()
    link = re.search(rf"{server.url}sign-in#key=([\w-]+)$", line.strip())
    assert link is not None, line
    new = {"key": link[1], "name": "boss", "password": PASSWORD}
    made = httpx.post(f"{server.url}api/v1/session/key", json=new)
    assert made.json()["account"]["grants"] == [{"role": "admin", "hall": "*"}]
    assert httpx.post(f"{server.url}api/v1/session/key", json=new).status_code == 404
    assert people_of(server.data).keys.first() is None, "there is one now"
    token = bearer(server.token(Role.ADMIN, hall=ANY_HALL))
    assert httpx.get(f"{server.url}api/v1/accounts", headers=token).json()["accounts"][0]["name"] == "boss"
