"""What is appended is there, whole and once: fold, snapshots, keys, notes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from tests.queue.journal.conftest import folded, fresh
from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import JournalConflict
from vikno.queue.journal.chain import START
from vikno.queue.journal.journal import SNAPSHOTS_KEPT, Journal, Note, Record

DAY = timedelta(days=1).total_seconds()


@pytest.mark.parametrize("group", [1, 7, 1_000], ids=["one by one", "groups", "all at once"])
def test_the_fold_is_the_hall_that_was(
    engine: Engine, scene: Scene, records: list[Record], group: int
) -> None:
    journal = Journal(engine, "small")
    for start in range(0, len(records), group):
        journal.append(records[start : start + group])
    hall, again = folded(engine)
    assert hall.fingerprint() == scene.hall.fingerprint()
    assert (again.seq, again.hash) == (journal.seq, journal.hash)
    assert hall.seq == journal.seq == len(scene.events)
    assert [e.decode(entry.payload) for entry in journal.read()] == scene.events


def test_groups_do_not_change_the_chain(engine: Engine, records: list[Record]) -> None:
    one, other = Journal(engine, "one"), Journal(engine, "one")
    one.append(records)
    first = [entry.hash for entry in one.read()]
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM events"))
    for record in records:
        other.append([record])
    assert [entry.hash for entry in other.read()] == first


def test_an_empty_journal_is_an_empty_hall(engine: Engine) -> None:
    hall, journal = folded(engine)
    assert hall.fingerprint() == fresh().fingerprint()
    assert (journal.seq, journal.hash, journal.last_at()) == (0, START, 0.0)
    assert list(journal.keys()) == []


def test_a_group_of_nothing_writes_nothing(engine: Engine) -> None:
    journal = Journal(engine, "small")
    journal.append([])
    journal.append([Record(())])
    assert (journal.seq, list(journal.read())) == (0, [])


def test_a_snapshot_and_its_tail_equal_the_whole_fold(
    engine: Engine, scene: Scene, records: list[Record]
) -> None:
    """A snapshot after every command in turn; whichever is the newest, the hall is the same."""
    journal, hall = Journal(engine, "small"), fresh()
    journal.append(records)
    whole, chain = folded(engine)[0].fingerprint(), {0: START}
    chain |= {entry.seq: entry.hash for entry in journal.read()}
    assert whole == scene.hall.fingerprint()
    for record in records:
        hall.apply(record.events)
        journal.snapshot(hall.state(), chain[hall.seq])
        again, after = folded(engine)
        assert again.fingerprint() == whole
        assert {s: list(line) for s, line in again.lines.items()} == {
            s: list(line) for s, line in scene.hall.lines.items()
        }
        assert (after.seq, after.hash) == (journal.seq, journal.hash)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM snapshots")) == SNAPSHOTS_KEPT


def test_a_snapshot_may_be_kept_twice(engine: Engine, scene: Scene, records: list[Record]) -> None:
    journal = Journal(engine, "small")
    journal.append(records)
    for _ in range(3):
        journal.snapshot(scene.hall.state(), journal.hash)
    assert folded(engine)[0].fingerprint() == scene.hall.fingerprint()


def test_a_hall_goes_on_where_the_journal_ends(engine: Engine, scene: Scene, records: list[Record]) -> None:
    Journal(engine, "small").append(records)
    hall, journal = folded(engine)
    events = hall.decide(c.StartService(scene.now + 5, "w-1"))
    journal.append([Record(events)])
    hall.apply(events)
    assert folded(engine)[0].fingerprint() == hall.fingerprint()


def test_halls_of_one_database_do_not_meet(engine: Engine, scene: Scene, records: list[Record]) -> None:
    one, other = Journal(engine, "one"), Journal(engine, "other")
    one.append(records)
    other.append(records[:2])
    other.snapshot(folded(engine, "other")[0].state(), other.hash)
    assert folded(engine, "one")[0].fingerprint() == scene.hall.fingerprint()
    assert folded(engine, "other")[1].seq == other.seq
    assert one.hash != other.hash
    assert one.epoch() == Journal(engine, "one").epoch() != other.epoch()


def test_keys_come_back_with_their_answers_for_today_and_yesterday(
    engine: Engine, scene: Scene, records: list[Record]
) -> None:
    journal = Journal(engine, "small")
    journal.append(records)
    known = list(journal.keys())
    assert known == [(r.key, r.request, r.answer) for r in records[1:] if r.events]
    for day in (1, 2):
        scene.passes(DAY)
        journal.append([Record(scene.steps[-1])])
        kept = {row[0] for row in journal.keys()}  # noqa: SIM118  (no dict)
        assert ("key-5" in kept) == (day < 1)
        assert (records[-1].key in kept) == (day < 2)


def test_a_key_stands_with_the_first_event_of_its_command(engine: Engine, records: list[Record]) -> None:
    journal = Journal(engine, "small")
    several = next(record for record in records if len(record.events) > 1)
    journal.append([several])
    assert [entry.key for entry in journal.read()] == [several.key, *[None] * (len(several.events) - 1)]


def test_the_newest_instant_is_known_without_a_fold(
    engine: Engine, scene: Scene, records: list[Record]
) -> None:
    journal = Journal(engine, "small")
    journal.append(records)
    assert journal.last_at() == scene.hall.at


def test_a_step_is_written_once_whoever_writes_it(engine: Engine, records: list[Record]) -> None:
    first, second = Journal(engine, "small"), Journal(engine, "small")
    first.append(records[:3])
    with pytest.raises(JournalConflict, match="another process"):
        second.append(records[:3])
    assert second.seq == 0, "it still knows no more than it read"
    assert folded(engine)[1].seq == first.seq


def test_a_journal_that_became_another_one_meanwhile_is_left_as_it_is(
    engine: Engine, records: list[Record]
) -> None:
    journal = Journal(engine, "small")
    journal.append(records[:2])
    with engine.begin() as connection:
        connection.execute(text("UPDATE halls SET epoch = 'restored'"))
    before = list(journal.read())
    for note in ((), (Note("t1", "needs a wheelchair", 100.0),)):
        with pytest.raises(JournalConflict, match="it was restored or moved; decide again"):
            journal.append(records[2:4], note)
    if journal.shared:
        with pytest.raises(JournalConflict, match="it was restored or moved; decide again"):
            journal.begin()
    assert (list(journal.read()), journal.notes()) == (before, {})


def test_notes_lie_beside_the_journal_and_are_deleted_on_time(engine: Engine, records: list[Record]) -> None:
    journal = Journal(engine, "small")
    journal.append(records, [Note("t1", "needs a wheelchair", 100.0), Note("t2", "call quietly", 200.0)])
    journal.append([Record(records[-1].events)], [Note("t1", "has the form", 150.0)])
    assert journal.notes() == {"t1": "has the form", "t2": "call quietly"}
    assert Journal(engine, "other").notes() == {}
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM events")).all()
    assert not any("wheelchair" in str(row) or "form" in str(row) for row in rows)
    before = [entry.hash for entry in journal.read()]
    for at, left in ((149.9, {"t1", "t2"}), (150.0, {"t2"}), (1_000.0, set[str]())):
        journal.forget_notes(at)
        assert set(journal.notes()) == left
    assert [entry.hash for entry in journal.read()] == before


def test_many_halls_write_on_one_database(engine: Engine, records: list[Record]) -> None:
    """Each keeps its connection; no pool may run dry."""
    journals = [Journal(engine, f"hall-{number}") for number in range(40)]
    for journal in journals:
        journal.append(records[:1])
    assert all(journal.seq > 0 for journal in journals)
