"""Weighted index policies: every first in line has a score at this window, and the highest is called.

`index`, `optimized` and the learned ones differ only in their table (table.py). Within a line the order is
that of places; a level of priority counts as time waited. A newcomer is left for a few seconds to a better
window that is free, so that the quickest takes the visitor and not the first in the file.

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
from vikno.queue.records import WindowState
from vikno.scheduler.absence import absent_windows
from vikno.scheduler.table import (
    EVERYBODY,
    PRIORITY_SECONDS,
    YIELD_SECONDS,
    Table,
    index_table,
    optimized_table,
)

OPEN = WindowState.OPEN

TableOf = Callable[[HallPlan, frozenset[str]], Table]
"""The table of a plan whose windows of these ids are absent."""


class Term(NamedTuple):
    """What a window knows of one of its services. Plain numbers: numpy's are slow one at a time."""

    weight: float
    head_start: float
    curve: float
    better: tuple[str, ...]
    """The windows that suit it better."""
    target: float
    rate: float
    fit: float


class Candidate(NamedTuple):
    """The first of a line, or of a level of priority in it, and what speaks for them here."""

    score: float
    entry: Entry
    age: float
    """Seconds; a level of priority counts as time, so it may be below 0, where pressure grows evenly."""
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

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Looks at the first of each line the window serves, and of each level of priority in it."""
        if hall.plan is not self._plan:
            self._know(hall.plan, EVERYBODY)
        best: Candidate | None = None
        first: Candidate | None = None
        yields = False
        for line, term in zip(hall.lines_at[window], self._terms[window], strict=True):
            if line.head is None:
                continue
            for priority, entry in line.heads():
                age = at - entry[0]
                if age < YIELD_SECONDS and term.better and _any_free(hall, term.better):
                    yields = True
                    continue
                grown = age + priority * PRIORITY_SECONDS if priority else age
                bend = term.curve * grown if grown > 0.0 else 0.0
                score = term.weight * (grown * (1.0 + bend) + term.head_start)
                if best is None or score > best.score:
                    best = Candidate(score, entry, grown, term, priority)
                if first is None or entry < first.entry:
                    first = Candidate(score, entry, grown, term, priority)
        if best is None or first is None:
            return Choice(None, Why(self.name, "better-window" if yields else "nobody-waiting"))
        return Choice(best.entry[1], self._why(hall, window, at, best, first))

    def prepare(self, hall: Hall, at: float) -> None:
        """Look who is there. A table takes its time, so a live hall asks for it before a clerk waits."""
        absent = absent_windows(hall, at)
        if hall.plan is not self._plan or absent != self._absent:
            self._know(hall.plan, absent)

    def _know(self, plan: HallPlan, absent: frozenset[str]) -> None:
        self._plan, self._absent = plan, absent
        self._terms = terms(plan, self.table_of(plan, absent))

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
    found = {}
    for row, window in enumerate(plan.windows):
        columns = [place[service] for service in window.services]
        found[window.id] = tuple(
            Term(
                weight=float(table.weight[row, s]),
                head_start=float(table.head_start[s]),
                curve=float(table.curve[s]),
                better=_better(plan, table, row, s),
                target=float(table.target[s]),
                rate=float(table.rate[row, s]),
                fit=float(table.fit[row, s]),
            )
            for s in columns
        )
    return found


def _better(plan: HallPlan, table: Table, row: int, service: int) -> tuple[str, ...]:
    others = plan.skilled[plan.services[service].id]
    places = {window.id: number for number, window in enumerate(plan.windows)}
    weight = table.weight[:, service]
    return tuple(other for other in others if weight[places[other]] > weight[row])


def _any_free(hall: Hall, windows: tuple[str, ...]) -> bool:
    return any(w.ticket is None and w.state is OPEN for w in map(hall.windows.__getitem__, windows))


def _pressure(candidate: Candidate) -> float:
    term, age = candidate.term, candidate.age
    return (age * (1.0 + term.curve * max(age, 0.0)) + term.head_start) / term.target


def _parts(candidate: Candidate) -> dict[str, float]:
    """As they are kept with the call: pressure in targets, visitors an hour, fit from 0 to 1."""
    return {
        "pressure": round(_pressure(candidate), 4),
        "rate": round(candidate.term.rate, 3),
        "fit": candidate.term.fit,
        "score": candidate.score,
    }


def _rule(best: Candidate, first: Candidate) -> str:
    """What spoke most for the one against the other: time waited, the quick service, or the right window."""
    if best.priority > first.priority and best.term is first.term:
        return "highest-priority"
    if _pressure(best) >= _pressure(first):
        return "nearest-target"
    quicker = best.term.rate * first.term.fit >= first.term.rate * best.term.fit
    return "shortest-here" if quicker else "best-here"
