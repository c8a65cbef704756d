"""Each row vouches for the one before: whoever changes, removes or moves a row is found out at the next fold.

What the chain alone cannot show: an end that was cut off, for then nothing is left to contradict, unless a
snapshot remembers more; a snapshot that was changed; and a journal whose every hash was computed anew from
some row on. Back-ups, and hashes written down elsewhere, are for these.
"""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.queue.journal.conftest import folded
from tests.queue.scene import Scene
from vikno.queue.errors import JournalCorrupt
from vikno.queue.journal.chain import START, link
from vikno.queue.journal.journal import Journal, Record


@pytest.fixture
def journal(engine: Engine, records: list[Record]) -> Journal:
    journal = Journal(engine, "small")
    journal.append(records)
    return journal


def change(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def assert_found_out(engine: Engine) -> None:
    with pytest.raises(JournalCorrupt) as error:
        folded(engine)
    assert "hall small" in str(error.value)
    assert "\n" not in str(error.value)


SWAP = [
    "CREATE TEMP TABLE two AS SELECT * FROM events WHERE seq IN (6, 7)",
    "DELETE FROM events WHERE seq IN (6, 7)",
    "UPDATE two SET seq = 13 - seq",
    "INSERT INTO events SELECT * FROM two",
    "DROP TABLE two",
]


TWICE = """INSERT INTO events
    SELECT hall, 1000, at, type, payload, key, request, answer, hash FROM events WHERE seq = 5"""


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE events SET payload = replace(payload, 't0', 't1') WHERE type = 'ticket-issued' AND seq = 5"],
        ["UPDATE events SET payload = payload || ' ' WHERE seq = 5"],
        ["UPDATE events SET payload = 'nonsense' WHERE seq = 5"],
        ["UPDATE events SET payload = '' WHERE seq = 5"],
        ["UPDATE events SET key = 'another' WHERE seq = 5"],
        ["UPDATE events SET key = NULL WHERE seq = 5"],
        ["UPDATE events SET request = 'another' WHERE seq = 5"],
        ["UPDATE events SET answer = '{}' WHERE seq = 5"],
        ["UPDATE events SET hash = 'f' || substr(hash, 2) WHERE hash NOT LIKE 'f%'"],
        ["UPDATE events SET at = at + 1 WHERE seq = 5"],
        ["UPDATE events SET type = 'window-opened' WHERE type = 'day-began'"],
        ["DELETE FROM events WHERE seq = 5"],
        ["DELETE FROM events WHERE seq = 1"],
        ["DELETE FROM events WHERE seq <= 5"],
        SWAP,
        ["UPDATE events SET seq = seq + 1000 WHERE seq = (SELECT max(seq) FROM events)"],
        [TWICE],
    ],
    ids=[
        "a changed ticket",
        "a blank more",
        "nonsense",
        "an empty payload",
        "another key",
        "no key",
        "another request",
        "another answer",
        "other hashes",
        "another instant",
        "another type",
        "a missing row",
        "a missing first row",
        "a missing beginning",
        "two rows in the other order",
        "a gap before the end",
        "a row written twice",
    ],
)
def test_tampering_shows(engine: Engine, journal: Journal, statements: list[str]) -> None:
    assert journal.seq > 20
    change(engine, *statements)
    assert_found_out(engine)


def test_rows_of_another_hall_do_not_fit(engine: Engine, journal: Journal) -> None:
    change(engine, "UPDATE events SET hall = 'other'")
    with pytest.raises(JournalCorrupt):
        folded(engine, "other")
    assert journal.hall == "small"


def test_an_end_cut_off_shows_when_a_snapshot_remembers_it(
    engine: Engine, scene: Scene, journal: Journal
) -> None:
    journal.snapshot(scene.hall.state(), journal.hash)
    change(engine, "DELETE FROM events WHERE seq > 20")
    assert_found_out(engine)


def test_the_row_of_the_snapshot_is_checked(engine: Engine, scene: Scene, journal: Journal) -> None:
    journal.snapshot(scene.hall.state(), START)
    assert_found_out(engine)


def test_a_snapshot_that_is_no_state_is_told(engine: Engine, scene: Scene, journal: Journal) -> None:
    journal.snapshot(scene.hall.state(), journal.hash)
    for statement in (
        "UPDATE snapshots SET state = 'nonsense'",
        "UPDATE snapshots SET state = '{}'",
        "UPDATE snapshots SET state = ''",
    ):
        change(engine, statement)
        assert_found_out(engine)


def test_an_end_cut_off_cannot_show_by_itself(engine: Engine, journal: Journal) -> None:
    """Written down so that nobody believes more than is true."""
    change(engine, "DELETE FROM events WHERE seq > 20")
    hall, again = folded(engine)
    assert hall.seq == again.seq == 20 < journal.seq


def test_no_two_different_rows_have_the_same_text_to_hash() -> None:
    rows = {
        link(START, "h", 1, "ab", "c", None, None),
        link(START, "h", 1, "a", "bc", None, None),
        link(START, "h", 1, "ab", None, "c", None),
        link(START, "ha", 1, "b", "c", None, None),
        link(START, "h", 2, "ab", "c", None, None),
        link("1" * 64, "h", 1, "ab", "c", None, None),
    }
    assert len(rows) == 6
