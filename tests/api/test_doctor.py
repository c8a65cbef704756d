"""The doctor names what is not as it should be, with the remedy, and touches nothing."""

from __future__ import annotations

import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from tests.api.calling import Vikno
from tests.api.running import Server
from tests.postgresql import PostgreSQL
from vikno.api.doctor import storage
from vikno.api.doctor.database import database
from vikno.api.doctor.finding import Finding, Level
from vikno.api.doctor.machine import machine
from vikno.api.doctor.storage import folder
from vikno.api.doctor.way import way
from vikno.queue.journal.database import FILE_NAME, open_database, sqlite_url

NOWHERE = "postgresql://vikno:secret@127.0.0.1:1/vikno"


def found(findings: Iterator[Finding], what: str) -> Finding:
    """The one line about something."""
    (one,) = [finding for finding in findings if finding.what == what]
    return one


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder as a server makes it."""
    open_database(sqlite_url(tmp_path / "data")).dispose()
    return tmp_path / "data"


def changed(data: Path, *statements: str) -> None:
    with closing(sqlite3.connect(data / FILE_NAME)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_where_all_is_well_every_line_says_so(data: Path, vikno: Vikno) -> None:
    said = vikno("doctor", "--data", data, "--port", "1")
    lines = said.out.splitlines()
    assert all(re.fullmatch(r"(ok  |look|bad )  [\w ]+: .+", line) for line in lines)
    names = {line[6:].split(":")[0] for line in lines}
    assert names >= {"Python", "memory", "time zones", "voice", "pages", "disk", "file system", "rights"}
    assert names >= {"database", "writing", "syncing", "schema", "clock", "accounts", "port"}


def test_what_is_bad_ends_with_two(data: Path, vikno: Vikno) -> None:
    data.chmod(0o755)
    said = vikno("doctor", "--data", data)
    assert said.code == 2
    assert re.search(r"bad   rights: others may read .*; chmod 700 ", said.out)
    assert re.fullmatch(r"vikno: \d of \d+ checks are bad; do what their lines say\n", said.err)


def test_a_place_without_a_database_is_no_mistake_and_none_is_made(tmp_path: Path) -> None:
    one = found(database(tmp_path / "new", None), "database")
    assert (one.level, one.remedy) == (Level.LOOK, "the first `vikno serve` makes it")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("statement", "what", "level", "remedy"),
    [
        ("PRAGMA journal_mode=DELETE", "syncing", Level.BAD, "set it right"),
        ("UPDATE alembic_version SET version_num = '0001'", "schema", Level.LOOK, "back up"),
        ("UPDATE alembic_version SET version_num = '9999'", "schema", Level.BAD, "upgrade Vikno"),
        ("DROP TABLE alembic_version", "schema", Level.LOOK, "the first `vikno serve`"),
        (
            "INSERT INTO events VALUES ('small', 1, 4e9, 'x', '{}', NULL, NULL, NULL, 'x')",
            "clock",
            Level.BAD,
            "set the clock by NTP",
        ),
    ],
)
def test_a_database_that_is_not_as_it_should_be(
    data: Path, statement: str, what: str, level: Level, remedy: str
) -> None:
    changed(data, statement)
    before = (data / FILE_NAME).read_bytes()
    one = found(database(data, None), what)
    assert one.level is level
    assert one.remedy.startswith(remedy)
    assert (data / FILE_NAME).read_bytes() == before


def test_a_database_that_nobody_can_write_to_now(data: Path) -> None:
    with closing(sqlite3.connect(data / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert found(database(data, None), "writing").level is Level.BAD


def test_a_file_that_is_no_database(data: Path) -> None:
    (data / FILE_NAME).write_bytes(b"nothing of the kind" * 100)
    assert found(database(data, None), "database").level is Level.BAD


def test_postgresql_is_looked_at_likewise(postgresql: PostgreSQL, postgresql_database: str) -> None:
    url = postgresql.url(postgresql_database)
    levels = {one.what: one.level for one in database(Path(), url)}
    assert levels == dict.fromkeys(("database", "writing", "syncing", "schema", "clock"), Level.OK) | {
        "accounts": Level.LOOK
    }
    postgresql.do(f"ALTER DATABASE {postgresql_database} SET default_transaction_read_only = on")
    assert found(database(Path(), url), "writing").level is Level.BAD


def test_a_database_that_cannot_be_reached_is_named_without_its_password() -> None:
    lines = [one.line() for one in database(Path(), NOWHERE)]
    assert len(lines) == 1
    assert lines[0].startswith("bad   database: ")
    assert "secret" not in lines[0]


def test_a_full_disk_and_a_far_one_are_told(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "FREE_BYTES_MIN", 1 << 60)
    assert found(folder(data), "disk").level is Level.BAD
    monkeypatch.setattr(storage, "FREE_BYTES_MIN", 0)
    monkeypatch.setattr(storage, "FREE_BYTES_GOOD", 1 << 60)
    assert found(folder(data), "disk").level is Level.LOOK
    monkeypatch.setattr(storage, "FAR", {found(folder(data), "file system").found})
    assert found(folder(data), "file system").level is Level.BAD


def test_memory_that_is_lost_with_the_power_is_no_place() -> None:
    shared = Path("/dev/shm")  # noqa: S108  (looked at, not written to)
    if not shared.is_dir():
        pytest.skip("untested without /dev/shm")
    assert found(folder(shared), "file system").level is Level.BAD


def test_a_time_zone_that_nobody_knows() -> None:
    assert found(machine(["Mars/Olympus"]), "time zones").remedy == "install tzdata"


def test_a_port_that_somebody_else_has_and_one_that_vikno_has(make_server: Callable[..., Server]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        one = found(way("127.0.0.1", taken.getsockname()[1], ""), "port")
        assert (one.level, one.remedy) == (Level.BAD, "choose another, or end what listens there")
    server = make_server()
    server.start()
    assert found(way("127.0.0.1", server.port, ""), "port").level is Level.OK
    lines = {one.what: one for one in way("127.0.0.1", server.port, server.url)}
    assert lines["address"].level is Level.OK
    assert lines["TLS"].level is Level.LOOK
    gone = {one.what: one.level for one in way("127.0.0.1", server.port, "https://127.0.0.1:1")}
    assert (gone["address"], gone["TLS"]) == (Level.BAD, Level.BAD)


def test_an_account_is_somebody_who_can_sign_in(data: Path) -> None:
    columns = "name, display_name, language, active, made"
    changed(data, f"INSERT INTO accounts ({columns}) VALUES ('a', 'A', '', 1, 1.0), ('b', 'B', '', 0, 1.0)")  # noqa: S608
    assert found(database(data, None), "accounts").found == "1 people can sign in"


def test_nothing_is_changed_by_looking(data: Path, vikno: Vikno) -> None:
    engine: Engine = open_database(sqlite_url(data))
    with engine.connect() as connection:
        before = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all()
    vikno("doctor", "--data", data)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name")).all() == before
    engine.dispose()
