"""`vikno train`: what should be learned first, of a hall file or a roster."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.api.calling import Vikno
from tests.api.weeks import HALL, week

PROGRAM = (sys.executable, "-m", "vikno.api.cli", "train")
EXAMPLES = Path(__file__).parents[2] / "examples"
SECONDS_MAX = 120


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    file = tmp_path / "hall.toml"
    file.write_text(HALL)
    return file


def test_it_tells_who_should_learn_what_and_for_how_many_minutes(vikno: Vikno, hall: Path) -> None:
    said = vikno("train", hall, "--days", "40", "--policy", "fifo")
    assert said.code == 0
    assert "learns" in said.out
    assert "measured on 40 days that none was chosen by" in " ".join(said.out.split())
    found = vikno("train", hall, "--days", "40", "--policy", "fifo", "--json", "-").json
    assert (found["hall"], found["days"], found["policy"]) == ("small", 40, "fifo")
    assert found["tried"] == {"one": 3, "two": 3}
    for gain in found["singles"] + found["pairs"]:
        saved = gain["saved_minutes"]
        assert saved["low"] <= saved["value"] <= saved["high"]
        assert gain["hours"] == 40 * len(gain["skills"])
        assert gain["sure"] is (saved["low"] > 0)
        assert ("beyond_minutes" in gain) is (len(gain["skills"]) == 2)


def test_hours_are_those_given(vikno: Vikno, hall: Path) -> None:
    found = vikno(
        "train", hall, "--days", "20", "--hours", "slow=12.5", "--hours", "quick=7", "--json", "-"
    ).json
    hours = {gain["skills"][0]["service"]: gain["hours"] for gain in found["singles"]}
    assert hours == {"slow": 12.5, "quick": 7.0}


def test_the_workbook_holds_the_same_numbers(vikno: Vikno, hall: Path) -> None:
    out = hall.with_name("plan.xlsx")
    asked = ("train", hall, "--days", "20")
    assert vikno(*asked, "--xlsx", out).code == 0
    found = vikno(*asked, "--json", "-").json
    rows = list(openpyxl.load_workbook(out).active.iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[0] == "person")
    for row, gain in zip(rows[head + 1 :], found["singles"] + found["pairs"], strict=True):
        assert row[0] == gain["skills"][0]["person"]
        assert row[7] == pytest.approx(gain["saved_minutes"]["value"])
        assert row[13] == ("yes" if gain["sure"] else "no")


def test_a_roster_file_is_trained_for_the_days_of_its_roster(vikno: Vikno, tmp_path: Path) -> None:
    files = week(tmp_path)
    found = vikno("train", files.file, "--days", "60", "--policy", "fifo", "--json", "-").json
    assert found["days"] == 60
    assert {gain["skills"][0]["person"] for gain in found["singles"]} == {"anna", "borys", "vira"}
    other = vikno(
        "train", files.file, "--roster", files.proposed, "--days", "60", "--policy", "fifo", "--json", "-"
    ).json
    assert other["wait_mean"]["value"] < found["wait_mean"]["value"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--hours", "slow"), "--hours: 'slow' is not understood; give for example passport=24"),
        (("--hours", "fast=3"), "--hours: there is no service 'fast'"),
        (("--hours", "slow=0"), "--hours: 'slow=0' is not understood"),
        (("--hours", "slow=5", "--hours", "slow=6"), "--hours: 'slow' is given twice"),
        (("--xlsx", "a.txt"), "--xlsx: a.txt is no workbook"),
        (("--roster", "r.json"), "--roster: goes with a roster file"),
        (("--windows", "3"), "--windows: goes with a roster file"),
        (("--policy", "best"), "--policy: there is no policy 'best'"),
        (("--json", "/nowhere/plan.json"), "--json: there is no folder"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    vikno: Vikno, hall: Path, words: tuple[str, ...], message: str
) -> None:
    said = vikno("train", hall, *words)
    assert said.code == 2
    assert message in said.err
    assert said.err.count("\n") == 1


def test_a_hall_where_there_is_nothing_to_learn(vikno: Vikno, hall: Path) -> None:
    hall.write_text(
        HALL.replace("skills = { quick = 1.0 }", "skills = { quick = 1.0, slow = 1.0 }").replace(
            "skills = { slow = 1.0 }", "skills = { quick = 1.0, slow = 1.0 }"
        )
    )
    said = vikno("train", hall)
    assert said.code == 2
    assert "there is nothing to learn" in said.err


def test_ctrl_c_tells_what_was_found_by_then(tmp_path: Path) -> None:
    """The line of progress shows when the race of pairs has begun."""
    out = tmp_path / "plan.json"
    shown, screen = pty.openpty()
    asked = [*PROGRAM, str(EXAMPLES / "mixed.toml"), "--days", "400", "--json", str(out)]
    run = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=screen)
    os.close(screen)
    seen = b""
    try:
        while b"two skills" not in seen:
            seen += os.read(shown, 4096)
        run.send_signal(signal.SIGINT)
        while True:
            try:
                if not (more := os.read(shown, 4096)):
                    break
            except OSError:  # the other end is closed
                break
            seen += more
        assert run.wait(SECONDS_MAX) == 130
    finally:
        run.kill()
        os.close(shown)
    assert b"interrupted; what was found by then is told" in seen
    text = out.read_text()
    assert '"interrupted": true' in text
    assert '"singles": [\n' in text
