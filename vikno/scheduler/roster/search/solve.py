"""The search for a roster: a bound and prices, a first roster, then better ones around it.

Where cover by skill brings many rows, the first roster comes before the bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from vikno.scheduler.roster.problem import QUARTER_MINUTES, Contract, Person, Problem, Shift, SkillCover
from vikno.scheduler.roster.search.anneal import Span, anneal, guides
from vikno.scheduler.roster.search.answer import Progress, Solved, Status
from vikno.scheduler.roster.search.dive import dive
from vikno.scheduler.roster.search.exchange import Exchange, Guide
from vikno.scheduler.roster.search.frame import Frame, frame_of
from vikno.scheduler.roster.search.generation import NoTour, generate, pricer, start
from vikno.scheduler.roster.search.improve import Improver
from vikno.scheduler.roster.search.incumbent import Incumbent
from vikno.scheduler.roster.search.master import Master
from vikno.scheduler.roster.search.part import part_of
from vikno.scheduler.roster.search.relaxation import flows, relax
from vikno.scheduler.roster.search.rules import Floats
from vikno.scheduler.roster.search.tours import Touring

ROWS_BY_TOURS = 4000
"""With more rows column generation would take minutes to begin."""

PROGRAM_PART = 0.6
"""Of the time: the program of flows may take no more."""

EXCHANGE_SECONDS_MAX = 600.0
"""After so long parts are made anew, which take longer the more rows there are."""


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
    streams = rng.spawn(workers)
    prices = begin(master, tourings, incumbent, pool, streams)
    Improver(frame, tourings, incumbent, prices).run(pool, streams)


def _by_tours(
    master: Master,
    tourings: dict[int, Touring],
    incumbent: Incumbent,
    pool: ThreadPoolExecutor,
    streams: Sequence[np.random.Generator],
) -> Floats | None:
    """Bound and prices by column generation, and a roster by diving."""
    incumbent.found(master.columns)
    root = generate(master, tourings, stop=lambda *_: incumbent.stop(), spread=pool.map)
    incumbent.bounded(root.bound)
    if incumbent.stop():
        return None
    found = dive(master, tourings, limit=math.inf, stop=incumbent.stop, rng=streams[0], spread=pool.map)
    if found is not None:
        incumbent.found(found)
    return root.center


def _by_flows(
    master: Master,
    tourings: dict[int, Touring],
    incumbent: Incumbent,
    pool: ThreadPoolExecutor,
    streams: Sequence[np.random.Generator],
) -> Floats | None:
    """A roster at once; bound, prices and a guide by one linear program; better rosters by exchange."""
    frame, exchange = master.frame, Exchange(master.frame, tourings)
    first = exchange.begin(streams[0], Guide())
    incumbent.offered(first.tours, exchange.roster(first))
    kept = (1 - PROGRAM_PART) * incumbent.left() if incumbent.left() < math.inf else 0.0
    program = pool.submit(relax, flows(frame), lambda: incumbent.left() - kept)
    anneal(exchange, incumbent, _span(incumbent), streams[0], stop=program.done)
    relaxed = program.result()
    guide: list[Floats] = []
    if relaxed is not None:
        found = list(pool.map(pricer(frame, tourings, relaxed.prices), tourings))
        least = [one.least + free for one, free in zip(found, frame.constant, strict=True)]
        incumbent.bounded(master.bound(relaxed.prices, least))
        guide = guides(relaxed.parts)
    span = _span(incumbent)
    tasks = [pool.submit(anneal, exchange, incumbent, span, own, guide=guide) for own in streams]
    for task in tasks:
        task.result()
    return None if relaxed is None else relaxed.prices


def _span(incumbent: Incumbent) -> Span:
    """The time that is left."""
    return Span.of(min(EXCHANGE_SECONDS_MAX, incumbent.left()))


def _solved(incumbent: Incumbent) -> Solved:
    status: Status = "optimal" if incumbent.optimal else "feasible"
    if incumbent.roster is None:
        return Solved("unknown", None, None, incumbent.bound, incumbent.seconds())
    return Solved(status, incumbent.roster, incumbent.cost, incumbent.bound, incumbent.seconds())


def warm_up() -> None:
    """Let everything be compiled, by the smallest problem there is."""
    shift = Shift("", 1, starts=0, ends=QUARTER_MINUTES)
    nobody = Problem(
        "", 1, (shift,), (Person("", Contract()),), skill_cover=(SkillCover(0, 0, QUARTER_MINUTES, "", 1, 1),)
    )
    frame, rng = frame_of(nobody), np.random.default_rng(0)
    exchange = Exchange(frame, {0: Touring(frame.workers[0])})
    exchange.changed(exchange.begin(rng, Guide()), [0], Guide(), 0.0, rng)
