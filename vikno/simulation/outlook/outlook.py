"""The outlook: live the rest of the day often enough, and tell the ranges.

Each run draws afresh what is not known: how long visits under way still take, given how long they have taken;
durations of those who wait; who comes later, when, for what; how busy today is, given who came; how far the
durations of the hall file may be off (`MEAN_DOUBT`). The kernel lives them by the hall's policy.

What a visitor is told holds if they stay: in a run in which they lose patience, the call of the next in
their line is taken for theirs. Who is called and has not come yet is taken to come, but for the share of
no-shows while that may still be; parked tickets are in no line and are not counted.

Under `fifo` nobody who comes later is called to a window that could have served somebody waiting now, so
nobody is drawn. Under other policies those who come later matter, as far ahead as people wait: the first few
runs tell how far that is.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.simulation.fastforward.days import unlived
from vikno.simulation.fastforward.kernel import Crowd, Days, Start, live_days
from vikno.simulation.outlook.coming import Coming, Demand, busyness, one_window
from vikno.simulation.outlook.durations import ATOMS, Ints, Numbers, Tables, remaining, under_way
from vikno.simulation.outlook.floor import class_seconds, shadowed_floor, shadowed_rule
from vikno.simulation.outlook.moment import Moment, Post, Standing, moment_of
from vikno.simulation.outlook.staffing import Staffing, staffing_of
from vikno.simulation.outlook.waits import Range, Waits
from vikno.simulation.record import SECONDS_A_MINUTE

MEAN_DOUBT = 0.05
"""Relative, of the mean duration of each service: what twenty days of a small service leave unknown."""

PILOTS = 12
"""Runs that tell how far ahead the others must look."""

AHEAD_MINUTES = 20.0
AHEAD_MARGIN = 1.25
"""The first look ahead, and how much further than the longest wait of the pilots the other runs look."""

CALLED_SHARE_MIN = 0.5
"""Who is called in fewer runs than this is not told a time: most likely it will not be today."""

QUANTILES = (0.1, 0.5, 0.9)


class Drawn(NamedTuple):
    """What does not depend on who comes later: (runs, windows) seconds; (runs, standing) and shadows."""

    until: Numbers
    minutes: Numbers
    patience: Numbers
    comes: np.ndarray
    doubt: Numbers


class Outlook:
    """One hall's plan and policy, ready to be asked at any moment. Raises `NotFast` for other policies."""

    def __init__(self, plan: HallPlan, policy: Policy) -> None:
        self.policy = policy
        self._adopt(plan)

    def _adopt(self, plan: HallPlan) -> None:
        policy, self.plan = self.policy, plan
        self._floor = shadowed_floor(plan)
        self._rule = shadowed_rule(plan, policy)
        self._class_seconds = class_seconds(policy)
        self._visits, self._patience = Tables(plan), Tables(plan)
        self._demand = Demand(plan, self._visits, self._patience)
        self._place = {service.id: number for number, service in enumerate(plan.services)}
        self._islands = _islands(plan)

    def look(self, hall: Hall, at: float, replications: int, rng: np.random.Generator) -> Waits:
        """The waits of this minute (`at`: POSIX seconds); nobody's while the hall has no day.

        A hall that runs by another plan by now is looked at by that one.
        """
        if hall.adopted is not None and hall.adopted is not self.plan and hall.adopted != self.plan:
            self._adopt(hall.adopted)
        now = moment_of(hall, at)
        if now is None:
            return Waits({}, {service.id: None for service in self.plan.services})
        return self.foresee(now, replications, rng)

    def foresee(self, now: Moment, replications: int, rng: np.random.Generator) -> Waits:
        """The same from a moment, which may have come from another process."""
        unknown = self._unknown(now)
        standing = self._in_order(now)
        called = self._run(now, standing, replications, rng)
        told = _ranges(called)
        tickets = {
            one.ticket: None if self._place[one.services[0]] in unknown else told[place]
            for place, one in enumerate(standing)
        }
        open_now = now.closes_in > 0 and self.plan.opens <= now.minute
        services = {
            service.id: told[len(standing) + place] if open_now and place not in unknown else None
            for place, service in enumerate(self.plan.services)
        }
        return Waits(tickets, services)

    def _in_order(self, now: Moment) -> list[Standing]:
        """By place, where a level of a ticket's priority is worth some time waited."""
        return sorted(now.standing, key=self._since)

    def _since(self, one: Standing) -> float:
        return -(one.place_ago + one.priority * self._class_seconds)

    def _unknown(self, now: Moment) -> set[int]:
        """Services of whose lines nothing can be said: the file lacks a duration, or who else comes."""
        busy = {s for one in now.standing for s in one.services} | {s for p in now.posts for s in p.services}
        coming = {s for visits in self.plan.demand if visits.arrivals for s in visits.services}
        unknown = set[int]()
        for island in self._islands:
            ids = {self.plan.services[place].id for place in island}
            needed = (busy | coming) & ids
            if not all(self.plan.service[s].service for s in needed) or not (coming & ids):
                unknown |= island
        return unknown | {p for p, s in enumerate(self.plan.services) if not s.service}

    # Runs ----------------------------------------------------------------------------------------------

    def _run(self, now: Moment, standing: list[Standing], runs: int, rng: np.random.Generator) -> Numbers:
        """(runs, standing + services): seconds from now to the call; infinite where there was none."""
        staffing = staffing_of(self.plan, self._floor, now)
        drawn = self._draw(now, standing, runs, rng)
        busy = busyness(self.plan, now, runs, rng)
        if self._rule.fifo:
            nobody = self._demand.draw(now.minute, now.minute, busy, rng)
            return self._live(now, standing, staffing, drawn, nobody)
        pilots, ahead = min(PILOTS, runs), AHEAD_MINUTES
        last = now.closes_in / SECONDS_A_MINUTE
        first = Drawn(*(part[:pilots] for part in drawn))
        while True:
            coming = self._demand.draw(now.minute, now.minute + min(ahead, last), busy[:pilots], rng)
            called = self._live(now, standing, staffing, first, coming)
            longest = float(np.max(called, initial=0.0, where=np.isfinite(called))) / SECONDS_A_MINUTE
            if longest <= ahead or ahead >= last:
                break
            ahead = 2 * ahead
        ahead = min(ahead, AHEAD_MARGIN * longest + 1, max(last, 0.0))
        if runs == pilots:
            return called
        rest = Drawn(*(part[pilots:] for part in drawn))
        coming = self._demand.draw(now.minute, now.minute + ahead, busy[pilots:], rng)
        return np.concatenate([called, self._live(now, standing, staffing, rest, coming)])

    def _draw(self, now: Moment, standing: list[Standing], runs: int, rng: np.random.Generator) -> Drawn:
        """Windows first, then those who stand there one by one, so that one more changes nobody else."""
        services = len(self.plan.services)
        doubt = np.exp(rng.normal(-(MEAN_DOUBT**2) / 2, MEAN_DOUBT, (services, runs)))
        until = np.full((len(now.posts), runs), math.nan)
        for place, post in enumerate(now.posts):
            if post.services:
                until[place] = self._left(now, place, post, doubt, rng)
        inside = len(standing)
        minutes, patience = np.zeros((inside + services, runs)), np.full((inside + services, runs), math.inf)
        comes = np.zeros((inside + services, runs), np.bool_)
        if inside:
            line = np.array([self._place[one.services[0]] for one in standing])
            rows = [self._visits.visit(self._legs(one), _came(now, one)) for one in standing]
            atoms = rng.integers(0, ATOMS, (inside, runs))
            minutes[:inside] = self._visits.rows[np.array(rows)[:, None], atoms] * doubt[line]
            no_show = np.array([self.plan.services[p].no_show for p in line])
            comes[:inside] = rng.random((inside, runs)) >= no_show[:, None]
            for row, one in enumerate(standing):
                table = self._patience.patience(one.services[0], _came(now, one))
                if table >= 0 and not one.patient:
                    waited = np.full(runs, one.came_ago / SECONDS_A_MINUTE)
                    patience[row] = remaining(self._patience.rows[table], waited, rng)
        return Drawn(
            until=np.ascontiguousarray(until.T),
            minutes=np.ascontiguousarray(minutes.T),
            patience=np.ascontiguousarray(patience.T),
            comes=np.ascontiguousarray(comes.T),
            doubt=np.ascontiguousarray(doubt.T),
        )

    def _legs(self, one: Standing) -> tuple[str, ...]:
        """What counts of a visit: all its services if one window does them all, else the first."""
        alone = len(one.services) == 1 or not one_window(self.plan, one.services)
        return one.services[:1] if alone else one.services

    def _left(self, now: Moment, place: int, post: Post, doubt: Numbers, rng: np.random.Generator) -> Numbers:
        """Seconds until a window will be done with its visitor, one for each run."""
        window, first = self.plan.windows[place], post.services[0]
        service, pace = self.plan.service[first], doubt[self._place[first]]
        pace = pace * window.skills.get(first, 1.0)
        legs = post.services if all(s in window.skills for s in post.services) else (first,)
        ago = post.came_ago if post.came_ago is not None else post.busy or 0.0
        minute = now.minute - ago / SECONDS_A_MINUTE
        row = self._visits.visit(legs, minute)  # may be a new one
        table = self._visits.rows[row]
        if post.busy is None:
            whole: Numbers = under_way(table, len(pace), rng) * pace * SECONDS_A_MINUTE
            return whole
        passed = post.busy / SECONDS_A_MINUTE / np.maximum(pace, 1e-9)
        left: Numbers = remaining(table, passed, rng) * pace
        cost = service.no_show_minutes - post.busy / SECONDS_A_MINUTE
        if post.called and service.no_show and cost > 0:
            lasting = 1 - np.searchsorted(table, passed, side="right") / ATOMS
            missing = service.no_show / (service.no_show + (1 - service.no_show) * lasting)
            left = np.where(rng.random(len(pace)) < missing, cost, left)
        seconds: Numbers = left * SECONDS_A_MINUTE
        return seconds

    def _live(
        self, now: Moment, standing: list[Standing], staffing: Staffing, drawn: Drawn, coming: Coming
    ) -> Numbers:
        """Every run through the kernel: those who stand there, the shadows, then those who come."""
        runs, inside = drawn.minutes.shape
        services, windows = len(self.plan.services), len(self.plan.windows)
        since = np.array([*map(self._since, standing), *[0.0] * services])
        known = [self._place[one.services[0]] for one in standing]
        line = np.array([*known, *range(services, 2 * services)], np.int64)
        here = np.array([post.open or bool(post.services) for post in now.posts], np.bool_)
        start = Start(
            at=0.0,
            inside=inside,
            overtaken=np.array([*(one.overtaken for one in standing), *[0] * services], np.int64),
            until=np.zeros(windows),
            expected=self._expected(now),
            open_since=np.where(here, 0.0, math.nan),
            on_duty=staffing.on_duty,
            again=staffing.again,
            duty_ended=staffing.ended,
            idle_since=np.array([-post.free for post in now.posts]),
            stop=inside,
        )
        begins, crowd = _crowd(since, line, drawn, coming)
        fate = unlived(int(begins[-1]), (runs, windows))
        live_days(staffing.floor, self._rule, Days(crowd, begins, drawn.until), start, fate)
        found: Numbers = fate.called[begins[:-1, None] + np.arange(inside)]
        return _had_they_stayed(np.nan_to_num(found, nan=math.inf), known, services)

    def _expected(self, now: Moment) -> Numbers:
        """When the policy takes each visit under way to end, seconds from now."""
        found = np.zeros(len(now.posts))
        if self._rule.holds:
            for place, post in enumerate(now.posts):
                if post.services:
                    visit = self._rule.seconds[place, self._place[post.services[0]]]
                    found[place] = visit - (visit / 2 if post.busy is None else post.busy)
        return found


