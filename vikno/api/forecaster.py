"""The process in which waits are foreseen, beside the server and behind it.

The rest of the day is lived some hundred times for every look; the server's loop must never wait for one, nor
hold the compiler and the arrays that are needed for it. So this is a process of its own, at low priority.
It reads the moments of halls, one a line, and writes what it foresees. It takes about 190 MB.

It ends when the server closes its side, or is gone, whatever it is doing then.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import BinaryIO

import msgspec
import numpy as np

from vikno.api.sights import Known, Look, Sight
from vikno.scheduler import policy_named
from vikno.simulation.fastforward.days import NotFast
from vikno.simulation.outlook.outlook import Outlook

log = logging.getLogger(__name__)

NICENESS = 10
"""Half way down: whoever serves visitors is always first."""

RUNS = 300
"""A percentile of 300 runs is off by some 3 points of probability; 300 in a line take under 100 ms."""

SEED = 1
"""Every look draws the same luck, so that a range moves because the hall did, and not because of the dice."""


class Forecaster:
    """The halls that are known, each ready to be looked at."""

    def __init__(self, runs: int = RUNS) -> None:
        self._runs = runs
        self._outlooks: dict[str, Outlook | None] = {}

    def meet(self, known: Known) -> None:
        """A hall, or a hall by another plan."""
        self._outlooks[known.plan.id] = None
        try:
            self._outlooks[known.plan.id] = Outlook(known.plan, policy_named(known.policy))
        except NotFast as error:
            log.warning("no waits are foreseen in hall %s: %s", known.plan.id, error)

    def look(self, look: Look) -> Sight:
        """The waits of a moment."""
        outlook = self._outlooks.get(look.hall)
        if outlook is None:
            return Sight(look.number, None)
        rng = np.random.default_rng(SEED)
        return Sight(look.number, outlook.foresee(look.moment, self._runs, rng))


def work(asked: Callable[[], Known | Look], forecaster: Forecaster, output: BinaryIO) -> None:
    """Answer until the server is gone. What breaks on one hall's moment must not take the others down."""
    encode = msgspec.json.Encoder().encode
    while True:
        question = asked()
        try:
            if isinstance(question, Known):
                forecaster.meet(question)
                continue
            sight = forecaster.look(question)
        except Exception:
            log.exception("a hall cannot be foreseen")
            if isinstance(question, Known):
                continue
            sight = Sight(question.number, None)
        try:
            output.write(encode(sight) + b"\n")
            output.flush()
        except BrokenPipeError:  # the server has ended, and nobody wants to know any more
            return


def listen(orders: BinaryIO, hear: Callable[[Known | Look], None]) -> None:
    """Hand on what the server says until it says no more."""
    decode = msgspec.json.Decoder(Known | Look).decode
    with contextlib.suppress(msgspec.DecodeError):  # the last breath of a server that was killed
        for line in orders:
            hear(decode(line))


def main() -> None:
    """The entry point of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then ends this
    os.nice(NICENESS)
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing but answers goes to the server
    inbox: queue.SimpleQueue[Known | Look] = queue.SimpleQueue()
    threading.Thread(target=work, args=(inbox.get, Forecaster(), output), daemon=True).start()
    listen(sys.stdin.buffer, inbox.put)
    os._exit(0)  # a look under way is nobody's any more, and cannot be interrupted otherwise


if __name__ == "__main__":
    main()
