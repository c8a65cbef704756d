"""A guard for the live hall: a policy may fail or dawdle, the clerk gets an answer all the same.

A policy that weighs is more code than one that takes the first, and runs between a clerk's press of "next"
and the name of a visitor. `Guarded` asks it, and another one in its place when it raises, answers what the
hall cannot do, or takes longer than it may. Python cannot break off a function that dawdles, so an overrun is
known only when it is over: the clerk has waited for that one choice. Therefore the policy is then set aside
for a while, in which the fall-back answers at once, and tried again after it. A policy that always dawdles
costs one slow choice each time it is tried, and no more.

Whatever goes wrong there is an answer: if the fall-back fails too, first in, first out gives it, which looks
at nothing but the lines. The fall-back is not timed: it should be one that is quick in every hall. Both
policies handed in should be within the bound (bound.py); `fifo` is by itself.

The clock and the log are handed in, for this is for a live server only: a simulated day must not depend on
the speed of the machine. A server makes each hall its own, since each remembers its own mishaps:

    policy = Guarded(policy_named(name), policy_named("index"), clock=time.monotonic, log=log)
    hall = Hall(policy)
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable

from vikno.queue.hall import Hall
from vikno.queue.policy import Choice, Policy, prepare
from vikno.scheduler.fifo import Fifo

CHOICE_SECONDS = 0.05
"""How long one choice may take: twenty-five times what the slowest in a hundred should, and still shorter
than people notice."""

SET_ASIDE_SECONDS = 60.0
"""How long a policy is not asked after a mishap. In a minute a hall has changed, so what failed may work; and
one that always fails delays one call a minute at most."""


class WrongAnswer(Exception):
    """The policy named a ticket that the window cannot call."""


class Guarded:
    """A policy that always answers, and soon: its own choice, the fall-back's, or the first in line.

    `clock` gives seconds of a clock that never goes back; `seconds` is how long a choice may take and
    `aside_seconds` how long a policy that failed or took longer is not asked.
    """

    def __init__(
        self,
        policy: Policy,
        fallback: Policy,
        *,
        clock: Callable[[], float],
        log: logging.Logger,
        seconds: float = CHOICE_SECONDS,
        aside_seconds: float = SET_ASIDE_SECONDS,
    ) -> None:
        self.policy = policy
        self.fallback = fallback
        self.name = policy.name
        self.priority_first = policy.priority_first
        self._clock = clock
        self._log = log
        self._seconds = seconds
        self._aside_seconds = aside_seconds
        self._aside_until = -math.inf

    def prepare(self, hall: Hall, at: float) -> None:
        """Both get ready. What fails in it is logged and shows again in the choice, which is guarded."""
        for policy in (self.policy, self.fallback):
            try:
                prepare(policy, hall, at)
            except Exception:  # noqa: BLE001  (logged whole; the choice is guarded)
                self._log.exception("policy %s of hall %s could not prepare", policy.name, hall.plan.id)

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """The policy's choice if it gives a right one in time, else that of the fall-back."""
        began = self._clock()
        if began < self._aside_until:
            return self._fall_back(hall, window, at)
        try:
            choice = _checked(hall, window, self.policy.choose(hall, window, at))
        except Exception as error:  # noqa: BLE001  (whatever it is, the clerk needs an answer)
            self._set_aside(hall, window, f"failed ({error!r})", error)
            return self._fall_back(hall, window, at)
        took = self._clock() - began
        if took > self._seconds:
            limit = self._seconds * 1_000
            self._set_aside(hall, window, f"took {took * 1_000:.0f} ms, more than {limit:.0f} ms")
            return self._fall_back(hall, window, at)
        return choice

    def _set_aside(self, hall: Hall, window: str, what: str, error: Exception | None = None) -> None:
        self._aside_until = self._clock() + self._aside_seconds
        self._log.error(
            "hall %s, window %s: policy %s %s; %s answers for %g seconds",
            *(hall.plan.id, window, self.name, what, self.fallback.name, self._aside_seconds),
            exc_info=error,
        )

    def _fall_back(self, hall: Hall, window: str, at: float) -> Choice:
        try:
            return _checked(hall, window, self.fallback.choose(hall, window, at))
        except Exception as error:  # noqa: BLE001  (as above)
            self._log.error(
                "hall %s, window %s: fall-back %s failed (%r); the first in line is called",
                *(hall.plan.id, window, self.fallback.name, error),
                exc_info=error,
            )
            return Fifo().choose(hall, window, at)


def _checked(hall: Hall, window: str, choice: Choice) -> Choice:
    """The choice, if the hall can do it: nobody, or somebody who waits for a skill of the window."""
    if choice.ticket is None:
        return choice
    ticket = hall.tickets.get(choice.ticket)
    if ticket is None or not ticket.waiting or ticket.service not in hall.plan.window[window].skills:
        raise WrongAnswer(f"ticket {choice.ticket!r} does not wait for a skill of window {window!r}")
    return choice
