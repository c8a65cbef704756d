"""The hard rules of one person as a model whose parts can be switched off, one by one.

No hard rule ties two people together, so whether a roster exists at all is decided person by person, each in
a model small enough to be solved many times. It is how a conflict is found and explained, not how rosters are
made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from vikno.scheduler.roster.problem import Contract, Person, Problem, Shift
from vikno.scheduler.roster.rules.days import MINUTES_AN_HOUR, rest_minutes


class Part(NamedTuple):
    """One thing that is asked of somebody: a rule of the contract, or a rule on one day or of one shift."""

    rule: str
    day: int | None = None
    shift: str | None = None


class OnePerson:
    """All that is asked of a person; `parts` are what can be switched off."""

    def __init__(self, problem: Problem, person: Person) -> None:
        self._problem, self._person = problem, person
        self._model = cp_model.CpModel()
        self._works: list[dict[str, Any]] = []
        self._on: list[Any] = []
        for _ in range(problem.days):
            works = {shift.id: self._model.new_bool_var("") for shift in problem.shifts}
            on = self._model.new_bool_var("")
            self._model.add(sum(works.values()) == on)
            self._works.append(works)
            self._on.append(on)
        self._switches: dict[Part, Any] = {}
        for add in (self._add_days, self._add_following, self._add_runs, self._add_limits):
            add(person.contract)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that can be switched off."""
        return tuple(self._switches)

    def blame(self, parts: Collection[Part]) -> tuple[Part, ...] | None:
        """None if the person can work by these parts; else some of them that already cannot be kept."""
        self._model.clear_assumptions()
        self._model.minimize(0)
        self._model.add_assumptions([self._switches[part] for part in parts])
        solver, status = self._solve()
        if status != cp_model.INFEASIBLE:
            return None
        found = set(solver.sufficient_assumptions_for_infeasibility())
        return tuple(part for part in parts if self._switches[part].index in found)

    def fewest_given_up(self, keep: Collection[Part], give_up: Sequence[Part]) -> tuple[Part, ...] | None:
        """The fewest of some parts whose giving up lets the others be kept; None if nothing does."""
        self._model.clear_assumptions()
        self._model.add_assumptions([self._switches[part] for part in keep])
        self._model.maximize(sum(self._switches[part] for part in give_up))
        solver, status = self._solve()
        if status == cp_model.INFEASIBLE:
            return None
        return tuple(part for part in give_up if not solver.boolean_value(self._switches[part]))

    def _solve(self) -> tuple[cp_model.CpSolver, Any]:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1  # one worker alone explains assumptions, the same way every time
        solver.parameters.linearization_level = 2  # counting days against limits: 0.02 s instead of 0.7
        status = solver.solve(self._model)
        assert status in {cp_model.OPTIMAL, cp_model.FEASIBLE, cp_model.INFEASIBLE}, status
        return solver, status

    def _ask(self, part: Part) -> Callable[..., None]:
        """A function that asks for something as long as the part is switched on."""
        if part not in self._switches:
            self._switches[part] = self._model.new_bool_var("")
        switch = self._switches[part]
        return lambda constraint: constraint.only_enforce_if(switch)

    def _add_days(self, _: Contract) -> None:
        for day in sorted(self._person.days_off):
            self._ask(Part("days_off", day))(self._model.add_bool_and([~self._on[day]]))
        for needed in self._problem.fixed:
            if needed.staff == self._person.id:
                part = Part("fixed", needed.day, needed.shift)
                shift = self._problem.shift[needed.shift]
                legal = not needed.breaks or needed.breaks in shift.breaks
                chosen = self._works[needed.day][needed.shift]
                self._ask(part)(self._model.add_bool_and([chosen if legal else self._model.new_constant(0)]))

    def _add_following(self, contract: Contract) -> None:
        """Which shift may follow which: those of day 0 follow the last one before, if it is known."""
        barred, tired = self._barred(contract.rest_hours_min)
        before = self._person.before
        if before is not None and before.last_shift is not None and not before.free:
            for rule, pairs in (("succession", barred), ("rest_hours_min", tired)):
                for later in pairs[before.last_shift]:
                    self._ask(Part(rule, 0))(self._model.add_bool_and([~self._works[0][later]]))
        for day, (today, tomorrow) in enumerate(pairwise(self._works), 1):
            for rule, pairs in (("succession", barred), ("rest_hours_min", tired)):
                for earlier, followers in pairs.items():
                    both = [today[earlier], *(tomorrow[later] for later in followers)]
                    self._ask(Part(rule, day))(self._model.add(sum(both) <= 1))

    def _barred(self, rest_hours: float) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
        """After each shift those that may not come, by succession and by rest."""
        barred: dict[str, list[str]] = defaultdict(list)
        tired: dict[str, list[str]] = defaultdict(list)
        for earlier in self._problem.shifts:
            for later in self._problem.shifts:
                rest = rest_minutes(earlier, later)
                if later.id in earlier.not_followed_by:
                    barred[earlier.id].append(later.id)
                if rest is not None and rest < rest_hours * MINUTES_AN_HOUR:
                    tired[earlier.id].append(later.id)
        return barred, tired

    def _add_runs(self, contract: Contract) -> None:
        for days, known in self._stretches():
            free = [~day for day in days]
            self._at_least("run_min", contract.run_min, days)
            self._at_least("free_run_min", contract.free_run_min, free)
            if contract.run_max is not None:
                for last in range(known, len(days)):
                    row = free[last - contract.run_max : last + 1]
                    if last >= contract.run_max:
                        self._ask(Part("run_max"))(self._model.add_bool_or(row))

    def _at_least(self, rule: str, least: int, days: list[Any]) -> None:
        """Between two days of the other kind lie none, or at least so many."""
        for length in range(1, least):
            for before in range(len(days) - length - 1):
                inside = days[before + 1 : before + 1 + length]
                ends = days[before], days[before + 1 + length]
                clause = self._model.add_bool_or([*ends, *(~day for day in inside)])
                self._ask(Part(rule))(clause)

    def _stretches(self) -> Iterator[tuple[list[Any], int]]:
        """Days worked or not without absence between, and how many of them were before the horizon.

        What is known of before is a day of the other kind and then the days of the run.
        """
        before = self._person.before
        known: list[Any] = []
        if before is not None and before.worked + before.free:
            length = max(before.worked, before.free)
            run = self._model.new_constant(int(before.worked > 0))
            known = [~run] + [run] * length
        days, count = list(known), len(known)
        for day, on in enumerate(self._on):
            if day in self._person.absent:
                yield days, count
                days, count = [], 0
            else:
                days.append(on)
        yield days, count

    def _add_limits(self, contract: Contract) -> None:
        def total(weight: Callable[[Shift], int]) -> Any:
            return sum(
                weight(shift) * works[shift.id] for works in self._works for shift in self._problem.shifts
            )

        minutes = total(lambda shift: shift.minutes)
        if contract.minutes_min:
            self._ask(Part("minutes_min"))(self._model.add(minutes >= contract.minutes_min))
        if contract.minutes_max is not None:
            self._ask(Part("minutes_max"))(self._model.add(minutes <= contract.minutes_max))
        if contract.days_max is not None:
            self._ask(Part("days_max"))(self._model.add(sum(self._on) <= contract.days_max))
        if contract.weekends_max is not None:
            worked = []
            for weekend in self._problem.weekends:
                worked.append(self._model.new_bool_var(""))
                self._model.add_max_equality(worked[-1], [self._on[day] for day in weekend])
            self._ask(Part("weekends_max"))(self._model.add(sum(worked) <= contract.weekends_max))
        for shift, most in contract.shifts_max.items():
            count = sum(works[shift] for works in self._works)
            self._ask(Part("shifts_max", shift=shift))(self._model.add(count <= most))
