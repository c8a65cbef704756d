"""All that the snapshots of an office show, estimator by estimator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.simulation.calibration.busyness import busyness_shape
from vikno.simulation.calibration.counters import Flow, Track, track
from vikno.simulation.calibration.opened import Ordinary, not_signed_off, ordinary_day
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.shared_counters import follow_all
from vikno.simulation.calibration.skills import Kinds, kinds_of
from vikno.simulation.calibration.snapshot_days import Chosen
from vikno.simulation.calibration.snapshot_file import Numbers, Office, Snapshots
from vikno.simulation.calibration.snapshot_rates import Rates, rates_of, visitors_of
from vikno.simulation.calibration.stretches import Desk, Watched, desks_of, stretches_of
from vikno.simulation.calibration.throughput import Took, durations_from

PART_MINUTES = 120
"""Parts of the day that may have their own durations."""

VISITORS_A_DAY_MIN = 1.0
"""A queue with fewer cannot be told from a test of the machine."""


class Judged(NamedTuple):
    """The places of the queues that are used, and those of the others by what is wrong with them."""

    used: tuple[int, ...]
    never_used: tuple[int, ...]
    dead: tuple[int, ...]
    too_few: tuple[int, ...]
    no_window: tuple[int, ...]


class History(NamedTuple):
    """What was seen and what happened, by queue and then by day; `shared` are queues with one counter."""

    days: tuple[Snapshots, ...]
    tracks: tuple[tuple[Track, ...], ...]
    flows: tuple[tuple[Flow, ...], ...]
    shared: tuple[tuple[int, ...], ...]

    @property
    def visits(self) -> Numbers:
        """How many were called in each queue in all."""
        return np.array([sum(float(flow.called[-1]) for flow in own) for own in self.flows])

    def of(self, days: Iterable[int]) -> History:
        """The same of these days only."""
        chosen = tuple(days)
        return History(
            tuple(self.days[day] for day in chosen),
            tuple(tuple(own[day] for day in chosen) for own in self.tracks),
            tuple(tuple(own[day] for day in chosen) for own in self.flows),
            self.shared,
        )


class Sight(NamedTuple):
    """What the chosen days of an office show.

    `unsigned` are, for each day, the queues whose windows were not signed off. By place of a kind of window:
    `ordinary`. By place of a used queue: `rates` and `waits` (minutes on average). `took` goes with `desks`.
    """

    office: Office
    chosen: Chosen
    history: History
    judged: Judged
    kinds: Kinds
    unsigned: tuple[frozenset[int], ...]
    ordinary: dict[int, Ordinary]
    desks: tuple[Desk, ...]
    took: tuple[Took, ...]
    parts: tuple[int, ...]
    rates: dict[int, Rates]
    waits: dict[int, float]
    shape: Finding

    @property
    def queues(self) -> tuple[int, ...]:
        """The places of the queues that a window of the plan serves, in the order of the file."""
        return tuple(sorted(queue for desk in self.desks for queue in desk.queues))


def recall(office: Office) -> History:
    """What happened in every queue on every day."""
    tracks = [
        [track(day, column, queue.letter) for day in office.days]
        for column, queue in enumerate(office.queues)
    ]
    flows, shared = follow_all(tracks)
    return History(office.days, tuple(map(tuple, tracks)), tuple(map(tuple, flows)), shared)


def look(office: Office, whole: History, chosen: Chosen) -> Sight:
    """Ask every estimator about the chosen days, of which there is at least one."""
    history = whole.of(chosen.days)
    inside = [(day.minutes >= chosen.opens) & (day.minutes < chosen.closes) for day in history.days]
    kinds = kinds_of(
        [day.windows[rows] for day, rows in zip(history.days, inside, strict=True)], history.visits
    )
    watched = [_watched(history, number, rows, kinds) for number, rows in enumerate(inside)]
    unsigned = tuple(not_signed_off(day, chosen.closes) for day in history.days)
    judged = _judge(history)
    means = [_open_mean(kinds, _signed_off(kinds, unsigned, (kind,))) for kind in range(len(kinds.queues))]
    desks = tuple(
        desks_of(
            kinds.queues, [float(mean[kind]) for kind, mean in enumerate(means)], history.visits, judged.used
        )
    )
    parts = _parts(chosen)
    used = [queue for desk in desks for queue in desk.queues]
    totals = [sum(visitors_of(history.flows[queue][day]) for queue in used) for day in range(len(watched))]
    return Sight(
        office=office,
        chosen=chosen,
        history=history,
        judged=judged,
        kinds=kinds,
        unsigned=unsigned,
        ordinary={
            kind: _ordinary(watched, _signed_off(kinds, unsigned, (kind,)), kind, chosen)
            for desk in desks
            for kind in desk.kinds
        },
        desks=desks,
        took=tuple(
            durations_from(
                stretches_of(
                    [watched[day] for day in _signed_off(kinds, unsigned, desk.kinds)],
                    desk,
                    kinds.queues,
                    parts,
                )
            )
            for desk in desks
        ),
        parts=parts,
        rates={
            queue: rates_of(
                [day.minutes for day in history.days], history.flows[queue], chosen.opens, chosen.closes
            )
            for queue in used
        },
        waits={queue: _wait(watched, queue) for queue in used},
        shape=busyness_shape(np.array(totals), np.ones(len(totals))),
    )


def _watched(history: History, day: int, rows: NDArray[np.bool_], kinds: Kinds) -> Watched:
    """One day inside the hours."""
    snapshots = history.days[day]
    return Watched(
        snapshots.minutes[rows],
        snapshots.waiting[rows],
        np.array([own[day].came[rows] for own in history.flows]).T,
        np.array([own[day].called[rows] for own in history.flows]).T,
        kinds.open[day],
    )


def _judge(history: History) -> Judged:
    """A dead display never changes, whatever happens at its windows."""
    groups: dict[str, list[int]] = {name: [] for name in Judged._fields}
    for queue, (own, visits) in enumerate(zip(history.tracks, history.visits, strict=True)):
        waited = any(day.waiting.any() for day in own)
        opened = any(day.windows.any() for day in own)
        numbers = {number for day in own for number in day.numbers if number is not None}
        if not waited and not opened:
            group = "never_used"
        elif len(numbers) < 2:  # noqa: PLR2004  (one number is none that changes)
            group = "dead"
        elif visits < VISITORS_A_DAY_MIN * len(own):
            group = "too_few"
        else:
            group = "used" if opened else "no_window"
        groups[group].append(queue)
    return Judged(**{name: tuple(queues) for name, queues in groups.items()})


def _signed_off(kinds: Kinds, unsigned: Sequence[frozenset[int]], wanted: Sequence[int]) -> list[int]:
    """The days on which these kinds of windows were signed off in the evening; all, if they never were."""
    queues = frozenset[int]().union(*(kinds.queues[kind] for kind in wanted))
    return [day for day, left in enumerate(unsigned) if not queues & left] or list(range(len(unsigned)))


def _open_mean(kinds: Kinds, days: Sequence[int]) -> Numbers:
    """How many windows of each kind were open on average."""
    mean: Numbers = np.mean([kinds.open[day].mean(axis=0) for day in days if len(kinds.open[day])], axis=0)
    return mean


def _ordinary(watched: Sequence[Watched], days: Sequence[int], kind: int, chosen: Chosen) -> Ordinary:
    return ordinary_day(
        [watched[day].minutes for day in days],
        [watched[day].open[:, kind] for day in days],
        chosen.opens,
        chosen.closes,
    )


def _parts(chosen: Chosen) -> tuple[int, ...]:
    """The edges of the parts of the day; the last part is no shorter than the others."""
    count = max(1, (chosen.closes - chosen.opens) // PART_MINUTES)
    return (*(chosen.opens + part * PART_MINUTES for part in range(count)), chosen.closes)


def _wait(watched: Sequence[Watched], queue: int) -> float:
    """Minutes on average by Little's law: how many waited on average, over how many came in a minute."""
    waited = sum(
        float(np.trapezoid(day.waiting[:, queue], day.minutes)) for day in watched if len(day.minutes)
    )
    came = sum(float(day.came[-1, queue]) for day in watched if len(day.minutes))
    return waited / came if came else 0.0
