"""Looking for better policies: each night for every hall, and when a manager asks; one hall at a time.

Nothing is calculated here. Each search is a process of its own (proposer.py) that works at low priority and
ends with the server; the event loop waits for its one line. What was found is written whole, by the server. A
search that is killed, breaks or is stuck leaves nothing. However it ended, a hall has one a night.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from vikno.api.keeper import Keeper
from vikno.api.proposals import ProposalRefused, State
from vikno.api.room import Room
from vikno.api.searchorder import Searched, SearchOrder
from vikno.api.steering import Steering
from vikno.queue.errors import JournalError
from vikno.queue.plan import HallPlan
from vikno.simulation.proposal import DAYS_MIN, TUNE_SECONDS, Effort

log = logging.getLogger(__name__)

NIGHT_FROM, NIGHT_UNTIL = 2 * 60, 5 * 60
"""Minutes after midnight of the hall: its day is over and written, the next one is far. A hall that opens
before the end of the night is looked at before it opens, or not at all."""

LOOK_SECONDS = 60.0
"""Between two looks at the clocks of the halls."""

STUCK_SECONDS = 600.0
"""A search that takes so much longer than it should is stuck. To read many days of a large hall, to prove a
policy on two hundred days of it and a busy machine are all within."""

LINE_BYTES_MAX = 64 * 1024 * 1024
"""One answer: twice the largest file of a learned policy would still fit."""

DECLINED_SECONDS = 7 * 86_400.0
"""So long after a manager declined none is looked for by night: who said no is not asked every morning."""

SEEDS = 2**32
NIGHT = "night"
PROPOSER = (sys.executable, "-m", "vikno.api.proposer")


class Searches:
    """The searches of a server. `program` is what runs in each; `on`: whether there are any.

    `effort` is how long each tunes; its seed is another one every time. Of several servers the `keeper` has
    the nights; what a manager asks for is done where they asked.
    """

    def __init__(
        self,
        rooms: Mapping[str, Room],
        steering: Steering,
        *,
        on: bool = True,
        effort: Effort | None = None,
        program: Sequence[str] = PROPOSER,
        keeper: Keeper | None = None,
    ) -> None:
        self.on = on
        self._rooms = rooms
        self._steering = steering
        self._effort = effort or Effort(0, TUNE_SECONDS)
        self._program = program
        self._keeper = keeper
        self._process: Process | None = None
        self._one = asyncio.Lock()
        self._working: dict[str, asyncio.Task[bool]] = {}
        self._tonight: dict[str, str] = {}
        self._nights: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look at the clocks from now on."""
        if self.on:
            self._nights = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End every search."""
        tasks = [*self._working.values(), *filter(None, [self._nights])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def working(self, hall: str) -> bool:
        """Whether a policy is looked for, or will be as soon as that for another hall is done."""
        return hall in self._working

    async def days(self, hall: str) -> int:
        """Days in the journal that are over."""
        room = self._rooms[hall]
        return max(await asyncio.to_thread(room.owner.journal.days) - 1, 0)

    async def begin(self, hall: str, asked: str) -> asyncio.Task[bool]:
        """Look for a better policy; the task tells whether something was found and written.

        Where it is being looked for already, nothing more is done. `ProposalRefused` if it makes no sense.
        """
        if not self.on:
            raise ProposalRefused("proposals-off", "this server was started with --no-proposals")
        days = await self.days(hall)
        if days < DAYS_MIN:
            raise ProposalRefused(
                "too-few-days", f"the journal has {days} days; {DAYS_MIN} are needed to learn from"
            )
        if hall not in self._working:
            self._working[hall] = task = asyncio.create_task(self._search(self._rooms[hall], asked))
            task.add_done_callback(lambda _done: self._working.pop(hall, None))
        return self._working[hall]

    async def night(self) -> list[str]:
        """Begin what is due tonight; the halls for which it was."""
        begun = []
        for hall, room in self._rooms.items():
            tonight = night_of(room.plan, room.owner.clock.now())
            if tonight is None or self._tonight.get(hall) == tonight or not await self._wanted(room, tonight):
                continue
            self._tonight[hall] = tonight
            with contextlib.suppress(ProposalRefused):
                await self.begin(hall, NIGHT)
                begun.append(hall)
        return begun

    async def _wanted(self, room: Room, tonight: str) -> bool:
        """Whether this night's search is not written, as before a restart, and nobody declined lately."""
        proposals, hall = self._steering.proposals, room.plan.id
        since = room.owner.clock.now() - DECLINED_SECONDS
        lately = await asyncio.to_thread(proposals.decisions, hall, since)
        if lately and lately[-1].decision == State.DECLINED:
            return False
        last = await asyncio.to_thread(proposals.last_asked, hall, NIGHT)
        return last is None or night_of(room.plan, last) != tonight

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._keeper is not None and not self._keeper.keeps:
                continue
            try:
                await self.night()
            except JournalError as error:
                log.warning("no policy is looked for yet: %s", error)
            except Exception:
                log.exception("what is due tonight cannot be begun")

    async def _search(self, room: Room, asked: str) -> bool:
        hall, at = room.plan.id, room.owner.clock.now()
        try:
            async with self._one:
                url = self._steering.proposals.engine.url.render_as_string(hide_password=False)
                effort = msgspec.structs.replace(self._effort, seed=int(at) % SEEDS)
                found = await self._ask(SearchOrder(url, hall, self._steering.present(hall), effort))
            if found is None:
                return False
            attempt = found.attempt(hall, max(at, room.owner.clock.now()), asked)
            await asyncio.to_thread(self._steering.proposals.add, attempt)
        except JournalError as error:
            log.warning("what was found for hall %s cannot be kept: %s", hall, error)
            return False
        except Exception:
            log.exception("the search for a policy of hall %s broke", hall)
            return False
        return True

    async def _ask(self, order: SearchOrder) -> Searched | None:
        """What the process says; None if it says nothing that can be understood."""
        # A session of its own: Ctrl-C is for the server, which then ends this.
        process = await asyncio.create_subprocess_exec(
            *self._program, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX, start_new_session=True
        )
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            async with asyncio.timeout((order.effort.seconds or 0.0) + STUCK_SECONDS):
                line = await process.stdout.readline()
            if not line.endswith(b"\n"):
                log.warning("the search for a policy of hall %s was ended", order.hall)
                return None
            return msgspec.json.decode(line, type=Searched)
        except TimeoutError:
            log.error("the search for a policy of hall %s is stuck; it is ended", order.hall)  # noqa: TRY400
            return None
        except (ValueError, msgspec.DecodeError):
            log.exception("what the search for a policy of hall %s says cannot be understood", order.hall)
            return None
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # it keeps nothing that could be lost
            await process.wait()


def night_of(plan: HallPlan, at: float) -> str | None:
    """The date of the night in which policies are looked for, if `at` (POSIX seconds) is in it."""
    now = datetime.fromtimestamp(at, ZoneInfo(plan.time_zone))
    opens = plan.opens if plan.opens > NIGHT_FROM else NIGHT_UNTIL
    if not NIGHT_FROM <= now.hour * 60 + now.minute < min(NIGHT_UNTIL, opens):
        return None
    return now.date().isoformat()
