"""`vikno roster`: what it writes is what the rules judge, on paper, in calendars and after an illness."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from math import inf
from pathlib import Path
from typing import Any

import icalendar
import openpyxl
import pytest
import typer

from tests.api.calling import Vikno
from vikno.api.cli_roster import settle
from vikno.api.rosteroutputs import Outputs
from vikno.api.rostertold import sentences, standing_words
from vikno.scheduler.roster.conflict import Conflict, Easing
from vikno.scheduler.roster.curtois import parse_curtois
from vikno.scheduler.roster.evaluate import Evaluation, evaluate
from vikno.scheduler.roster.present import read_present
from vikno.scheduler.roster.problem import Assignment, Problem, Roster
from vikno.scheduler.roster.rosterfile import parse_roster
from vikno.scheduler.roster.rules import SOFT
from vikno.scheduler.roster.search import Progress, Solved

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "mixed_roster.toml"
PROGRAM = (sys.executable, "-m", "vikno.api.cli", "roster")
SECONDS_MAX = 120.0
FIRST = date(2026, 10, 19)
SECONDS = "3"
"""Enough for a roster of three people, if not for proof that it is the best."""

SMALL = """
format = 1
[roster]
id = "small"
start = 2026-10-19
days = 14
time_zone = "Europe/Kyiv"
closed = ["sun"]
[weights]
unfair = 3
[[breaks]]
id = "lunch"
minutes = 30
between = ["11:30", "13:30"]
[[shifts]]
id = "early"
from = "08:00"
to = "16:30"
breaks = ["lunch"]
[[shifts]]
id = "late"
from = "09:30"
to = "18:00"
breaks = ["lunch"]
unpopular = 1.0
not_followed_by = ["early"]
[[contracts]]
id = "full"
minutes_min = 3840
minutes_max = 4800
run_max = 5
weekends_max = 1
[[people]]
id = "clerk-1"
name = "Clerk 1"
contract = "full"
skills = { passport = 1.0, social = 1.0 }
[[people]]
id = "clerk-2"
name = "Clerk 2"
contract = "full"
skills = { passport = 1.0 }
[[people]]
id = "clerk-3"
name = "Clerk 3"
contract = "full"
skills = { social = 1.0 }
[[wishes]]
person = "clerk-2"
days = ["wed"]
wanted = false
weight = 4
[[cover]]
skill = "passport"
from = "08:00"
to = "18:00"
need = 1
[[cover]]
skill = "social"
from = "10:00"
to = "16:00"
need = 0.5
"""

INSTANCE = """
SECTION_HORIZON
7
SECTION_SHIFTS
D,480,
SECTION_STAFF
A,D=7,2400,960,5,2,2,1
B,D=7,2400,960,5,2,2,1
SECTION_DAYS_OFF
A,0
SECTION_SHIFT_ON_REQUESTS
B,2,D,2
SECTION_SHIFT_OFF_REQUESTS
SECTION_COVER
0,D,1,100,1
1,D,1,100,1
2,D,2,100,1
3,D,1,100,1
4,D,1,100,1
5,D,1,100,1
6,D,0,100,1
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(SMALL)
    return file


def judged(problem: Problem, written: Path) -> Evaluation:
    """The judgement of what a file says."""
    return evaluate(problem, Roster(read_present(written, problem)))


def test_what_is_written_keeps_the_rules_and_costs_what_it_says(vikno: Vikno, small: Path) -> None:
    out = small.with_name("roster.json")
    said = vikno("roster", small, "--seconds", SECONDS, "--json", out)
    assert said.code == 0
    told = json.loads(out.read_text())
    evaluation = judged(parse_roster(SMALL), out)
    assert evaluation.violations == ()
    assert told["cost"] == pytest.approx(evaluation.total)
    assert told["costs"] == pytest.approx(evaluation.costs)
    assert told["bound"] <= told["cost"]
    assert (told["status"] == "optimal") == (told["bound"] == told["cost"])
    worked = [(row["staff"], row["day"]) for row in told["assignments"]]
    assert worked == sorted(set(worked))
    assert all(len(row["breaks"]) == 1 for row in told["assignments"])
    for rule in SOFT:
        assert rule in said.out


