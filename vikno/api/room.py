"""A hall as the server runs it: its owner, its audiences, and what they are told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from vikno.api.bell import HALL, LOOK, Bell, hall_ring
from vikno.api.clock import Clock
from vikno.api.foresight import Foresight
from vikno.api.groups import Change
from vikno.api.hub import Audience, frame
from vikno.api.lookout import Lookout
from vikno.api.owner import HallOwner
from vikno.api.scores import Scores
from vikno.display.messages import heartbeat, public_message, snapshot, staff_message, waits_message
from vikno.display.today import Today
from vikno.display.views import Figures, View, Views
from vikno.display.waits import Foreseen
from vikno.queue import events as e
from vikno.queue.errors import JournalError
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.queue.policy import prepare

PREPARE_SECONDS = 60.0
"""How often the policy looks who is there: an absence is one of a quarter of an hour."""

PUBLIC, STAFF = "public", "staff"

encode = msgspec.json.Encoder().encode


class Room:
    """One hall, live."""

    def __init__(self, plan: HallPlan, hall: Callable[[], Hall], journal: Journal, clock: Clock) -> None:
        self.plan = plan
        self.owner = HallOwner(hall, journal, clock, self)
        self.audiences = {PUBLIC: Audience(), STAFF: Audience()}
        self.scores = Scores(journal.engine, journal.hall)
        self._today = Today(plan)
        self._foreseen = Foreseen()
        self._lookout: Lookout | None = None
        self._waits: tuple[dict[str, View | None], dict[str, View | None]] = ({}, {})
        """What was last told of newcomers by service, and of those waiting by ticket."""
        self._told = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, foresight: Foresight | None = None) -> None:
        """Fold, begin to work, begin to tell. Without `foresight` no wait is known."""
        await asyncio.to_thread(self.scores.load)
        await self.owner.start(self.plan)
        if foresight is not None:
            self._lookout = Lookout(self.owner, foresight, self.scores.truth, self._foresee)
            self._tasks.append(asyncio.create_task(self._lookout.run()))
        self._tasks.append(asyncio.create_task(self.scores.run()))
        self._tasks.append(asyncio.create_task(self._prepare_now_and_then()))
        for audience in self.audiences.values():
            self._tasks.append(asyncio.create_task(audience.run()))
            self._tasks.append(asyncio.create_task(audience.beat(self._heartbeat)))

    async def stop(self) -> None:
        """Tell everybody to come back, finish what is under way, keep the state."""
        for audience in self.audiences.values():
            audience.close(1012, "the server restarts")
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.scores.save()
        await self.owner.stop()

    def views(self, *, notes: bool = True) -> Views:
        """The views of this moment. Ask for them only where the hall is as the disk has it.

        Without `notes` for what is kept for longer than a note may be.
        """
        hall = self.owner.hall
        at = max(self.owner.clock.now(), hall.at)
        figures = Figures(self._today, self.scores.honesty.score)
        return Views(hall, at, self._foreseen, figures, self.owner.notes if notes else {})

    def snapshot(self, audience: str) -> bytes:
        """The frame with the whole present."""
        views = self.views()
        view = views.staff() if audience == STAFF else views.board()
        return self._frame(snapshot(view, views, audience, self.owner.clock.speed), views.hall.seq)

    def greeting(self, audience: str, epoch: str, after: int | None) -> bytes:
        """What a reader is sent first: what it missed, complete, or a snapshot."""
        if after is not None and epoch == self.owner.epoch:
            missed = self.audiences[audience].missed(after, self.owner.hall.seq)
            if missed is not None:
                return missed + self._heartbeat()
        return self.snapshot(audience)

    def _heartbeat(self) -> bytes:
        """Silence while the journal is lost: what a screen shows may then be over, and it must say so."""
        if not self.owner.sound:
            return b""
        # Not the hall's own `seq`: while a group is being written the hall is ahead of what was told.
        return self._frame(heartbeat(self.views()), self._told)

    def _frame(self, message: dict[str, Any], seq: int) -> bytes:
        message["epoch"], message["seq"] = self.owner.epoch, seq
        return frame(encode(message))

    def folded(self, hall: Hall, day: Sequence[e.AnyEvent]) -> None:
        """The figures start from the day so far; nobody is sent what was kept before."""
        self._told = hall.seq
        self._begin(hall, Today.of(hall, hall.adopted or self.plan, day))

    def _begin(self, hall: Hall, today: Today) -> None:
        """A day, or a plan: it may be that of another server, which has adopted a newer hall file."""
        self.plan = hall.adopted or self.plan
        self._today = today
        self.scores.folded(hall)
        self._prepare(hall)
        for audience in self.audiences.values():
            audience.forget()

    def _prepare(self, hall: Hall) -> None:
        """Let the policy look who is there and what the plan is, so that no clerk's call waits for it."""
        if hall.adopted is not None:
            prepare(hall.policy, hall, max(self.owner.clock.now(), hall.at))

    async def _prepare_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(PREPARE_SECONDS)
            with contextlib.suppress(JournalError):  # the hall cannot be read now; the owner finds back
                await self.owner.read(self._prepare)

    def happened(self, changes: Sequence[Change]) -> None:
        """A group is on the disk: count it and tell both audiences."""
        self._told = changes[-1].seq
        for change in changes:
            self._today.saw(change.before, change.ticket, change.event)
            self._measure(change)
            self.scores.truth.saw(change.event, change.ticket)
        if self._lookout is not None:
            self._lookout.changed()
        if any(isinstance(change.event, e.DayBegan | e.PlanAdopted) for change in changes):
            hall = self.owner.hall
            self._begin(hall, self._today.anew(hall, hall.adopted or self.plan))
            for name, audience in self.audiences.items():
                audience.tell(self.snapshot(name))
            return
        views = self.views()
        for name, tell in ((PUBLIC, public_message), (STAFF, staff_message)):
            if not self.audiences[name].readers:
                self.audiences[name].forget()
                continue
            self.audiences[name].publish(
                [
                    (
                        change.seq,
                        self._frame(
                            tell(views, change.event, change.before, change.ticket, change.window), change.seq
                        ),
                    )
                    for change in changes
                ]
            )

    def _measure(self, change: Change) -> None:
        """Hold what was told against what came. Since the ticket's answer was made, no other was foreseen.

        Whom another server gave a ticket, that one told something, and measures it.
        """
        if change.ours and isinstance(change.event, e.TicketIssued) and change.ticket is not None:
            ticket = change.ticket
            self.scores.honesty.promised(ticket, self._foreseen.of(ticket, ticket.issued))
        elif isinstance(change.event, e.TicketMovedBack) and change.ticket is not None:
            self.scores.honesty.released(change.ticket)
        self.scores.honesty.saw(change.ticket)

    def _foresee(self, foreseen: Foreseen) -> None:
        """A new answer: whatever is told otherwise now goes to both audiences, without an event."""
        self._foreseen = foreseen
        views = self.views()
        waiting = [ticket for ticket in views.hall.tickets.values() if ticket.waiting]
        now = views.waits(), {ticket.id: views.wait(ticket) for ticket in waiting}
        services, tickets = (_news(old, new) for old, new in zip(self._waits, now, strict=True))
        self._waits = now
        if not services and not tickets:
            return
        numbers = {views.hall.tickets[ticket].number: wait for ticket, wait in tickets.items()}
        for name, by_key in ((PUBLIC, numbers), (STAFF, tickets)):
            self.audiences[name].tell(self._frame(waits_message(views, services, by_key), self._told))


def _news(old: dict[str, View | None], new: dict[str, View | None]) -> dict[str, View | None]:
    """What is new or another."""
    return {key: value for key, value in new.items() if key not in old or old[key] != value}


def follow(bell: Bell, owners: Mapping[str, HallOwner]) -> None:
    """Have each owner learn what other servers write to its hall, and the others of what it writes."""

    def heard(payload: str) -> None:
        if payload == LOOK:
            for owner in owners.values():
                owner.heard()
        elif payload.startswith(HALL):
            hall, _, seq = payload.removeprefix(HALL).partition(" ")
            if hall in owners:
                owners[hall].heard(int(seq))

    bell.listen(heard)
    for hall, owner in owners.items():
        owner.written = partial(_ring, bell, hall)


def _ring(bell: Bell, hall: str, seq: int) -> None:
    bell.ring(hall_ring(hall, seq))
