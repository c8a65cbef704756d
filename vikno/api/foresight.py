"""The server's hold on the process that foresees waits (forecaster.py): start it, ask it, replace it.

The event loop only hands lines on. A question gets its answer or None: None when the process died, broke on
it, or did not answer in `STUCK_SECONDS` and was ended. The next question starts another process, after a
pause that doubles with every failure in a row, so that a process that cannot live costs next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import msgspec

from vikno.api.sights import Known, Look, Sight
from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.outlook.moment import Moment
from vikno.simulation.outlook.waits import Waits

log = logging.getLogger(__name__)

STUCK_SECONDS = 90.0
"""A look takes a tenth of a second; the first one after an installation compiles for ten, on a busy machine,
where this is last in turn, for a minute."""

AGAIN_SECONDS = 1.0
AGAIN_SECONDS_MAX = 60.0
"""The pause before a new process after the first failure, and the longest there is."""

LINE_BYTES_MAX = 8 * 1024 * 1024
"""One answer: some hundred bytes for each of those waiting."""

FORECASTER = (sys.executable, "-m", "vikno.api.forecaster")


class Foresight:
    """The process of a server whose halls run by `policy`.

    `program` is what runs in it; `stuck` and `again` as the constants.
    """

    def __init__(
        self,
        policy: str | Learned,
        program: Sequence[str] = FORECASTER,
        *,
        stuck: float = STUCK_SECONDS,
        again: float = AGAIN_SECONDS,
    ) -> None:
        self._policy = policy
        self._policies: dict[str, str | Learned] = {}
        self._program = program
        self._stuck, self._again = stuck, again
        self._process: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._known: dict[str, HallPlan] = {}
        self._asked: dict[int, asyncio.Future[Waits | None]] = {}
        self._last = 0
        self._failures = 0
        self._not_before = 0.0

    def govern(self, hall: str, policy: str | Learned) -> None:
        """This hall runs by a policy of its own from now on."""
        self._policies[hall] = policy
        self._known.pop(hall, None)

    async def ask(self, plan: HallPlan, moment: Moment) -> Waits | None:
        """What is foreseen from `moment` of the hall that runs by `plan`."""
        process = await self._start()
        if process is None or process.stdin is None:
            return None
        if self._known.get(plan.id) is not plan:
            self._known[plan.id] = plan
            policy = self._policies.get(plan.id, self._policy)
            process.stdin.write(msgspec.json.encode(Known(plan, policy)) + b"\n")
        self._last += 1
        number = self._last
        answer: asyncio.Future[Waits | None] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        process.stdin.write(msgspec.json.encode(Look(number, plan.id, moment)) + b"\n")
        try:
            async with asyncio.timeout(self._stuck):
                return await answer
        except TimeoutError:
            log.error("hall %s was not foreseen in %g s; the process is ended", plan.id, self._stuck)  # noqa: TRY400
            _kill(process)
            return None
        finally:
            self._asked.pop(number, None)

    async def stop(self) -> None:
        """End the process."""
        async with self._starting:
            if self._process is not None and self._listening is not None:
                _kill(self._process)
                await self._process.wait()
                await self._listening

    async def _start(self) -> Process | None:
        """The process, and a new one if there is none; None if there cannot be one."""
        async with self._starting:
            if self._listening is not None and not self._listening.done():
                return self._process
            loop = asyncio.get_running_loop()
            await asyncio.sleep(self._not_before - loop.time())
            try:
                # A session of its own: Ctrl-C is for the server, which then ends this.
                self._process = await asyncio.create_subprocess_exec(
                    *self._program, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX, start_new_session=True
                )
            except OSError as error:
                log.warning("waits cannot be foreseen now: %s", error.strerror)
                self._fail()
                return None
            self._known.clear()
            self._listening = asyncio.create_task(self._listen(self._process))
            return self._process

    async def _listen(self, process: Process) -> None:
        """Hand on what the process says until it says no more."""
        assert process.stdout is not None
        decode = msgspec.json.Decoder(Sight).decode
        try:
            # A line that does not end is the last breath of a process that was killed.
            while (line := await process.stdout.readline()).endswith(b"\n"):
                sight = decode(line)
                self._failures = 0
                asked = self._asked.get(sight.number)
                if asked is not None and not asked.done():
                    asked.set_result(sight.waits)
        except (ValueError, msgspec.DecodeError):
            log.exception("what is foreseen cannot be understood")
        finally:
            _kill(process)
            self._fail()
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_result(None)

    def _fail(self) -> None:
        pause = min(self._again * 2**self._failures, AGAIN_SECONDS_MAX)
        self._failures = min(self._failures + 1, 10)  # a thousand pauses: beyond the longest
        self._not_before = asyncio.get_running_loop().time() + pause


def _kill(process: Process) -> None:
    """It keeps nothing that could be lost."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
