"""People of a roster file: their contracts, skills, days off, what was before, and what they wish for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from vikno.queue.fields import Fields, shown
from vikno.queue.hallfile import read_skills
from vikno.scheduler.roster.file.days import Horizon
from vikno.scheduler.roster.file.shifts import Shifts
from vikno.scheduler.roster.file.values import flag, limit, own
from vikno.scheduler.roster.problem import (
    COST_MAX,
    DAYS_MAX,
    PEOPLE_MAX,
    Assignment,
    Before,
    Contract,
    Person,
    Wish,
)

MINUTES_MAX = DAYS_MAX * 24 * 60
LOAD_MAX = 100_000.0
SHARE_MAX = 10.0
REST_HOURS_MAX = 24.0
"""Rest is looked for between one day's shift and the next day's; more would ask for a free day."""


class Reader(NamedTuple):
    """What the tables of people refer to."""

    horizon: Horizon
    shifts: Shifts
    services: tuple[str, ...] | None
    """Of the hall, if the file names one."""

    def contracts(self, tables: list[Fields]) -> dict[str, Contract]:
        """The contracts by id."""
        found = [self._contract(fields) for fields in tables]
        own(tables, [name for name, _ in found])
        return dict(found)

    def _contract(self, fields: Fields) -> tuple[str, Contract]:
        days = self.horizon.days
        name = fields.identifier("id", "full")
        least = limit(fields, "minutes_min", MINUTES_MAX) or 0
        most = limit(fields, "minutes_max", MINUTES_MAX)
        if most is not None and most < least:
            fields.wrong("minutes_max", "is below minutes_min", "give a larger number, or a smaller minimum")
        contract = Contract(
            minutes_min=least,
            minutes_max=most,
            days_max=limit(fields, "days_max", days),
            run_min=limit(fields, "run_min", DAYS_MAX, low=1) or 1,
            run_max=limit(fields, "run_max", DAYS_MAX, low=1),
            free_run_min=limit(fields, "free_run_min", DAYS_MAX, low=1) or 1,
            weekends_max=limit(fields, "weekends_max", DAYS_MAX),
            shifts_max=self._shifts_max(fields),
            rest_hours_min=fields.number("rest_hours_min", "give hours, as 11", 0.0, high=REST_HOURS_MAX),
        )
        if contract.run_max is not None and contract.run_max < contract.run_min:
            fields.wrong("run_max", "is below run_min", "give a larger number, or a smaller minimum")
        fields.done()
        return name, contract

    def _shifts_max(self, fields: Fields) -> dict[str, int]:
        remedy = "give shift = how many at most, for example { late = 4 }"
        value = fields.take("shifts_max", remedy, {})
        if not isinstance(value, dict):
            fields.wrong("shifts_max", f"must be a table, not {shown(value)}", remedy)
        table = Fields(fields.file, f"{fields.path}.shifts_max", value)
        found: dict[str, int] = {}
        for name in value:
            shifts = self.shifts.several(table, name, name)
            most = table.whole(name, remedy, low=0, high=DAYS_MAX)
            if most and len(shifts) > 1:
                table.wrong(name, f"stands for {len(shifts)} shifts", "limit each by itself; 0 forbids all")
            found |= dict.fromkeys(shifts, most)
        return found

    def people(
        self, tables: list[Fields], contracts: dict[str, Contract], closed: frozenset[int]
    ) -> tuple[Person, ...]:
        """Everybody; the days on which all is closed are days off of each."""
        if len(tables) > PEOPLE_MAX:
            tables[0].wrong("id", f"there are {len(tables)} people", f"a roster has at most {PEOPLE_MAX}")
        found = tuple(self._person(fields, contracts, closed) for fields in tables)
        own(tables, [person.id for person in found])
        return found

    def _person(self, fields: Fields, contracts: dict[str, Contract], closed: frozenset[int]) -> Person:
        name = fields.identifier("id", "clerk-1")
        person = Person(
            id=name,
            name=fields.line("name", 'give a name, for example "Clerk 1"', name),
            contract=contracts[fields.one_of("contract", tuple(contracts))],
            skills=self._skills(fields),
            days_off=closed | frozenset(self.horizon.take_if_there(fields, "days_off")),
            before=self._before(fields),
            load_past=fields.number("load_past", "give a load, for example 3.0", 0.0, high=LOAD_MAX),
            share=fields.number("share", "give a share, for example 0.5", 1.0, high=SHARE_MAX),
        )
        fields.done()
        return person

    def _skills(self, fields: Fields) -> dict[str, float]:
        if not fields.has("skills"):
            return {}
        if self.services is not None:
            return read_skills(fields, self.services)
        remedy = "give skill = factor on its duration, for example { passport = 1.0 }"
        value = fields.take("skills", remedy)
        if not isinstance(value, dict):
            fields.wrong("skills", f"must be a table, not {shown(value)}", remedy)
        table = Fields(fields.file, f"{fields.path}.skills", value)
        for skill in value:
            table.as_line(skill, skill, "name the skill in one line")
        return {skill: table.number(skill, remedy, above=True, high=100.0) for skill in value}

    def _before(self, fields: Fields) -> Before | None:
        if not fields.has("before"):
            return None
        table = fields.table("before", 'give for example { worked = 2, last_shift = "late" }')
        worked, free = limit(table, "worked", DAYS_MAX) or 0, limit(table, "free", DAYS_MAX) or 0
        if worked and free:
            table.wrong("free", "stands beside worked", "give the run that lasted until the day before only")
        last = self.shifts.one(table, "last_shift") if table.has("last_shift") else None
        table.done()
        return Before(worked, free, last)

    def wishes(self, tables: list[Fields], people: dict[str, Person]) -> Iterator[Wish]:
        """One for each day of each table."""
        for fields in tables:
            person = known_person(fields, people)
            shift = self.shifts.one(fields, "shift") if fields.has("shift") else None
            wanted = flag(fields, "wanted", default=True)
            weight = fields.whole("weight", "give what not fulfilling it costs", low=1, high=COST_MAX)
            for day in self.horizon.take(fields, "days"):
                yield Wish(person, day, shift, wanted, weight)
            fields.done()

    def fixed(self, tables: list[Fields], people: dict[str, Person]) -> Iterator[Assignment]:
        """What must stay, one for each day of each table; a day of somebody once."""
        seen: set[tuple[str, int]] = set()
        for fields in tables:
            person = known_person(fields, people)
            shift = self.shifts.one(fields, "shift")
            for day in self.horizon.take(fields, "days"):
                if (person, day) in seen:
                    named = self.horizon.start + timedelta(day)
                    fields.wrong("days", f"fix {named} of {person!r} twice", "fix a day of somebody once")
                seen.add((person, day))
                yield Assignment(person, day, shift)
            fields.done()

    def absent(self, tables: list[Fields], people: dict[str, Person]) -> Iterator[tuple[str, frozenset[int]]]:
        """Who is away on which days."""
        for fields in tables:
            yield known_person(fields, people), frozenset(self.horizon.take(fields, "days"))
            fields.done()


def known_person(fields: Fields, people: dict[str, Any]) -> str:
    """The id of somebody of the file."""
    name = fields.text("person", 'name somebody, for example person = "clerk-1"')
    if name not in people:
        fields.wrong("person", f"{shown(name)} is nobody of [[people]]", "use the id of one of them")
    return name
