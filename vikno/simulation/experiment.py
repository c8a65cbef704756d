"""An experiment: the same independent days lived under each scenario, on as many processors as there are.

Day k of seed s is the same day wherever and whenever it is simulated (common random numbers). So the days
may be done in any order by anybody; they are counted in their own order, and only when none before is
missing. That is why an experiment gives the same numbers with one worker and with fifty, and why what an
interruption leaves is an experiment too, only a shorter one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import msgspec

from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned
from vikno.simulation.day import Visitor, draw_day
from vikno.simulation.estimates import Estimate
from vikno.simulation.executors import Executor, Work
from vikno.simulation.summary import Summary
from vikno.simulation.tally import Tally, tally
from vikno.simulation.twin import simulate_day

BATCH_DAYS = 10
"""Days a worker is given at once: a day takes milliseconds, so that handing over ten costs below one percent,
and a person who watches sees the interval narrow several times a second."""

UNTIL_DAYS_MIN = 30
"""Precision is not judged from fewer: by chance a few days may look alike. From here on, to stop as soon as
the interval looks narrow costs it one or two percent of its 95%."""

PATIENCE_SECONDS = 0.1
"""How long to wait for a batch before looking whether the experiment is cancelled."""


class Public(Protocol):
    """Who comes, where a plan's own rates do not say it: the visitors of a recorded day, for one."""

    def draw(self, seed: int, day: int) -> list[Visitor]:
        """The visitors of one day in order of arrival; always the same for the same numbers."""
        ...


class Scenario(msgspec.Struct, frozen=True):
    """A hall under a policy, by its name or learned; without a `public`, visitors come as its plan says."""

    name: str
    plan: HallPlan
    policy: str | Learned
    public: Public | None = None


class Progress(msgspec.Struct, frozen=True):
    """Where an experiment stands: days complete, of how many at most, and the mean wait of each scenario."""

    days: int
    of: int
    wait_mean: dict[str, Estimate]


def _never() -> bool:
    return False


class Experiment:
    """Scenarios held against each other on the same days."""

    def __init__(self, scenarios: Sequence[Scenario], seed: int) -> None:
        self.scenarios = tuple(scenarios)
        self.seed = seed
        self.summaries = {scenario.name: Summary(scenario.plan) for scenario in self.scenarios}
        assert len(self.summaries) == len(self.scenarios), "two scenarios of one name"

    @property
    def days(self) -> int:
        """How many days are complete, under every scenario."""
        return next(iter(self.summaries.values())).days

    def run(
        self,
        executor: Executor,
        days: int,
        *,
        until: float | None = None,
        cancelled: Callable[[], bool] = _never,
    ) -> Iterator[Progress]:
        """Simulate until `days` are complete; tells after each batch where it stands.

        Stops earlier once the mean wait of every scenario is known to +- `until` minutes, which is looked at
        after the same days however many workers there are, or when `cancelled` says so. Goes on from the
        days that are complete.
        """
        waiting: deque[Work] = deque()
        batches = _batches(self.days, days)
        try:
            while True:
                while len(waiting) < executor.in_flight and (batch := next(batches, None)):
                    waiting.append(executor.submit(simulate_days, self.scenarios, self.seed, batch))
                if not waiting:
                    return
                done = self._await(waiting.popleft(), cancelled)
                if done is None:
                    return
                yield self._add(done, days)
                if until is not None and self.precise(until):
                    return
        finally:
            for work in waiting:
                work.cancel()

    def _await(self, work: Work, cancelled: Callable[[], bool]) -> list[list[Tally]] | None:
        """The days of a batch; None if the experiment is cancelled before they are done."""
        while not cancelled():
            try:
                done: list[list[Tally]] = work.result(timeout=PATIENCE_SECONDS)
            except TimeoutError:
                continue
            return done
        work.cancel()
        return None

    def _add(self, days: list[list[Tally]], of: int) -> Progress:
        for day in days:
            for summary, counted in zip(self.summaries.values(), day, strict=True):
                summary.add(counted)
        means = {name: summary.wait_mean() for name, summary in self.summaries.items()}
        return Progress(self.days, of, means)

    def precise(self, until: float) -> bool:
        """Whether the mean wait of every scenario is known to +- so many minutes."""
        widths = [summary.wait_mean().half_width for summary in self.summaries.values()]
        return self.days >= UNTIL_DAYS_MIN and all(width is not None and width <= until for width in widths)


def _batches(start: int, end: int) -> Iterator[range]:
    """Days from `start` on, cut at the same days wherever one starts."""
    while start < end:
        batch = range(start, min((start // BATCH_DAYS + 1) * BATCH_DAYS, end))
        yield batch
        start = batch.stop


def simulate_days(scenarios: Sequence[Scenario], seed: int, days: Sequence[int]) -> list[list[Tally]]:
    """A batch of an experiment: for each of these days the tally under each scenario. Runs in a worker.

    A policy is made once for all its days: to price a hall's windows takes as long as to live a few of them.
    """
    policies = [policy_named(scenario.policy) for scenario in scenarios]
    return [_simulate_day(scenarios, policies, seed, day) for day in days]


def _simulate_day(
    scenarios: Sequence[Scenario], policies: Sequence[Policy], seed: int, day: int
) -> list[Tally]:
    """One day under each scenario; those of one plan or one public meet the very same visitors."""
    drawn: dict[int, list[Visitor]] = {}
    found = []
    for scenario, policy in zip(scenarios, policies, strict=True):
        plan, public = scenario.plan, scenario.public
        source = id(plan if public is None else public)
        if source not in drawn:
            drawn[source] = draw_day(plan, seed, day) if public is None else public.draw(seed, day)
        lived = simulate_day(plan, policy, drawn[source])
        found.append(tally(plan, lived))
    return found
