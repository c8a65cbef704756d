"""Waits of real offices: what the outlook would have told, held against what the displays then showed.

Eight municipal offices of Warsaw, January 2020, snapshots every five minutes. The hall of each is calibrated
on the earlier days as `vikno calibrate` does; on the later ones nothing was fitted.

An observation is a queue of the calibrated hall at one snapshot in opening hours, with somebody waiting and
a number on its display. Counted are queues whose number never falls on that day (so it counts this queue
alone) and rises by at least `RISE_MIN`. The last in line holds the number shown plus those waiting; the true
delay is until the number gets there, by a straight line between snapshots. Left out are those it never gets
to, and those of before the first call of the day, for whom there is no last wait. LES, the delay of the last
one called, is measured on the same numbers: since the number shown now was the last in line. All predictors
are judged on the same observations.

What a predictor sees ends at the snapshot; only which queues count is judged by the whole day. The display
does not tell who sits where since when: windows open by queue are split into the kinds of windows of the
calibrated hall, and each with somebody waiting for it is at work on a visit found under way. Truing learns as
in a live hall: an observation once its delay is over, on the earlier days and then on.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp

from vikno.queue.plan import HallPlan, WindowPlan
from vikno.scheduler import policy_named
from vikno.scheduler.workload import shifts
from vikno.simulation.calibration.counters import Track, track
from vikno.simulation.calibration.snapshot_file import Office, Snapshots, read_office
from vikno.simulation.calibration.snapshot_plan import service_id
from vikno.simulation.calibration.snapshots import calibrate_snapshots
from vikno.simulation.outlook.moment import Moment, Post, Standing
from vikno.simulation.outlook.outlook import Outlook
from vikno.simulation.outlook.truing import Told, Truing
from vikno.simulation.outlook.waits import Waits

SNAPSHOTS = Path(__file__).parents[2] / "shared" / "data" / "warsaw" / "queue_snapshots.csv.gz"
EARLIER = date(2020, 1, 2), date(2020, 1, 10)
LATER = date(2020, 1, 14), date(2020, 1, 17)
OFFICES = (
    "UD_Bemowo",
    "UD_Ochota",
    "UD_Praga_Poludnie",
    "UD_Srodmiescie_1",
    "UD_Targowek",
    "UD_Wola",
    "USC_Andersa",
    "USC_Sandomierska",
)
RUNS = 60
RISE_MIN = 5
JUMP_MAX = 50
"""A number that rises by more between two snapshots is no row of visitors."""

SPARE_WINDOWS = 4
"""Of each kind, beyond the plan's: some days have more open than an ordinary one."""

SECONDS = 60.0

Numbers = NDArray[np.float64]


class Seen(NamedTuple):
    """One observation; minutes. `told` as the outlook said it."""

    later: bool
    day: int
    minute: float
    told: Told
    delay: float


class Judged(NamedTuple):
    """Mean absolute errors on the same observations of later days, and how often the range held."""

    seen: int
    mean: float
    last: float
    alone: float
    trued: float
    held: float


class Curves(NamedTuple):
    """By snapshot: the number on the display, the highest so far of the last in line, and how many wait."""

    minutes: Numbers
    called: Numbers
    joined: Numbers
    waiting: Numbers


def judge() -> Judged:
    """All offices together."""
    rows = [row for office in OFFICES for row in judged_rows(list(observations(office)))]
    table = np.array(rows)
    delay, last, alone, trued, held = table.T

    def error(told: Numbers) -> float:
        return float(np.abs(told - delay).mean())

    mean, share = float(delay.mean()), float(held.mean())
    return Judged(len(table), mean, error(last), error(alone), error(trued), share)


def judged_rows(seen: Sequence[Seen]) -> Iterator[tuple[float, float, float, float, bool]]:
    """Delay, the last wait, the outlook alone, the outlook trued, whether its range held; of later days."""
    truing, pending = Truing(), list[tuple[float, int]]()
    before: tuple[bool, int] | None = None
    for number, one in enumerate(seen):
        if (one.later, one.day) != before:
            before, now = (one.later, one.day), math.inf
        else:
            now = one.minute
        while pending and pending[0][0] <= now:
            past = seen[heapq.heappop(pending)[1]]
            truing.learn(past.told, past.delay)
        told, last = one.told, one.told.last
        if one.later and last is not None:
            waits = Waits({}, {told.service: told.range})
            shown = truing.true(waits, {}, {told.service: last}).services[told.service]
            assert shown is not None
            held = shown.p10 <= one.delay <= shown.p90
            yield one.delay, last, told.range.p50, shown.p50, held
        heapq.heappush(pending, (one.minute + one.delay, number))


