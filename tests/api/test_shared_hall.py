"""One hall on several servers of one PostgreSQL: each knows, tells and keeps to what the others do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import msgspec
import psycopg
import pytest
from sqlalchemy import Engine

from tests.api import checker
from tests.api.owning import PLAN, HandClock, Notebook, at_window, fresh, issue, kinds, room_of
from tests.api.running import HALL
from tests.postgresql import PostgreSQL
from vikno.api import owner as owners
from vikno.api.bell import Bell
from vikno.api.foresight import Foresight
from vikno.api.owner import HallOwner
from vikno.api.proposals import Attempt, Proposals, State
from vikno.api.room import follow
from vikno.api.steering import Steering
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.errors import JournalUnavailable
from vikno.queue.hall import Hall
from vikno.queue.journal.database import LOCK_TIMEOUT_MS, open_database
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.scheduler import policy_named
from vikno.scheduler.learned import FORMAT, LEARNED, Learned

DAY_SECONDS = 86_400.0
WAIT_SECONDS_MAX = 20.0
COMMANDS = 40


class Process:
    """A hall's owner as one server has it, with its own engine, bell and clock."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.bell = Bell(engine)
        self.clock = HandClock()
        self.notebook = Notebook()
        self.owner = HallOwner(fresh, Journal(engine, HALL), self.clock, self.notebook)
        follow(self.bell, {HALL: self.owner})

    @asynccontextmanager
    async def at_work(self, plan: HallPlan = PLAN) -> AsyncIterator[Process]:
        await self.owner.start(plan)
        await self.bell.start()
        try:
            yield self
        finally:
            await self.bell.stop()
            await self.owner.stop()
            self.engine.dispose()

    async def tickets(self) -> list[str]:
        return await self.owner.read(lambda hall: list(hall.tickets))


