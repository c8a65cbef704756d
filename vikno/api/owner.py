"""The owner of a hall: the one task through which everything that happens to it goes.

Commands queue up; the owner takes all that wait, decides and applies them in order, has the journal write
them as one group, and only when that is synced answers each and shows what happened. Commands that come
while a group is being written share the next one. Reads wait for the sync too, so nobody ever sees what the
disk does not hold. If the sync fails the whole group is refused and the hall is folded again.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

import msgspec

from vikno.api.clock import Clock
from vikno.queue.commands import AdoptPlan, Command
from vikno.queue.errors import CommandRefused, JournalConflict, JournalError, JournalUnavailable
from vikno.queue.events import DayBegan, Event
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal, Note, Record
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.queue.records import Ticket, Window

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP_MAX = 256
"""Commands in one commit: enough for every clerk of a large hall at once, short enough to answer soon."""

INBOX_MAX = 4_096
"""Commands that may wait for their group; beyond, the hall says that it is overloaded."""

KEYS_MAX = 50_000
"""Idempotency keys in memory: more than two busy days of one hall."""

SNAPSHOT_EVERY = 5_000
"""Events after which the state is kept, so that a restart folds at most this many."""

TURN_SECONDS = 1.0
"""How often the clock is asked whether a day began or the doors close."""


class Change(msgspec.Struct, frozen=True, gc=False):
    """One event that is on the disk, with the records it left behind: what the pages are told."""

    seq: int
    event: Event
    before: Ticket | None
    ticket: Ticket | None
    window: Window | None


Answer = Callable[[Hall, Sequence[Event]], bytes]
"""Builds the answer to a command from the hall and the events it made."""


Outcome = bytes | CommandRefused


class Order:
    """A command on its way: how to make it once its instant is known, and who waits for the answer."""

    __slots__ = ("answer", "future", "key", "make", "note", "request")

    def __init__(
        self,
        make: Callable[[float], Command],
        answer: Answer,
        key: str | None,
        request: str,
        note: str | None,
    ) -> None:
        self.make = make
        self.answer = answer
        self.key = key
        self.request = request
        self.note = note
        self.future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()


class Group:
    """What one commit will hold, and what is told once it does."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.notes: list[Note] = []
        self.changes: list[Change] = []
        self.keys: dict[str, tuple[str, bytes]] = {}
        self.outcomes: list[tuple[Order, Outcome]] = []


class Counts(msgspec.Struct):
    """What an owner has done since it started: for those who watch the server."""

    groups: int = 0
    events: int = 0
    refused: int = 0
    """Commands that the rules did not allow."""
    failed: int = 0
    """Groups that came to nothing because the journal, or a command, failed."""
    folds: int = 0


class Observer(Protocol):
    """Who is told what the disk holds."""

    def folded(self, hall: Hall) -> None:
        """The hall was folded from the journal."""
        ...

    def happened(self, changes: Sequence[Change]) -> None:
        """A group was synced; nobody else has acted since."""
        ...