def test_a_published_instance_prints_the_best_and_nothing_else(vikno: Vikno, tmp_path: Path) -> None:
    file = tmp_path / "Instance.txt"
    file.write_text(INSTANCE)
    said = vikno("roster", file, "--seconds", SECONDS, "--json", "-")
    told = said.json
    assert list(told)[:5] == ["status", "cost", "bound", "seconds", "assignments"]
    # B works on days 0 to 2 and A on 2 to 5, say: nothing is missing or too many, and B's wish is kept.
    assert (told["status"], told["cost"], told["bound"]) == ("optimal", 0, 0)
    assert set(told["assignments"][0]) == {"staff", "day", "shift"}
    roster = Roster(tuple(Assignment(**row) for row in told["assignments"]))
    assert evaluate(parse_curtois(INSTANCE, "Instance"), roster).total == 0


def test_the_workbook_says_the_same(vikno: Vikno, small: Path) -> None:
    out, book = small.with_name("roster.json"), small.with_name("roster.xlsx")
    assert vikno("roster", small, "--seconds", SECONDS, "--json", out, "--xlsx", book).code == 0
    told = json.loads(out.read_text())
    sheets = openpyxl.load_workbook(book)
    assert sheets.sheetnames == [
        "Roster", "Shifts worked", "Cover by shift", "Cover by skill", "Costs", "Fairness",
    ]  # fmt: skip
    heads, *grid = sheets["Roster"].iter_rows(values_only=True)
    assert heads[:3] == ("Person", "mon 10-19", "tue 10-20")
    read = {(f"clerk-{row[0][-1]}", day): row[day + 1] for row in grid for day in range(14) if row[day + 1]}
    assert read == {(row["staff"], row["day"]): row["shift"] for row in told["assignments"]}
    assert [row[15] for row in grid] == [480 * sum(bool(cell) for cell in row[1:15]) for row in grid]
    costs = {row[0]: row[2] for row in list(sheets["Costs"].iter_rows(values_only=True))[1:]}
    assert costs == pytest.approx(told["costs"] | {"total": told["cost"]})
    missing = sum(row[6] for row in list(sheets["Cover by skill"].iter_rows(values_only=True))[1:])
    assert 10 * missing == pytest.approx(told["costs"]["skill_under"])
    shifts = list(sheets["Shifts worked"].iter_rows(values_only=True))[1:]
    assert {(row[0], row[1], row[5]) for row in shifts} == {
        (
            f"Clerk {row['staff'][-1]}",
            str(FIRST + timedelta(row["day"])),
            "-".join(row["breaks"][0]),
        )
        for row in told["assignments"]
    }
    fairness = list(sheets["Fairness"].iter_rows(values_only=True))[1:]
    assert sum(row[3] for row in fairness) == pytest.approx(sum(row[4] for row in fairness), abs=0.05)


def test_the_workbook_of_an_instance_counts_people_by_shift(vikno: Vikno, tmp_path: Path) -> None:
    file, book = tmp_path / "Instance.txt", tmp_path / "roster.xlsx"
    file.write_text(INSTANCE.replace("4,D,1,100,1", "4,D,3,100,1").replace("5,D,1,100,1", "5,D,0,100,7"))
    told = vikno("roster", file, "--seconds", SECONDS, "--json", "-", "--xlsx", book).json
    sheets = openpyxl.load_workbook(book)
    assert sheets["Roster"]["B1"].value == "mon 0"
    rows = list(sheets["Cover by shift"].iter_rows(min_row=2, values_only=True))
    people = [sum(row["day"] == day for row in told["assignments"]) for day in range(7)]
    assert [row[3] for row in rows] == people
    assert [row[4] - row[5] for row in rows] == [row[2] - row[3] for row in rows]
    assert 100 * sum(row[4] for row in rows) == told["costs"]["shift_under"] > 0


def test_a_calendar_has_each_shift_by_the_clock_of_the_hall(vikno: Vikno, small: Path) -> None:
    out, folder = small.with_name("roster.json"), small.with_name("calendars")
    assert vikno("roster", small, "--seconds", SECONDS, "--json", out, "--ical", folder).code == 0
    told = json.loads(out.read_text())
    hours = {"early": (8, 0), "late": (9, 30)}
    assert {path.name for path in folder.iterdir()} == {f"{row['staff']}.ics" for row in told["assignments"]}
    for path in folder.iterdir():
        calendar: Any = icalendar.Calendar.from_ical(path.read_bytes())
        assert [zone.tz_name for zone in calendar.timezones] == ["Europe/Kyiv"]
        assert calendar.calendar_name == f"Clerk {path.stem[-1]}, small"
        mine = [row for row in told["assignments"] if row["staff"] == path.stem]
        for event, row in zip(calendar.events, mine, strict=True):
            day = FIRST + timedelta(row["day"])
            starts = event["DTSTART"].dt
            assert (starts.date(), (starts.hour, starts.minute)) == (day, hours[row["shift"]])
            # Summer time ends on 25 October: the offset changes, the clock does not.
            assert starts.utcoffset() == timedelta(hours=3 if day < date(2026, 10, 25) else 2)
            assert event["DTEND"].dt - starts == timedelta(hours=8.5)
            assert event["UID"] == f"small-{path.stem}-{day}@vikno"
            assert "-".join(row["breaks"][0]) in event["DESCRIPTION"]
            assert abs(event["DTSTAMP"].dt - datetime.now(UTC)) < timedelta(hours=1)


