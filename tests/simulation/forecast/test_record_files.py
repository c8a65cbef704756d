"""What a site hands in, a file of visitors and a calendar: read as it is meant, refused in one clear line."""

from __future__ import annotations

import gzip
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from tests.simulation.halls import exponential, hall, service, windows
from vikno.queue.errors import HallFileError
from vikno.simulation.forecast.calendar import Calendar, WorkingDays
from vikno.simulation.forecast.calendar_file import parse_calendar, read_calendar
from vikno.simulation.forecast.counts import RecordError, table_of
from vikno.simulation.forecast.sources import counts_of_days
from vikno.simulation.forecast.visitors_file import read_visitors
from vikno.simulation.history import RecordedDay, Spell, Visit

DOCUMENT = Path(__file__).parents[3] / "docs" / "forecast.md"
TICKETS = (
    "at,service\n2026-11-02T08:03,passport\n2026-11-02T08:14:59+02:00,passport\n2026-11-02 08:15,residence\n"
)
QUARTERS = "date,time,service,visitors\n2026-11-02,08:00,passport,2\n2026-11-02,8:15,residence,1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "visitors.csv"


def test_tickets_and_quarters_tell_the_same(file: Path) -> None:
    file.write_text(TICKETS, encoding="utf-8")
    tickets = read_visitors(file)
    file.write_text(QUARTERS, encoding="utf-8-sig")
    quarters = read_visitors(file)
    assert tickets.kinds == quarters.kinds == ("passport", "residence")
    assert np.array_equal(tickets.came, quarters.came)
    assert tickets.came[0, :, 32:34].tolist() == [[2.0, 0.0], [0.0, 1.0]]


def test_a_packed_file_and_columns_in_any_order(file: Path) -> None:
    file.write_bytes(gzip.compress(b"visitors,note,service,date,time\n3,x,a+b,2026-11-02,09:00\n"))
    assert read_visitors(file).kinds == ("a+b",)


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("", 1, "begin the file with"),
        ("when,what\n", 1, "begin the file with"),
        ("at,service\n2026-11-02T08:03\n", 2, "has 1 fields; give 2"),
        (
            "at,service\n2026-11-02T08:03,passport\nyesterday,passport\n",
            3,
            "at: 'yesterday' is not an instant",
        ),
        ("at,service\n2026-11-02T08:03,Pass port\n", 2, "service: 'Pass port' is not the id of a service"),
        ("at,service\n2026-11-02T08:03,a+a\n", 2, "names a service twice"),
        (QUARTERS + "2026-11-31,08:00,passport,1\n", 4, "date: '2026-11-31' is not a date"),
        (QUARTERS + "2026-11-02,25:00,passport,1\n", 4, "time: '25:00' is not a time of day"),
        (QUARTERS + "2026-11-02,08:00,passport,-1\n", 4, "visitors: '-1' is not a number from 0"),
        (QUARTERS + "2026-11-02,08:00,passport,inf\n", 4, "visitors: 'inf' is not a number from 0"),
    ],
)
def test_a_bad_line_is_told_with_its_number_and_what_would_be_right(
    file: Path, text: str, line: int, told: str
) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError) as error:
        read_visitors(file)
    message = str(error.value)
    assert message.startswith(f"{file}: line {line}: ")
    assert told in message
    assert "\n" not in message


def test_a_file_without_visitors_and_one_that_is_none(file: Path) -> None:
    file.write_text("at,service\n", encoding="utf-8")
    with pytest.raises(RecordError, match="nobody came on any day; give a record with visitors"):
        read_visitors(file)
    with pytest.raises(RecordError, match="cannot be read"):
        read_visitors(file.with_name("absent.csv"))
    file.write_bytes(b"at,service\n\xff\xfe\n")
    with pytest.raises(RecordError, match="is not UTF-8"):
        read_visitors(file)
    file.write_bytes(gzip.compress(TICKETS.encode())[:-9])
    with pytest.raises(RecordError, match="damaged gzip"):
        read_visitors(file)


def test_a_day_on_which_somebody_tried_the_machine_was_closed() -> None:
    busy = np.zeros(96)
    busy[32:64] = 10.0
    touched = np.zeros(96)
    touched[40] = 1.0
    days = {date(2026, 11, n): {"a": busy} for n in (2, 3, 4, 5)} | {date(2026, 11, 7): {"a": touched}}
    assert date(2026, 11, 7) not in table_of(["a"], days).dates