def _came(now: Moment, one: Standing) -> float:
    """The minute of the day at which somebody came."""
    return now.minute - one.came_ago / SECONDS_A_MINUTE


def _crowd(since: Numbers, line: Ints, drawn: Drawn, coming: Coming) -> tuple[Ints, Crowd]:
    """All runs one after the other, and where each begins: those who stand there, then those who come."""
    runs, inside = drawn.minutes.shape
    later = np.arange(coming.at.shape[1]) < coming.real[:, None]
    real = np.concatenate([np.ones((runs, inside), np.bool_), later], axis=1)
    begins = np.concatenate([[0], np.cumsum(real.sum(axis=1))]).astype(np.int64)
    wide = runs, inside
    return begins, Crowd(
        np.concatenate([np.broadcast_to(since, wide), coming.at], axis=1)[real],
        np.concatenate([np.broadcast_to(line, wide), coming.service], axis=1)[real],
        np.concatenate([drawn.minutes, coming.minutes * _of_service(drawn.doubt, coming)], axis=1)[real],
        np.concatenate([drawn.patience, coming.patience], axis=1)[real],
        np.concatenate([drawn.comes, coming.comes], axis=1)[real],
    )


def _of_service(doubt: Numbers, coming: Coming) -> Numbers:
    found: Numbers = np.take_along_axis(doubt, coming.service, axis=1)
    return found