def test_an_illness_changes_little_of_the_roster_in_force(vikno: Vikno, small: Path) -> None:
    first, second = small.with_name("first.json"), small.with_name("second.json")
    assert vikno("roster", small, "--seconds", SECONDS, "--json", first).code == 0
    away = ("--absent", "clerk-2:2026-10-20-2026-10-22")
    assert vikno("roster", small, "--seconds", SECONDS, "--json", second, "--present", first, *away).code == 0
    before, after = (
        {(row["staff"], row["day"]): row["shift"] for row in json.loads(path.read_text())["assignments"]}
        for path in (first, second)
    )
    ill = {("clerk-2", day) for day in (1, 2, 3)}
    assert not ill & set(after)
    changed = {key for key in set(before) | set(after) if before.get(key) != after.get(key)} - ill
    assert json.loads(second.read_text())["costs"]["change"] == 30 * len(changed)
    numbered = ("--present", first, "--absent", "clerk-2:1-3", "--seconds", SECONDS, "--json", "-")
    again = {(row["staff"], row["day"]) for row in vikno("roster", small, *numbered).json["assignments"]}
    assert again
    assert not ill & again


def test_if_there_is_no_roster_it_says_why_and_what_would_free_it(vikno: Vikno, small: Path) -> None:
    off = 'name = "Clerk 3"\ndays_off = [[2026-10-20, 2026-10-28]]'
    small.write_text(SMALL.replace("weekends_max = 1\n", "").replace('name = "Clerk 3"', off))
    book = small.with_name("roster.xlsx")
    said = vikno("roster", small, "--seconds", SECONDS, "--json", "-", "--xlsx", book)
    assert said.code == 0
    told = said.json
    assert (told["status"], told["cost"], told["bound"], told["assignments"]) == (
        "infeasible",
        None,
        None,
        [],
    )
    (conflict,) = told["conflicts"]
    assert conflict["person"] == "clerk-3"
    assert {part["rule"] for part in conflict["rules"]} == {"days_off", "minutes_min"}
    # Four days are left (19, 29, 30, 31 October), of the eight of 8 hours that 3840 minutes need.
    assert {"rule": "minutes_min", "shift": None, "by": 1920, "days": [], "enough": True} in conflict["frees"]
    assert "Clerk 3: no roster keeps all of these: days_off on 2026-10-2" in said.err
    assert "would free it: minutes_min lower by 1920 minutes" in said.err
    assert "--xlsx: nothing is written, for there is no roster" in said.err
    assert not book.exists()


