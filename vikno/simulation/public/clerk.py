"""A clerk: opens a window at its hours, calls, serves and sends home, by what the stream shows.

A clerk has no plan of their own: each turn looks at the window as it is now and takes the one step that is
next, or waits until something changes or that step is due. So it does not matter who did the step before.
Where somebody else works at the window (a person at its console page), the clerk stands aside for a while.
"""

from __future__ import annotations

import asyncio
import math
from typing import NamedTuple, NoReturn

from vikno.queue.plan import WindowPlan
from vikno.simulation.duty import duty
from vikno.simulation.public.mirror import ALL_NEW, SOMEBODY_WAITS, TicketSeen
from vikno.simulation.public.scene import SECONDS_A_MINUTE, Scene
from vikno.simulation.public.visitors import Turn, Visit, Visitors

STAND_ASIDE_SECONDS = 60.0
"""Of our time, not the hall's: so long a window is left to a person after their last step at it."""

REFUSED_SECONDS = 2.0
"""Of our time: who was refused looks again after this, or as soon as the stream shows something new."""

LOOK_AGAIN_SECONDS = 5.0
"""Of our time: an idle clerk looks around at least so often, whatever the stream has told."""

CALL_AGAIN_SECONDS = 10.0
"""Of the hall's time: who was given nobody, for those who wait are left to other windows, tries again."""

SEEN_SECONDS = 5.0
"""Of our time: a step that was answered is on the stream within this, or the stream is broken."""

SERVING_SECONDS_MIN = 20.0
"""However little there is to do, somebody who came to the window says what they want."""

TRANSFER_MINUTES_BEFORE_CLOSING = 60.0
"""Later nobody is sent on: the other service's windows may have gone home before their turn."""

EVENTS = {
    "open": "window-opened",
    "close": "window-closed",
    "pause": "window-paused",
    "call-next": "ticket-called",
    "call": "ticket-called",
    "recall": "ticket-recalled",
    "start": "service-started",
    "finish": "service-finished",
    "no-show": "visitor-missed",
    "park": "ticket-parked",
    "unpark": "ticket-unparked",
    "transfer": "ticket-transferred",
}
"""What the stream says of each step."""

NOT_A_STEP = frozenset({SOMEBODY_WAITS, "visitor-left"})
"""What a clerk hears without anybody working at the window by it."""


class Next(NamedTuple):
    """A step and the instant it is due."""

    at: float
    step: str