def _had_they_stayed(called: Numbers, line: list[int], services: int) -> Numbers:
    """Who left would have been called no later than the next in line; behind all is the shadow."""
    inside = len(line)
    for service in range(services):
        own = [place for place, its in enumerate(line) if its == service] + [inside + service]
        called[:, own] = np.minimum.accumulate(called[:, own[::-1]], axis=1)[:, ::-1]
    return called


def _ranges(called: Numbers) -> list[Range | None]:
    """Minutes, over the runs in which they were called at all."""
    runs, columns = called.shape
    order = np.sort(called, axis=0) / SECONDS_A_MINUTE
    often = np.isfinite(order).sum(axis=0)
    enough = often >= max(CALLED_SHARE_MIN * runs, 1)
    told = []
    for share in QUANTILES:
        # The quantile that a further run would stay below just so often (E. J. Gumbel, 1939).
        spot = np.clip(share * (often + 1) - 1, 0, np.maximum(often - 1, 0))
        low = np.floor(spot).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(often - 1, 0))
        column = np.arange(columns)
        below, above = order[low, column], order[high, column]
        with np.errstate(invalid="ignore"):
            told.append(below + (above - below) * (spot - low))
    return [
        Range(float(a), float(b), float(c)) if known else None
        for a, b, c, known in zip(*told, enough, strict=True)
    ]


def _islands(plan: HallPlan) -> list[set[int]]:
    """Services that share windows, directly or through others: what happens in one line moves the rest."""
    place = {service.id: number for number, service in enumerate(plan.services)}
    found: list[set[int]] = [{number} for number in range(len(place))]
    for window in plan.windows:
        own = {place[service] for service in window.skills}
        touched = [island for island in found if island & own]
        if touched:
            found = [island for island in found if not island & own] + [set().union(*touched)]
    return found
