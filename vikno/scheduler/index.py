"""Weighted index policies: every first in line has a score at this window, and the highest is called.

`index`, `optimized` and the learned ones differ only in their table (table.py). Within a line the order is
that of places; a level of priority counts as time waited. A newcomer is left for a few seconds to a free
window that suits them better or, of those they suit alike, to the one that has been free longest: so neither
the first in the file nor the quickest of many has all the work. Under a learned table a window may also leave
somebody to a quicker one that is busy but should soon be free, and may have nobody to call for a while.

Weights are made for the windows that the plan has. A live hall says now and then who is there (`prepare`):
who should be and is not (absence.py) is left out, or the services of somebody ill would be left to nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from vikno.queue.hall import Hall
from vikno.queue.line import Entry
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Choice, Why, why_overtaking
from vikno.queue.records import Window, WindowState
from vikno.scheduler.absence import absent_windows
from vikno.scheduler.table import (
    EVERYBODY,
    HOLD_AGE_SECONDS,
    PRIORITY_SECONDS,
    SOON_SECONDS,
    YIELD_SECONDS,
    Table,
    expected_seconds,
    index_table,
    levels,
    optimized_table,
)

OPEN = WindowState.OPEN

NOBODY_WAITING, BETTER_WINDOW = "nobody-waiting", "better-window"
LONGER_FREE, QUICKER_SOON = "longer-free", "quicker-soon"
"""Rules of calling nobody."""
EARLIER_LEFT = "earlier-left"
"""Of calling somebody before one who counts for more here and is left to a quicker window, soon free."""

TableOf = Callable[[HallPlan, frozenset[str]], Table]
"""The table of a plan whose windows of these ids are absent."""


class Term(NamedTuple):
    """What a window knows of one of its services. Plain numbers: numpy's are slow one at a time."""

    weight: float
    head_start: float
    curve: float
    urgency: float
    urgent_from: float
    target: float
    better: tuple[str, ...]
    """The windows that suit it better."""
    alike: tuple[str, ...]
    """The other windows that suit it as well."""
    quicker: tuple[tuple[str, float], ...]
    """The better windows that are worth waiting for, and for how many seconds if one waits alone."""
    rate: float
    fit: float


class Candidate(NamedTuple):
    """The first of a line, or of a level of priority in it, and what speaks for them here."""

    score: float
    entry: Entry
    age: float
    grown: float
    """Seconds; the second with levels of priority as time: it may be below 0, where pressure grows evenly."""
    term: Term
    priority: int


