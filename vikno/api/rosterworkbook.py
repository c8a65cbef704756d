"""A roster as a workbook: the grid that hangs on the wall, and the sheets that say how good it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import xlsxwriter

from vikno.api.rostertold import clock, day_name, plain
from vikno.scheduler.roster.evaluate import Evaluation
from vikno.scheduler.roster.file.days import WEEKDAYS
from vikno.scheduler.roster.problem import HUNDREDTHS, QUARTER_MINUTES, SATURDAY, Problem, Roster
from vikno.scheduler.roster.rules import SOFT
from vikno.scheduler.roster.rules.limits import weekends_worked
from vikno.scheduler.roster.rules.people import loads
from vikno.scheduler.roster.rules.skills import quarters
from vikno.scheduler.roster.rules.work import Row, Work, hundredths

NAME_WIDTH, DAY_WIDTH, TABLE_WIDTH = 22, 12, 16
"""Of columns, in characters."""
WEEKEND, OFF = "#e8eef7", "#e0e0e0"
"""Behind days of the weekend, and days off."""
MONTHS_FROM = 5
"""Of an ISO date: where month and day begin."""

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def write_workbook(problem: Problem, roster: Roster, evaluation: Evaluation, path: Path) -> None:
    """The whole workbook, to a file."""
    work = Work(problem, roster.assignments)
    with xlsxwriter.Workbook(str(path)) as book:
        _grid(book, work)
        tables: dict[str, Callable[[], Table]] = {
            "Shifts worked": lambda: _worked(work),
            "Cover by shift": lambda: _by_shift(work),
            "Cover by skill": lambda: _by_skill(work),
            "Costs": lambda: _costs(evaluation),
            "Fairness": lambda: _fairness(work, evaluation),
        }
        for name, table in tables.items():
            _sheet(book, name, *table())


def _grid(book: Any, work: Work) -> None:
    """A row for each person, a column for each day."""
    problem = work.problem
    sheet = book.add_worksheet("Roster")
    bold = book.add_format({"bold": True})
    plain_days = book.add_format({"bold": True, "align": "center"})
    weekend_days = book.add_format({"bold": True, "align": "center", "bg_color": WEEKEND})
    shades = {colour: book.add_format({"align": "center", "bg_color": colour}) for colour in (WEEKEND, OFF)}
    centred = book.add_format({"align": "center"})
    sheet.write_string(0, 0, "Person", bold)
    for day in range(problem.days):
        weekend = problem.weekday(day) >= SATURDAY
        sheet.write_string(0, day + 1, _heading(problem, day), weekend_days if weekend else plain_days)
    totals = ("Paid minutes", "Days", "Weekends")
    for place, total in enumerate(totals, problem.days + 1):
        sheet.write_string(0, place, total, bold)
    for line, row in enumerate(work.rows.values(), 1):
        sheet.write_string(line, 0, row.person.name or row.person.id, bold)
        for day, assignments in enumerate(row.days):
            shade = shades.get(_shade(row, day), centred)
            sheet.write_string(line, day + 1, ", ".join(worked.shift for worked in assignments), shade)
        for place, number in enumerate(_totals(row), problem.days + 1):
            sheet.write_number(line, place, number)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, NAME_WIDTH)
    sheet.set_column(1, problem.days + len(totals), DAY_WIDTH)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _shade(row: Row, day: int) -> str:
    if day in row.person.days_off:
        return OFF
    return WEEKEND if row.problem.weekday(day) >= SATURDAY else ""


def _totals(row: Row) -> tuple[int, int, int]:
    minutes = sum(row.problem.shift[worked.shift].minutes for worked in row.assignments())
    return minutes, sum(map(bool, row.days)), weekends_worked(row)


def _heading(problem: Problem, day: int) -> str:
    weekday = WEEKDAYS[problem.weekday(day)]
    if problem.start is None:
        return f"{weekday} {day}"
    return f"{weekday} {(problem.start + timedelta(day)).isoformat()[MONTHS_FROM:]}"


def _sheet(book: Any, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table of numbers and texts; nothing a cell holds is taken for a formula."""
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    line = 0
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(line, column, value)
            else:
                sheet.write_number(line, column, value)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, TABLE_WIDTH)
    if line:
        sheet.autofilter(0, 0, line, len(heads) - 1)


def _worked(work: Work) -> Table:
    def rows() -> Iterator[Sequence[Any]]:
        for row in work.rows.values():
            for worked in row.assignments():
                shift = work.problem.shift[worked.shift]
                times = [clock(time) if time is not None else "" for time in (shift.starts, shift.ends)]
                breaks = ", ".join(f"{clock(starts)}-{clock(ends)}" for starts, ends in worked.breaks)
                name = row.person.name or row.person.id
                yield name, day_name(work.problem, worked.day), shift.id, *times, breaks, shift.minutes

    return ("Person", "Day", "Shift", "From", "To", "Breaks", "Paid minutes"), rows()


def _by_shift(work: Work) -> Table:
    def rows() -> Iterator[Sequence[Any]]:
        for cover in work.problem.shift_cover:
            people = sum(
                worked.shift == cover.shift for row in work.rows.values() for worked in row.days[cover.day]
            )
            missing, beyond = max(0, cover.need - people), max(0, people - cover.need)
            yield day_name(work.problem, cover.day), cover.shift, cover.need, people, missing, beyond

    return ("Day", "Shift", "Needed", "People", "Missing", "Beyond"), rows()


def _by_skill(work: Work) -> Table:
    def rows() -> Iterator[Sequence[Any]]:
        for quarter in quarters(work):
            times = clock(quarter.minute), clock(quarter.minute + QUARTER_MINUTES)
            for need, met in zip(quarter.needs, quarter.met, strict=True):
                missing = max(0, hundredths(need.need) - met) / HUNDREDTHS
                counted = met / HUNDREDTHS
                day = day_name(work.problem, quarter.day)
                yield day, *times, need.skill, need.need, counted, missing, quarter.present

    return ("Day", "From", "To", "Skill", "Needed", "Counted", "Missing", "People present"), rows()


def _costs(evaluation: Evaluation) -> Table:
    rows = [(name, str(rule.__doc__), plain(evaluation.costs[name])) for name, rule in SOFT.items()]
    return ("Soft rule", "What it counts", "Cost"), [*rows, ("total", "", plain(evaluation.total))]


def _fairness(work: Work, evaluation: Evaluation) -> Table:
    def rows() -> Iterator[Sequence[Any]]:
        for person, (load, fair) in loads(work).items():
            row = work.rows[person]
            unmet = sum(charge.rule == "wishes" and charge.person == person for charge in evaluation.charges)
            fair_share = round(float(fair) / HUNDREDTHS, 2)
            name, past = row.person.name or person, row.person.load_past
            yield name, row.person.share, past, load / HUNDREDTHS, fair_share, *_totals(row), unmet

    heads = ("Person", "Share", "Past load", "Load", "Fair load", "Paid minutes", "Days", "Weekends")
    return (*heads, "Wishes unfulfilled"), rows()