def test_a_roster_that_breaks_a_rule_is_never_written(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever a search may claim."""
    out = tmp_path / "roster.json"
    claimed = Solved("optimal", Roster((Assignment("clerk-1", 6, "early", ((720, 750),)),)), 0.0, 0.0, 1.0)
    with pytest.raises(typer.Exit) as ended:
        settle(parse_roster(SMALL), claimed, Outputs(str(out), None, None, {}), stopped=False)
    assert ended.value.exit_code == 1
    assert not out.exists()
    told = capfd.readouterr().err
    assert "breaks days_off: clerk-1 works early on a day off" in told
    assert "nothing is written" in told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--seconds 0", "--seconds"),
        ("--workers 0", "--workers"),
        ("--xlsx roster.csv", "--xlsx: roster.csv is no workbook"),
        ("--json nowhere/roster.json", "--json: there is no folder"),
        ("--json x.xlsx --xlsx x.xlsx", "--xlsx: x.xlsx is where --json goes"),
        ("--json small.toml", "--json: small.toml is what PROBLEM reads; name another file"),
        ("--present present.json --json ./present.json", "--json: present.json is what --present reads"),
        ("--xlsx /proc/roster.xlsx", "--xlsx: the folder /proc cannot be written to"),
        ("--ical /proc/calendars", "--ical: the folder /proc cannot be written to"),
        ("--ical /proc", "--ical: the folder /proc cannot be written to"),
        ("--ical small.toml", "--ical: small.toml is a file; name a folder"),
        ("--ical nowhere/x", "--ical: there is no folder"),
        ("--absent clerk-1:1-2", "--absent: there is no roster to change"),
        ("--present present.json --absent clerk-1", "is not PERSON:FROM-TO"),
        ("--present present.json --absent clerk-9:1-2", "nobody is called 'clerk-9'"),
        ("--present present.json --absent clerk-1:3-2", "ends before it starts"),
        ("--present present.json --absent clerk-1:14", "14 is no day of small"),
        ("--present present.json --absent clerk-1:2026-10-18", "is no day of small"),
        ("--present present.json --absent clerk-1:2026-13-18", "is not a date"),
        ("--present absent.json", "absent.json: file: cannot be read"),
    ],
)
def test_bad_options_are_told_in_one_line(
    vikno: Vikno, small: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    monkeypatch.chdir(small.parent)
    Path("present.json").write_text('{"assignments": []}')
    known = set(small.parent.iterdir())
    said = vikno("roster", "small.toml", *words.split())
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert said.err.count("\n") == 1
    assert set(small.parent.iterdir()) == known


def test_a_calendar_needs_dates(vikno: Vikno, tmp_path: Path) -> None:
    file = tmp_path / "Instance.txt"
    file.write_text(INSTANCE)
    said = vikno("roster", file, "--ical", tmp_path / "calendars")
    assert (said.code, said.out) == (2, "")
    assert "--ical: the days of Instance have no dates" in said.err
    file.write_text(INSTANCE.replace("A,0", "C,0"))
    said = vikno("roster", file)
    assert said.code == 2
    assert "Instance.txt: line 10: 'C' is no person" in said.err


def test_ctrl_c_keeps_the_best_found(small: Path) -> None:
    colleagues = (SMALL[SMALL.index("[[people]]") : SMALL.index("[[wishes]]")] for _ in range(3))
    renamed = "".join(text.replace("clerk-", f"clerk-{team}") for team, text in enumerate(colleagues))
    many = SMALL.replace("days = 14", "days = 28").replace("minutes_max = 4800", "") + renamed
    small.write_text(many)
    out = small.with_name("roster.json")
    code, screen = interrupted([*PROGRAM, str(small), "--seconds", "600", "--json", str(out)])
    assert code == 130
    evaluation = judged(parse_roster(many), out)
    assert evaluation.violations == ()
    assert json.loads(out.read_text())["cost"] == pytest.approx(evaluation.total)
    assert "interrupted after" in screen


@pytest.mark.parametrize(
    ("cost", "bound", "words"),
    [
        (None, -inf, "cost none yet"),
        (None, 900.0, "cost none yet, at least 900"),
        (1234.5, -inf, "cost 1,234"),
        (1200.0, 900.0, "cost 1,200, at least 900, gap 25.0%"),
        (0.0, 0.0, "cost 0, at least 0, gap 0.0%"),
    ],
)
def test_a_search_tells_cost_bound_and_gap(cost: float | None, bound: float, words: str) -> None:
    assert standing_words(Progress(1.0, cost, bound)) == words


@pytest.mark.parametrize(("by", "words"), [(1, "days_max higher by 1 day"), (2, "days_max higher by 2 days")])
def test_one_day_is_no_days(by: int, words: str) -> None:
    conflict = Conflict("clerk-1", (), (Easing("days_max", None, by, (), True),), True)
    assert list(sentences(parse_roster(SMALL), [conflict]))[-1] == f"  would free it: {words}"


def interrupted(command: list[str]) -> tuple[int, str]:
    """Press Ctrl-C as soon as a roster is seen to be there."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "160"}
    with subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True, env=environment
    ) as process:
        os.close(theirs)
        screen = b""
        while not re.search(rb"cost \d", screen):
            screen += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        try:
            while more := os.read(ours, 65_536):
                screen += more
        except OSError:  # the terminal is gone with the process
            pass
        code = process.wait(SECONDS_MAX)
    os.close(ours)
    return code, screen.decode(errors="replace")


def test_the_commands_of_the_documentation_work(
    vikno: Vikno, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they stand, but for how long they take."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(EXAMPLE.parent)
    document = (ROOT / "docs" / "rosters.md").read_text(encoding="utf-8")
    commands = re.findall(r"^\.venv/bin/vikno (.+)$", document, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        assert vikno(*command.replace("--seconds 60", "--seconds 3").split()).code == 0
    assert (tmp_path / "december.xlsx").stat().st_size > 0
    assert len(list((tmp_path / "calendars").iterdir())) == 20
