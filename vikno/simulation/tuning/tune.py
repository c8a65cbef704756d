"""`vikno tune` without the command line: from a plan to the file of its learned policy."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from typing import NamedTuple

from threadpoolctl import threadpool_limits

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned, learned_of
from vikno.scheduler.workload import mean_work, staffed_minutes
from vikno.simulation.tuning.budget import Budget
from vikno.simulation.tuning.judge import LAST_DAYS, LIVES, judge
from vikno.simulation.tuning.search import Search, Tell


class NothingToLearn(ViknoError):
    """A hall of which the simulation cannot learn."""


class Tuned(NamedTuple):
    """The policy; which one was `chosen`: `learned`, or the safe one that the search did not better."""

    learned: Learned
    chosen: str
    interrupted: bool


def budget_of(
    seconds: float | None, rounds: int | None, clock: Callable[[], float], begun: float | None = None
) -> Budget:
    """Seconds since `begun` (else since now), or rounds."""
    since = clock() if begun is None else begun
    return Budget(seconds, rounds, clock=clock, begun=since, last_days=LAST_DAYS, last_lives=LIVES)


def tune(
    plan: HallPlan,
    seed: int,
    budget: Budget,
    executor: Executor,
    *,
    tell: Tell = lambda _standing: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Tuned:
    """Search, judge and tell. `cancelled` ends the search; what it has found by then is judged as ever."""
    check(plan)
    search = Search(plan, seed, budget, executor)
    with threadpool_limits(1, "blas"):  # the search has every processor: threads of matrices only wait for it
        found = search.run(tell, cancelled)
        judged = judge(search, found.table)
    told = {
        "chosen": judged.chosen,
        "seed": seed,
        "seconds": budget.seconds,
        "rounds": found.rounds,
        "days": found.days,
        "interrupted": found.interrupted,
        **judged.told,
    }
    return Tuned(learned_of(plan, judged.table, told), judged.chosen, found.interrupted)


def check(plan: HallPlan) -> None:
    """`NothingToLearn` says in one line what keeps the hall from being learned."""
    if any(len(visits.services) > 1 for visits in plan.visits):
        raise NothingToLearn(
            "visits: vikno tune cannot simulate several services on one ticket;"
            " use the policy optimized, or tune the hall without them"
        )
    if not (mean_work(plan) > 0).any() or not (staffed_minutes(plan) > 0).any():
        raise NothingToLearn(
            "arrivals: nobody comes to this hall, or nobody serves; vikno tune learns from simulated days,"
            " give each service its arrivals"
        )
