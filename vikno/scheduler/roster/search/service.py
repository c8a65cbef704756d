"""Who of those present serves what, kept up to date while people come and go.

In each stretch of a day the people present of a profile are divided among needs as a flow, in hundredths. One
more person is an augmenting path to the dearest need that can be reached (successive shortest paths), which
tells at once what they would be worth; so a day need not be solved again to know what a change costs.
Compiled.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vikno.scheduler.roster.problem import HUNDREDTHS, Problem
from vikno.scheduler.roster.search.presence import profiles_of, stretches, ways_of
from vikno.scheduler.roster.search.rules import Flags, Floats, Ints
from vikno.scheduler.roster.search.states import compiled


class Service(NamedTuple):
    """All stretches of all days. T stretches, N needs, K profiles, W ways to work a day, D days."""

    quarters: Ints
    """T."""
    there: Flags
    """T x W: whether somebody who works that way is present."""
    stretch_first: Ints
    """D + 1."""
    need_first: Ints
    """T + 1: the needs of a stretch."""
    able: Flags
    """N x K: whether a profile has the skill."""
    under: Floats
    """N."""
    idle: float
    missing: Ints
    """N, in hundredths; changes."""
    spare: Ints
    """T x K: people without a need, in hundredths; changes."""
    serving: Ints
    """N x K: in hundredths; changes."""

    def copy(self) -> Service:
        """The same, to be changed apart from it."""
        return self._replace(
            missing=self.missing.copy(), spare=self.spare.copy(), serving=self.serving.copy()
        )

    def cost(self) -> float:
        """Of everybody missing and idle."""
        quarters = np.repeat(self.quarters, np.diff(self.need_first))
        missed = (quarters * self.under) @ self.missing
        return float(missed + self.idle * (self.quarters @ self.spare.sum(1))) / HUNDREDTHS


def service_of(problem: Problem) -> Service:
    """Nobody is there yet."""
    profiles, ways = profiles_of(problem)[0], ways_of(problem)
    days = [stretches(problem, day) for day in range(problem.days)]
    parts = [part for day in days for part in day]
    needs = [need for part in parts for need in part.needs]
    return Service(
        quarters=np.array([part.quarters for part in parts], np.int64),
        there=np.array([[way in part.present for way in range(len(ways))] for part in parts], bool),
        stretch_first=np.cumsum([0, *map(len, days)]),
        need_first=np.cumsum([0, *(len(part.needs) for part in parts)]),
        able=np.array([[need.skill in p for p in profiles] for need in needs], bool).reshape(len(needs), -1),
        under=np.array([need.under for need in needs], float),
        idle=float(problem.weights.idle),
        missing=np.array([round(need.need * HUNDREDTHS) for need in needs], np.int64),
        spare=np.zeros((len(parts), len(profiles)), np.int64),
        serving=np.zeros((len(needs), len(profiles)), np.int64),
    )


class Flow(NamedTuple):
    """One stretch: who serves what now, and room for the search of a path. n needs, K profiles."""

    able: Flags
    under: Floats
    missing: Ints
    serving: Ints
    came_from: Ints
    """n: which profile the need was reached from; -1: it was not."""
    reached_by: Ints
    """K: which need the profile was reached by; n: the path begins there; -1: it was not."""
    queue: Ints
    """K."""


@compiled
def worth(service: Service, kind: int) -> Floats:
    """D x W: what one more person of the profile costs who works that way; negative if it pays."""
    cost = np.zeros((service.stretch_first.shape[0] - 1, service.there.shape[1]))
    for day in range(cost.shape[0]):
        for stretch in range(service.stretch_first[day], service.stretch_first[day + 1]):
            now = flow_now(service, stretch)
            apart = flow_of(service, stretch, now.missing.copy(), now.serving.copy())
            price = service.quarters[stretch] * serve(apart, kind, service.idle)[0]
            for way in range(cost.shape[1]):
                if service.there[stretch, way]:
                    cost[day, way] += price
    return cost


@compiled
def come(service: Service, kind: int, days: Ints) -> None:
    """Somebody of the profile works, each of the `days` (D) in that way; -1 is a free day."""
    for day in range(days.shape[0]):
        for stretch in range(service.stretch_first[day], service.stretch_first[day + 1]):
            if days[day] >= 0 and service.there[stretch, days[day]]:
                left = serve(flow_now(service, stretch), kind, service.idle)[1]
                service.spare[stretch, kind] += left


@compiled
def go(service: Service, kind: int, days: Ints) -> None:
    """Somebody of the profile does not work as told to `come`; others step in where they are idle."""
    for day in range(days.shape[0]):
        for stretch in range(service.stretch_first[day], service.stretch_first[day + 1]):
            if days[day] >= 0 and service.there[stretch, days[day]]:
                leave(flow_now(service, stretch), kind, service.spare[stretch])


@compiled
def flow_now(service: Service, stretch: int) -> Flow:
    """A stretch; what changes in it changes in the service."""
    first, end = service.need_first[stretch], service.need_first[stretch + 1]
    return flow_of(service, stretch, service.missing[first:end], service.serving[first:end])


@compiled
def flow_of(service: Service, stretch: int, missing: Ints, serving: Ints) -> Flow:
    """A stretch with so many missing and serving."""
    first, end = service.need_first[stretch], service.need_first[stretch + 1]
    kinds = service.spare.shape[1]
    return Flow(
        able=service.able[first:end],
        under=service.under[first:end],
        missing=missing,
        serving=serving,
        came_from=np.empty(end - first, np.int64),
        reached_by=np.empty(kinds, np.int64),
        queue=np.empty(kinds, np.int64),
    )


@compiled
def serve(flow: Flow, kind: int, idle: float) -> tuple[float, int]:
    """Let one more person serve what costs most, others giving way to them.

    Returns what that costs in a quarter, and the hundredths that are left without a need.
    """
    left, cost = HUNDREDTHS, 0.0
    while left:
        best = dearest(flow, kind)
        if best < 0:
            break
        amount, need = min(left, flow.missing[best]), best
        while flow.came_from[need] != kind:
            giving = flow.reached_by[flow.came_from[need]]
            amount = min(amount, flow.serving[giving, flow.came_from[need]])
            need = giving
        need = best
        while flow.came_from[need] != kind:
            giving = flow.reached_by[flow.came_from[need]]
            flow.serving[need, flow.came_from[need]] += amount
            flow.serving[giving, flow.came_from[need]] -= amount
            need = giving
        flow.serving[need, kind] += amount
        flow.missing[best] -= amount
        left -= amount
        cost -= flow.under[best] * amount / HUNDREDTHS
    return cost + idle * left / HUNDREDTHS, left


@compiled
def dearest(flow: Flow, kind: int) -> int:
    """The dearest need with somebody missing that the profile can serve, be it by a row of people; or -1."""
    begin(flow, kind)
    head, tail, best = 0, 1, -1
    while head < tail:
        at = flow.queue[head]
        head += 1
        for need in range(flow.under.shape[0]):
            if flow.came_from[need] >= 0 or not flow.able[need, at]:
                continue
            flow.came_from[need] = at
            if flow.missing[need] and (best < 0 or flow.under[need] > flow.under[best]):
                best = need
            tail = reach(flow, need, flow.serving[need] > 0, tail)
    return best


@compiled
def leave(flow: Flow, kind: int, spare: Ints) -> None:
    """One person less: who is idle serves instead, be it by a row of people; or the least is missed."""
    left = HUNDREDTHS - min(HUNDREDTHS, spare[kind])
    spare[kind] -= HUNDREDTHS - left
    while left:
        end, idle = cheapest_loss(flow, kind, spare)
        amount, need = left if idle < 0 else min(left, spare[idle]), end
        while need != flow.under.shape[0]:
            amount = min(amount, flow.serving[need, flow.came_from[need]])
            need = flow.reached_by[flow.came_from[need]]
        need, instead = end, idle
        while need != flow.under.shape[0]:
            if instead >= 0:
                flow.serving[need, instead] += amount
            instead = flow.came_from[need]
            flow.serving[need, instead] -= amount
            need = flow.reached_by[instead]
        if idle < 0:
            flow.missing[end] += amount
        else:
            spare[idle] -= amount
        left -= amount


@compiled
def cheapest_loss(flow: Flow, kind: int, spare: Ints) -> tuple[int, int]:
    """Who is idle and could serve in the end, and what; if nobody (-1), the cheapest need to be missed."""
    begin(flow, kind)
    head, tail, best = 0, 1, -1
    while head < tail:
        at = flow.queue[head]
        if spare[at] and head:
            return flow.reached_by[at], at
        head += 1
        for need in range(flow.under.shape[0]):
            if flow.came_from[need] < 0 and flow.serving[need, at]:
                flow.came_from[need] = at
                if best < 0 or flow.under[need] < flow.under[best]:
                    best = need
                tail = reach(flow, need, flow.able[need], tail)
    return best, -1


@compiled
def begin(flow: Flow, kind: int) -> None:
    """A search for a path starts at the profile."""
    flow.came_from[:] = -1
    flow.reached_by[:] = -1
    flow.reached_by[kind] = flow.under.shape[0]
    flow.queue[0] = kind


@compiled
def reach(flow: Flow, need: int, who: Flags, tail: int) -> int:
    """The search goes on from these profiles; returns the end of the queue."""
    for other in range(who.shape[0]):
        if who[other] and flow.reached_by[other] < 0:
            flow.reached_by[other] = need
            flow.queue[tail] = other
            tail += 1
    return tail
