"""A hall as the server runs it: its owner, its audiences, and what they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from vikno.api.clock import Clock
from vikno.api.hub import Audience, frame
from vikno.api.owner import Change, HallOwner
from vikno.display.messages import heartbeat, public_message, snapshot, staff_message
from vikno.display.pace import Pace
from vikno.display.today import Today
from vikno.display.views import Views
from vikno.queue import events as e
from vikno.queue.errors import JournalError
from vikno.queue.hall import Hall
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan

PUBLIC, STAFF = "public", "staff"

encode = msgspec.json.Encoder().encode


class Room:
    """One hall, live."""

    def __init__(self, plan: HallPlan, hall: Callable[[], Hall], journal: Journal, clock: Clock) -> None:
        self.plan = plan
        self.owner = HallOwner(hall, journal, clock, self)
        self.audiences = {PUBLIC: Audience(), STAFF: Audience()}
        self._pace = Pace(plan)
        self._today = Today(plan)
        self._told = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Fold, begin to work, begin to tell."""
        await self.owner.start(self.plan)
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
        await self.owner.stop()

    def views(self) -> Views:
        """The views of this moment. Ask for them only where the hall is as the disk has it."""
        hall = self.owner.hall
        at = max(self.owner.clock.now(), hall.at)
        return Views(hall, at, self._pace, self._today, self.owner.notes)

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
        # Not the hall's own `seq`: while a group is being written the hall is ahead of what was told.
        return self._frame(heartbeat(self.views()), self._told)

    def _frame(self, message: dict[str, Any], seq: int) -> bytes:
        message["epoch"], message["seq"] = self.owner.epoch, seq
        return frame(encode(message))

    def folded(self, hall: Hall) -> None:
        """The figures start from the day's tickets; nobody is sent what was kept before."""
        self._told = hall.seq
        self._pace, self._today = Pace.of(hall, self.plan), Today.of(hall, self.plan, self._day_so_far(hall))
        for audience in self.audiences.values():
            audience.forget()

    def _day_so_far(self, hall: Hall) -> list[e.AnyEvent]:
        """The day's events, for what the hall itself does not keep; without them it is not known."""
        try:
            return [event for _, event in self.owner.journal.day(hall.day.date)[1]] if hall.day else []
        except JournalError:
            return []

    def happened(self, changes: Sequence[Change]) -> None:
        """A group is on the disk: count it and tell both audiences."""
        self._told = changes[-1].seq
        for change in changes:
            self._today.saw(change.before, change.ticket, change.event)
            self._pace.saw(
                self.owner.hall,
                change.event.at,
                [ticket.service for ticket in (change.before, change.ticket) if ticket is not None],
                change.window,
                change.ticket.service if change.ticket and isinstance(change.event, e.TicketCalled) else None,
            )
        if any(isinstance(change.event, e.DayBegan | e.PlanAdopted) for change in changes):
            self.folded(self.owner.hall)
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
