"""`vikno forecast` and `vikno staff`: from a record to needs that a roster reads, whatever disturbs them."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from tests.api.calling import Vikno
from tests.api.simulating import Said
from tests.simulation.forecast.records import by_weekday, record

HALL = """
format = 1
[hall]
id = "small"
name = { en = "Small" }
opens = "08:00"
closes = "10:00"
[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport" }
target_minutes = 5
arrivals = [["08:00", 30.0]]
service = { distribution = "exponential", mean = 6.0 }
[[services]]
id = "residence"
prefix = "B"
name = { en = "Residence" }
target_minutes = 10
arrivals = [["08:00", 8.0]]
service = { distribution = "exponential", mean = 9.0 }
[[windows]]
id = "p"
count = 2
skills = { passport = 1.0 }
[[windows]]
id = "both"
count = 2
skills = { passport = 1.0, residence = 1.0 }
"""


PROGRAM = (sys.executable, "-m", "vikno.api.cli")
SECONDS_MAX = 120.0


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hall file, eight weeks of visitors, and a calendar."""
    folder = tmp_path_factory.mktemp("site")
    counts = record(
        np.random.default_rng(1), 56, by_weekday(*[90] * 7), {"passport": 0.8, "residence": 0.2}, shape=60
    )
    rows = [
        f"{day}T{q // 4:02}:{q % 4 * 15:02},{kind}"
        for d, day in enumerate(counts.dates)
        for k, kind in enumerate(counts.kinds)
        for q in range(96)
        for _ in range(int(counts.came[d, k, q]))
    ]
    (folder / "visitors.csv").write_text("at,service\n" + "\n".join(rows) + "\n")
    (folder / "calendar.toml").write_text('format = 1\nholidays = ["2024-02-27"]\npaydays = [29]\n')
    (folder / "hall.toml").write_text(HALL)
    special = '[[special]]\ndate = "2024-03-01"\nservices = ["pasport"]\n'
    (folder / "misspelt.toml").write_text(f"format = 1\n{special}")
    (folder / "ages.csv").write_text("at,service\n0001-01-02T08:00,a\n9998-01-01T08:00,a\n")
    (folder / "long.csv").write_text("at,service\n1950-01-02T08:00,a\n2024-01-01T08:00,a\n")
    (folder / "crowd.toml").write_text(HALL.replace('"08:00", 30.0', '"08:00", 100000.0'))
    empty = {"source": "a", "first": "2024-01-01", "last": "2024-01-02", "seen": 2, "backtest": None}
    (folder / "empty.json").write_text(json.dumps(empty | {"days": [], "rows": []}))
    return folder


def refused(said: Said) -> str:
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    return said.err


def test_from_visitors_to_needs(vikno: Vikno, place: Path) -> None:
    told, table, book = (place / name for name in ("forecast.json", "quarters.csv", "forecast.xlsx"))
    calendar = ("--calendar", place / "calendar.toml")
    said = vikno(
        "forecast",
        place / "visitors.csv",
        *calendar,
        "--weeks",
        "1",
        "--json",
        told,
        "--csv",
        table,
        "--xlsx",
        book,
    )
    assert said.code == 0, said.err
    for word in ("Mon 26 Feb 2024", "payday", "after a holiday", "of the error of repeating the week before"):
        assert word in said.out
    found = json.loads(told.read_text())
    assert [day["date"][-2:] for day in found["days"]] == ["26", "28", "29", "01"]
    assert found["backtest"]["quarters"]["rmse_ratio"] < 1
    with table.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == len(found["rows"])
    sheets = openpyxl.load_workbook(book)
    assert sheets["days"].max_row == 1 + len(found["days"])

    needs = place / "staff.json"
    said = vikno(
        "staff",
        place / "hall.toml",
        "--forecast",
        told,
        "--to",
        "2024-02-28",
        "--days",
        "40",
        "--json",
        needs,
        "--xlsx",
        place / "staff.xlsx",
    )
    assert said.code == 0, said.err
    staffed = json.loads(needs.read_text())
    assert [(day["day"], day["date"]) for day in staffed["days"]] == [(0, "2024-02-26"), (2, "2024-02-28")]
    assert {tuple(row) for row in staffed["cover"]} == {("day", "from", "to", "skill", "need")}
    assert sums(staffed["cover"], "need") == pytest.approx(sums(staffed["people"], "people"))
    assert openpyxl.load_workbook(place / "staff.xlsx")["needs"].max_row == 1 + len(staffed["cover"])


def test_needs_that_are_not_confirmed_say_of_which_services_and_what_to_do(vikno: Vikno, place: Path) -> None:
    """Of twenty days hardly anything is sure."""
    words = ("staff", place / "hall.toml", "--days", "20", "--each", "1440", "--confidence", "0.999")
    (day,) = vikno(*words, "--json", "-").json["days"]
    said = vikno(*words)
    assert day["confirmed"] is not bool(day["unsure"] or day["short"])
    assert ("small is not confirmed" in said.out) is not day["confirmed"]
    for service in day["unsure"]:
        assert service in said.out.splitlines()[-1]


def sums(rows: list[dict[str, Any]], what: str) -> dict[tuple[int, str], float]:
    found: dict[tuple[int, str], float] = {}
    for row in rows:
        found[row["day"], row["from"]] = found.get((row["day"], row["from"]), 0.0) + row[what]
    return found


def test_a_hall_file_alone_is_a_day(vikno: Vikno, place: Path) -> None:
    said = vikno("staff", place / "hall.toml", "--p95", "12", "--days", "40", "--json", "-")
    assert said.code == 0, said.err
    told = said.json
    assert told["target"] == {"share": 0.95, "p95_minutes": 12.0, "each_minutes": 15}
    assert told["profiles"]["both-1"] == {"skills": ["passport", "residence"], "windows": 2}
    (day,) = told["days"]
    assert day["date"] is None
    assert day["people_hours"] >= day["offered_hours"] > 0
    assert vikno("staff", place / "hall.toml", "--p95", "12", "--days", "40", "--json", "-").json == told


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("forecast visitors.csv --weeks 0", "--weeks"),
        ("forecast visitors.csv --from soon", "--from: 'soon' is not a date"),
        ("forecast visitors.csv --from 2020-01-01", "--from: 2020-01-01 is not within"),
        ("forecast visitors.csv --hall small", "--hall: "),
        ("forecast absent.csv", "cannot be read"),
        ("forecast . --weeks 1", "--hall: is missing"),
        ("forecast . --hall small", "--journal: "),
        ("forecast hall.toml", "line 1: begin the file with"),
        ("forecast visitors.csv --calendar visitors.csv", "TOML: "),
        ("forecast visitors.csv --json nowhere/f.json", "there is no folder"),
        ("forecast visitors.csv --csv x.csv --json x.csv", "is where --json goes"),
        ("forecast visitors.csv --csv visitors.csv", "--csv: visitors.csv is what SOURCE reads"),
        ("forecast visitors.csv --xlsx a.txt", "--xlsx: a.txt is no workbook"),
        ("staff hall.toml --json hall.toml", "--json: hall.toml is what HALL.toml reads"),
        ("staff hall.toml --target 0.8 --p95 9", "--p95: is instead of --target"),
        ("staff hall.toml --from 2024-02-26", "choose days of a forecast"),
        ("staff hall.toml --forecast visitors.csv", "is not what `vikno forecast --json` writes"),
        ("staff hall.toml --policy best", "there is no policy 'best'"),
        ("forecast visitors.csv --calendar misspelt.toml", "no service 'pasport' in the record; use one of"),
        ("forecast ages.csv", "ages.csv: 0001-01-02 is no day of a record; give years from 1900"),
        ("forecast long.csv", "long.csv: goes from 1950-01-02 to 2024-01-01; give at most 7320 days"),
        ("staff hall.toml --forecast empty.json", "empty.json: days: there is none"),
        ("staff crowd.toml", "arrivals: keep more than 500 people busy"),
        ("staff hall.toml --p95 0", "--p95"),
        (f"staff hall.toml --json {'a' * 300}", "is too long for the name of a file"),
        ("staff hall.toml --target 1.5", "--target"),
    ],
)
def test_bad_input_is_told_in_one_line(
    vikno: Vikno, place: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    monkeypatch.chdir(place)
    before = sorted(place.iterdir())
    assert message in refused(vikno(*words.split()))
    assert sorted(place.iterdir()) == before


def test_ctrl_c_keeps_what_is_there(place: Path) -> None:
    """The day that is being staffed is confirmed as it stands, and written."""
    out = place / "interrupted.json"
    words = ("staff", str(place / "hall.toml"), "--days", "1500", "--json", str(out))
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*PROGRAM, *words], stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True
    ) as process:
        os.close(theirs)
        screen = b""
        while b" trials" not in screen:
            screen += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(OSError):  # the terminal is gone with the process
            while more := os.read(ours, 65_536):
                screen += more
        assert process.wait(SECONDS_MAX) == 130
    os.close(ours)
    assert b"interrupted; 1 of 1 days are done" in screen
    (day,) = json.loads(out.read_text())["days"]
    assert day["people_hours"] > 0


def test_help_tells_what_can_be_asked(vikno: Vikno) -> None:
    for command, options in (
        ("forecast", ("--calendar", "--weeks")),
        ("staff", ("--target", "--confidence")),
    ):
        said = vikno(command, "--help")
        assert said.code == 0
        assert all(option in said.out for option in options)
