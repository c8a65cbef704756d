"""The process in which experiments run, beside the server and behind it.

A simulated day keeps a processor busy; the server's loop must never wait for one. So experiments live in a
process of their own, at low priority: where the machine has processors to spare it has workers on all of
them but one, else it works itself. Server and laboratory talk in lines of JSON: an order on one line, and
what it found on others, already as the bytes that a page is sent. Whatever happens here, be it a crash or
ten thousand visitors, the server only sees lines that come or do not come.

The laboratory ends when the server closes its side, or is gone.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

import msgspec

from vikno.api.findings import Findings
from vikno.api.orders import BROKEN, Answer, AnyOrder, Cancel, Ending, OfRosters, Order
from vikno.simulation.executors import Executor, Here, Processes, processors
from vikno.simulation.experiment import Experiment, Scenario

log = logging.getLogger(__name__)

NICENESS = 10
"""Half way down: whoever serves visitors is always first, and an experiment still moves on a busy machine."""

TELL_SECONDS = 0.3
"""Between two messages of progress: often enough to see the band narrow, seldom enough to be cheap."""


class Laboratory:
    """Runs what is ordered, each run in a thread that mostly waits for its days."""

    def __init__(self, executor: Executor, tell: Callable[[Answer], None]) -> None:
        self._executor = executor
        self._tell = tell
        self._cancelled: dict[int, threading.Event] = {}

    def begin(self, order: AnyOrder) -> None:
        """Start a run; it tells by itself."""
        self._cancelled[order.run] = threading.Event()
        threading.Thread(target=self._run, args=(order,), daemon=True).start()

    def cancel(self, run: int) -> None:
        """Have a run end with what it has."""
        cancelled = self._cancelled.get(run)
        if cancelled is not None:  # else it has ended meanwhile
            cancelled.set()

    def _run(self, order: AnyOrder) -> None:
        try:
            if isinstance(order, Order):
                self._experiment(order)
            else:
                self._work(order)
        except Exception:
            log.exception("an experiment broke")
            self._tell(Answer(order.run, BROKEN, last=True))
        finally:
            del self._cancelled[order.run]

    def _work(self, order: OfRosters) -> None:
        from vikno.api import rosterwork  # noqa: PLC0415  (an experiment need not wait for what rosters need)

        def say(message: dict[str, object]) -> None:
            self._say(order, message, last=message["type"] == "result")

        rosterwork.work(order, say, self._cancelled[order.run].is_set)

    def _experiment(self, order: Order) -> None:
        cancelled, end = self._cancelled[order.run], time.monotonic() + order.seconds
        scenarios = [Scenario(trial.name, trial.plan, trial.policy) for trial in order.trials]
        experiment = Experiment(scenarios, order.seed)
        findings = Findings(order, experiment)
        told = -TELL_SECONDS
        for _ in experiment.run(
            self._executor,
            order.days,
            until=order.until,
            cancelled=lambda: cancelled.is_set() or time.monotonic() > end,
        ):
            if time.monotonic() - told >= TELL_SECONDS:
                self._say(order, findings.progress(), last=False)
                told = time.monotonic()
        ending = Ending.DONE
        if experiment.days < order.days:
            late = time.monotonic() > end
            ending = Ending.CANCELLED if cancelled.is_set() else Ending.TIME if late else Ending.PRECISE
        self._say(order, findings.result(ending), last=True)

    def _say(self, order: AnyOrder, message: dict[str, object], *, last: bool) -> None:
        self._tell(Answer(order.run, msgspec.Raw(msgspec.json.encode(message)), last))


def speaker(output: BinaryIO) -> Callable[[Answer], None]:
    """Writes answers to `output`, one a line, whichever thread they come from."""
    lock, encode = threading.Lock(), msgspec.json.Encoder().encode

    def tell(answer: Answer) -> None:
        line = encode(answer) + b"\n"
        # A broken pipe: the server is gone, and the end of the orders will end this process too.
        with lock, contextlib.suppress(BrokenPipeError):
            output.write(line)
            output.flush()

    return tell


def work(orders: BinaryIO, laboratory: Laboratory) -> None:
    """Take orders, one a line, until there are no more."""
    decode = msgspec.json.Decoder(AnyOrder | Cancel).decode
    for line in orders:
        order = decode(line)
        if isinstance(order, Cancel):
            laboratory.cancel(order.run)
        else:
            laboratory.begin(order)


def main() -> None:
    """The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    os.nice(NICENESS)
    spare = processors() - 1
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing but answers goes to the server
    with Processes(spare) if spare > 1 else Here() as executor:
        work(sys.stdin.buffer, Laboratory(executor, speaker(output)))


if __name__ == "__main__":
    main()
