"""Whoever folds the events by replacement sees what a fresh snapshot shows, at every moment of any day.

And the public never sees a ticket's identifier: it is the visitor's key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.api.owning import NOON, WAIT_SECONDS_MAX, HandClock, database, room_of
from tests.api.reading import Gap, Picture, Screen, texts
from tests.api.running import SERVICES, WINDOWS, Deadline
from vikno.api.hub import KEPT_MESSAGES, Audience, frame
from vikno.api.room import PUBLIC, STAFF, Room
from vikno.queue import commands as c
from vikno.queue.errors import CommandRefused

STEPS = 150
GROUP = 4
"""Commands that come at once, so that they share a commit."""

DAY_SECONDS = 86_400.0
Make = Callable[[float], c.Command]

PRESSES: dict[str, tuple[type[c.WindowCommand], ...]] = {
    "closed": (c.OpenWindow,),
    "paused": (c.OpenWindow, c.CloseWindow),
    "open": (c.CallNext, c.CallNext, c.CallNext, c.UndoStep, c.PauseWindow, c.CloseWindow),
    "called": (c.StartService, c.StartService, c.Recall, c.UndoStep, c.MissVisitor, c.ParkVisitor),
    "serving": (c.FinishService, c.FinishService, c.FinishService, c.UndoStep, c.ParkVisitor),
}
"""What a clerk may do, by what the window shows."""

MISTAKE = 0.1
"""How often somebody presses what does not fit."""


class Day:
    """People who do anything at any time; what the hall refuses, it refuses."""

    def __init__(self, room: Room, clock: HandClock, rng: np.random.Generator) -> None:
        self.room = room
        self.clock = clock
        self.rng = rng
        self.issued: list[str] = []

    async def group(self) -> None:
        """A few commands at once; then some time passes, less or more than an undo allows."""
        wishes = [self.wish() for _ in range(int(self.rng.integers(1, GROUP + 1)))]
        outcomes = await asyncio.gather(
            *(self.room.owner.submit(make, lambda _h, _e: b"", note=note) for make, note in wishes),
            return_exceptions=True,
        )
        assert all(isinstance(outcome, bytes | CommandRefused) for outcome in outcomes), outcomes
        self.clock.at += float(self.rng.choice([0.0, 0.5, 4.0, 40.0]))

    def wish(self) -> tuple[Make, str | None]:
        """Something somebody asks for, with a note if it is a transfer."""
        luck = self.rng.random()
        window = str(self.rng.choice(list(WINDOWS)))
        if luck < 0.3:
            return self.issue(), None
        if luck < 0.7:
            press = self.press(window)
            return (lambda at: press(at, window)), None
        if luck < 0.8:
            service = str(self.rng.choice(list(SERVICES)))
            return (lambda at: c.TransferVisitor(at, window, service)), "has the form"
        return self.about(window, self.somebody()), None

    def press(self, window: str) -> type[c.WindowCommand]:
        """A button, mostly one that fits."""
        hall = self.room.owner.hall
        shown = hall.windows[window]
        state = hall.tickets[shown.ticket].state.value if shown.ticket else shown.state.value
        if self.rng.random() < MISTAKE:
            state = str(self.rng.choice(list(PRESSES)))
        return PRESSES[state][self.rng.integers(len(PRESSES[state]))]

    def issue(self) -> Make:
        ticket = self.rng.bytes(16).hex()
        self.issued.append(ticket)
        size = int(self.rng.integers(1, 4))
        services = tuple(self.rng.choice(list(SERVICES), size=size, replace=False).tolist())
        priority = int(self.rng.integers(0, 3))
        return lambda at: c.IssueTicket(at, ticket, services, priority=priority)

    def somebody(self) -> str:
        return self.issued[self.rng.integers(len(self.issued))] if self.issued else "nobody"

    def about(self, window: str, ticket: str) -> Make:
        wishes: tuple[Make, ...] = (
            lambda at: c.Leave(at, ticket),
            lambda at: c.ReturnToLine(at, ticket),
            lambda at: c.MoveBack(at, ticket, 2),
            lambda at: c.ChangePriority(at, ticket, 3),
            lambda at: c.CallChosen(at, window, ticket),
            lambda at: c.UnparkVisitor(at, window, ticket),
        )
        return wishes[self.rng.integers(len(wishes))]


def join(room: Room, audience: str, picture: Picture | None = None) -> Screen:
    """A screen that comes new, or comes back with what it knows."""
    screen = Screen()
    after = None
    if picture is not None:
        screen.picture, after = picture, picture.seq
    screen.send(room.greeting(audience, screen.picture.epoch, after))
    room.audiences[audience].readers.add(screen)
    return screen


async def caught_up(room: Room, screen: Screen) -> None:
    deadline = Deadline(WAIT_SECONDS_MAX)
    while screen.picture.seq < room.owner.hall.seq:
        deadline.check("the screen has heard of everything")
        await asyncio.sleep(0)


def fresh_picture(room: Room, audience: str) -> Picture:
    picture = Picture()
    for text in texts(room.snapshot(audience)):
        picture.read(text)
    return picture


@pytest.mark.parametrize("seed", range(6))
async def test_folding_by_replacement_shows_what_a_snapshot_shows(tmp_path: Path, seed: int) -> None:
    clock, rng = HandClock(), np.random.default_rng(seed)
    async with room_of(database(tmp_path), clock) as room:
        day = Day(room, clock, rng)
        screens = {name: join(room, name) for name in (PUBLIC, STAFF)}
        away = {name: screen.picture.copy() for name, screen in screens.items()}
        for _ in range(STEPS):
            await day.group()
            for name, screen in screens.items():
                await caught_up(room, screen)
                assert screen.picture.known() == fresh_picture(room, name).known()
            if rng.random() < 0.1:
                for name, picture in away.items():
                    back = join(room, name, picture)
                    assert not any(b'"snapshot"' in text for text in back.heard)
                    assert back.picture.known() == screens[name].picture.known()
                    away[name] = screens[name].picture.copy()
        said = b"".join(screens[PUBLIC].heard) + room.snapshot(PUBLIC)
        assert len(day.issued) > STEPS / 4
        assert not [ticket for ticket in day.issued if ticket.encode() in said]
        seen = {json.loads(text)["type"] for text in screens[STAFF].heard}
        assert {"service-finished", "step-undone", "ticket-parked", "ticket-transferred"} <= seen


async def test_a_new_day_comes_to_open_screens_as_a_snapshot(tmp_path: Path) -> None:
    clock = HandClock()
    async with room_of(database(tmp_path), clock) as room:
        day = Day(room, clock, np.random.default_rng(1))
        screens = [join(room, PUBLIC), join(room, STAFF)]
        for _ in range(20):
            await day.group()
        clock.at = NOON + DAY_SECONDS
        deadline = Deadline(WAIT_SECONDS_MAX)
        while not all(b'"snapshot"' in screen.heard[-1] for screen in screens):
            deadline.check("the new day is shown")
            await asyncio.sleep(0.01)
        for name, screen in zip((PUBLIC, STAFF), screens, strict=True):
            assert screen.picture.seq == room.owner.hall.seq
            assert screen.picture.known() == fresh_picture(room, name).known()
            assert set(screen.picture.waiting.values()) == {0}


async def test_what_was_missed_comes_complete_or_not_at_all() -> None:
    audience = Audience()
    audience.publish([(seq, frame(b"%d" % seq)) for seq in range(1, KEPT_MESSAGES + 11)])
    now = KEPT_MESSAGES + 10
    assert list(texts(audience.missed(now - 3, now) or b"")) == [
        b"%d" % seq for seq in range(now - 2, now + 1)
    ]
    assert len(list(texts(audience.missed(10, now) or b""))) == KEPT_MESSAGES
    assert audience.missed(now, now) == b""
    for too_old_or_future in (0, 9, now + 1):
        assert audience.missed(too_old_or_future, now) is None
    audience.forget()
    assert audience.missed(now - 1, now) is None
    assert audience.missed(now, now) == b""


async def test_a_lost_message_is_noticed_as_a_gap_and_a_snapshot_heals_it(tmp_path: Path) -> None:
    clock = HandClock()
    async with room_of(database(tmp_path), clock) as room:
        day = Day(room, clock, np.random.default_rng(2))
        screen = join(room, STAFF)
        heard = len(screen.heard)
        while room.owner.hall.seq < 30:
            await day.group()
        await caught_up(room, screen)
        lossy = Picture()
        events = [text for text in screen.heard[heard:] if b'"heartbeat"' not in text]
        for text in (screen.heard[0], *events[:3]):
            lossy.read(text)
        with pytest.raises(Gap):
            lossy.read(events[4])
        lossy.read(events[2])
        lossy.read(events[3])
        assert lossy.read(events[4]) != "snapshot"
        assert join(room, STAFF).picture.known() == screen.picture.known()
