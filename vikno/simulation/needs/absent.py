"""People who are not there, as visitors who take up a window.

A window of the twin finishes its visitor before it goes. Were people to come and go by the quarter of an hour
like that, each of them would work on beyond the count, and a search would learn to live on it. So the windows
are all there all day, and who is not there is played by a guest, who takes the first window of the kind that
gets free and keeps it until somebody comes again: when the number of people falls, whoever is free first
goes, as where one relieves the other. A guest goes before all visitors and stays for as long as somebody is
away, so whoever leaves late comes back as late, and nobody works a minute more than counted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan, Service, WindowPlan
from vikno.simulation.fastforward.bundles import Crowd, Rule
from vikno.simulation.fastforward.days import Crowds
from vikno.simulation.needs.offered import Numbers
from vikno.simulation.record import SECONDS_A_MINUTE

GUEST = "guest-{}"
FIRST_OF_ALL = 1e12
"""The weight of a guest: beyond that of any visitor."""
NEVER_MINUTES = 24 * 60.0
"""Who does not come back today is away for as long."""
DAY_SECONDS = 1e7
"""Apart enough to put the instants of many days in one row."""


class Gaps(NamedTuple):
    """Guests of one day in order of time: minutes after midnight, how long, in place of which profile."""

    at: Numbers
    minutes: Numbers
    profile: NDArray[np.int64]


def gaps_of(people: NDArray[np.int64], starts: list[int], minutes: int, opens: int) -> Gaps:
    """When each of the most people of every profile is not there: `people`, shape (quarters, profiles)."""
    rows: list[tuple[float, float, int]] = []
    edges = [*starts, starts[-1] + minutes]
    for profile, counts in enumerate(people.T):
        for level in range(int(counts.max(initial=0))):
            away = np.concatenate([[False], counts <= level, [False]])
            for first, last in np.flatnonzero(np.diff(away.astype(np.int64))).reshape(-1, 2).tolist():
                begins = max(edges[first], opens)
                lasts = NEVER_MINUTES if last == len(starts) else edges[last] - begins
                rows.append((begins, lasts, profile))
    at, lasting, who = np.array(sorted(rows)).reshape(-1, 3).T
    return Gaps(at, lasting, who.astype(np.int64))


def all_day(plan: HallPlan, most: list[tuple[str, dict[str, float], int]], guests: int) -> HallPlan:
    """`most` of each profile (id, skills, how many) are there all day; a service for the guests of each."""
    services = tuple(Service(GUEST.format(number), "G", {}, 1.0) for number in range(len(most)))
    windows = tuple(
        WindowPlan(f"{id_}-{level + 1}", "", {**skills, GUEST.format(number): 1.0})
        for number, (id_, skills, count) in enumerate(most)
        for level in range(count)
    )
    places = None if plan.waiting_places is None else plan.waiting_places + guests
    return replace(plan, services=plan.services + services, windows=windows, waiting_places=places)


def with_guests(rule: Rule, windows: int, services: int, profiles: int) -> Rule:
    """The rule, with guests as services behind the others."""
    fields: dict[str, Any] = {}
    for name, value in zip(rule._fields, rule, strict=True):
        if isinstance(value, np.ndarray):
            there = (windows, services)[-value.ndim :]
            old = np.zeros(there, value.dtype) if rule.fifo else value
            fields[name] = np.concatenate([old, np.zeros((*there[:-1], profiles), value.dtype)], axis=-1)
    weight, head_start = fields["weight"], fields["head_start"]
    if rule.fifo:
        weight[:, :services] = 1.0
    weight[:, services:] = FIRST_OF_ALL
    head_start[services:] = 1.0
    return rule._replace(**fields, fifo=False)


class Mixed(NamedTuple):
    """Visitors and guests of many days, and which of them are visitors."""

    crowds: Crowds
    visitors: NDArray[np.bool_]


def mixed(crowds: Crowds, order: Numbers, gaps: Gaps, midnight: float, services: int) -> Mixed:
    """The same guests on every day, among the visitors of `crowds`; `order` as `order_of` has it."""
    days, guests = len(crowds.begins) - 1, len(gaps.at)
    at = np.tile(gaps.at * SECONDS_A_MINUTE, days)
    places = np.searchsorted(order, at + np.repeat(np.arange(days), guests) * DAY_SECONDS)
    columns: dict[str, Any] = {
        "at": at + midnight,
        "service": np.tile(gaps.profile + services, days),
        "minutes": np.tile(gaps.minutes, days),
        "patience_minutes": np.inf,
        "comes": True,
    }
    crowd = Crowd(
        **{name: np.insert(getattr(crowds.crowd, name), places, own) for name, own in columns.items()}
    )
    visitors = np.insert(np.ones(len(order), np.bool_), places, values=False)
    return Mixed(Crowds(crowd, crowds.begins + guests * np.arange(days + 1)), visitors)


def order_of(crowds: Crowds, midnight: float) -> Numbers:
    """Visitors of many days in one row of instants."""
    days = np.repeat(np.arange(len(crowds.begins) - 1), np.diff(crowds.begins))
    return crowds.crowd.at - midnight + days * DAY_SECONDS
