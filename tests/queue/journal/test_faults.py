"""A commit is a promise: synced, or refused with nothing written. Disk full, locks, races, wrong places."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, text

from tests.queue.journal.conftest import folded
from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue.errors import JournalConflict, JournalUnavailable
from vikno.queue.journal.database import FILE_NAME, open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan

SYNCHRONOUS_FULL = 2


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite, whose files these tests take away."""
    engine = open_database(sqlite_url(tmp_path))
    yield engine
    engine.dispose()


def on_every_connection(engine: Engine, pragma: str) -> None:
    """A setting of the database for all connections from now on."""
    engine.dispose()

    def connected(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)


def assert_refused(journal: Journal, records: list[Record]) -> None:
    """Nothing written, nothing remembered, and the message says what to do."""
    before = (journal.seq, journal.hash, list(journal.read()))
    with pytest.raises(JournalUnavailable, match="nothing happened, try again"):
        journal.append(records)
    assert (journal.seq, journal.hash, list(journal.read())) == before


def test_nobody_else_reads_the_database_in_a_folder_that_was_there_before(tmp_path: Path) -> None:
    folder = tmp_path / "open to all"
    folder.mkdir(mode=0o755)
    engine = open_database(sqlite_url(folder))
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE one (n)"))
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    engine.dispose()


def test_every_connection_syncs_each_commit(engine: Engine) -> None:
    connections = [engine.connect() for _ in range(3)]
    for connection in connections:
        assert connection.scalar(text("PRAGMA synchronous")) == SYNCHRONOUS_FULL
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA busy_timeout")) == 2_000
    for connection in connections:
        connection.close()


def test_a_full_database_refuses_and_goes_on_when_there_is_room(
    engine: Engine, scene: Scene, records: list[Record]
) -> None:
    journal = Journal(engine, "small")
    journal.append(records[:5])
    with engine.connect() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    journal.close()
    on_every_connection(engine, f"max_page_count={pages}")
    assert_refused(journal, records[5:])
    journal.close()
    on_every_connection(engine, "max_page_count=1000000")
    journal.append(records[5:])
    assert folded(engine)[0].fingerprint() == scene.hall.fingerprint()


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond `size`, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_fails_half_way_leaves_nothing(
    engine: Engine, scene: Scene, records: list[Record], tmp_path: Path
) -> None:
    """The log takes the first pages of the group and then no more."""
    journal = Journal(engine, "small")
    journal.append(records[:5])
    log = tmp_path / f"{FILE_NAME}-wal"
    with files_no_larger_than(log.stat().st_size + 6_000):
        assert_refused(journal, records[5:])
        assert folded(engine)[1].seq == journal.seq
    journal.append(records[5:])
    assert folded(engine)[0].fingerprint() == scene.hall.fingerprint()


def test_a_locked_database_refuses_in_time_and_still_reads(
    engine: Engine, scene: Scene, records: list[Record], tmp_path: Path
) -> None:
    journal = Journal(engine, "small")
    journal.append(records[:5])
    on_every_connection(engine, "busy_timeout=50")
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        assert_refused(journal, records[5:])
        hall, known = folded(engine)
        assert known.seq == journal.seq
        with pytest.raises(JournalUnavailable):
            journal.snapshot(hall.state(), journal.hash)
        with pytest.raises(JournalUnavailable):
            journal.forget_notes(1.0)
    finally:
        other.execute("ROLLBACK")
        other.close()
    journal.append(records[5:])
    assert folded(engine)[0].fingerprint() == scene.hall.fingerprint()


def test_of_two_processes_at_the_same_step_one_writes_and_the_other_decides_again(
    tmp_path: Path, plan: HallPlan
) -> None:
    """Two threads with an engine each, as two processes would have; every round both want the same step."""
    engines = [open_database(sqlite_url(tmp_path)) for _ in range(2)]
    scene = Scene(plan)
    Journal(engines[0], "small").append([Record(tuple(scene.events))])
    start = threading.Barrier(2)
    written: list[list[str]] = [[], []]
    conflicts = [0, 0]
    rounds = 25

    def work(me: int) -> None:
        hall, journal = folded(engines[me])
        for n in range(rounds):
            ticket = f"t{me}-{n}"
            start.wait()
            while ticket not in written[me]:
                events = hall.decide(c.IssueTicket(scene.now, ticket, ("passport",)))
                try:
                    journal.append([Record(events)])
                except JournalConflict:
                    conflicts[me] += 1
                    hall, journal = folded(engines[me])
                else:
                    hall.apply(events)
                    written[me].append(ticket)

    threads = [threading.Thread(target=work, args=(me,)) for me in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    hall, _ = folded(engines[0])
    assert sorted(hall.tickets) == sorted(written[0] + written[1])
    assert len({ticket.number for ticket in hall.tickets.values()}) == 2 * rounds
    assert sum(conflicts) >= rounds, "each round somebody must have come second"
    for engine in engines:
        engine.dispose()


def test_a_place_that_cannot_hold_a_journal_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match=r"--data: .* cannot be made"):
        open_database(sqlite_url(tmp_path / "file" / "data"))
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 1_000)
    with pytest.raises(JournalUnavailable, match=r"--data: .* cannot be opened"):
        open_database(sqlite_url(tmp_path))


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        (
            "mysql://vikno:secret@localhost/vikno",
            "no address of a database; use postgresql://.* or sqlite:///",
        ),
        ("postgresql://vikno:secret@localhost:port/vikno", "no address of a database"),
        ("secret", "no address of a database"),
        ("postgresql://vikno:secret@127.0.0.1:1/vikno", r"127\.0\.0\.1/vikno cannot be opened .* check the"),
        ("postgresql://vikno@127.0.0.1:1/vikno?password=secret", "cannot be opened"),
        ("postgresql://vikno:secret@127.0.0.1:1/vikno?nonsense=1", 'invalid connection option "nonsense"'),
    ],
)
def test_an_address_that_leads_nowhere_is_named_without_telling_its_password(
    address: str, problem: str
) -> None:
    with pytest.raises(JournalUnavailable, match=f"^VIKNO_DATABASE_URL: .*{problem}") as refusal:
        open_database(address)
    assert "secret" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
