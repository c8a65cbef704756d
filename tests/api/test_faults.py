"""A full disk, a database that somebody holds: commands are refused clearly, and the server lives on."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.api import checker
from tests.api.running import HALL, Server, bearer
from vikno.api.access import Role


@contextmanager
def locked(server: Server) -> Iterator[None]:
    """Another program writes and does not end."""
    with closing(sqlite3.connect(server.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def full_disk(server: Server) -> Iterator[None]:
    """No file of the server may grow any more."""
    process = psutil.Process(server.pid)
    log = Path(f"{server.database}-wal")
    process.rlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, resource.RLIM_INFINITY))
    yield
    process.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize("fault", [locked, full_disk])
def test_commands_are_refused_while_the_disk_takes_nothing_and_work_again_afterwards(
    make_server: Callable[..., Server], fault: Callable[[Server], Any]
) -> None:
    server = make_server()
    server.start()
    with httpx.Client(headers=bearer(server.token(Role.MANAGER)), timeout=20) as http:

        def issue(key: str) -> httpx.Response:
            new = {"services": ["passport"]}
            return http.post(f"{server.api}/tickets", json=new, headers={"Idempotency-Key": key})

        first = issue("first")
        assert first.status_code == httpx.codes.CREATED
        before = len(checker.rows(server.database, HALL))
        with fault(server):
            for _ in range(2):
                refused = issue("second")
                assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
                assert refused.headers["Content-Type"] == "application/problem+json"
                assert refused.headers["Retry-After"] == "1"
                assert refused.json()["code"] == "journal-unavailable"
                assert "nothing happened" in refused.json()["detail"]
            seen = http.get(server.api)
            assert seen.status_code == httpx.codes.OK
            assert [ticket["number"] for ticket in seen.json()["tickets"]] == ["A1"]
            assert issue("first").content == first.content
        assert len(checker.rows(server.database, HALL)) == before
        second = issue("second")
        assert second.json()["ticket"]["number"] == "A2"
        assert issue("second").content == second.content
    assert server.terminate() in {0, -15}
    journal = checker.rows(server.database, HALL)
    checker.check_chain(journal, HALL)
    assert [row.key for row in journal if row.key] == ["first", "second"]
