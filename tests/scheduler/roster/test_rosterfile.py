"""The roster file: what its documentation shows is what is read, and each mistake has one line."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.queue.toml import to_toml
from vikno.queue.errors import HallFileError
from vikno.scheduler.roster.problem import Assignment, Before, Problem, ShiftCover, SkillCover, Weights, Wish
from vikno.scheduler.roster.rosterfile import TABLES, parse_roster, read_roster_file

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "roster-file.md").read_text(encoding="utf-8")
FULL = DOCUMENT.split("```toml\n")[1].split("```")[0]

SMALL = """
format = 1
[roster]
id = "small"
start = 2026-11-02
days = 14
closed = ["sun"]
[[shifts]]
id = "early"
from = "08:00"
to = "16:00"
[[contracts]]
id = "full"
[[people]]
id = "clerk-1"
contract = "full"
skills = { passport = 1.0 }
[[people]]
id = "clerk-2"
contract = "full"
[[cover]]
skill = "passport"
from = "08:00"
to = "10:00"
need = 1
"""

BROKEN = '[[shifts]]\nid="x"\nfrom="08:00"\nto="16:00"\nbreaks=[LIST]'
TEMPLATE = '[[shifts]]\nid="x"\nearliest="08:00"\nlatest="10:00"\n'


@pytest.fixture(scope="module")
def full() -> Problem:
    return parse_roster(FULL)


def test_the_example_of_the_documentation_is_read(full: Problem) -> None:
    assert (full.id, full.start, full.days, full.time_zone) == (
        "november",
        date(2026, 11, 2),
        28,
        "Europe/Kyiv",
    )
    assert full.weights == Weights(unfair=50, change=30, idle=1, weekend_load=2.0)
    early, late, short = full.shift["early"], full.shift["late"], full.shift["short-0800-1200"]
    assert (early.minutes, late.minutes, short.minutes) == (480, 480, 240)
    assert early.breaks[0] == ((750, 780),)
    assert short.breaks == ()
    assert late.not_followed_by == ("early",)
    assert len(full.shifts) == 2 + 7 + 6
    first, second, third = full.people
    assert first.before == Before(worked=2, last_shift="late")
    assert first.days_off == {5, 6, 9, 12, 13, 19, 20, 26, 27} | {14, 15, 16, 17, 18}
    assert (first.name, second.name, third.share) == ("Clerk 1", "clerk-2", 0.5)
    assert first.contract.shifts_max == {"late": 10} | {shift.id: 0 for shift in full.shifts[2:]}
    assert second.absent == {22, 23}
    assert full.wishes == (
        *(Wish("clerk-2", day, "late", wanted=False, weight=5) for day in (4, 11, 18, 25)),
        Wish("clerk-3", 2, None, wanted=True, weight=2),
    )
    assert full.fixed == (Assignment("clerk-2", 0, "early"),)
    assert full.shift_cover == tuple(ShiftCover(day, "late", 1, 100, 1) for day in (2, 9, 16, 23))
    assert full.skill_cover[0] == SkillCover(0, 480, 1080, "passport", 1.5, 20)
    assert {cover.day for cover in full.skill_cover if cover.skill == "residence"} == {
        0,
        1,
        7,
        8,
        14,
        15,
        21,
        22,
    }
    assert len([cover for cover in full.skill_cover if cover.skill == "passport"]) == 28 - 9


def test_the_documentation_tells_of_every_table_and_key() -> None:
    told = set(re.findall(r"`([a-z_]+)`", DOCUMENT))
    table = tomllib.loads(FULL)
    assert set(table) == {"format", "roster", "weights", *TABLES}
    for name, value in table.items():
        for part in value if isinstance(value, list) else [value]:
            keys = set(part) if isinstance(part, dict) else set()
            assert keys <= told, name


@pytest.mark.parametrize(
    ("wrong", "right", "field", "words"),
    [
        ("format = 1", "format = 2", "format", "2 is not known"),
        ("format = 1", 'format = 1\nrooster = "x"', "rooster", "did you mean 'roster'?"),
        ("start = 2026-11-02", 'start = "2026-11-02"', "roster.start", "is not a date"),
        ("start = 2026-11-02", "start = 2026-11-02T08:00:00", "roster.start", "is not a date"),
        ("days = 14", "days = 0", "roster.days", "out of range"),
        ("days = 14", "days = 367", "roster.days", "use 1 to 366"),
        ("days = 14", "", "roster.days", "is missing"),
        ('["sun"]', '["sunday"]', "roster.closed[1]", "is not a weekday"),
        ('["sun"]', "[2026-11-16]", "roster.closed[1]", "use 2026-11-02 to 2026-11-15"),
        ('["sun"]', "[[2026-11-05, 2026-11-04]]", "roster.closed[1]", "ends before it starts"),
        ('["sun"]', "[[2026-11-05]]", "roster.closed[1]", "is not a first and a last day"),
        ('["sun"]', '"sun"', "roster.closed", "must be a list of days"),
        ('["sun"]', '["sun"]\ntime_zone = "Kyiv"', "roster.time_zone", "is not a time zone"),
        ('id = "small"', 'id = "Small"', "roster.id", "is not an identifier"),
        ('to = "16:00"', 'to = "07:00"', "shifts[1].to", "is not after from"),
        ('to = "16:00"', 'to = "16:10"', "shifts[1].to", "quarter of an hour"),
        ('to = "16:00"', 'to = "16:00"\nbreaks = ["lunch"]', "shifts[1].breaks[1]", "no rule of [[breaks]]"),
        ('to = "16:00"', 'to = "16:00"\nbreaks = "lunch"', "shifts[1].breaks", "must be a list"),
        (
            'to = "16:00"',
            'to = "16:00"\nnot_followed_by = ["x"]',
            "shifts[1].not_followed_by[1]",
            "is no shift",
        ),
        ('to = "16:00"', 'to = "16:00"\nearliest = "08:00"', "shifts[1].latest", "is missing"),
        (
            'id = "full"\n[[p',
            'id = "full"\nrun_min = 3\nrun_max = 2\n[[p',
            "contracts[1].run_max",
            "below run_min",
        ),
        (
            'id = "full"\n[[p',
            'id = "full"\nminutes_min = 9\nminutes_max = 8\n[[p',
            "contracts[1].minutes_max",
            "below",
        ),
        (
            'id = "full"\n[[p',
            'id = "full"\nshifts_max = { x = 1 }\n[[p',
            "contracts[1].shifts_max.x",
            "is no shift",
        ),
        (
            'id = "full"\n[[p',
            'id = "full"\nrest_hours_min = 25\n[[p',
            "contracts[1].rest_hours_min",
            "out of range",
        ),
        ('id = "clerk-2"', 'id = "clerk-1"', "people[2].id", "stands twice"),
        (
            'id = "clerk-2"\ncontract = "full"',
            'id = "clerk-2"\ncontract = "ful"',
            "people[2].contract",
            "not known",
        ),
        ("{ passport = 1.0 }", "{ passport = 0 }", "people[1].skills.passport", "out of range"),
        (
            "{ passport = 1.0 }",
            "{ passport = 1.0 }\nbefore = { worked = 1, free = 1 }",
            "people[1].before.free",
            "beside",
        ),
        (
            "{ passport = 1.0 }",
            '{ passport = 1.0 }\nbefore = { last_shift = "x" }',
            "people[1].before.last_shift",
            "no shift",
        ),
        (
            "{ passport = 1.0 }",
            "{ passport = 1.0 }\nshares = 1.0",
            "people[1].shares",
            "did you mean 'share'?",
        ),
        ('skill = "passport"', 'skill = "pasport"', "cover[1].skill", "use one of passport"),
        ("need = 1", "need = -1", "cover[1].need", "out of range"),
        ("need = 1", "need = 1\nunder = 0", "cover[1].under", "out of range"),
    ],
)
def test_a_mistake_is_told_in_one_line(wrong: str, right: str, field: str, words: str) -> None:
    assert SMALL.count(wrong) == 1
    told = refused(SMALL.replace(wrong, right))
    assert told.startswith(f"small.toml: {field}: ")
    assert words in told
    assert "\n" not in told


@pytest.mark.parametrize(
    ("more", "field", "words"),
    [
        (
            '[[cover]]\nskill="passport"\nfrom="09:00"\nto="11:00"\nneed=1',
            "cover",
            "needs 'passport' twice on 2026-11-02",
        ),
        (
            '[[wishes]]\nperson="clerk-9"\ndays=["mon"]\nweight=1',
            "wishes[1].person",
            "is nobody of [[people]]",
        ),
        ('[[wishes]]\nperson="clerk-1"\ndays=["mon"]', "wishes[1].weight", "is missing"),
        ('[[wishes]]\nperson="clerk-1"\ndays=[]\nweight=1', "wishes[1].days", "must be a list of days"),
        (
            '[[wishes]]\nperson="clerk-1"\ndays=["mon"]\nweight=1\nwanted="no"',
            "wishes[1].wanted",
            "true or false",
        ),
        (
            '[[fixed]]\nperson="clerk-1"\ndays=["mon", 2026-11-02]\nshift="late"',
            "fixed[1].shift",
            "is no shift",
        ),
        ('[[fixed]]\nperson="clerk-1"\ndays=["mon"]\nshift="early"\n' * 2, "fixed[2].days", "twice"),
        ('[[shift_cover]]\nshift="early"\nneed=1\nunder=1\n' * 2, "shift_cover[2].days", "a second time"),
        ('[[breaks]]\nid="lunch"\nminutes=20', "breaks[1].minutes", "not a multiple of 15"),
        ('[[breaks]]\nid="lunch"\nminutes=30\nbetween=["11:00"]', "breaks[1].between", "must be two times"),
        (
            '[[breaks]]\nid="lunch"\nminutes=30\nbetween=["11:00","12:00"]\nusual="11:45"',
            "breaks[1].usual",
            "not between",
        ),
        (
            '[[breaks]]\nid="l"\nminutes=30\nbetween=["18:00","19:00"]\n' + BROKEN.replace("LIST", '"l"'),
            "shifts[2].breaks",
            "cannot lie in this shift",
        ),
        (
            '[[breaks]]\nid="l"\nminutes=15\n' + BROKEN.replace("LIST", '"l", "l"'),
            "shifts[2].breaks",
            "ways in 'x'",
        ),
        (TEMPLATE + "hours=[3]", "shifts[2].latest", "leaves no room"),
        (TEMPLATE + "hours=[1.1]", "shifts[2].hours[1]", "quarters"),
        (TEMPLATE + "hours=[0.25]\nstep_minutes=20", "shifts[2].step_minutes", "multiple of 15"),
        (
            TEMPLATE + 'hours=[1]\n[[wishes]]\nperson="clerk-1"\ndays=["mon"]\nshift="x"\nweight=1',
            "wishes[1].shift",
            "stands for 3 shifts",
        ),
        (
            '[[fixed]]\nperson="clerk-1"\ndays=["mon"]\nshift="early"\n' * 2,
            "fixed[2].days",
            "fix 2026-11-02 of 'clerk-1' twice",
        ),
        ("[weights]\nmissing=0", "weights.missing", "out of range"),
        ("[weights]\nunfair=1.5", "weights.unfair", "must be a whole number"),
    ],
)
def test_a_mistake_in_a_further_table_is_told_in_one_line(more: str, field: str, words: str) -> None:
    told = refused(SMALL + more)
    assert told.startswith(f"small.toml: {field}: ")
    assert words in told
    assert "\n" not in told


def refused(text: str, folder: Path = Path()) -> str:
    with pytest.raises(HallFileError) as told:
        parse_roster(text, "small.toml", folder)
    return str(told.value)


def test_a_roster_is_made_for_some_need() -> None:
    assert "nothing says when people are needed" in refused(SMALL.split("[[cover]]", maxsplit=1)[0])


def test_every_key_of_a_contract_is_known_when_one_is_misspelt() -> None:
    misspelt = SMALL.replace('id = "full"', 'id = "full"\nrun_maks = 5', 1)
    assert "run_maks: is not a known key; did you mean 'run_max'?" in refused(misspelt)


@pytest.mark.parametrize(("name", "words"), [(r"A\nB", "has a line break"), ("A" * 201, "has 201 letters")])
def test_a_name_is_one_line_that_is_not_too_long(name: str, words: str) -> None:
    named = SMALL.replace('id = "clerk-1"', f'id = "clerk-1"\nname = "{name}"', 1)
    assert named != SMALL
    told = refused(named)
    assert "people[1].name: " in told
    assert words in told


def test_template_names_stand_for_all_their_shifts() -> None:
    more = (
        '[[shifts]]\nid="half"\nearliest="08:00"\nlatest="13:00"\nhours=[4]\nstep_minutes=30\n'
        '[[shifts]]\nid="late"\nfrom="12:00"\nto="20:00"\nnot_followed_by=["half"]'
    )
    problem = parse_roster(SMALL + more)
    halves = ("half-0800-1200", "half-0830-1230", "half-0900-1300")
    assert tuple(shift.id for shift in problem.shifts) == ("early", *halves, "late")
    assert problem.shift["late"].not_followed_by == halves


def test_a_made_shift_may_not_take_the_name_of_another() -> None:
    more = (
        '[[shifts]]\nid="half"\nearliest="08:00"\nlatest="12:00"\nhours=[4]\n'
        '[[shifts]]\nid="half-0800-1200"\nfrom="12:00"\nto="20:00"'
    )
    assert "makes a shift 'half-0800-1200'" in refused(SMALL + more)


def test_short_shifts_go_without_a_break_and_impossible_ones_are_not_made() -> None:
    more = (
        '[[breaks]]\nid="lunch"\nminutes=30\nbetween=["11:00","13:00"]\nshift_hours_min=6\n'
        '[[shifts]]\nid="day"\nearliest="08:00"\nlatest="20:00"\nhours=[4, 6]\nstep_minutes=240\n'
        'breaks=["lunch"]'
    )
    made = {shift.id: shift for shift in parse_roster(SMALL + more).shifts if shift.id != "early"}
    # From 12:00 to 18:00 a break fits before 13:00; none does from 14:00 on, so there is no such shift.
    assert set(made) == {"day-0800-1200", "day-1200-1600", "day-1600-2000", "day-0800-1400", "day-1200-1800"}
    assert made["day-0800-1200"].minutes == 240
    assert made["day-0800-1400"].minutes == 330
    assert made["day-1200-1800"].breaks == (((735, 765),), ((750, 780),))


def with_hall(tmp_path: Path) -> str:
    (tmp_path / "hall.toml").write_text((ROOT / "examples" / "wola.toml").read_text(encoding="utf-8"))
    return SMALL.replace("days = 14", 'days = 14\nhall = "hall.toml"').replace("passport", "residence")


def test_skills_and_clock_are_those_of_the_hall(tmp_path: Path) -> None:
    text = with_hall(tmp_path)
    assert parse_roster(text, folder=tmp_path).time_zone == "Europe/Warsaw"
    assert "is not a service of this hall" in refused(text.replace("{ residence", "{ passport"), tmp_path)
    # Nobody has this skill, but the hall has the service: it will be told as missing.
    assert parse_roster(text.replace('skill = "residence"', 'skill = "housing"'), folder=tmp_path).skill_cover
    zoned = text.replace("days = 14", 'days = 14\ntime_zone = "UTC"')
    assert "roster.time_zone: is that of the hall" in refused(zoned, tmp_path)
    told = refused(text.replace("hall.toml", "absent.toml"), tmp_path)
    assert told.startswith("small.toml: roster.hall: there is no file ")
    assert "absent.toml" in told


def with_file(tmp_path: Path, key: str, content: Any) -> tuple[str, Path]:
    (tmp_path / "other.json").write_text(content if isinstance(content, str) else json.dumps(content))
    return SMALL.replace("days = 14", f'days = 14\n{key} = "other.json"'), tmp_path


ROW = {"day": 1, "from": "10:00", "to": "10:15", "skill": "passport", "need": 2.5}


def test_needs_are_read_from_what_staffing_writes(tmp_path: Path) -> None:
    text, folder = with_file(tmp_path, "cover", {"cover": [ROW, ROW | {"day": 2, "under": 7}]})
    cover = parse_roster(text, folder=folder).skill_cover
    assert cover[-2:] == (
        SkillCover(1, 600, 615, "passport", 2.5, 10),
        SkillCover(2, 600, 615, "passport", 2.5, 7),
    )


def test_needs_of_dates_are_those_of_the_days_of_the_roster_they_meet(tmp_path: Path) -> None:
    dated = {"start": "2026-10-30", "cover": [ROW | {"day": day} for day in range(40)]}
    text, folder = with_file(tmp_path, "cover", dated)
    read = [cover for cover in parse_roster(text, folder=folder).skill_cover if cover.starts == 600]
    assert [cover.day for cover in read] == list(range(14))


def test_needs_of_one_day_without_a_date_hold_on_every_open_day(tmp_path: Path) -> None:
    text, folder = with_file(tmp_path, "cover", {"start": None, "cover": [ROW | {"day": 0}]})
    read = [cover for cover in parse_roster(text, folder=folder).skill_cover if cover.starts == 600]
    assert [cover.day for cover in read] == [0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "JSON: "),
        ([ROW], "JSON: must be a table"),
        ({}, "cover: is missing"),
        ({"start": "monday", "cover": [ROW]}, "start: 'monday' is not a date"),
        ({"start": 3, "cover": [ROW]}, "start: 3 is not a date"),
        ({"cover": 3}, "cover: must be a list"),
        ({"cover": [3]}, "cover[1]: must be a row"),
        ({"cover": [ROW, ROW | {"day": 14}]}, "cover[2].day: 14 is not of the roster; use 0 to 13"),
        ({"cover": [ROW | {"to": "10:10"}]}, "cover[1].to: is not on a quarter"),
        ({"cover": [ROW | {"skill": "x"}]}, "cover[1].skill: 'x' is nobody's"),
        ({"cover": [ROW | {"needs": 1}]}, "cover[1].needs: is not a known key"),
    ],
)
def test_a_mistake_in_a_file_of_needs_names_that_file(tmp_path: Path, content: Any, words: str) -> None:
    told = refused(*with_file(tmp_path, "cover", content))
    assert told.startswith(f"{tmp_path / 'other.json'}: ")
    assert words in told


PRESENT = {"staff": "clerk-1", "day": 1, "shift": "early", "breaks": [["12:00", "12:30"]]}


def test_the_roster_in_force_is_read_from_what_vikno_roster_writes(tmp_path: Path) -> None:
    text, folder = with_file(tmp_path, "present", {"status": "optimal", "assignments": [PRESENT]})
    problem = parse_roster(text, folder=folder)
    assert problem.present == (Assignment("clerk-1", 1, "early", ((720, 750),)),)
    assert problem.weights.change == 30


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"assignments": {}}, "assignments: must be a list"),
        ({"status": "infeasible", "assignments": []}, "status: is that no roster keeps the rules"),
        ({"assignments": ["x"]}, "assignments[1]: must be a table"),
        ({"assignments": [PRESENT, PRESENT]}, "assignments[2].day: gives 'clerk-1' a second shift on day 1"),
        ({"assignments": [PRESENT | {"staff": "x"}]}, "assignments[1].staff: 'x' is nobody"),
        ({"assignments": [PRESENT | {"shift": "x"}]}, "assignments[1].shift: 'x' is no shift"),
        ({"assignments": [PRESENT | {"day": -1}]}, "assignments[1].day: -1 is out of range"),
        (
            {"assignments": [PRESENT | {"breaks": [["13:00", "12:00"]]}]},
            "assignments[1].breaks: are not in order",
        ),
    ],
)
def test_a_mistake_in_the_roster_in_force_names_that_file(tmp_path: Path, content: Any, words: str) -> None:
    told = refused(*with_file(tmp_path, "present", content))
    assert told.startswith(f"{tmp_path / 'other.json'}: ")
    assert words in told


def test_files_are_looked_for_beside_the_roster_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text, folder = with_file(tmp_path, "cover", {"cover": []})
    (folder / "roster.toml").write_text(text)
    monkeypatch.chdir("/")
    assert read_roster_file(folder / "roster.toml").id == "small"


LEAVES = [
    (name, key)
    for name, value in tomllib.loads(FULL).items()
    if isinstance(value, list | dict)
    for key in (value[0] if isinstance(value, list) else value)
]
strange: st.SearchStrategy[Any] = st.recursive(
    st.none().map(lambda _: "")
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats()
    | st.text(max_size=5)
    | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(LEAVES), strange)
def test_whatever_stands_in_a_field_it_is_read_or_told_in_one_line(
    place: tuple[str, str], value: Any
) -> None:
    table = tomllib.loads(FULL)
    part = table[place[0]]
    (part[0] if isinstance(part, list) else part)[place[1]] = value
    told = "f.toml: "
    try:
        parse_roster(to_toml(table), "f.toml")
    except HallFileError as error:
        told = str(error)
    assert told.startswith("f.toml: ")
    assert "\n" not in told
