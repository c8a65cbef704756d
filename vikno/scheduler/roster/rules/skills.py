"""Soft rules of cover by skill and quarter of an hour.

Somebody with several skills counts for one of them at a time, so whether the needs of a quarter are met is a
question of transport: people on one side, needs on the other, each person to be given out once, in parts if
that helps. The most that can be met of all needs together is a maximum flow. Which needs go short is chosen
by their cost: taken one by one, dearest first, each is met as far as it can be without taking anything from
those before it. For sets of needs that can be met together that greedy way is exact (they form a
polymatroid: Edmonds, "Submodular functions, matroids, and certain polyhedra", 1970), and it also meets the
most in all. Everything is counted in hundredths of a person, so the flow is whole and the cost exact.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from vikno.scheduler.roster.problem import HUNDREDTHS, QUARTER_MINUTES, Assignment, Shift, SkillCover
from vikno.scheduler.roster.rules.work import Charge, Work, hundredths

Group = tuple[frozenset[str], int]
"""People who have the same skills, and how many hundredths of them there are."""


class Quarter(NamedTuple):
    """One quarter of an hour of a day: who is there, what is needed, and what of each need is met."""

    day: int
    minute: int
    present: int
    needs: tuple[SkillCover, ...]
    met: tuple[int, ...]
    """Hundredths of people for each of the needs."""


def skill_under(work: Work) -> Iterator[Charge]:
    """Each person missing for a quarter of an hour."""
    for quarter in quarters(work):
        for need, met in zip(quarter.needs, quarter.met, strict=True):
            missing = hundredths(need.need) - met
            if missing > 0:
                yield Charge(
                    "skill_under",
                    need.under * missing,
                    day=quarter.day,
                    minute=quarter.minute,
                    item=need.skill,
                    amount=missing / HUNDREDTHS,
                )


def idle(work: Work) -> Iterator[Charge]:
    """Each person present for a quarter of an hour whom no need counts."""
    cost = work.problem.weights.idle
    if not cost:
        return
    for quarter in quarters(work):
        spare = HUNDREDTHS * quarter.present - sum(quarter.met)
        if spare > 0:
            amount = spare / HUNDREDTHS
            yield Charge("idle", cost * spare, day=quarter.day, minute=quarter.minute, amount=amount)


def quarters(work: Work) -> Iterator[Quarter]:
    """Every quarter of an hour in which somebody is present or needed, in order."""
    needs: dict[tuple[int, int], list[SkillCover]] = defaultdict(list)
    for cover in work.problem.skill_cover:
        for minute in range(cover.starts, cover.ends, QUARTER_MINUTES):
            needs[cover.day, minute].append(cover)
    people: dict[tuple[int, int], Counter[frozenset[str]]] = defaultdict(Counter)
    for row in work.rows.values():
        skills = frozenset(row.person.skills)
        for assignment in row.assignments():
            for minute in minutes_present(work.problem.shift[assignment.shift], assignment):
                people[assignment.day, minute][skills] += 1
    for day, minute in sorted(needs.keys() | people.keys()):
        asked, there = tuple(needs[day, minute]), people[day, minute]
        wanted = tuple((need.skill, hundredths(need.need), need.under) for need in asked)
        met = meet(frozenset((skills, HUNDREDTHS * count) for skills, count in there.items()), wanted)
        yield Quarter(day, minute, there.total(), asked, met)


def minutes_present(shift: Shift, assignment: Assignment) -> Iterator[int]:
    """The quarters, by their first minute, of which all is worked: none of a shift that has no clock."""
    if shift.starts is None or shift.ends is None:
        return
    first = -(-shift.starts // QUARTER_MINUTES) * QUARTER_MINUTES
    for minute in range(first, shift.ends - QUARTER_MINUTES + 1, QUARTER_MINUTES):
        if not any(start < minute + QUARTER_MINUTES and minute < end for start, end in assignment.breaks):
            yield minute


@lru_cache(maxsize=4096)
def meet(groups: frozenset[Group], needs: tuple[tuple[str, int, int], ...]) -> tuple[int, ...]:
    """How many hundredths of each need (skill, hundredths, cost) are met when the least is missing by cost.

    Most quarters of a roster are like another one, so answers are kept.
    """
    ordered = sorted(groups, key=lambda group: (sorted(group[0]), group[1]))
    flow = _Flow([skills for skills, _ in ordered], [count for _, count in ordered], [n[0] for n in needs])
    for need in sorted(range(len(needs)), key=lambda need: -needs[need][2]):
        flow.fill(need, needs[need][1])
    return tuple(map(sum, flow.given))


class _Flow:
    """Hundredths of people given by groups to needs; only ever more for each need."""

    def __init__(
        self, groups: Sequence[frozenset[str]], counts: Sequence[int], skills: Sequence[str]
    ) -> None:
        self._left = list(counts)
        self._able = [[group for group, has in enumerate(groups) if skill in has] for skill in skills]
        self.given = [[0] * len(groups) for _ in skills]
        """For each need, what each group gives to it."""

    def fill(self, need: int, wanted: int) -> None:
        """Give to a need until it is met or nobody can be found, by way of others who may change place."""
        while wanted > 0 and (path := self._path(need)):
            # The path: needs and the groups that each takes from; the last group has people left.
            part = min(wanted, self._left[path[-1][1]])
            for (_, group), (taker, _) in pairwise(path):
                part = min(part, self.given[taker][group])
            self._left[path[-1][1]] -= part
            for place, (receiver, group) in enumerate(path):
                self.given[receiver][group] += part
                if place + 1 < len(path):
                    self.given[path[place + 1][0]][group] -= part
            wanted -= part

    def _path(self, need: int) -> list[tuple[int, int]]:
        """The shortest chain: the need takes from a group, whose receiver takes from another, and so on."""
        came: dict[int, tuple[int, int] | None] = {need: None}  # need -> (need before, group between them)
        queue = [need]
        for current in queue:
            for group in self._able[current]:
                if self._left[group]:
                    return self._chain(came, current, group)
                for other, given in enumerate(self.given):
                    if given[group] and other not in came:
                        came[other] = current, group
                        queue.append(other)
        return []

    @staticmethod
    def _chain(came: dict[int, tuple[int, int] | None], need: int, group: int) -> list[tuple[int, int]]:
        path = [(need, group)]
        while (step := came[path[0][0]]) is not None:
            path.insert(0, step)
        return path
