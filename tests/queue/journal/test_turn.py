"""Halls that share a SQLite write by turns: all of them, none refused, none left waiting for ever."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.queue.journal.conftest import fresh
from tests.queue.scene import at_clock
from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.queue import commands as c
from vikno.queue.errors import JournalUnavailable
from vikno.queue.journal import turn as module
from vikno.queue.journal.database import open_database, sqlite_url, turn_of
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.plan import HallPlan

HALLS, COMMITS = 16, 40


def test_many_halls_at_once_are_all_written(tmp_path: Path, plan: HallPlan) -> None:
    engine, start = open_database(sqlite_url(tmp_path)), threading.Barrier(HALLS)
    now = at_clock(plan, "2026-11-20 09:00")

    def work(number: int) -> int:
        journal, hall = Journal(engine, f"hall-{number}"), fresh()
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


def test_whatever_else_is_written_waits_for_the_same_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_database(sqlite_url(tmp_path))
    people = People(engine)
    with turn_of(engine), monkeypatch.context() as patched:
        patched.setattr(module, "TURN_SECONDS_MAX", 0.01)
        with pytest.raises(JournalUnavailable, match=r"others write\); try again"):
            people.tokens.issue(Grant(Role.KIOSK, "small"))
    assert people.tokens.issue(Grant(Role.KIOSK, "small"))
    engine.dispose()


def test_who_waits_too_long_for_a_turn_is_refused_and_gets_the_next(
    tmp_path: Path, plan: HallPlan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_SECONDS_MAX", 0.01)
    engine, hall = open_database(sqlite_url(tmp_path)), fresh()
    journal = Journal(engine, "small")
    record = Record(hall.do(c.AdoptPlan(1.0, plan)))
    with turn_of(engine), pytest.raises(JournalUnavailable, match=r"others write\); try again"):
        journal.append([record])
    journal.append([record])
    assert journal.seq == 1
    journal.close()
    engine.dispose()