def observations(office: str) -> Iterator[Seen]:
    """Of one office, day by day in order of time."""
    plan = calibrate_snapshots(SNAPSHOTS, office, *EARLIER).plan
    rng = np.random.default_rng(1)
    for later, days in ((False, EARLIER), (True, LATER)):
        told = read_office(SNAPSHOTS, office, *days)
        watcher = Watcher(plan, told, rng)
        for number, day in enumerate(told.days):
            for minute, seen, delay in watcher.watch(day):
                yield Seen(later, number, minute, seen, delay)


class Watcher:
    """Sees an office through its displays and asks the outlook at every snapshot."""

    def __init__(self, plan: HallPlan, office: Office, rng: np.random.Generator) -> None:
        columns = {service_id(queue): column for column, queue in enumerate(office.queues)}
        self._columns = {s.id: columns[s.id] for s in plan.services if s.id in columns}
        self._letters = {s: office.queues[column].letter for s, column in self._columns.items()}
        self._kinds = list(dict.fromkeys(frozenset(window.skills) for window in plan.windows))
        self._plan = _with_spare(plan, self._kinds)
        self._outlook, self._rng = Outlook(self._plan, policy_named("fifo")), rng
        self._split: dict[bytes, list[int]] = {}

    def watch(self, day: Snapshots) -> Iterator[tuple[float, Told, float]]:
        """Minute, what was told to the last in line, and their delay."""
        tracks = {s: track(day, column, self._letters[s]) for s, column in self._columns.items()}
        curves = {s: curves_of(its) for s, its in tracks.items()}
        lines: dict[str, list[float]] = {service: [] for service in tracks}
        for row, minute in enumerate(day.minutes.tolist()):
            for service, its in tracks.items():
                _follow(lines[service], its, row)
            if not self._plan.opens <= minute < self._plan.closes:
                continue
            found = [
                (service, len(lines[service]), *seen)
                for service, its in tracks.items()
                if its.numbers[row] is not None and its.waiting[row] >= 1
                for seen in [_delays(curves[service], row)]
                if seen is not None
            ]
            if found:
                waits = self._outlook.foresee(self._moment(day, row, lines), RUNS, self._rng)
                for service, last, delay, les in found:
                    told = waits.tickets[f"{service}:{last}"]
                    if told is not None:
                        yield minute, Told(service, told, les), delay

    def _moment(self, day: Snapshots, row: int, lines: dict[str, list[float]]) -> Moment:
        minute = float(day.minutes[row])
        here = self._open(minute, day.windows[row])
        standing = sorted(
            (joined, service, place)
            for service, line in lines.items()
            for place, joined in enumerate(line, 1)
        )
        return Moment(
            minute=minute,
            closes_in=(self._plan.closes - minute) * SECONDS,
            came=None,
            standing=tuple(
                Standing(f"{service}:{place}", (service,), (minute - at) * SECONDS, (minute - at) * SECONDS)
                for at, service, place in standing
            ),
            posts=tuple(
                Post(number in here, math.inf, self._visit(window, lines) if number in here else (), None)
                for number, window in enumerate(self._plan.windows)
            ),
        )

    def _visit(self, window: WindowPlan, lines: dict[str, list[float]]) -> tuple[str, ...]:
        """What a window is at work on: its most frequent service, if anybody waits for one of them."""
        if not any(lines.get(service) for service in window.skills):
            return ()
        return (max(window.services, key=lambda s: sum(rate for _, rate in self._plan.service[s].arrivals)),)

    def _open(self, minute: float, counts: Numbers) -> set[int]:
        """Which windows are open: those planned for now and longest come first."""
        left = self._by_kind(np.array([counts[column] for column in self._columns.values()]))

        def until(number: int) -> float:
            hours = shifts(self._plan, self._plan.windows[number])
            return max((end for start, end in hours if start <= minute < end), default=0)

        found = set()
        for number in sorted(range(len(self._plan.windows)), key=until, reverse=True):
            kind = self._kinds.index(frozenset(self._plan.windows[number].skills))
            if left[kind] > 0:
                left[kind] -= 1
                found.add(number)
        return found

    def _by_kind(self, counts: Numbers) -> list[int]:
        """How many windows of each kind fit the windows counted by queue best; the fewest of such."""
        key = counts.tobytes()
        if key not in self._split:
            serves = np.array([[s in kind for kind in self._kinds] for s in self._columns], np.float64)
            queues, kinds = serves.shape
            off = np.eye(queues)
            found = milp(
                np.concatenate([np.full(kinds, 0.01), np.ones(2 * queues)]),
                constraints=LinearConstraint(np.hstack([serves, off, -off]), counts, counts),
                integrality=np.concatenate([np.ones(kinds), np.zeros(2 * queues)]),
                bounds=Bounds(0, np.inf),
            )
            self._split[key] = [round(value) for value in found.x[:kinds]]
        return list(self._split[key])


