"""Halls that share a SQLite write by turns: all of them, none refused, none left waiting for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.queue.journal.conftest import fresh
from tests.queue.scene import at_clock
from vikno.queue import commands as c
from vikno.queue.errors import JournalUnavailable
from vikno.queue.journal import turn as module
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.journal.turn import Turn
from vikno.queue.plan import HallPlan

HALLS, COMMITS = 16, 40


def test_many_halls_at_once_are_all_written(tmp_path: Path, plan: HallPlan) -> None:
    engine, turn, start = open_database(sqlite_url(tmp_path)), Turn(), threading.Barrier(HALLS)
    now = at_clock(plan, "2026-11-20 09:00")

    def work(number: int) -> int:
        journal, hall = Journal(engine, f"hall-{number}", turn), fresh()
        journal.epoch()
        start.wait()
        journal.append([Record(hall.do(c.AdoptPlan(now, plan)) + hall.do(c.BeginDay(now)))])
        for commit in range(COMMITS):
            step = (c.OpenWindow, c.CloseWindow)[commit % 2]
            journal.append([Record(hall.do(step(now + commit, "w-1")))])
        journal.snapshot(hall.state(), journal.hash)
        journal.forget_notes(now)
        journal.close()
        return journal.seq

    with ThreadPoolExecutor(HALLS) as halls:
        assert list(halls.map(work, range(HALLS))) == [COMMITS + 2] * HALLS
    engine.dispose()


def test_who_waits_too_long_for_a_turn_is_refused_and_gets_the_next(
    tmp_path: Path, plan: HallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS_MAX", 0.01)
    engine, turn, hall = open_database(sqlite_url(tmp_path)), Turn(), fresh()
    journal = Journal(engine, "small", turn)
    record = Record(hall.do(c.AdoptPlan(1.0, plan)))
    with turn, pytest.raises(JournalUnavailable, match=r"others write\); try again"):
        journal.append([record])
    journal.append([record])
    assert journal.seq == 1
    journal.close()
    engine.dispose()
