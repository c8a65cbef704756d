"""Somebody's tours for given prices: which limits are part of the state, and how shifts are grouped."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from vikno.scheduler.roster.search.paths import Found, Priced, Prices, below, priced
from vikno.scheduler.roster.search.rules import FREE, Flags, Ints, Rules, Worker
from vikno.scheduler.roster.search.states import Graph, Groups, graph

STEPS_MAX = 20_000
"""States entered in search of one tour before a limit on a shift becomes part of the state."""

COUNTS_MAX = 200
"""States of all active limits together: each multiplies the work."""


@dataclass
class Touring:
    """One person's pricing. `active` are the limits that have become part of the state so far."""

    worker: Worker
    active: tuple[int, ...] = ()
    _built: dict[tuple[int, ...], tuple[Groups, Graph]] = field(default_factory=dict)

    @property
    def rules(self) -> Rules:
        return self.worker.rules

    def best(self, prices: Prices, limit: float = np.inf, steps_max: int = STEPS_MAX) -> Found:
        """The cheapest tour below the limit, if there is one; `least` is a bound in any case."""
        while True:
            states = priced(self.rules, *self.built(), prices)
            found = below(states, limit, 0, steps_max)
            if found.complete or not self._extend(states):
                return found

    def all_below(self, prices: Prices, limit: float, most: int, steps_max: int) -> Found:
        """All tours below the limit; `complete` says whether they are all."""
        return below(priced(self.rules, *self.built(), prices), limit, max(most, 1), steps_max)

    def fixed(self, day: int, shift: int) -> bool:
        """Whether the day can be nothing else."""
        rules = self.rules
        if shift == FREE:
            return not rules.shift_ok[day].any()
        return not rules.free_ok[day] and int(rules.shift_ok[day].sum()) == 1

    def allows(self, days: tuple[int, ...]) -> bool:
        """Whether each day of a tour may be what it is. Its rules are not looked at."""
        rules = self.rules
        return all(rules.free_ok[d] if s == FREE else rules.shift_ok[d, s] for d, s in enumerate(days))

    def fix(self, day: int, shift: int) -> Touring:
        """The same with one day decided."""
        free_ok, shift_ok = self.rules.free_ok.copy(), self.rules.shift_ok.copy()
        keep = shift_ok[day, shift] if shift != FREE else False
        free_ok[day] = shift == FREE and free_ok[day]
        shift_ok[day] = False
        if shift != FREE:
            shift_ok[day, shift] = keep
        rules = self.rules._replace(free_ok=free_ok, shift_ok=shift_ok)
        return Touring(Worker(rules, self.worker.shifts), self.active)

    def narrowed(self, days: tuple[int, ...], is_open: Flags) -> Touring:
        """The same with the days that are not open as in this tour."""
        free_ok, shift_ok = self.rules.free_ok & is_open, self.rules.shift_ok & is_open[:, None]
        for day in np.flatnonzero(~is_open):
            if days[day] == FREE:
                free_ok[day] = True
            else:
                shift_ok[day, days[day]] = True
        rules = self.rules._replace(free_ok=free_ok, shift_ok=shift_ok)
        return Touring(Worker(rules, self.worker.shifts), self.active)

    def built(self) -> tuple[Groups, Graph]:
        """Shifts grouped, and the states, under the active limits."""
        active = self.active  # another thread may add to it meanwhile
        built = self._built.get(active)
        if built is None:
            groups = groups_of(self.rules, active)
            built = groups, graph(self.rules, groups)
            self._built = {active: built}
        return built

    def _extend(self, states: Priced) -> bool:
        """Make the limit that is broken most a part of the state; False if there is no room."""
        used = _worked(states)
        over = self.rules.limited.astype(np.int64) @ used - self.rules.limits
        over[list(self.active)] = -1
        counts = math.prod(int(self.rules.limits[n]) + 1 for n in self.active)
        for number in np.argsort(-over, kind="stable").tolist():
            if number not in self.active and counts * (self.rules.limits[number] + 1) <= COUNTS_MAX:
                self.active = (*self.active, number)
                return True
        return False


def _worked(states: Priced) -> Ints:
    """How often each shift is worked on the cheapest path that keeps only the active limits."""
    days, shifts = states.prices.shift.shape
    boundless = states.rules._replace(limits=np.full_like(states.rules.limits, days))
    tours = below(states._replace(rules=boundless), np.inf, 1, days + 1).tours
    return np.bincount(tours[tours != FREE], minlength=shifts)


def groups_of(rules: Rules, active: tuple[int, ...]) -> Groups:
    """Shifts that differ in cost alone, if the active limits count."""
    keys: dict[tuple[int, ...], int] = {}
    of_shift = []
    for shift in range(len(rules.units)):
        key = (
            int(rules.shift_class[shift]),
            int(rules.units[shift]),
            *map(int, rules.follows[:, shift]),
            *(int(rules.limited[number, shift]) for number in active),
        )
        of_shift.append(keys.setdefault(key, len(keys)))
    first = [of_shift.index(group) for group in range(len(keys))]
    return Groups(
        of_shift=np.array(of_shift, np.int64),
        shift_class=rules.shift_class[first],
        units=rules.units[first],
        follows=np.ascontiguousarray(rules.follows[:, first]),
        counts=_counts(rules, active, first),
    )


def _counts(rules: Rules, active: tuple[int, ...], first: list[int]) -> Ints:
    """C x G: counters are the digits of a number with mixed radix."""
    radix = [int(rules.limits[number]) + 1 for number in active]
    states = int(np.prod(radix, dtype=np.int64)) if radix else 1
    counts = np.empty((states, len(first)), np.int64)
    for state in range(states):
        digits = list(np.unravel_index(state, radix)) if radix else []
        for group, shift in enumerate(first):
            more = [int(d) + int(rules.limited[n, shift]) for d, n in zip(digits, active, strict=True)]
            full = any(m >= r for m, r in zip(more, radix, strict=True))
            counts[state, group] = -1 if full else int(np.ravel_multi_index(more, radix)) if radix else 0
    return counts