class Clerk:
    """The one who works at `window`."""

    def __init__(self, window: WindowPlan, scene: Scene, visitors: Visitors) -> None:
        self._window = window
        self._scene = scene
        self._visitors = visitors
        self._news = asyncio.Event()
        self._expected: str | None = None
        self._renewed = False
        self._in_vain = False
        self._aside_until = 0.0
        scene.mirror.listen(window.id, window.skills, self._told)

    async def work(self) -> NoReturn:
        """Turn after turn, day after day."""
        while True:
            await self._turn()

    def _told(self, what: str) -> None:
        """The mirror's bell. What happens at the window and was not our step, was somebody else's."""
        if what == ALL_NEW:
            self._renewed = True
        elif what in {self._expected, "nobody-called"}:
            self._expected = None
            self._in_vain = what == "nobody-called"
        elif what not in NOT_A_STEP:
            self._aside_until = self._in_real(STAND_ASIDE_SECONDS)
        self._news.set()

    async def _turn(self) -> None:
        scene = self._scene
        if self._window.id not in scene.mirror.windows or scene.mirror.day is None:
            await self._wait()
        elif scene.clock.now() < self._aside_until:
            await self._wait(self._aside_until)
        elif (ticket := scene.mirror.at_window(self._window.id)) is not None:
            await self._attend(ticket)
        elif self._on_duty():
            await self._call()
        else:
            await self._rest()

    # With a visitor ------------------------------------------------------------------------------------

    async def _attend(self, ticket: TicketSeen) -> None:
        visit = self._visitors.visit(ticket)
        factor = self._window.skills.get(ticket.service, 1.0)
        pause = self._scene.plan.service[ticket.service].no_show_minutes * SECONDS_A_MINUTE
        due = next_step(ticket, visit, factor, pause)
        if due.at > self._scene.clock.now():
            await self._wait(due.at)
        elif due.step == Turn.TRANSFER:
            await self._transfer(ticket, visit)
        elif await self._do(due.step) and due.step == Turn.PARK:
            visit.part_done()

    async def _transfer(self, ticket: TicketSeen, visit: Visit) -> None:
        """To a service that somebody can give now; if there is none it is done here after all."""
        scene = self._scene
        late = scene.minute() > scene.plan.closes - TRANSFER_MINUTES_BEFORE_CLOSING
        others = [s for s in scene.plan.service if s != ticket.service and self._somebody_serves(s)]
        if others and not late and await self._do("transfer", {"service": str(scene.rng.choice(others))}):
            return
        visit.turn = Turn.FINISH

    def _somebody_serves(self, service: str) -> bool:
        windows, mirror = self._scene.plan.window, self._scene.mirror
        return any(
            seen.state == "open" and service in windows[seen.id].skills
            for seen in mirror.windows.values()
            if seen.id in windows
        )

    # Without a visitor ---------------------------------------------------------------------------------

    def _on_duty(self) -> bool:
        """In the window's hours, or after closing as long as somebody waits for it."""
        scene, minute = self._scene, self._scene.minute()
        hours = duty(scene.plan, self._window, minute)
        if hours.staffed or not hours.overtime:
            return hours.staffed
        at_work = scene.mirror.windows[self._window.id].state == "open"
        return at_work and bool(scene.mirror.waiting_for(self._window.skills) or self._parked())

    async def _call(self) -> None:
        """Who is back from being parked, else whom the hall's policy chooses, else wait for somebody."""
        scene = self._scene
        if scene.mirror.windows[self._window.id].state != "open":
            await self._do("open")
            return
        parked = self._parked()
        if parked and min(parked)[0] <= scene.clock.now():
            await self._do("call", {"ticket": min(parked)[1]})
            return
        waiting = scene.mirror.waiting_for(self._window.skills)
        free = next((ticket.id for ticket in waiting if ticket.id not in scene.claimed), None)
        if free is None:
            later = [self._hours_change(), self._in_real(LOOK_AGAIN_SECONDS), *(at for at, _ in parked)]
            await self._wait(min(later))
            return
        # One claim, one call: two clerks do not get up for the same visitor, so none calls in vain.
        scene.claimed.add(free)
        try:
            await self._do("call-next")
        finally:
            scene.claimed.discard(free)
        if self._in_vain:  # who waits is left to another window
            await self._wait(scene.clock.now() + CALL_AGAIN_SECONDS)

    def _parked(self) -> list[tuple[float, str]]:
        """Whom this window has parked: when they are back, and their ticket."""
        return [
            (ticket.since.timestamp() + self._visitors.visit(ticket).away_seconds, ticket.id)
            for ticket in self._scene.mirror.tickets.values()
            if ticket.state == "parked" and ticket.window == self._window.id
        ]

    async def _rest(self) -> None:
        """Parked visitors go back into the line; then a break, or home."""
        state = self._scene.mirror.windows[self._window.id].state
        again = duty(self._scene.plan, self._window, self._scene.minute()).again
        parked = self._parked()
        if state == "open" and parked:
            await self._do("unpark", {"ticket": parked[0][1]})
        elif state == "open" and again:
            await self._do("pause")
        elif state != "closed" and not again:
            await self._do("close")
        else:
            await self._wait(self._hours_change())

    def _hours_change(self) -> float:
        """The instant at which the window's hours begin or end next; never, if it has none left today."""
        return self._scene.instant(duty(self._scene.plan, self._window, self._scene.minute()).until)

    # Doing and waiting ---------------------------------------------------------------------------------

    async def _do(self, step: str, body: dict[str, str] | None = None) -> bool:
        """Take a step and wait until the stream shows it; where it is refused, wait for news a little."""
        self._step_sent(EVENTS[step])
        done = await self._scene.doors.step(self._window.id, step, body)
        if not done:
            self._expected = None
            await self._wait(self._in_real(REFUSED_SECONDS))
            return False
        until = self._in_real(SEEN_SECONDS)
        # Expected on, even where a snapshot came between: its event may still follow, and it is ours.
        while self._unseen() and self._scene.clock.now() < until:
            await self._wait(until)
        return True

    def _step_sent(self, event: str) -> None:
        """What was told before led to this step; only what is told from now on is news."""
        self._expected, self._renewed, self._in_vain = event, False, False
        self._news.clear()

    def _unseen(self) -> bool:
        return self._expected is not None and not self._renewed

    def _in_real(self, seconds: float) -> float:
        """The hall's time when so many of our seconds have passed."""
        return self._scene.clock.now() + seconds * self._scene.clock.speed

    async def _wait(self, until: float = math.inf) -> None:
        """Until something changes here, or the hall's time is `until`."""
        alarm = self._scene.clock.call_at(until, self._news.set)
        try:
            await self._news.wait()
        finally:
            self._news.clear()
            alarm.cancel()


def next_step(ticket: TicketSeen, visit: Visit, factor: float, no_show_seconds: float) -> Next:
    """What the clerk does next for the visitor at the window, and when.

    The hall file's duration is what a visit costs the window, so it counts from the call: the way to the
    window is part of it. Likewise a no-show: called again at half time, given up at the end.
    """
    called = (ticket.called or ticket.since).timestamp()
    since = ticket.since.timestamp()
    if ticket.state == "called":
        if visit.comes:
            return Next(called + visit.walk_seconds, "start")
        if ticket.calls == 1:
            return Next(called + no_show_seconds / 2, "recall")
        return Next(called + no_show_seconds, "no-show")
    seconds = visit.minutes * factor * SECONDS_A_MINUTE
    if visit.turn is not Turn.FINISH:
        seconds /= 2
    return Next(max(called + seconds, since + SERVING_SECONDS_MIN), visit.turn.value)