def curves_of(its: Track) -> Curves | None:
    """None if the number falls, or hardly rises: then it does not count this queue's visitors."""
    shown = np.array([math.nan if number is None else number for number in its.numbers])
    known = shown[~np.isnan(shown)]
    if len(known) == 0 or (np.diff(known) < 0).any() or known[-1] - known[0] < RISE_MIN:
        return None
    called = np.maximum.accumulate(np.where(np.isnan(shown), known[0], shown))
    return Curves(its.minutes, called, np.maximum.accumulate(called + its.waiting), its.waiting)


def _delays(curves: Curves | None, row: int) -> tuple[float, float | None] | None:
    """The delay of the last in line and that of the last called; None if the line is never done."""
    if curves is None:
        return None
    now, number = float(curves.minutes[row]), float(curves.called[row])
    last = number + float(curves.waiting[row])
    reached = _reaches(curves.minutes, curves.called, last)
    if reached is None:
        return None
    first = float(curves.called[0])
    so_far = slice(0, row + 1)
    called = _reaches(curves.minutes[so_far], curves.called[so_far], number)
    joined = _reaches(curves.minutes[so_far], curves.joined[so_far], number)
    les = None if number <= first or called is None or joined is None else max(called - joined, 0.0)
    return max(reached - now, 0.0), les


def _reaches(minutes: Numbers, curve: Numbers, number: float) -> float | None:
    """When a rising curve reaches a number, by a straight line between snapshots."""
    place = int(np.searchsorted(curve, number))
    if place >= len(curve):
        return None
    if place == 0:
        return float(minutes[0])
    before, after = float(curve[place - 1]), float(curve[place])
    share = (number - before) / (after - before)
    return float(minutes[place - 1] + share * (minutes[place] - minutes[place - 1]))


def _follow(line: list[float], its: Track, row: int) -> None:
    """Who joined when: those called leave at the front, those who came joined evenly since the last look."""
    waiting, number = int(its.waiting[row]), its.numbers[row]
    before = next((n for n in reversed(its.numbers[:row]) if n is not None), number)
    moved = 0 if number is None or before is None else number - before
    called = max(moved if 0 < moved < JUMP_MAX else 0, len(line) - waiting, 0)
    came = waiting - len(line) + called
    now = float(its.minutes[row])
    since = float(its.minutes[row - 1]) if row else now
    line += [since + (now - since) * (place + 1) / (came + 1) for place in range(came)]
    del line[: len(line) - waiting]


def _with_spare(plan: HallPlan, kinds: Sequence[frozenset[str]]) -> HallPlan:
    """Windows that an ordinary day does not have; open, they stay until closing."""
    spare = tuple(
        WindowPlan(f"x-{kind}-{number}", "", {s.id: 1.0 for s in plan.services if s.id in skills}, hours)
        for hours in [((plan.closes - 1, plan.closes),)]
        for kind, skills in enumerate(kinds)
        for number in range(SPARE_WINDOWS)
    )
    return replace(plan, windows=plan.windows + spare)
