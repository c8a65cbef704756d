"""A roster as calendars, one for each person, for phones and office programs (RFC 5545).

An event keeps its identity from one roster to the next, so a changed roster that is read in again moves what
was there instead of standing beside it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from vikno.api.rostertold import clock
from vikno.scheduler.roster.problem import Assignment, Problem, Roster

PRODUCT = "-//Vikno//Rosters//EN"
VERSION = "2.0"


def calendars(problem: Problem, roster: Roster, at: datetime) -> dict[str, bytes]:
    """The calendar of each person who works, by id; `at` is when the roster was made. It needs dates."""
    assert problem.start is not None, "a calendar needs dates"
    worked: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in sorted(roster.assignments, key=lambda found: found.day):
        worked[assignment.staff].append(assignment)
    return {person: _calendar(problem, person, found, at) for person, found in worked.items()}


def _calendar(problem: Problem, person: str, worked: list[Assignment], at: datetime) -> bytes:
    assert problem.start is not None
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", VERSION)
    calendar.add("method", "PUBLISH")
    calendar.calendar_name = f"{problem.person[person].name or person}, {problem.id}"
    for assignment in worked:
        calendar.add_component(_event(problem, assignment, at))
    calendar.add_missing_timezones(problem.start, problem.start + timedelta(problem.days + 1))
    return bytes(calendar.to_ical())


def _event(problem: Problem, assignment: Assignment, at: datetime) -> Event:
    assert problem.start is not None
    shift, day = problem.shift[assignment.shift], problem.start + timedelta(assignment.day)
    event = Event()
    event.add("uid", f"{problem.id}-{assignment.staff}-{day.isoformat()}@vikno")
    event.add("dtstamp", at)
    event.add("summary", shift.id)
    if shift.starts is None or shift.ends is None:
        event.add("dtstart", day)
        event.add("dtend", day + timedelta(1))
    else:
        event.add("dtstart", _moment(problem, day, shift.starts))
        event.add("dtend", _moment(problem, day, shift.ends))
    if assignment.breaks:
        breaks = ", ".join(f"{clock(starts)}-{clock(ends)}" for starts, ends in assignment.breaks)
        event.add("description", f"Break {breaks}")
    return event


def _moment(problem: Problem, day: date, minutes: int) -> datetime:
    """Minutes of a day on the clock of the hall; where a clock change repeats a time, the first."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return local.replace(tzinfo=ZoneInfo(problem.time_zone))
