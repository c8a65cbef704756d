"""The owner of a hall: nothing is told before the disk has it, and what the disk refuses did not happen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.api import checker
from tests.api.owning import (
    NOON,
    PLAN,
    WAIT_SECONDS_MAX,
    HandClock,
    HeldJournal,
    Notebook,
    at_window,
    database,
    fresh,
    issue,
    kinds,
    owned,
)
from tests.api.running import HALL, Deadline
from vikno.api.owner import HallOwner
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import CommandRefused, JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.database import FILE_NAME
from vikno.queue.journal.journal import Journal, Record

DAY_SECONDS = 86_400.0


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return database(tmp_path)


@pytest.fixture
def journal(engine: Engine) -> HeldJournal:
    return HeldJournal(engine)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
async def owner(journal: HeldJournal, clock: HandClock, notebook: Notebook) -> AsyncIterator[HallOwner]:
    async with owned(journal, clock, notebook=notebook) as owner:
        while journal.arrived.acquire(blocking=False):
            pass
        yield owner


async def arrive(journal: HeldJournal) -> None:
    """Wait until a group has come to the journal."""
    assert await asyncio.to_thread(journal.arrived.acquire, timeout=WAIT_SECONDS_MAX)


def tickets(hall: Hall) -> list[str]:
    return list(hall.tickets)


def refolded(engine: Engine) -> Hall:
    hall = fresh()
    Journal(engine, HALL).fold(hall)
    return hall


async def test_nothing_is_answered_readable_or_told_before_the_sync(
    owner: HallOwner, journal: HeldJournal, notebook: Notebook
) -> None:
    told = len(notebook.changes)
    journal.gate.clear()
    ordered = asyncio.create_task(owner.submit(issue("t-1"), kinds))
    await arrive(journal)
    looked = asyncio.create_task(owner.read(tickets))
    done, _ = await asyncio.wait({ordered, looked}, timeout=0.2)
    assert not done
    assert len(notebook.changes) == told

    journal.gate.set()
    assert await looked == ["t-1"]
    assert b"TicketIssued" in await ordered
    assert [type(change.event) for change in notebook.changes[told:]] == [e.TicketIssued]


async def test_commands_that_come_during_a_sync_share_the_next_one(
    owner: HallOwner, journal: HeldJournal
) -> None:
    journal.gate.clear()
    first = asyncio.create_task(owner.submit(issue("t-0"), kinds))
    await arrive(journal)
    rest = [asyncio.create_task(owner.submit(issue(f"t-{n}"), kinds)) for n in range(1, 21)]
    await asyncio.sleep(0)
    journal.gate.set()
    await asyncio.gather(first, *rest)
    assert journal.groups[-2:] == [1, 20]


async def test_a_failed_sync_refuses_the_whole_group_and_the_hall_is_as_the_disk_has_it(
    owner: HallOwner, journal: HeldJournal, notebook: Notebook, engine: Engine
) -> None:
    await owner.submit(issue("t-0"), kinds)
    before, told, folds = owner.hall.fingerprint(), len(notebook.changes), notebook.folds
    journal.gate.clear()
    while journal.arrived.acquire(blocking=False):
        pass
    journal.refuse_before = 2
    group = [asyncio.create_task(owner.submit(issue(f"t-{n}"), kinds, key=f"k-{n}")) for n in range(1, 11)]
    await arrive(journal)
    looked = asyncio.create_task(owner.read(tickets))
    await asyncio.sleep(0)
    group.append(asyncio.create_task(owner.submit(at_window(c.OpenWindow), kinds)))
    await asyncio.sleep(0)
    journal.gate.set()
    answers = await asyncio.gather(*group, return_exceptions=True)

    assert all(isinstance(answer, JournalUnavailable) for answer in answers)
    assert await looked == ["t-0"]
    assert await owner.read(Hall.fingerprint) == before == refolded(engine).fingerprint()
    assert len(notebook.changes) == told
    assert notebook.folds == folds + 2

    await owner.submit(issue("t-1"), kinds, key="k-1")
    assert await owner.read(tickets) == ["t-0", "t-1"]
    assert owner.hall.fingerprint() == refolded(engine).fingerprint()


async def test_a_sync_that_was_done_but_not_confirmed_happens_once_when_asked_again(
    owner: HallOwner, journal: HeldJournal
) -> None:
    journal.refuse_after = 1
    with pytest.raises(JournalUnavailable):
        await owner.submit(issue("t-1"), kinds, key="k")
    assert b"TicketIssued" in await owner.submit(issue("t-2"), kinds, key="k")
    assert await owner.read(tickets) == ["t-1"]


async def test_a_hall_that_could_not_be_folded_comes_back_by_itself(
    owner: HallOwner, journal: HeldJournal
) -> None:
    await owner.submit(issue("t-1"), kinds)
    journal.refuse_before = journal.refuse_fold = 1
    with pytest.raises(JournalUnavailable):
        await owner.submit(issue("t-2"), kinds)
    deadline = Deadline(WAIT_SECONDS_MAX)
    while True:
        deadline.check("the hall can be read again, though nobody commands anything")
        try:
            assert await owner.read(tickets) == ["t-1"]
            break
        except JournalUnavailable:
            await asyncio.sleep(0.01)


async def test_what_became_of_a_lost_group_is_no_news_of_the_next(
    owner: HallOwner, journal: HeldJournal, engine: Engine
) -> None:
    journal.lose_after = journal.refuse_fold = 1
    with pytest.raises(JournalUnavailable, match="cannot say yet"):
        await owner.submit(issue("t-1"), kinds)

    def broken(_hall: Hall, _events: object) -> bytes:
        raise ZeroDivisionError

    group = owner.submit(issue("t-2"), kinds), owner.submit(issue("t-3"), broken)
    done, failed = await asyncio.gather(*group, return_exceptions=True)
    assert isinstance(failed, JournalUnavailable)
    assert b"TicketIssued" in done  # type: ignore[operator]
    assert await owner.read(tickets) == ["t-1", "t-2"]
    assert owner.hall.fingerprint() == refolded(engine).fingerprint()


async def test_an_answer_that_cannot_be_built_refuses_and_changes_nothing(
    owner: HallOwner, engine: Engine
) -> None:
    def broken(_hall: Hall, _events: object) -> bytes:
        raise ZeroDivisionError

    with pytest.raises(JournalUnavailable):
        await owner.submit(issue("t-1"), broken)
    assert await owner.read(tickets) == []
    assert owner.hall.fingerprint() == refolded(engine).fingerprint()


async def test_a_step_written_by_another_process_is_folded_in_and_the_command_decided_again(
    owner: HallOwner, engine: Engine
) -> None:
    other = Journal(engine, HALL)
    hall = fresh()
    other.fold(hall)
    other.append([Record(hall.decide(c.IssueTicket(NOON, "theirs", ("passport",))))])
    await owner.submit(issue("ours"), kinds)
    assert await owner.read(tickets) == ["theirs", "ours"]
    numbers = await owner.read(lambda hall: [ticket.number for ticket in hall.tickets.values()])
    assert numbers == ["A1", "A2"]


async def test_two_owners_that_start_at_once_both_start(engine: Engine) -> None:
    slow, quick = HeldJournal(engine), HeldJournal(engine)
    slow.gate.clear()
    late = HallOwner(fresh, slow, HandClock(), Notebook())
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        starting = asyncio.create_task(late.start(PLAN))
        await arrive(slow)
        async with owned(quick) as early:
            slow.gate.set()
            await starting
            await late.submit(issue("t-1"), kinds)
            await early.submit(issue("t-2"), kinds)
            assert await early.read(tickets) == ["t-1", "t-2"]
        await late.stop()


# Keys --------------------------------------------------------------------------------------------------


async def test_the_same_key_twice_in_one_group_happens_once(owner: HallOwner, journal: HeldJournal) -> None:
    journal.gate.clear()
    first = asyncio.create_task(owner.submit(issue("t-0"), kinds))
    await arrive(journal)
    twice = [asyncio.create_task(owner.submit(issue(f"t-{n}"), kinds, key="k", request="r")) for n in (1, 2)]
    await asyncio.sleep(0)
    journal.gate.set()
    await first
    one, two = await asyncio.gather(*twice)
    assert one == two
    assert await owner.read(tickets) == ["t-0", "t-1"]


async def test_a_key_used_for_another_call_is_refused(owner: HallOwner) -> None:
    await owner.submit(issue("t-1"), kinds, key="k", request="one")
    with pytest.raises(CommandRefused) as refusal:
        await owner.submit(issue("t-2"), kinds, key="k", request="another")
    assert refusal.value.code == "key-reused"
    assert await owner.read(tickets) == ["t-1"]


async def test_a_refusal_does_not_use_up_its_key(owner: HallOwner) -> None:
    with pytest.raises(CommandRefused):
        await owner.submit(at_window(c.CallNext), kinds, key="k", request="call")
    await owner.submit(at_window(c.OpenWindow), kinds)
    assert b"NobodyCalled" in await owner.submit(at_window(c.CallNext), kinds, key="k", request="call")


async def test_keys_outlive_a_restart_for_this_day_and_the_next(engine: Engine) -> None:
    clock = HandClock()
    async with owned(Journal(engine, HALL), clock) as owner:
        answer = await owner.submit(issue("t-1"), kinds, key="k", request="r")
    for day in (0, 1):
        clock.at = NOON + day * DAY_SECONDS + 1
        async with owned(Journal(engine, HALL), clock) as owner:
            assert await owner.submit(issue("t-2"), kinds, key="k", request="r") == answer
            assert "t-2" not in await owner.read(tickets)


# Time --------------------------------------------------------------------------------------------------


async def test_a_clock_that_jumps_back_never_moves_the_hall_back(
    owner: HallOwner, clock: HandClock, tmp_path: Path
) -> None:
    await owner.submit(issue("t-1"), kinds)
    clock.at = NOON - 3 * 3600
    await owner.submit(issue("t-2"), kinds)
    await owner.submit(at_window(c.OpenWindow), kinds)
    assert b"t-1" in (await owner.submit(at_window(c.CallNext), lambda _h, ev: ev[0].ticket.encode()))  # type: ignore[attr-defined]
    assert NOON < owner.hall.at < NOON + 0.001, "no two instants are the same"
    clock.at = NOON + 1
    await owner.submit(issue("t-3"), kinds)
    assert owner.hall.at == NOON + 1
    checker.check_chain(checker.rows(tmp_path / FILE_NAME, HALL), HALL)


async def test_the_day_begins_at_midnight_by_itself(owner: HallOwner, clock: HandClock) -> None:
    await owner.submit(issue("t-1"), kinds)
    clock.at = NOON + DAY_SECONDS / 2 + 1
    deadline = Deadline(WAIT_SECONDS_MAX)
    while owner.hall.day is None or owner.hall.day.date != "2026-11-27":
        deadline.check("the next day has begun")
        await asyncio.sleep(0.01)
    assert await owner.read(tickets) == []
    await owner.submit(issue("t-2"), kinds)
    assert await owner.read(lambda hall: hall.tickets["t-2"].number) == "A1"


async def test_a_clock_that_jumps_back_over_midnight_does_not_begin_the_old_day_again(
    owner: HallOwner, clock: HandClock
) -> None:
    clock.at = NOON + DAY_SECONDS
    await owner.submit(issue("t-1"), kinds)
    clock.at = NOON
    await owner.submit(issue("t-2"), kinds)
    assert await owner.read(lambda hall: (hall.day.date if hall.day else "", tickets(hall))) == (
        "2026-11-27",
        ["t-1", "t-2"],
    )


async def test_what_was_queued_when_the_server_stops_is_done_or_was_never_answered(engine: Engine) -> None:
    journal = HeldJournal(engine)
    owner = HallOwner(fresh, journal, HandClock(), Notebook())
    await owner.start(PLAN)
    while journal.arrived.acquire(blocking=False):
        pass
    journal.gate.clear()
    under_way = asyncio.create_task(owner.submit(issue("t-1"), kinds))
    await arrive(journal)
    stopping = asyncio.create_task(owner.stop())
    await asyncio.sleep(0)
    journal.gate.set()
    await stopping
    assert b"TicketIssued" in await under_way
    assert tickets(refolded(engine)) == ["t-1"]
