"""Shifts of a roster file: written out one by one, or made from a template of starts and lengths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from msgspec import structs

from vikno.queue.fields import IDENTIFIER, Fields, shown
from vikno.scheduler.roster.file.breaks import MINUTES_AN_HOUR, BreakRule, ways
from vikno.scheduler.roster.file.values import from_to, own, quarter
from vikno.scheduler.roster.problem import QUARTER_MINUTES, SHIFTS_MAX, Period, Shift

WAYS_MAX = 200
"""Of one shift to have its breaks: each is one more choice wherever the shift is."""
UNPOPULAR_MAX = 1000.0
STEP_MINUTES = 30
NAMES_TOLD = 12
"""Of many that would be right: more do not help."""
BREAKS_REMEDY = 'name rules of [[breaks]], for example breaks = ["lunch"]'
SHIFTS_REMEDY = 'name shifts, for example ["early"]'
HOURS_REMEDY = "give lengths in hours, breaks included, for example hours = [6, 8.5]"


class Shifts(NamedTuple):
    """All shifts of a file, and which of them each name stands for: a shift's own, or a template's."""

    all: tuple[Shift, ...]
    named: dict[str, tuple[str, ...]]

    def several(self, fields: Fields, field: str, name: Any) -> tuple[str, ...]:
        """The ids that a name stands for."""
        if not isinstance(name, str) or name not in self.named:
            fields.wrong(field, f"{shown(name)} is no shift", f"use one of {_some(self.named)}")
        return self.named[name]

    def one(self, fields: Fields, field: str) -> str:
        """The id of a field that must mean one shift."""
        found = self.several(fields, field, fields.take(field, SHIFTS_REMEDY))
        if len(found) > 1:
            fields.wrong(field, f"stands for {len(found)} shifts", f"name one, for example {found[0]!r}")
        return found[0]


class _Template(NamedTuple):
    """One table of the file: the shifts it makes, and the names that may not follow them."""

    fields: Fields
    id: str
    shifts: tuple[Shift, ...]
    not_followed_by: list[Any]


def read_shifts(tables: list[Fields], rules: dict[str, BreakRule]) -> Shifts:
    """All shifts, templates spelled out, with who may not follow whom."""
    templates = [_template(fields, rules) for fields in tables]
    own(tables, [template.id for template in templates])
    named = {template.id: tuple(shift.id for shift in template.shifts) for template in templates}
    seen = {template.id for template in templates if template.shifts[0].id != template.id}
    for template in templates:
        for shift in template.shifts:
            if shift.id in seen or not IDENTIFIER.fullmatch(shift.id):
                template.fields.wrong("id", f"makes a shift {shift.id!r}, no good id", "give another id")
            seen.add(shift.id)
            named[shift.id] = (shift.id,)
    known = Shifts(tuple(shift for template in templates for shift in template.shifts), named)
    if len(known.all) > SHIFTS_MAX:
        tables[0].wrong("id", f"there are {len(known.all)} shifts", f"make {SHIFTS_MAX} at most")
    followed = (shift for template in templates for shift in _followed(template, known))
    return Shifts(tuple(followed), named)


def _followed(template: _Template, known: Shifts) -> Iterator[Shift]:
    """The shifts of a template, knowing which shifts may not come the day after them."""
    barred: list[str] = []
    for number, name in enumerate(template.not_followed_by, 1):
        barred += known.several(template.fields, f"not_followed_by[{number}]", name)
    for shift in template.shifts:
        yield structs.replace(shift, not_followed_by=tuple(dict.fromkeys(barred)))


def _template(fields: Fields, rules: dict[str, BreakRule]) -> _Template:
    name = fields.identifier("id", "early")
    chosen = [_rule(fields, number, rule, rules) for number, rule in enumerate(_list(fields, "breaks"), 1)]
    unpopular = fields.number("unpopular", "give a load, for example 1.0", 0.0, high=UNPOPULAR_MAX)
    barred = _list(fields, "not_followed_by")
    generated = fields.has("earliest") or fields.has("hours")
    periods = _generated(fields) if generated else [from_to(fields)]
    made = []
    for starts, ends in periods:
        shift_id = f"{name}-{_digits(starts)}-{_digits(ends)}" if generated else name
        shift = _shift(fields, shift_id, (starts, ends), chosen, unpopular)
        if shift is not None:
            made.append(shift)
        elif not generated:
            fields.wrong("breaks", "cannot lie in this shift", "give them other times, or the shift others")
    if not made:
        fields.wrong(
            "breaks", "can lie in none of these shifts", "give them other times, or the shifts others"
        )
    fields.done()
    return _Template(fields, name, tuple(made), barred)


def _shift(
    fields: Fields, name: str, period: Period, rules: list[BreakRule], unpopular: float
) -> Shift | None:
    """A shift with the ways of its breaks; None if they leave it none."""
    starts, ends = period
    due = [rule for rule in rules if ends - starts >= rule.shift_minutes_min]
    found = ways(starts, ends, due)
    if not found:
        return None
    if len(found) > WAYS_MAX:
        remedy = f"narrow their times to {WAYS_MAX} ways at most"
        fields.wrong("breaks", f"can lie in {len(found)} ways in {name!r}", remedy)
    unpaid = sum(rule.minutes for rule in due if not rule.paid)
    return Shift(
        id=name,
        minutes=ends - starts - unpaid,
        starts=starts,
        ends=ends,
        breaks=found if due else (),
        unpopular=unpopular,
    )


def _generated(fields: Fields) -> list[Period]:
    """Each length at each start of a step, from the earliest start to the latest end."""
    earliest, latest = quarter(fields, "earliest"), quarter(fields, "latest")
    step = fields.whole("step_minutes", "give minutes, for example 30", STEP_MINUTES, low=15, high=24 * 60)
    if step % QUARTER_MINUTES:
        fields.wrong("step_minutes", f"{step} is not a multiple of 15", "give 15, 30 or 60")
    lengths = []
    hours = fields.take("hours", HOURS_REMEDY)
    if not isinstance(hours, list) or not hours:
        fields.wrong("hours", f"must be a list of lengths, not {shown(hours)}", HOURS_REMEDY)
    for number, value in enumerate(hours, 1):
        field = f"hours[{number}]"
        length = fields.as_number(field, value, HOURS_REMEDY, above=True, high=24.0) * MINUTES_AN_HOUR
        if length % QUARTER_MINUTES:
            fields.wrong(field, f"{shown(value)} is no whole number of quarters", HOURS_REMEDY)
        lengths.append(int(length))
    found = [
        (starts, starts + length)
        for length in dict.fromkeys(lengths)
        for starts in range(earliest, latest - length + 1, step)
    ]
    if not found:
        fields.wrong(
            "latest", "leaves no room for any of the lengths", "give a later time or shorter lengths"
        )
    return found


def _rule(fields: Fields, number: int, name: Any, rules: dict[str, BreakRule]) -> BreakRule:
    if not isinstance(name, str) or name not in rules:
        known = f"use one of {_some(rules)}" if rules else BREAKS_REMEDY
        fields.wrong(f"breaks[{number}]", f"{shown(name)} is no rule of [[breaks]]", known)
    return rules[name]


def _list(fields: Fields, field: str) -> list[Any]:
    remedy = BREAKS_REMEDY if field == "breaks" else SHIFTS_REMEDY
    value = fields.take(field, remedy, [])
    if not isinstance(value, list):
        fields.wrong(field, f"must be a list, not {shown(value)}", remedy)
    return value


def _digits(minutes: int) -> str:
    return f"{minutes // MINUTES_AN_HOUR:02}{minutes % MINUTES_AN_HOUR:02}"


def _some(names: dict[str, Any]) -> str:
    """As many names as an error has room for."""
    few = list(names)[:NAMES_TOLD]
    return ", ".join(few) + (", …" if len(names) > NAMES_TOLD else "")
