"""The owner of a hall: the one task through which everything that happens to it goes.

Commands queue up; the owner takes all that wait, decides and applies them in order, has the journal write
them as one group, and only when that is synced answers each and shows what happened. Commands that come
while a group is being written share the next one. Reads wait for the sync too, so nobody ever sees what the
disk does not hold. If the sync fails the whole group is refused and the hall is folded again.

Where several processes serve the hall, each has such an owner. A group is then a turn: the owner takes the
hall in the journal, learns and tells what the others did meanwhile, decides, writes, and gives the hall back.
Between its turns it learns whenever the bell rings.
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
from vikno.api.groups import Answer, Change, Group, Order, Outcome
from vikno.api.repeats import Repeats
from vikno.queue.commands import AdoptPlan, Command
from vikno.queue.errors import CommandRefused, JournalConflict, JournalError, JournalUnavailable
from vikno.queue.events import AnyEvent, PlanAdopted
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal, News, Note, Record
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy

T = TypeVar("T")
log = logging.getLogger(__name__)

GROUP_MAX = 256
"""Commands in one commit: enough for every clerk of a large hall at once, short enough to answer soon."""

INBOX_MAX = 4_096
"""Commands that may wait for their group; beyond, the hall says that it is overloaded."""

SNAPSHOT_EVERY = 5_000
"""Events after which the state is kept, so that a restart folds hardly more than this many."""

CONFLICTS_MAX = 10
"""Attempts at a group whose hall becomes another one each time; more often is no coincidence."""

STALE_SECONDS = 6.0
"""So long after the journal was lost the hall that is known is no longer shown as the present: by then three
looks have failed, and other processes may have gone on without this one."""

UNWRITTEN_SECONDS = 30.0
"""So long after a group was refused by the journal, and none was written since, commands are better sent to
another process; then one may try again."""

UNKNOWN = (
    "the journal went away while it was being written and cannot say yet whether this happened; "
    "send the same again with its Idempotency-Key"
)

TURN_SECONDS = 1.0
"""How often the clock is asked whether a day began or the doors close."""


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

    def folded(self, hall: Hall, day: Sequence[AnyEvent]) -> None:
        """The hall was folded from the journal; `day`: the events of its day so far."""
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
        self.written: Callable[[int], None] = lambda _seq: None
        """Called with the journal's `seq` after each group of this process, where there are others."""
        self._policy: Policy | None = None
        self._observer = observer
        self._group_max = group_max
        self._inbox: deque[Order] = deque()
        self._readers: deque[Callable[[], None]] = deque()
        self._wake = asyncio.Event()
        self._busy = False
        self._ahead = False
        self._sound = False
        self._behind = False
        self._lost_since: float | None = None
        self._unwritten = -math.inf
        self._keys = Repeats()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"journal-{journal.hall}")
        self._tasks: list[asyncio.Task[None]] = []
        self._group: asyncio.Future[None] | None = None

    @property
    def waiting(self) -> int:
        """Commands that wait for their group."""
        return len(self._inbox)

    async def start(self, plan: HallPlan) -> None:
        """Fold the journal, adopt the plan, begin the day; `CommandRefused` if the plan cannot be adopted."""
        await self._fold_again()
        adopt = Order(lambda at: AdoptPlan(at, plan), lambda _hall, _events: b"", None, "", None)
        await self._serve([adopt])
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
        if not self._ahead and (self._sound or not self._busy):
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

    def heard(self, seq: int | None = None) -> None:
        """Others have written up to `seq`, or may have written: learn it."""
        if seq is None or seq > self.journal.seq:
            self._behind = True
            self._wake.set()

    @property
    def sound(self) -> bool:
        """Whether the hall can be read: it is as the disk has it, but for the group under way."""
        lost = self._lost_since
        return self._sound and (lost is None or asyncio.get_running_loop().time() - lost < STALE_SECONDS)

    @property
    def writes(self) -> bool:
        """Whether the last group was written, or was refused so long ago that the next is worth a try."""
        return asyncio.get_running_loop().time() - self._unwritten >= UNWRITTEN_SECONDS

    def _view(self, view: Callable[[Hall], T]) -> T:
        if not self.sound:
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
        """One group, again if the hall had become another one when it was to be written."""
        self._busy = True
        try:
            for _ in range(CONFLICTS_MAX):
                if await self._attempt(orders):
                    return
            await self._refuse(orders, JournalUnavailable("others keep changing the journal; try again"))
        finally:
            self._busy = self._ahead = False
            while self._readers:
                self._readers.popleft()()

    async def _attempt(self, orders: list[Order]) -> bool:
        """Catch up, decide, sync, answer, show; False: fold again, and then it is worth another attempt."""
        group = Group()
        try:
            if not self._sound:
                await self._fold_again()
                # Whose group was lost has heard that nobody knows; what became of it is no news of this one.
                await self._in_thread(self.journal.was_written)
            if await self._catch_up(orders):
                self._ahead = True
                self._decide(group, orders)
                await self._write(group)
                self._ahead = False
                self._settle(group)
        except JournalConflict:
            self._sound = self._ahead = False
            return False
        except Exception as error:  # noqa: BLE001  (whatever it is, the clerks must hear and the hall go on)
            await self._refuse(orders, error, group)
        else:
            await self._tidy(group)
        return True

    async def _catch_up(self, orders: list[Order]) -> bool:
        """Learn what others did, and take the hall if there is anything to decide; whether there is."""
        wanted = bool(orders) or self.hall.due(self._now()) is not None
        if self.journal.shared or self._behind:
            self._behind = False
            take = wanted and self.journal.shared
            try:
                news = await self._in_thread(self.journal.begin if take else self.journal.news)
            except JournalUnavailable:
                self._lost_since = self._lost_since or asyncio.get_running_loop().time()
                raise
            self._lost_since = None
            self._learn(news)
        return wanted

    def _learn(self, news: News) -> None:
        """What others did is on the disk: it has happened here too, and is told like our own."""
        group = Group()
        group.apply(self.hall, news.events, ours=False)
        for entry in news.entries:
            if entry.key is not None:
                group.keys[entry.key] = (entry.request or "", (entry.answer or "").encode())
        if news.notes is not None:
            self.notes = news.notes
        if any(isinstance(event, PlanAdopted) for event in news.events):
            log.warning("hall %s runs by the hall file of another server from now on", self.journal.hall)
        self._settle(group)

    async def _write(self, group: Group) -> None:
        if group.records:
            try:
                await self._in_thread(self.journal.append, group.records, group.notes)
            except JournalUnavailable:
                self._unwritten = asyncio.get_running_loop().time()
                raise
            self._unwritten = -math.inf
            if self.journal.shared:
                self.written(self.journal.seq)
        elif self.journal.shared:
            await self._in_thread(self.journal.release)

    def _decide(self, group: Group, orders: list[Order]) -> None:
        """Decide and apply each order; the hall runs ahead of the disk by this group only."""
        due = self.hall.due(self._now())
        while due is not None:
            events = self.hall.decide(due)
            group.apply(self.hall, events)
            group.records.append(Record(events))
            due = self.hall.due(due.at)
        for order in orders:
            known = (group.keys.get(order.key) or self._keys.get(order.key)) if order.key else None
            try:
                outcome: Outcome = order.again(known) if known else self._execute(group, order)
            except CommandRefused as refusal:
                outcome = refusal
            group.outcomes.append((order, outcome))

    def _execute(self, group: Group, order: Order) -> bytes:
        command = order.make(self._now())
        events = self.hall.decide(command)
        group.apply(self.hall, events)
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

    def _settle(self, group: Group) -> None:
        """The disk has it: remember, answer, show."""
        self.counts.groups += bool(group.records)
        self.counts.events += len(group.changes)
        if group.new_day:
            self._keys.new_day()
        self._keys.add(group.keys)
        for note in group.notes:
            self.notes[note.ticket] = note.text
        for order, outcome in group.outcomes:
            self.counts.refused += isinstance(outcome, CommandRefused)
            order.settle(outcome)
        if group.changes:
            self._observer.happened(group.changes)

    async def _refuse(self, orders: list[Order], error: Exception, group: Group | None = None) -> None:
        """Nothing of the group happened; find back to what the disk holds, and say so.

        If it was not the journal that failed, a command did: each is tried alone, so that a bad one does
        not take its neighbours down.
        """
        self.counts.failed += bool(orders)
        if self._ahead or not isinstance(error, JournalUnavailable):
            error = await self._find_back(group or Group(), error)
        waiting = [order for order in orders if not order.future.done()]
        if not isinstance(error, JournalError):
            log.error("a group of hall %s failed", self.journal.hall, exc_info=error)
            if len(waiting) > 1:
                for order in waiting:
                    await self._serve([order])
                return
            error = JournalUnavailable(f"the hall failed ({error!r}); nothing happened")
        for order in waiting:
            order.settle(error)

    async def _find_back(self, group: Group, error: Exception) -> Exception:
        """Fold the hall again; what those of the group must hear who were not answered by what was found."""
        self._sound = False
        try:
            await self._fold_again()
            if await self._in_thread(self.journal.was_written):
                log.warning("a group of hall %s is written although it failed: %s", self.journal.hall, error)
                for order, outcome in group.outcomes:
                    order.settle(outcome)
        except JournalError as still:
            log.warning("hall %s cannot be folded yet: %s", self.journal.hall, still)
            if group.records:
                return JournalUnavailable(UNKNOWN)
        return error

    async def _fold_again(self) -> None:
        day = await self._in_thread(self._load)
        self.counts.folds += 1
        if self._policy is not None:  # it may have been replaced while the hall was folded
            self.hall.policy = self._policy
        self._observer.folded(self.hall, day)
        self._sound = True

    def _load(self) -> list[AnyEvent]:
        """The hall, its keys and its notes as the disk has them; its day's events. Runs in its thread."""
        self.journal.release()
        hall = self._fresh()
        self.epoch = self.journal.epoch()
        self.journal.fold(hall)
        repeated = self.journal.keys()
        self._keys = Repeats({key: (request, answer.encode()) for key, request, answer in repeated})
        self.notes = self.journal.notes()
        self.hall = hall
        # Others may have written since; that comes as news.
        day = self.journal.day(hall.day.date)[1] if hall.day else []
        return [event for seq, event in day if seq <= hall.seq]

    async def _tidy(self, group: Group) -> None:
        """A new day forgets the notes of the old one; now and then, and then, the state is kept.

        It falls to the process whose group came to it. Whatever fails is done the next time.
        """
        new_day = group.new_day
        before = self.hall.seq - len(group.changes)
        try:
            if new_day:
                await self._in_thread(self.journal.forget_notes, self.hall.at)
                self.notes = await self._in_thread(self.journal.notes)
            if new_day or before // SNAPSHOT_EVERY < self.hall.seq // SNAPSHOT_EVERY:
                await self._in_thread(self.journal.snapshot, self.hall.state(), self.journal.hash)
        except JournalError as error:
            log.warning("hall %s is not tidied yet: %s", self.journal.hall, error)

    async def _turn(self) -> None:
        """So that a day begins, and a hall that could not be folded is, although nobody does anything."""
        while True:
            await asyncio.sleep(TURN_SECONDS)
            if not self.sound or self.hall.due(self._now()) is not None:
                self._wake.set()

    def _now(self) -> float:
        """The hall's time never stands still or goes back, even if the machine's clock does.

        Two visitors never have the same instant, so the line always knows who came first.
        """
        return max(self.clock.now(), math.nextafter(self.hall.at, math.inf))

    async def _in_thread(self, function: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function, *arguments)
