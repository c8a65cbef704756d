"""The search for a roster, in order: a bound and prices, a first roster, then better ones around it."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vikno.scheduler.roster.problem import Contract, Person, Problem, Shift
from vikno.scheduler.roster.search.answer import Progress, Solved, Status
from vikno.scheduler.roster.search.dive import dive
from vikno.scheduler.roster.search.frame import Frame, frame_of
from vikno.scheduler.roster.search.generation import NoTour, generate, pricer, start
from vikno.scheduler.roster.search.improve import Improver
from vikno.scheduler.roster.search.incumbent import Incumbent
from vikno.scheduler.roster.search.interrupt import interrupted_by
from vikno.scheduler.roster.search.master import Master
from vikno.scheduler.roster.search.part import part_of
from vikno.scheduler.roster.search.relaxation import relax
from vikno.scheduler.roster.search.rolling import roll
from vikno.scheduler.roster.search.rules import Floats
from vikno.scheduler.roster.search.tours import Touring

ROWS_BY_TOURS = 4000
"""With more rows column generation would take minutes to begin."""


def solve(
    problem: Problem,
    seconds: float | None,
    *,
    seed: int = 0,
    tell: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
    workers: int = 2,
) -> Solved:
    """The best roster that is found in time; None for `seconds` means until it is proven to be the best.

    `tell` hears of every better roster and bound, from several threads but one at a time. Once `cancelled`
    says so the search ends with the best it has. Runs that are limited by time may differ. Where
    this was never called before it compiles first, which takes a while and does not count.
    """
    warm_up()
    frame = frame_of(problem)
    incumbent = Incumbent(frame, seconds, tell, cancelled)
    with ThreadPoolExecutor(workers) as pool:
        try:
            _search(frame, incumbent, pool, workers, np.random.default_rng(seed))
        except NoTour:
            return Solved("infeasible", None, None, incumbent.bound, incumbent.seconds())
    return _solved(incumbent)


def _search(
    frame: Frame, incumbent: Incumbent, pool: ThreadPoolExecutor, workers: int, rng: np.random.Generator
) -> None:
    tourings = {person: Touring(worker) for person, worker in enumerate(frame.workers)}
    master = Master(part_of(frame, list(tourings)))
    start(master, tourings, pool.map)
    begin = _by_flows if len(frame.rows.low) > ROWS_BY_TOURS else _by_tours
    prices = begin(master, tourings, incumbent, pool, rng)
    Improver(frame, tourings, incumbent, prices).run(pool, rng.spawn(workers))


def _by_tours(
    master: Master,
    tourings: dict[int, Touring],
    incumbent: Incumbent,
    pool: ThreadPoolExecutor,
    rng: np.random.Generator,
) -> Floats | None:
    """Bound and prices by column generation, and a roster by diving."""
    incumbent.found(master.columns)
    root = generate(master, tourings, stop=lambda *_: incumbent.stop(), spread=pool.map)
    incumbent.bounded(root.bound)
    if incumbent.stop():
        return None
    found = dive(master, tourings, limit=math.inf, stop=incumbent.stop, rng=rng, spread=pool.map)
    if found is not None:
        incumbent.found(found)
    return root.center


def _by_flows(
    master: Master,
    tourings: dict[int, Touring],
    incumbent: Incumbent,
    pool: ThreadPoolExecutor,
    rng: np.random.Generator,
) -> Floats | None:
    """Bound and prices by one linear program, and a roster by rolling over the days."""
    frame = master.frame
    with interrupted_by(incumbent.stop) as interrupter:
        prices = relax(frame, interrupter)
    if prices is None:
        incumbent.found(master.columns)
        return None
    found = list(pool.map(pricer(frame, tourings, prices), tourings))
    least = [one.least + free for one, free in zip(found, frame.constant, strict=True)]
    incumbent.bounded(master.bound(prices, least))
    incumbent.found(roll(frame, tourings, prices, stop=incumbent.stop, rng=rng, spread=pool.map))
    return prices


def _solved(incumbent: Incumbent) -> Solved:
    status: Status = "optimal" if incumbent.optimal else "feasible"
    if incumbent.roster is None:
        return Solved("unknown", None, None, incumbent.bound, incumbent.seconds())
    return Solved(status, incumbent.roster, incumbent.cost, incumbent.bound, incumbent.seconds())


def warm_up() -> None:
    """Let everything be compiled, by the smallest problem there is."""
    shift = Shift("", 1)
    nobody = Problem("", 1, (shift,), (Person("", Contract()),))
    frame = frame_of(nobody)
    Touring(frame.workers[0]).best(frame.prices(0, frame.no_prices()))
