"""Backed up, restored and moved under a running server: it finds out by itself, and so do its screens."""

from __future__ import annotations

import contextlib
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine
from websockets.exceptions import ConnectionClosedError

from tests.api.listening import listen
from tests.api.running import HALL, PROGRAM, Deadline, Server, bearer
from vikno.api.access import Role
from vikno.api.operations.backup import back_up
from vikno.api.operations.move import move
from vikno.api.operations.restore import restore
from vikno.api.people.gate import SIGNED_OUT
from vikno.queue.journal.database import open_database, sqlite_url

NOTICED_SECONDS_MAX = 20.0
"""Two seconds on a machine that has time."""


@pytest.fixture
def place(database_url: str) -> Iterator[Engine]:
    """The database of the server."""
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def server(make_server: Callable[..., Server], database_url: str) -> Server:
    """At work on the database, with window w-1 open."""
    server = make_server(address=database_url)
    server.start()
    ask(server, "/windows/w-1/open")
    return server


def ask(server: Server, path: str, body: Any = None) -> httpx.Response:
    """A manager's command."""
    token = bearer(server.token(Role.MANAGER))
    return httpx.post(f"{server.api}{path}", json=body, headers=token)


def number(server: Server) -> str:
    """That of a new ticket."""
    told: str = ask(server, "/tickets", {"services": ["passport"]}).json()["ticket"]["number"]
    return told


async def epoch(server: Server, token: str) -> str:
    """The journal's name, as a new screen is told it."""
    async with listen(server, token) as screen:
        told: str = json.loads(await screen.recv())["epoch"]
        return told


async def test_a_restore_is_noticed_by_the_server_and_its_screens(
    server: Server, place: Engine, tmp_path: Path
) -> None:
    """Who may listen is as it was, too: a token made since is worth nothing."""
    token = server.token(Role.SCREEN)
    assert [number(server), number(server)] == ["A1", "A2"]
    back_up(place, tmp_path / "kept.vikno")
    assert number(server) == "A3"
    before, deadline = await epoch(server, token), Deadline(NOTICED_SECONDS_MAX)
    async with listen(server, token) as screen, listen(server, server.token(Role.SCREEN)) as newer:
        restore(tmp_path / "kept.vikno", place, replace=True)
        while json.loads(await screen.recv())["epoch"] == before:
            deadline.check("an idle screen hears that the journal is another one")
        with contextlib.suppress(ConnectionClosedError):
            while await newer.recv():
                deadline.check("a screen that may not any more is hung up on")
        assert newer.close_code == SIGNED_OUT
    assert number(server) == "A3", "the ticket that was issued since the back-up is gone"
    assert await epoch(server, token) != before
    verified(server)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_hall_that_moves_is_refused_here_and_served_there(
    server: Server, place: Engine, tmp_path: Path, make_server: Callable[..., Server]
) -> None:
    assert number(server) == "A1"
    there = open_database(sqlite_url(tmp_path / "there"))
    move(HALL, place, there)
    there.dispose()
    refused = ask(server, "/tickets", {"services": ["passport"]})
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert "has moved to another database" in refused.json()["detail"]
    other = make_server(address=sqlite_url(tmp_path / "there"))
    other.start()
    assert number(other) == "A2"
    verified(other)


def verified(server: Server) -> None:
    """As an operator finds it."""
    where = {"VIKNO_DATABASE_URL": server.address}
    done = subprocess.run([str(PROGRAM), "verify"], env=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{HALL}: ")
