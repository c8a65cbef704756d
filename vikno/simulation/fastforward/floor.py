"""A hall file as the kernel's arrays."""

from __future__ import annotations

import math
from zoneinfo import ZoneInfo

import numpy as np

from vikno.queue.decisions import instant
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import shifts
from vikno.simulation.duty import stays_late
from vikno.simulation.fastforward.bundles import BEGIN, CLOSE, END, NOBODY, Floor, Start
from vikno.simulation.record import SECONDS_A_MINUTE
from vikno.simulation.twin import SIMULATED_DATE

NO_LIMIT = NOBODY
"""So many that no day has them."""


def midnight_of(plan: HallPlan) -> float:
    """POSIX seconds that the minutes of a simulated day count from, as the twin counts them."""
    zone = ZoneInfo(plan.time_zone)
    return instant(SIMULATED_DATE, plan.opens, zone) - plan.opens * SECONDS_A_MINUTE


def floor_of(plan: HallPlan) -> Floor:
    """The hall as arrays; shifts in the order in which the twin enters them."""
    services = {service.id: place for place, service in enumerate(plan.services)}
    factor = np.full((len(plan.windows), len(services)), math.nan)
    able: list[list[int]] = []
    skilled: list[list[int]] = [[] for _ in services]
    for place, window in enumerate(plan.windows):
        known = [services[service] for service in window.services]
        able.append(known)
        factor[place, known] = list(window.skills.values())
        for service in known:
            skilled[service].append(place)
    midnight = midnight_of(plan)
    rows: list[tuple[float, int, int, int, bool]] = []
    for place, window in enumerate(plan.windows):
        hours = shifts(plan, window)
        for number, (start, end) in enumerate(hours, 1):
            rows.append((midnight + start * SECONDS_A_MINUTE, len(rows), BEGIN, place, False))
            rows.append((midnight + end * SECONDS_A_MINUTE, len(rows), END, place, number < len(hours)))
    closes = midnight + plan.closes * SECONDS_A_MINUTE
    rows.append((closes, len(rows), CLOSE, 0, False))
    at, _, kind, who, again = zip(*sorted(rows), strict=True)
    return Floor(
        factor=factor,
        able=_flat(able),
        able_from=_starts(able),
        skilled=_flat(skilled),
        skilled_from=_starts(skilled),
        no_show_seconds=np.array([s.no_show_minutes * SECONDS_A_MINUTE for s in plan.services], np.float64),
        places=NO_LIMIT if plan.waiting_places is None else plan.waiting_places,
        stays_late=np.array([stays_late(plan, window) for window in plan.windows], np.bool_),
        leaves_at_close=plan.after_close == "leave",
        closes=closes,
        shift_at=np.array(at, np.float64),
        shift_kind=np.array(kind, np.int64),
        shift_window=np.array(who, np.int64),
        shift_again=np.array(again, np.bool_),
    )


def before_the_day(plan: HallPlan) -> Start:
    """Nobody is there yet."""
    windows = len(plan.windows)
    return Start(
        at=-math.inf,
        inside=0,
        overtaken=np.zeros(0, np.int64),
        until=np.full(windows, math.nan),
        expected=np.zeros(windows),
        open_since=np.full(windows, math.nan),
        on_duty=np.zeros(windows, np.bool_),
        again=np.zeros(windows, np.bool_),
        duty_ended=np.zeros(windows),
        idle_since=np.zeros(windows),
    )


def _flat(lists: list[list[int]]) -> np.ndarray:
    return np.array([value for values in lists for value in values], np.int64)


def _starts(lists: list[list[int]]) -> np.ndarray:
    return np.cumsum([0, *map(len, lists)], dtype=np.int64)