class WeightedIndex:
    """The highest score of the table that `table_of` makes of the hall's plan; ties by order of services."""

    priority_first = False

    def __init__(self, name: str, table_of: TableOf) -> None:
        self.name = name
        self.table_of = table_of
        self._plan: HallPlan | None = None
        self._absent = EVERYBODY
        self._terms: dict[str, tuple[Term, ...]] = {}
        self._seconds: dict[str, dict[str, float]] = {}

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at the first of each line the window serves, and of each level of priority in it."""
        if hall.plan is not self._plan:
            self._know(hall.plan, EVERYBODY)
        best: Candidate | None = None
        first: Candidate | None = None
        yields = NOBODY_WAITING
        for line, term in zip(hall.lines_at[window], self._terms[window], strict=True):
            if line.head is None:
                continue
            for priority, entry in line.heads():
                age = at - entry[0]
                grown = age + priority * PRIORITY_SECONDS if priority else age
                score = term.weight * _pressure(term, age, grown)
                # Whoever is left to another window is overtaken like anybody else by a call here.
                if first is None or entry < first.entry:
                    first = Candidate(score, entry, age, grown, term, priority)
                if age < YIELD_SECONDS and (rule := _left_to(hall, window, term, line.size)):
                    yields = rule
                    continue
                if best is not None and score <= best.score:
                    continue
                if term.quicker and age < HOLD_AGE_SECONDS and self._quicker_soon(hall, term, line.size, at):
                    yields = QUICKER_SOON
                    continue
                best = Candidate(score, entry, age, grown, term, priority)
        if best is None or first is None:
            waiting = sum(line.size for line in hall.lines_at[window])
            return Choice(None, Why(self.name, yields, waiting=waiting))
        return Choice(best.entry[1], self._why(hall, window, at, best, first))

    def prepare(self, hall: Hall, at: float) -> None:
        """Look who is there. A table takes its time, so a live hall asks for it before a clerk waits."""
        absent = absent_windows(hall, at)
        if hall.plan is not self._plan or absent != self._absent:
            self._know(hall.plan, absent)

    def _know(self, plan: HallPlan, absent: frozenset[str]) -> None:
        self._plan, self._absent = plan, absent
        table = self.table_of(plan, absent)
        self._terms, self._seconds = terms(plan, table), seconds(plan, table)

    def _quicker_soon(self, hall: Hall, term: Term, waiting: int, at: float) -> bool:
        """Whether a quicker window should be free so soon that it is worth waiting for."""
        for other, worth in term.quicker:
            window = hall.windows[other]
            if window.ticket is None:
                continue
            visit = self._seconds[other].get(hall.tickets[window.ticket].service)
            if visit is None:  # a skill that the window has no more
                continue
            if waiting * max(window.since + visit - at, SOON_SECONDS) < worth:
                return True
        return False

    def _why(self, hall: Hall, window: str, at: float, best: Candidate, first: Candidate) -> Why:
        """`first` has waited longest of all; who is not the first overtakes them."""
        ticket = hall.tickets[best.entry[1]]
        if best.entry == first.entry:
            waiting = sum(line.size for line in hall.lines_at[window])
            waited = (at - ticket.issued) / 60
            return Why(self.name, "longest-waiting", waited, waiting, score=_parts(best))
        return why_overtaking(
            hall,
            window,
            ticket,
            at,
            policy=self.name,
            rule=_rule(best, first),
            score=_parts(best),
            against=_parts(first),
        )


def index_policy() -> WeightedIndex:
    """Generalised c-mu with targets."""
    return WeightedIndex("index", index_table)


def optimized_policy() -> WeightedIndex:
    """Weights from the prices of windows."""
    return WeightedIndex("optimized", optimized_table)


def terms(plan: HallPlan, table: Table) -> dict[str, tuple[Term, ...]]:
    """What each window knows, in the order of its services."""
    place = {service.id: number for number, service in enumerate(plan.services)}
    rows = {window.id: number for number, window in enumerate(plan.windows)}
    suits, expected = levels(table), expected_seconds(table)

    def term(window: str, service: str) -> Term:
        row, s = rows[window], place[service]
        others = [(other, suits[rows[other], s] - suits[row, s]) for other in plan.skilled[service]]
        better = [other for other, more in others if more > 0]
        saved = [expected[row, s] - expected[rows[other], s] for other in better]
        worth = [(other, float(table.hold[s] * time)) for other, time in zip(better, saved, strict=True)]
        return Term(
            weight=float(table.weight[row, s]),
            head_start=float(table.head_start[s]),
            curve=float(table.curve[s]),
            urgency=float(table.urgency[s]),
            urgent_from=float(table.urgent_from[s]),
            target=float(table.target[s]),
            better=tuple(better),
            alike=tuple(other for other, more in others if more == 0 and other != window),
            quicker=tuple((other, time) for other, time in worth if time > SOON_SECONDS),
            rate=float(table.rate[row, s]),
            fit=float(table.fit[row, s]),
        )

    return {w.id: tuple(term(w.id, service) for service in w.services) for w in plan.windows}


def seconds(plan: HallPlan, table: Table) -> dict[str, dict[str, float]]:
    """How long a visit is expected to take: window -> service -> seconds."""
    expected = expected_seconds(table)
    place = {service.id: number for number, service in enumerate(plan.services)}
    return {
        window.id: {service: float(expected[row, place[service]]) for service in window.services}
        for row, window in enumerate(plan.windows)
    }


def _left_to(hall: Hall, window: str, term: Term, waiting: int) -> str | None:
    """Why a newcomer is left to another window: a free one is better, or is as good and has waited longer.

    With more in the line than there are such windows nobody is left: each of them takes one only.
    """
    windows = hall.windows
    free = sum(map(_free, map(windows.__getitem__, term.better)))
    if free >= waiting:
        return BETTER_WINDOW
    since = windows[window].since
    free += sum(_free(other) and other.since < since for other in map(windows.__getitem__, term.alike))
    return LONGER_FREE if free >= waiting else None


def _free(window: Window) -> bool:
    return window.ticket is None and window.state is OPEN


def _pressure(term: Term, age: float, grown: float) -> float:
    """In seconds; in this order of operations, because the kernel adds in it too."""
    bend = term.curve * grown if grown > 0.0 else 0.0
    pressure = grown * (1.0 + bend) + term.head_start
    return pressure + term.urgency if term.urgent_from <= age <= term.target else pressure


def _in_targets(candidate: Candidate) -> float:
    return _pressure(candidate.term, candidate.age, candidate.grown) / candidate.term.target


def _time_in_targets(candidate: Candidate) -> float:
    """The pressure less the head start, which is the service's and not the visitor's."""
    return _in_targets(candidate) - candidate.term.head_start / candidate.term.target


def _parts(candidate: Candidate) -> dict[str, float]:
    """As they are kept with the call: pressure in targets, visitors an hour, fit from 0 to 1."""
    return {
        "pressure": round(_in_targets(candidate), 4),
        "rate": round(candidate.term.rate, 3),
        "fit": candidate.term.fit,
        "score": candidate.score,
    }


def _rule(best: Candidate, first: Candidate) -> str:
    """What spoke most for the one against the other: time waited, the quick service, or the right window."""
    if first.score > best.score:
        return EARLIER_LEFT
    if best.priority > first.priority and best.term is first.term:
        return "highest-priority"
    if _time_in_targets(best) > _time_in_targets(first):
        return "nearest-target"
    quicker = best.term.rate * first.term.fit >= first.term.rate * best.term.fit
    return "shortest-here" if quicker else "best-here"
