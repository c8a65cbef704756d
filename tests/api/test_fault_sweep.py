"""Each database call of each command fails, once and for ever after: no invariant breaks, the hall recovers.

Whatever fails, a command is answered or refused as unavailable; what was told stands in the journal, row for
row; and once the fault is over the same key gives an answer and has happened once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Engine

from tests.api import checker
from tests.api.owning import PLAN, HandClock, Notebook, fresh, issue, kinds
from tests.api.running import HALL
from tests.faulty import EVER, ONCE, Faults
from vikno.api.owner import HallOwner
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import JournalUnavailable
from vikno.queue.journal.database import open_database
from vikno.queue.journal.journal import Journal

CALLS_MAX = 40
"""More calls than any command makes: one that reaches it never ends."""

DAY_SECONDS = 86_400.0
WINDOW = "w-1"


@dataclass
class Swept:
    """A hall whose database fails on order."""

    address: str
    engine: Engine
    faults: Faults
    owner: HallOwner
    clock: HandClock
    notebook: Notebook
    count: int = 0
    known: dict[str, bytes] = field(default_factory=dict)

    async def do(self, make: Callable[[float], c.Command], note: str | None = None) -> bytes:
        """A command that nothing keeps from happening."""
        self.clock.at += 1
        return await self.owner.submit(make, kinds, note=note)

    async def ticket(self) -> str:
        """A new visitor."""
        self.count += 1
        await self.do(issue(f"t-{self.count}"))
        return f"t-{self.count}"

    async def called(self) -> str:
        """A new visitor is called to the window."""
        await self.ticket()
        await self.do(lambda at: c.CallNext(at, WINDOW))
        return f"t-{self.count}"

    async def serving(self) -> str:
        """A new visitor is served."""
        ticket = await self.called()
        await self.do(lambda at: c.StartService(at, WINDOW))
        return ticket

    async def clear(self) -> None:
        """Nobody is at the window and nobody waits."""
        hall = self.owner.hall
        for ticket in [ticket for ticket in hall.tickets.values() if not ticket.over]:
            if ticket.at_window:
                await self.do(lambda at: c.StartService(at, WINDOW)) if ticket.state == "called" else None
                await self.do(lambda at: c.FinishService(at, WINDOW))
            else:
                await self.do(lambda at, ticket=ticket: c.Leave(at, ticket.id))  # type: ignore[misc]


Scene = Callable[[Swept], Awaitable[Callable[[float], c.Command]]]
"""Brings the hall to where a command makes sense, and makes it."""


async def next_day(swept: Swept) -> Callable[[float], c.Command]:
    swept.clock.at += DAY_SECONDS
    swept.count += 1
    return issue(f"t-{swept.count}")


async def issued(swept: Swept) -> Callable[[float], c.Command]:
    swept.count += 1
    return issue(f"t-{swept.count}")


async def opened(swept: Swept) -> Callable[[float], c.Command]:
    await swept.do(lambda at: c.CloseWindow(at, WINDOW))
    return lambda at: c.OpenWindow(at, WINDOW)


async def call_next(swept: Swept) -> Callable[[float], c.Command]:
    await swept.ticket()
    return lambda at: c.CallNext(at, WINDOW)


async def started(swept: Swept) -> Callable[[float], c.Command]:
    await swept.called()
    return lambda at: c.StartService(at, WINDOW)


async def finished(swept: Swept) -> Callable[[float], c.Command]:
    await swept.serving()
    return lambda at: c.FinishService(at, WINDOW)


async def missed(swept: Swept) -> Callable[[float], c.Command]:
    await swept.called()
    return lambda at: c.MissVisitor(at, WINDOW)


async def undone(swept: Swept) -> Callable[[float], c.Command]:
    await swept.called()
    return lambda at: c.UndoStep(at, WINDOW)


async def transferred(swept: Swept) -> Callable[[float], c.Command]:
    """With a note beside the journal."""
    await swept.serving()
    return lambda at: c.TransferVisitor(at, WINDOW, "residence")


async def left(swept: Swept) -> Callable[[float], c.Command]:
    ticket = await swept.ticket()
    return lambda at: c.Leave(at, ticket)


SCENES: list[Scene] = [
    *(issued, opened, call_next, started, finished),
    *(missed, undone, transferred, left, next_day),
]


@pytest.fixture
async def swept(database_url: str) -> AsyncIterator[Swept]:
    engine = open_database(database_url)
    faults, clock, notebook = Faults(engine), HandClock(), Notebook()
    owner = HallOwner(fresh, Journal(engine, HALL), clock, notebook)
    await owner.start(PLAN)
    swept = Swept(database_url, engine, faults, owner, clock, notebook)
    await swept.do(lambda at: c.OpenWindow(at, WINDOW))
    yield swept
    await owner.stop()
    engine.dispose()


async def check(swept: Swept, key: str, make: Callable[[float], c.Command], note: str | None) -> None:
    """The command fails at the armed call; then everything is as it should be, and it happens after all."""
    told = len(swept.notebook.changes)
    try:
        first: bytes | None = await swept.owner.submit(make, kinds, key=key, request="r", note=note)
    except JournalUnavailable:
        first = None
    swept.faults.heal()
    answer = await swept.owner.submit(make, kinds, key=key, request="r", note=note)
    assert first in {None, answer}, "answered twice, and differently"

    journal = checker.rows(swept.address, HALL)
    checker.check_chain(journal, HALL)
    checker.check_calls(journal)
    swept.known[key] = answer
    assert checker.check_acknowledged(journal, swept.known.items()) == len(swept.known)
    for change in swept.notebook.changes[told:]:
        assert journal[change.seq - 1].payload == e.encode(change.event), "told and not written"
    seqs = [change.seq for change in swept.notebook.changes]
    assert seqs == sorted(set(seqs)), "told twice, or out of order"
    again = fresh()
    Journal(swept.engine, HALL).fold(again)
    assert await swept.owner.read(lambda hall: hall.fingerprint()) == again.fingerprint()


@pytest.mark.parametrize("how", [ONCE, EVER])
async def test_whatever_call_of_a_command_fails_it_happens_once_when_asked_again(
    swept: Swept, how: str
) -> None:
    swept.clock.at += 1
    for scene in SCENES:
        struck = 0
        note = "has the form" if scene is transferred else None
        for call in range(1, CALLS_MAX):
            await swept.clear()
            make = await scene(swept)
            swept.clock.at += 1
            swept.faults.arm(call, how)
            await check(swept, f"{scene.__name__}-{call}", make, note)
            if not swept.faults.struck:
                break
            struck += 1
        assert 2 <= struck < CALLS_MAX - 1, f"{scene.__name__} makes {struck} calls"
    assert set(swept.owner.notes.values()) <= {"has the form"}


@pytest.mark.parametrize("how", [ONCE, EVER])
async def test_whatever_call_of_a_start_fails_it_is_said_and_the_next_start_works(
    database_url: str, how: str
) -> None:
    engine = open_database(database_url)
    faults, clock = Faults(engine), HandClock()
    struck = 0
    for call in range(1, CALLS_MAX):
        owner = HallOwner(fresh, Journal(engine, HALL), clock, Notebook())
        faults.arm(call, how)
        try:
            await owner.start(PLAN)
        except JournalUnavailable:
            assert faults.struck
        faults.heal()
        await owner.stop()
        if not faults.struck:
            break
        struck += 1
        clock.at += DAY_SECONDS
    assert 2 <= struck < CALLS_MAX - 1
    checker.check_chain(checker.rows(database_url, HALL), HALL)
    engine.dispose()