def test_a_journal_tells_whom_it_saw_and_hides_nobody_who_was_refused() -> None:
    plan = hall([service("visit", exponential(9.0))], *windows(1, "visit"), opens=480, closes=600)
    seen = [
        Visit(f"t-{n}", "A", ("visit",), "en", 0, minute, (Spell("visit", minute),))
        for n, minute in enumerate([481.0, 482.0, 500.0, 570.0])
    ]
    day = RecordedDay(
        "2026-11-02", plan, 480.0, 600.0, 470.0, 620.0, True, tuple(seen), {}, ((570.0, 580.0),)
    )
    found = counts_of_days([day])
    assert found.came[0, 0, 32:40].tolist() == [2, 1, 0, 0, 0, 0, 0, 0]
    assert found.watched[0, 32:40].tolist() == [True] * 6 + [False, True]
    with pytest.raises(RecordError, match="no whole day"):
        counts_of_days([RecordedDay("2026-11-02", plan, 480.0, 600.0, 500.0, 620.0, False, (), {})])


def test_the_calendar_of_the_documentation_is_read() -> None:
    text = re.findall(r"```toml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)[0]
    found = parse_calendar(text)
    for closed in (date(2031, 1, 1), date(2026, 4, 13), date(2026, 12, 30), date(2026, 7, 2)):
        assert found.holiday(closed)
    assert not found.holiday(date(2027, 4, 13))
    assert found.paydays == (5, 20)
    day = date(2026, 9, 3)
    assert found.factor(day, ["residence"]) == 1.5
    assert found.factor(day, ["passport"]) == 1.0
    assert found.special(day)[0].hours == (540, 1080)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "format: is missing; begin the file with format = 1"),
        ("format = 2", "format: 2 is not known"),
        ("format = 1\nholiday = []", "holiday: is not a known key; did you mean 'holidays'?"),
        ('format = 1\nholidays = ["02-30"]', "holidays[1]: '02-30' is no day of a year"),
        ('format = 1\nholidays = ["1 May"]', "holidays[1]: '1 May' is not a date"),
        (
            'format = 1\nclosed = [["2026-07-14", "2026-07-01"]]',
            "closed[1]: 2026-07-01 is not after 2026-07-14",
        ),
        ("format = 1\npaydays = [0]", "paydays[1]: 0 is no day of a month"),
        ('format = 1\npaydays_move = "up"', "paydays_move: 'up' is not known"),
        ("format = 1\n[[special]]\nfactor = 2", "date: is missing"),
        ("format = 1\n[[special]]\ndate = 2026-01-05\nfactor = -1", "factor: -1 is out of range"),
        (
            'format = 1\n[[special]]\ndate = 2026-01-05\nopen = ["10:00", "9:00"]',
            "open: closes before it opens",
        ),
        ("format = 1\n[[special]]\ndate = 2026-01-05\nservices = []", "services: must name services"),
        ("format = ", "TOML:"),
    ],
)
def test_a_mistake_in_a_calendar_has_one_line_with_a_remedy(text: str, told: str) -> None:
    with pytest.raises(HallFileError) as error:
        parse_calendar(text, "site.toml")
    assert str(error.value).startswith("site.toml: ")
    assert told in str(error.value)
    assert "; " in str(error.value)


def test_a_calendar_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(HallFileError, match="cannot be read"):
        read_calendar(tmp_path / "absent.toml")


def test_paydays_move_to_working_days() -> None:
    busy = np.zeros(96)
    busy[32:64] = 10.0
    days = {date(2026, 11, n): {"a": busy} for n in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)}
    counts = table_of(["a"], days)
    before = WorkingDays(counts, Calendar(paydays=(20, 31)))
    after = WorkingDays(counts, Calendar(paydays=(20,), paydays_move="after"))
    assert before.paid(2026, 12) == {date(2026, 12, 18), date(2026, 12, 31)}
    assert after.paid(2026, 12) == {date(2026, 12, 21)}
    assert before.paid(2027, 2) == {date(2027, 2, 19), date(2027, 2, 26)}
