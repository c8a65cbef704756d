"""A page and the server about one run that takes a while: an experiment, a day of a roster, a search for one.

It is a conversation on a WebSocket: the page orders a run, is told how it goes, may cancel, and gets the
result; hanging up cancels too. What can be ordered, the door knows that the page came through.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

import msgspec
from websockets.frames import CloseCode

from vikno.api.experiments import ExperimentRefused, Experiments, Run
from vikno.api.hub import HEARTBEAT_SECONDS, PING, frame
from vikno.api.problems import experiment_status, problem_document
from vikno.queue.errors import JournalError

ORDER_SECONDS = 30.0
"""Whoever opens a conversation says soon what they want."""

CANCEL = b'{"type":"cancel"}'
"""Word for word: what a page says when it has seen enough."""

Tell = Callable[[bytes], None]
"""Takes the messages of a run, as the page is told them."""

Begin = Callable[[bytes, Tell], Awaitable[Run]]
"""Starts what an order says; `ExperimentRefused` tells what is wrong with it."""


class Line(Protocol):
    """The connection to a page."""

    def send(self, frames: bytes) -> None:
        """Send frames, or cut it off if it is too slow."""
        ...

    def check(self) -> None:
        """Cut it off if it has not answered since the last ping."""
        ...

    def close(self, code: int, reason: str) -> None:
        """Say goodbye."""
        ...


class Conversation:
    """One run with one page, from its order to its result. `begin` starts what the order says."""

    def __init__(self, experiments: Experiments, begin: Begin, line: Line) -> None:
        self._experiments = experiments
        self._begin = begin
        self._line = line
        self._order: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._run: Run | None = None
        self._enough = False
        self._talking = asyncio.create_task(self._talk())
        self._beating = asyncio.create_task(self._beat())

    def heard(self, text: bytes) -> None:
        """The page says something: first its order, then perhaps that it is enough."""
        if not self._order.done():
            self._order.set_result(text)
        elif text == CANCEL:
            self._enough = True
            if self._run is not None:
                self._experiments.cancel(self._run)

    def gone(self) -> None:
        """The page hung up."""
        self._talking.cancel()
        self._beating.cancel()

    async def _talk(self) -> None:
        try:
            await self._converse(await self._ordered())
        except ExperimentRefused as error:
            self._refuse(error)
        except JournalError as error:
            self._refuse(ExperimentRefused("journal-unavailable", str(error)))
        self._beating.cancel()  # what a slow page still has to read is not cut off
        self._line.close(CloseCode.NORMAL_CLOSURE, "")

    async def _ordered(self) -> bytes:
        try:
            async with asyncio.timeout(ORDER_SECONDS):
                return await self._order
        except TimeoutError:
            raise ExperimentRefused("bad-experiment", "nothing was ordered; order a run") from None

    async def _converse(self, text: bytes) -> None:
        self._run = run = await self._begin(text, self._tell)
        try:
            if self._enough:
                self._experiments.cancel(run)
            await run.ended
        finally:
            self._experiments.leave(run)
        if not run.complete:
            raise ExperimentRefused("laboratory-lost", "the experiment broke off; run it again")

    def _tell(self, message: bytes) -> None:
        self._line.send(frame(message))

    def _refuse(self, error: ExperimentRefused) -> None:
        status = experiment_status(error.code)
        document = problem_document(status, error.code, error.detail, field=error.field)
        self._tell(msgspec.json.encode({"type": "problem", "problem": document}))

    async def _beat(self) -> None:
        """A page that has died without a goodbye does not answer, and its run is cancelled."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            self._line.check()
            self._line.send(PING)
