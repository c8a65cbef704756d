"""Experiments for the managers of this server: who may run how many, and how long.

Nothing is simulated here. The first run starts a laboratory (laboratory.py), a process of its own that works
at low priority until the server stops; the event loop only hands lines on, so a clerk never waits for an
experiment. Everything that can grow has a limit, and a run that nobody listens to any more is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence

import msgspec

from vikno.api.orders import BROKEN, Answer, AnyOrder, Cancel, Order, Trial
from vikno.queue.errors import ViknoError

log = logging.getLogger(__name__)

RUNS_MAX = 4
"""Experiments at once on a server; they share its spare processors."""

HALL_RUNS_MAX = 2
"""Experiments at once in one hall: a manager and a colleague, or two tabs."""

DAYS_MAX = 2_000
"""Days of one experiment: the interval of 2,000 days is a third of that of 200; no manager needs more."""

SECONDS_MAX = 120.0
"""How long an experiment may work; then it ends with the days it has."""

STUCK_SECONDS = 120.0
"""A run that has not ended so long after it should have is stuck within a day: the laboratory is ended. It
works at low priority, so on a machine that is busy otherwise a few days may well take half a minute."""

IDLE_SECONDS = 600.0
"""A laboratory without work for so long is ended: it holds some hundred megabytes."""

VISITORS_A_DAY_MAX = 10_000.0
"""Expected visitors of one simulated day: five times the largest hall; beyond, a day takes seconds."""

LINE_BYTES_MAX = 8 * 1024 * 1024
"""One answer of the laboratory: a result with its sheets for the largest hall."""

LABORATORY = (sys.executable, "-m", "vikno.api.laboratory")


class ExperimentRefused(ViknoError):
    """An experiment that is not run: why, and what would be right.

    `code` is for programs; `field` names the part of the order at fault, if one is.
    """

    def __init__(self, code: str, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class Run:
    """One experiment under way. `tell` gets its messages; when `ended` it is `complete`, or it broke."""

    def __init__(self, number: int, hall: str, tell: Callable[[bytes], None]) -> None:
        self.number = number
        self.hall = hall
        self.tell = tell
        self.complete = False
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Asked(msgspec.Struct, frozen=True):
    """What somebody wants to know. `until`: half-width of the mean wait, in minutes, at which it may end."""

    trials: tuple[Trial, ...]
    seed: int
    days: int
    until: float | None


class Experiments:
    """The experiments of a server. `program` is its laboratory; the rest is in seconds, as the constants."""

    def __init__(
        self,
        program: Sequence[str] = LABORATORY,
        *,
        longest: float = SECONDS_MAX,
        stuck: float = STUCK_SECONDS,
        idle: float = IDLE_SECONDS,
    ) -> None:
        self._program = program
        self._longest, self._stuck, self._idle = longest, stuck, idle
        self._laboratory: Process | None = None
        self._listening: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()
        self._runs: dict[int, Run] = {}
        self._last = 0
        self._watches: dict[int, asyncio.TimerHandle] = {}

    async def begin(
        self, hall: str, asked: Asked, languages: tuple[str, ...], tell: Callable[[bytes], None]
    ) -> Run:
        """Start an experiment, to be told in `languages`; `ExperimentRefused` if too many run already."""

        def order(run: int) -> Order:
            return Order(run, asked.trials, asked.seed, asked.days, asked.until, self._longest, languages)

        return await self.launch(hall, order, self._longest, tell)

    async def launch(
        self, hall: str, order: Callable[[int], AnyOrder], seconds: float, tell: Callable[[bytes], None]
    ) -> Run:
        """Start whatever `order` makes of the run's number, which shall have ended after `seconds`."""
        self._check_room(hall)
        self._last += 1
        run = Run(self._last, hall, tell)
        self._runs[run.number] = run  # before anything is waited for: the place is taken
        try:
            await self._start()
        except BaseException:
            self._close(run)
            raise
        self._send(order(run.number))
        self._watch(run, seconds + self._stuck)
        return run

    def cancel(self, run: Run) -> None:
        """Have a run end with what it has. Its place is free once it has."""
        if run.number in self._runs:
            self._send(Cancel(run.number))
            self._watch(run, self._stuck)

    def leave(self, run: Run) -> None:
        """Nobody listens any more."""
        run.tell = _nobody
        self.cancel(run)

    async def stop(self) -> None:
        """End the laboratory, and every run with it."""
        async with self._starting:
            laboratory, self._laboratory = self._laboratory, None
            if laboratory is not None and self._listening is not None:
                self._kill(laboratory)
                await laboratory.wait()
                await self._listening

    def _check_room(self, hall: str) -> None:
        if len(self._runs) >= RUNS_MAX:
            raise ExperimentRefused(
                "too-many-experiments", f"{RUNS_MAX} experiments run on this server; try again in a minute"
            )
        if sum(run.hall == hall for run in self._runs.values()) >= HALL_RUNS_MAX:
            raise ExperimentRefused(
                "too-many-experiments",
                f"{HALL_RUNS_MAX} experiments run for this hall; cancel one or try again in a minute",
            )

    async def _start(self) -> None:
        """The laboratory, if there is none."""
        async with self._starting:
            if self._listening is not None and not self._listening.done():
                return
            try:
                # A session of its own: Ctrl-C is for the server, which then ends the laboratory.
                self._laboratory = await asyncio.create_subprocess_exec(
                    *self._program, stdin=PIPE, stdout=PIPE, limit=LINE_BYTES_MAX, start_new_session=True
                )
            except OSError as error:
                log.exception("the laboratory cannot be started")
                message = f"the laboratory cannot be started ({error.strerror}); try again"
                raise ExperimentRefused("laboratory-lost", message) from None
            self._listening = asyncio.create_task(self._listen(self._laboratory))

    async def _listen(self, laboratory: Process) -> None:
        """Hand on what the laboratory says until it says no more."""
        assert laboratory.stdout is not None
        decode = msgspec.json.Decoder(Answer).decode
        try:
            # A line that does not end is the last breath of a laboratory that was killed.
            while (line := await laboratory.stdout.readline()).endswith(b"\n"):
                self._hear(decode(line))
        except (ValueError, msgspec.DecodeError):
            log.exception("the laboratory cannot be understood")
        finally:
            self._kill(laboratory)
            for run in list(self._runs.values()):
                self._close(run)

    def _hear(self, answer: Answer) -> None:
        run = self._runs.get(answer.run)
        if run is None:
            return
        message = bytes(answer.message)
        if message != bytes(BROKEN):
            run.tell(message)
        if answer.last:
            run.complete = message != bytes(BROKEN)
            self._close(run)

    def _close(self, run: Run) -> None:
        self._runs.pop(run.number, None)
        if run.number in self._watches:
            self._watches.pop(run.number).cancel()
        if not run.ended.done():
            run.ended.set_result(None)
        if not self._runs:
            asyncio.get_running_loop().call_later(self._idle, self._rest, run.number)

    def _send(self, order: AnyOrder | Cancel) -> None:
        # To a laboratory that has died meanwhile nothing is sent; whoever listens to it ends its runs.
        if self._laboratory is not None and self._laboratory.stdin is not None:
            self._laboratory.stdin.write(msgspec.json.encode(order) + b"\n")

    def _watch(self, run: Run, seconds: float) -> None:
        """End the laboratory if the run has not ended by then; the next run starts a new one."""
        if run.number not in self._runs:
            return
        if run.number in self._watches:
            self._watches[run.number].cancel()
        loop = asyncio.get_running_loop()
        self._watches[run.number] = loop.call_later(seconds, self._give_up)

    def _rest(self, last: int) -> None:
        """End the laboratory if nothing was run since the run numbered `last`."""
        if not self._runs and last == self._last and self._laboratory is not None:
            self._kill(self._laboratory)

    def _give_up(self) -> None:
        log.error("an experiment is stuck; the laboratory is ended")
        if self._laboratory is not None:
            self._kill(self._laboratory)

    def _kill(self, laboratory: Process) -> None:
        """It keeps nothing that could be lost; its workers end with it."""
        with contextlib.suppress(ProcessLookupError):
            laboratory.kill()


def _nobody(_message: bytes) -> None:
    """Who left hears nothing."""
