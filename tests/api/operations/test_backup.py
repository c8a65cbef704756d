"""A back-up holds every row of one instant, in a file of its own that nobody else reads, or is not there."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Engine, delete, text

from tests.api.operations.keeping import NOTE, contents
from tests.queue.journal.test_migrations import config
from vikno.api.files import OutputError
from vikno.api.operations.backup import PRIVATE, back_up
from vikno.api.operations.contents import PASSING
from vikno.api.operations.places import NotABackup, opened
from vikno.queue import commands as c
from vikno.queue.errors import JournalCorrupt
from vikno.queue.hall import Hall
from vikno.queue.journal.database import sqlite_url
from vikno.queue.journal.journal import NOTES, Journal, Record
from vikno.queue.plan import HallPlan
from vikno.scheduler.fifo import Fifo


def test_every_row_is_kept_but_what_is_passing(source: Engine, tmp_path: Path) -> None:
    before = contents(source)
    kept = back_up(source, tmp_path / "kept.vikno")
    assert contents(source) == before
    with opened(tmp_path / "kept.vikno") as engine:
        found = contents(engine)
    assert all(before.values())
    assert found == before | {name: [] for name in PASSING}
    assert kept.rows == {name: len(rows) for name, rows in found.items() if name not in PASSING}
    assert kept.bytes == (tmp_path / "kept.vikno").stat().st_size


def test_it_is_one_file_for_its_owner_alone(source: Engine, tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    place = tmp_path / "kept.vikno"
    back_up(source, place)
    assert {path.name for path in tmp_path.iterdir()} - before == {place.name}
    assert place.stat().st_mode & 0o777 == PRIVATE


def test_nothing_is_left_in_it_of_what_was_deleted(source: Engine, tmp_path: Path) -> None:
    with source.begin() as connection:
        connection.execute(delete(NOTES))
    back_up(source, tmp_path / "kept.vikno")
    assert NOTE.encode() not in (tmp_path / "kept.vikno").read_bytes()


def test_a_damaged_journal_is_not_kept_and_the_last_back_up_stays(source: Engine, tmp_path: Path) -> None:
    place = tmp_path / "kept.vikno"
    back_up(source, place)
    before = place.read_bytes()
    with source.begin() as connection:
        connection.execute(text("UPDATE events SET payload = payload || ' ' WHERE seq = 12"))
    with pytest.raises(JournalCorrupt, match="journal of hall small: row 12 does not follow"):
        back_up(source, place)
    assert place.read_bytes() == before
    assert not list(tmp_path.glob(".*"))


def test_a_hall_that_is_written_to_meanwhile_is_kept_as_of_one_instant(
    source: Engine, tmp_path: Path, plan: HallPlan
) -> None:
    """One after the other while somebody writes as fast as they can: each is a journal that checks."""
    journal, hall, over = Journal(source, plan.id), Hall(Fifo()), threading.Event()
    journal.epoch()
    journal.fold(hall)

    def write() -> None:
        while not over.is_set():
            for step in (c.OpenWindow, c.CloseWindow):
                journal.append([Record(hall.do(step(hall.at + 1.0, "w-3")))])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        rows = [back_up(source, tmp_path / "kept.vikno").rows["events"] for _ in range(5)]
    finally:
        over.set()
        writer.join()
    journal.close()
    assert rows == sorted(rows)
    assert rows[0] < rows[-1]


@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("nowhere/kept.vikno", "--out: there is no folder"),
        ("source", "--out: .* is a folder; name a file in it"),
        ("/dev/null", "--out: /dev/null is no file"),
    ],
)
@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_a_place_that_takes_no_file_is_named(
    source: Engine, tmp_path: Path, place: str, complaint: str
) -> None:
    (tmp_path / "source").mkdir(exist_ok=True)
    with pytest.raises(OutputError, match=complaint):
        back_up(source, tmp_path / place)


def test_what_is_no_back_up_is_told(tmp_path: Path) -> None:
    text_file, empty, other = (tmp_path / name for name in ("text", "empty", "other"))
    text_file.write_text("not a database, but longer than the head of one would be, by some words" * 3)
    empty.touch()
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
    for file in (text_file, empty, other, tmp_path / "absent", tmp_path):
        with pytest.raises(NotABackup, match=r"FILE: .*; name one that `vikno backup` wrote"), opened(file):
            pass


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_one_of_a_newer_version_is_refused_and_an_older_one_is_read(source: Engine, tmp_path: Path) -> None:
    place = tmp_path / "kept.vikno"
    back_up(source, place)
    for version, said in (("9999", "newer version .* upgrade first"), ("0000", "never was; name one")):
        with closing(sqlite3.connect(place)) as connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
            connection.commit()
        with pytest.raises(NotABackup, match=said), opened(place):
            pass


@pytest.mark.parametrize("name", ["kept #3.vikno", "kept?mode=rwc&x=%41.vikno", "збережене.vikno"])
@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_it_may_be_called_anything(source: Engine, tmp_path: Path, name: str) -> None:
    back_up(source, tmp_path / name)
    with opened(tmp_path / name) as engine:
        assert contents(engine)["events"] == contents(source)["events"]


@pytest.mark.parametrize("source", ["sqlite"], indirect=True)
def test_an_older_one_is_brought_up_to_date_in_a_copy(source: Engine, tmp_path: Path) -> None:
    before = contents(source)
    script = config()
    with source.begin() as connection:
        script.attributes["connection"] = connection
        command.downgrade(script, "0004")
    source.dispose()
    old = Path(sqlite_url(tmp_path / "source").removeprefix("sqlite:///"))
    taken = old.read_bytes()
    with opened(old) as engine:
        found = contents(engine)
    assert found["events"] == before["events"]
    assert found["trail"] == []
    assert old.read_bytes() == taken