async def until(so: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not await so():  # noqa: ASYNC110  (another process must notice, and tells nobody when)
            await asyncio.sleep(0.01)


@pytest.fixture
def address(postgresql: PostgreSQL, postgresql_database: str) -> str:
    return postgresql.url(postgresql_database)


@pytest.fixture
async def two(address: str) -> AsyncIterator[tuple[Process, Process]]:
    async with AsyncExitStack() as stack:
        one, other = (Process(open_database(address)) for _ in range(2))
        yield await stack.enter_async_context(one.at_work()), await stack.enter_async_context(other.at_work())


async def test_both_tell_everything_once_and_in_order_whoever_did_it(
    two: tuple[Process, Process], address: str
) -> None:
    begun = [len(process.notebook.changes) for process in two]
    start = two[0].owner.hall.seq

    async def busy(process: Process, name: str) -> None:
        for number in range(COMMANDS):
            await process.owner.submit(issue(f"{name}-{number}"), kinds, key=f"{name}-{number}")

    await asyncio.gather(busy(two[0], "one"), busy(two[1], "other"))
    await until(lambda: _same(two, start + 2 * COMMANDS))
    journal = checker.rows(address, HALL)
    checker.check_chain(journal, HALL)
    told = [process.notebook.changes[skip:] for process, skip in zip(two, begun, strict=True)]
    for changes in told:
        news = [change for change in changes if change.seq > start]
        assert [change.seq for change in news] == list(range(start + 1, start + 2 * COMMANDS + 1))
        assert all(journal[change.seq - 1].payload == e.encode(change.event) for change in news)
    ours = [{change.seq for change in changes if change.ours and change.seq > start} for changes in told]
    assert len(ours[0]) == len(ours[1]) == COMMANDS
    assert not ours[0] & ours[1]
    assert two[0].owner.hall.fingerprint() == two[1].owner.hall.fingerprint()


async def _same(two: tuple[Process, Process], seq: int) -> bool:
    return {process.owner.hall.seq for process in two} == {seq}


async def test_a_retry_at_the_other_server_gets_the_same_answer(two: tuple[Process, Process]) -> None:
    one, other = two
    answer = await one.owner.submit(issue("t-1"), kinds, key="k", request="r")
    assert await other.owner.submit(issue("t-2"), kinds, key="k", request="r") == answer
    assert await other.tickets() == ["t-1"]


async def test_a_note_of_one_server_is_read_at_the_other(two: tuple[Process, Process]) -> None:
    one, other = two
    await one.owner.submit(issue("t-1"), kinds)
    for command in (c.OpenWindow, c.CallNext, c.StartService):
        await one.owner.submit(at_window(command), kinds)
    to = lambda at: c.TransferVisitor(at, "w-1", "residence")  # noqa: E731
    await one.owner.submit(to, kinds, note="has the form")
    await other.owner.submit(issue("t-2"), kinds)
    assert other.owner.notes == {"t-1": "has the form"}


async def test_a_day_begins_once_for_all(two: tuple[Process, Process], address: str) -> None:
    for process in two:
        process.clock.at += DAY_SECONDS
    await asyncio.gather(*(process.owner.submit(issue(f"t-{n}"), kinds) for n, process in enumerate(two)))
    types = [row.type for row in checker.rows(address, HALL)]
    assert types.count("day-began") == 2, "that of the start, and the next"
    numbers = [row.event["number"] for row in checker.rows(address, HALL) if row.type == "ticket-issued"]
    assert numbers == ["A1", "A2"]


async def test_a_hall_that_somebody_holds_refuses_in_time_and_works_when_it_is_free(
    two: tuple[Process, Process], address: str
) -> None:
    one, other = two
    await one.owner.submit(issue("t-1"), kinds)
    loop = asyncio.get_running_loop()
    with psycopg.connect(address) as holder:
        holder.execute("SELECT id FROM halls FOR UPDATE")
        begun = loop.time()
        refused = asyncio.create_task(one.owner.submit(issue("t-2"), kinds, key="k"))
        await asyncio.sleep(LOCK_TIMEOUT_MS / 2_000)
        assert await one.tickets() == ["t-1"], "who only looks waits for nobody"
        with pytest.raises(JournalUnavailable, match=r"lock timeout.*nothing happened, try again"):
            await refused
        assert loop.time() - begun < 2 * LOCK_TIMEOUT_MS / 1_000
    await one.owner.submit(issue("t-2"), kinds, key="k")
    await other.owner.submit(issue("t-3"), kinds)
    assert await other.tickets() == ["t-1", "t-2", "t-3"]


async def test_who_lost_the_database_refuses_says_so_and_comes_back_by_itself(
    two: tuple[Process, Process],
    postgresql: PostgreSQL,
    postgresql_database: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(owners, "STALE_SECONDS", 0.5)
    one, other = two
    await one.owner.submit(issue("t-1"), kinds)
    postgresql.cut_off(postgresql_database)
    with pytest.raises(JournalUnavailable):
        await one.owner.submit(issue("t-2"), kinds, key="k")
    assert await one.tickets() == ["t-1"], "for a moment what is known is still told"

    async def silent() -> bool:
        return not one.owner.sound and not other.owner.sound

    await until(silent)
    with pytest.raises(JournalUnavailable):
        await one.tickets()
    postgresql.let_in(postgresql_database)

    async def back() -> bool:
        return one.owner.sound and other.owner.sound

    await until(back)
    await other.owner.submit(issue("t-2"), kinds, key="k")
    assert await other.tickets() == ["t-1", "t-2"]
    await one.owner.submit(issue("t-3"), kinds)
    assert await one.tickets() == ["t-1", "t-2", "t-3"]


async def test_all_run_by_the_hall_file_of_the_server_that_started_last(
    two: tuple[Process, Process], address: str, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = two
    await one.owner.submit(issue("t-1"), kinds)
    newer = msgspec.structs.replace(PLAN, target_minutes=PLAN.target_minutes + 5)
    with caplog.at_level(logging.WARNING):
        async with Process(open_database(address)).at_work(newer) as third:
            await until(lambda: _adopted(one, newer))
            await until(lambda: _adopted(other, newer))
            await one.owner.submit(issue("t-2"), kinds)
            await other.owner.submit(issue("t-3"), kinds)
            await third.owner.submit(issue("t-4"), kinds)
            tickets = await third.tickets()
    assert tickets == ["t-1", "t-2", "t-3", "t-4"]
    types = [row.type for row in checker.rows(address, HALL)]
    assert types.count("plan-adopted") == 2, "nobody fights for an older one"
    assert "runs by the hall file of another server" in caplog.text


async def _adopted(process: Process, plan: HallPlan) -> bool:
    return process.owner.hall.adopted == plan


async def test_a_policy_that_is_accepted_at_one_server_is_followed_by_the_other(address: str) -> None:
    learned = Learned(
        policy=LEARNED,
        format=FORMAT,
        hall=HALL,
        weights={w.id: dict.fromkeys(w.services, 1.0) for w in PLAN.windows},
        head_start_minutes={service.id: 1.0 for service in PLAN.services},
        curve_per_minute={service.id: 0.0 for service in PLAN.services},
    )
    async with AsyncExitStack() as stack:
        steerings, rooms = [], []
        for _ in range(2):
            engine = open_database(address)
            stack.callback(engine.dispose)
            room = await stack.enter_async_context(room_of(engine, HandClock()))
            steering = Steering({HALL: room}, Proposals(engine), "fifo", policy_named, Foresight("fifo"))
            bell = Bell(engine)
            steering.start(bell)
            await bell.start()
            stack.push_async_callback(steering.stop)
            stack.push_async_callback(bell.stop)
            steerings.append(steering)
            rooms.append(room)
        attempt = Attempt(HALL, 1.0, "night", (), (), msgspec.json.encode(learned).decode(), None, None, "")
        number = steerings[0].proposals.add(attempt)
        for decision, policy in ((State.ACCEPTED, learned), (State.TAKEN_BACK, "fifo")):
            await steerings[0].decide(HALL, number, decision, "manager")
            assert steerings[0].present(HALL) == policy

            async def followed(policy: str | Learned = policy) -> bool:
                return {await room.owner.read(_policy) for room in rooms} == {type(policy_named(policy))}

            await until(followed)
            assert steerings[1].present(HALL) == policy


def _policy(hall: Hall) -> type[object]:
    return type(hall.policy)


def test_when_all_connections_have_ended_no_more_than_one_turn_is_refused(
    address: str, postgresql: PostgreSQL, postgresql_database: str
) -> None:
    engine = open_database(address)
    journals = [Journal(engine, f"hall-{number}") for number in range(4)]
    for journal in journals:
        journal.begin()
    for journal in journals:
        journal.release()
    postgresql.do(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", postgresql_database
    )
    refused = 0
    for journal in journals:
        try:
            journal.begin()
        except JournalUnavailable:
            refused += 1
        journal.release()
    engine.dispose()
    assert refused <= 1