class HallOwner:
    """Owns one hall: `submit` changes it, `read` looks at it."""

    def __init__(
        self,
        hall: Callable[[], Hall],
        journal: Journal,
        clock: Clock,
        observer: Observer,
        *,
        group_max: int = GROUP_MAX,
    ) -> None:
        self._fresh = hall
        self.hall = hall()
        self.journal = journal
        self.clock = clock
        self.notes: dict[str, str] = {}
        self.epoch = ""
        self.counts = Counts()
        self._policy: Policy | None = None
        self._observer = observer
        self._group_max = group_max
        self._inbox: deque[Order] = deque()
        self._readers: deque[Callable[[], None]] = deque()
        self._wake = asyncio.Event()
        self._busy = False
        self._sound = False
        self._keys: dict[str, tuple[str, bytes]] = {}
        self._snapshot_due = SNAPSHOT_EVERY
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"journal-{journal.hall}")
        self._tasks: list[asyncio.Task[None]] = []
        self._group: asyncio.Future[None] | None = None

    @property
    def sound(self) -> bool:
        """Whether the hall can be read: it is as the disk has it, but for the group under way."""
        return self._sound

    @property
    def waiting(self) -> int:
        """Commands that wait for their group."""
        return len(self._inbox)

    async def start(self, plan: HallPlan) -> None:
        """Fold the journal, adopt the plan, begin the day; `CommandRefused` if the plan cannot be adopted."""
        await self._fold_again()
        self._snapshot_due = self.hall.seq + SNAPSHOT_EVERY
        adopt = Order(lambda at: AdoptPlan(at, plan), lambda _hall, _events: b"", None, "", None)
        self._inbox.append(adopt)
        while self._inbox:
            await self._serve(self._next())
        await adopt.future
        await self._serve([])
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._turn())]

    async def stop(self) -> None:
        """Finish the group under way, keep a snapshot, stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *filter(None, [self._group]), return_exceptions=True)
        try:
            if self._sound:
                await self._in_thread(self.journal.snapshot, self.hall.state(), self.journal.hash)
        except JournalError as error:
            log.warning("no snapshot at the stop: %s", error)
        await self._in_thread(self.journal.close)
        self._thread.shutdown()

    async def submit(
        self,
        make: Callable[[float], Command],
        answer: Answer,
        *,
        key: str | None = None,
        request: str = "",
        note: str | None = None,
    ) -> bytes:
        """The answer once the command is synced, or `CommandRefused`, or `JournalUnavailable`.

        The same `key` with the same `request` gives the same answer and happens once. `note` is kept beside
        the journal for the command's ticket.
        """
        if len(self._inbox) >= INBOX_MAX:
            raise JournalUnavailable(f"more than {INBOX_MAX} commands wait; nothing happened, try again")
        order = Order(make, answer, key, request, note)
        self._inbox.append(order)
        self._wake.set()
        return await order.future

    async def read(self, view: Callable[[Hall], T]) -> T:
        """What `view` makes of the hall as the disk has it."""
        if not self._busy:
            return self._view(view)
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()

        def look() -> None:
            if future.done():
                return
            try:
                future.set_result(self._view(view))
            except Exception as error:  # noqa: BLE001  (belongs to whoever asked)
                future.set_exception(error)

        self._readers.append(look)
        return await future

    def govern(self, policy: Policy) -> None:
        """Have `policy` choose from now on, in this hall and when it is folded again.

        To be called on the owner's loop: there no choice is half made, for a group is decided in one go.
        """
        self._policy = policy
        self.hall.policy = policy

    def _view(self, view: Callable[[Hall], T]) -> T:
        if not self._sound:
            raise JournalUnavailable("the journal cannot be read now; try again")
        return view(self.hall)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            # Shielded, so that a stop lets the group under way reach the disk and be answered.
            self._group = asyncio.ensure_future(self._serve(self._next()))
            await asyncio.shield(self._group)
            if self._inbox:
                self._wake.set()

    def _next(self) -> list[Order]:
        return [self._inbox.popleft() for _ in range(min(len(self._inbox), self._group_max))]

    async def _serve(self, orders: list[Order]) -> None:
        """One group: decide, sync, answer, show."""
        self._busy = True
        try:
            if not self._sound:
                await self._fold_again()
            group = self._decide(orders)
            if group.records:
                await self._in_thread(self.journal.append, group.records, group.notes)
            self._settle(group)
            await self._tidy(group)
        except JournalConflict:
            self._sound = False
            self._inbox.extendleft(reversed(orders))
        except Exception as error:  # noqa: BLE001  (whatever it is, the clerks must hear and the hall go on)
            self._sound = False
            await self._refuse(orders, error)
        finally:
            self._busy = False
            while self._readers:
                self._readers.popleft()()

    def _decide(self, orders: list[Order]) -> Group:
        """Decide and apply each order; the hall runs ahead of the disk by this group only."""
        group = Group()
        due = self.hall.due(self._now())
        while due is not None:
            events = self.hall.decide(due)
            self._apply(group, events)
            group.records.append(Record(events))
            due = self.hall.due(due.at)
        for order in orders:
            known = (group.keys.get(order.key) or self._keys.get(order.key)) if order.key else None
            try:
                outcome: Outcome = _again(known, order) if known else self._execute(group, order)
            except CommandRefused as refusal:
                outcome = refusal
            group.outcomes.append((order, outcome))
        return group

    def _execute(self, group: Group, order: Order) -> bytes:
        command = order.make(self._now())
        events = self.hall.decide(command)
        self._apply(group, events)
        answer = order.answer(self.hall, events)
        if not events:
            return answer
        if order.key:
            group.keys[order.key] = (order.request, answer)
            group.records.append(Record(events, order.key, order.request, answer.decode()))
        else:
            group.records.append(Record(events))
        if order.note:
            until = self.hall.day.until if self.hall.day else command.at
            group.notes.append(Note(events[0].ticket, order.note, until))  # type: ignore[attr-defined]
        return answer

    def _apply(self, group: Group, events: Sequence[Event]) -> None:
        hall = self.hall
        for event in events:
            ticket, window = getattr(event, "ticket", None), getattr(event, "window", None)
            before = hall.tickets.get(ticket) if ticket else None
            hall.apply((event,))
            after = hall.tickets.get(ticket) if ticket else None
            group.changes.append(
                Change(hall.seq, event, before, after, hall.windows[window] if window else None)
            )

    def _settle(self, group: Group) -> None:
        """The disk has it: remember, answer, show."""
        self.counts.groups += bool(group.records)
        self.counts.events += len(group.changes)
        self._keys.update(group.keys)
        while len(self._keys) > KEYS_MAX:
            del self._keys[next(iter(self._keys))]
        for note in group.notes:
            self.notes[note.ticket] = note.text
        for order, outcome in group.outcomes:
            if order.future.done():
                continue
            if isinstance(outcome, bytes):
                order.future.set_result(outcome)
            else:
                self.counts.refused += 1
                order.future.set_exception(outcome)
        if group.changes:
            self._observer.happened(group.changes)

    async def _refuse(self, orders: list[Order], error: Exception) -> None:
        """Nothing of the group happened; find back to what the disk holds, and say so.

        If it was not the journal that failed, a command did: each is tried alone, so that a bad one does
        not take its neighbours down.
        """
        waiting = [order for order in orders if not order.future.done()]
        self.counts.failed += 1
        try:
            await self._fold_again()
        except JournalError as still:
            log.warning("hall %s cannot be folded yet: %s", self.journal.hall, still)
        if not isinstance(error, JournalError):
            log.error("a group of hall %s failed", self.journal.hall, exc_info=error)
            if len(waiting) > 1:
                for order in waiting:
                    await self._serve([order])
                return
            error = JournalUnavailable(f"the hall failed ({error!r}); nothing happened")
        for order in waiting:
            order.future.set_exception(error)

    async def _fold_again(self) -> None:
        await self._in_thread(self._load)
        self.counts.folds += 1
        if self._policy is not None:  # it may have been replaced while the hall was folded
            self.hall.policy = self._policy
        self._observer.folded(self.hall)
        self._sound = True

    def _load(self) -> None:
        """The hall, its keys and its notes as the disk has them. Runs in the journal's thread."""
        hall = self._fresh()
        self.epoch = self.journal.epoch()
        self.journal.fold(hall)
        repeated = self.journal.keys()
        self._keys = {key: (request, answer.encode()) for key, request, answer in repeated}
        self.notes = self.journal.notes()
        self.hall = hall

    async def _tidy(self, group: Group) -> None:
        """A new day forgets the notes of the old one; now and then, and then, the state is kept."""
        new_day = any(isinstance(change.event, DayBegan) for change in group.changes)
        if new_day:
            await self._in_thread(self.journal.forget_notes, self.hall.at)
            self.notes = await self._in_thread(self.journal.notes)
        if new_day or self.hall.seq >= self._snapshot_due:
            self._snapshot_due = self.hall.seq + SNAPSHOT_EVERY
            await self._in_thread(self.journal.snapshot, self.hall.state(), self.journal.hash)

    async def _turn(self) -> None:
        """So that a day begins, and a hall that could not be folded is, although nobody does anything."""
        while True:
            await asyncio.sleep(TURN_SECONDS)
            if not self._sound or self.hall.due(self._now()) is not None:
                self._wake.set()

    def _now(self) -> float:
        """The hall's time never stands still or goes back, even if the machine's clock does.

        Two visitors never have the same instant, so the line always knows who came first.
        """
        return max(self.clock.now(), math.nextafter(self.hall.at, math.inf))

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)


def _again(known: tuple[str, bytes], order: Order) -> bytes:
    """The answer of the first time, if the same was asked."""
    request, answer = known
    if request != order.request:
        raise CommandRefused(
            "key-reused",
            "this Idempotency-Key was used for another call; use a new one",
            field="Idempotency-Key",
        )
    return answer
