"""Published instances: read as they stand, and every mistake told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from vikno.queue.errors import HallFileError
from vikno.scheduler.roster.curtois import parse_curtois, read_curtois
from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import Contract, Person, Roster, Shift, ShiftCover, Wish

INSTANCES = Path(__file__).parents[4] / "shared" / "data" / "rosters"
SIZES = {
    "1": (14, 8, 1),
    "2": (14, 14, 2),
    "8": (28, 30, 4),
    "13": (28, 120, 18),
    "15": (42, 45, 6),
    "18": (84, 22, 3),
}
"""Instance -> days, people, shift types, as published."""

TEXT = """\
# A comment.
SECTION_HORIZON
7

SECTION_SHIFTS
D,480,
N,600,D|E
E,480,D

SECTION_STAFF
A,D=7|N=0|E=3,2400,1440,5,2,3,1
B,D=7,2400,0,6,1,2,0

SECTION_DAYS_OFF
A,0,5

SECTION_SHIFT_ON_REQUESTS
A,2,D,2

SECTION_SHIFT_OFF_REQUESTS
B,6,N,3

SECTION_COVER
0,D,5,100,1
6,E,-0,100,2
"""


def test_every_section_is_read() -> None:
    problem = parse_curtois(TEXT, "small")
    assert (problem.id, problem.days, problem.weekday(0)) == ("small", 7, 0)
    assert problem.shifts == (Shift("D", 480), Shift("N", 600, ("D", "E")), Shift("E", 480, ("D",)))
    contract = Contract(
        minutes_min=1440,
        minutes_max=2400,
        run_max=5,
        run_min=2,
        free_run_min=3,
        weekends_max=1,
        shifts_max={"D": 7, "N": 0, "E": 3},
    )
    assert problem.people[0] == Person("A", contract, days_off=frozenset({0, 5}))
    assert problem.people[1].contract.shifts_max == {"D": 7}
    assert problem.wishes == (
        Wish("A", 2, "D", wanted=True, weight=2),
        Wish("B", 6, "N", wanted=False, weight=3),
    )
    assert problem.shift_cover == (ShiftCover(0, "D", 5, 100, 1), ShiftCover(6, "E", 0, 100, 2))


@pytest.mark.parametrize(
    ("wrong", "right", "line", "words"),
    [
        ("\n7\n", "\n0\n", 3, "0 is no number of days"),
        ("\n7\n", "\nseven\n", 3, "'seven' is no number of days"),
        ("\n7\n", "\n7\n8\n", 4, "second horizon"),
        ("\n7\n", "\n367\n", 3, "from 0 to 366"),
        ("D,480,", "D,480", 6, "has 2 columns"),
        ("D,480,", "D,480,X", 6, "'X' is no shift"),
        ("D,480,", ",480,", 6, "has no shift"),
        ("D,480,", "D,4800,", 6, "'4800' is no length"),
        ("E,480,D", "D,480,D", 8, "'D' stands in line 6 too"),
        ("A,D=7|N=0|E=3", "A,D=7|N=0|E", 11, "'' is no number of shifts"),
        ("A,D=7|N=0|E=3", "A,D=7|N=0|D=3", 11, "limits shift 'D' twice"),
        ("A,D=7|N=0|E=3", "A,X=7", 11, "'X' is no shift"),
        ("2400,1440,5,2,3,1", "2400,1440,5,2,3", 11, "has 7 columns"),
        ("2400,1440,5", "2400,-1,5", 11, "'-1' is no number of minutes"),
        ("B,D=7", "A,D=7", 12, "person 'A' stands in line 11 too"),
        ("A,0,5", "C,0,5", 15, "'C' is no person"),
        ("A,0,5", "A,0,7", 15, "'7' is no day of the horizon"),
        ("A,2,D,2", "A,2,D", 18, "has 3 columns"),
        ("B,6,N,3", "B,6,N,x", 21, "'x' is no weight"),
        ("0,D,5,100,1", "0,D,5,100,1,1", 24, "has 6 columns"),
        ("6,E,-0,100,2", "0,D,1,100,2", 25, "stands in line 24 too"),
        ("6,E,-0", "6,E,-1", 25, "'-1' is no number of people"),
        ("SECTION_COVER", "SECTION_COVERS", 23, "is not known"),
        ("SECTION_COVER", "SECTION_STAFF", 23, "stands twice"),
        ("# A comment.", "7", 1, "stands before any section"),
    ],
)
def test_a_mistake_is_told_with_its_line(wrong: str, right: str, line: int, words: str) -> None:
    assert TEXT.count(wrong) == 1
    with pytest.raises(HallFileError) as told:
        parse_curtois(TEXT.replace(wrong, right), "small", "small.txt")
    assert str(told.value).startswith(f"small.txt: line {line}: ")
    assert words in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("section", ["SHIFTS", "DAYS_OFF", "COVER"])
def test_a_section_that_is_missing_is_named(section: str) -> None:
    text = TEXT.replace(f"SECTION_{section}", "SECTION_X").split("SECTION_X")
    rest = text[1].partition("SECTION_")
    with pytest.raises(HallFileError, match=f"SECTION_{section}: is missing"):
        parse_curtois(text[0] + rest[1] + rest[2], "small")


def test_a_horizon_must_stand_in_its_section() -> None:
    with pytest.raises(HallFileError, match="SECTION_HORIZON: is empty"):
        parse_curtois(TEXT.replace("\n7\n", "\n"), "small")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(HallFileError, match=r"absent\.txt: file: cannot be read"):
        read_curtois(tmp_path / "absent.txt")
    latin = tmp_path / "latin.txt"
    latin.write_bytes(b"\xff\xfe")
    with pytest.raises(HallFileError, match="is not UTF-8"):
        read_curtois(latin)


@pytest.mark.parametrize("number", SIZES)
def test_the_published_instances_are_read(number: str) -> None:
    file = INSTANCES / f"Instance{number}.txt"
    if not file.is_file():
        pytest.skip(f"the published instances are not at {INSTANCES}")
    problem = read_curtois(file)
    assert (problem.days, len(problem.people), len(problem.shifts)) == SIZES[number]
    judged = evaluate(problem, Roster(()))
    # Nobody works: all wishes to work fail, all needs go short, and each lower limit of minutes is broken.
    assert judged.costs["wishes"] == sum(wish.weight for wish in problem.wishes if wish.wanted)
    assert judged.costs["shift_under"] == sum(cover.need * cover.under for cover in problem.shift_cover)
    assert {found.person for found in judged.violations if found.rule == "minutes_min"} == {
        person.id for person in problem.people if person.contract.minutes_min
    }
