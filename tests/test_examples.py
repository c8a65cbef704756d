"""The example hall of Wola: its files agree with each other, and with the snapshots they were made from."""

from __future__ import annotations

import csv
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from vikno.scheduler.roster.evaluate import evaluate
from vikno.scheduler.roster.problem import Roster
from vikno.scheduler.roster.rosterfile import read_roster_file

EXAMPLES = Path(__file__).parents[1] / "examples"
SNAPSHOTS = Path(__file__).parents[2] / "shared" / "data" / "warsaw" / "queue_snapshots.csv.gz"
QUARTERS_AN_HOUR = 4


@pytest.fixture(scope="module")
def hall() -> dict[str, Any]:
    return tomllib.loads((EXAMPLES / "wola.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def visitors() -> list[tuple[float, str]]:
    with (EXAMPLES / "wola_day.csv").open(encoding="utf-8", newline="") as file:
        return [(float(row["minute"]), row["service"]) for row in csv.DictReader(file)]


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def test_the_wola_files_are_what_the_script_makes_of_the_snapshots(tmp_path: Path) -> None:
    if not SNAPSHOTS.is_file():
        pytest.skip(f"the queue snapshots of Warsaw are not at {SNAPSHOTS}, so wola.toml cannot be rebuilt")
    script = EXAMPLES / "build_wola.py"
    subprocess.run(
        [sys.executable, str(script), str(SNAPSHOTS), "--out", str(tmp_path)], check=True, timeout=60
    )
    for name in ("wola.toml", "wola_day.csv"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), name


def test_the_roster_of_wola_is_what_its_script_makes_and_breaks_no_rule(tmp_path: Path) -> None:
    script = EXAMPLES / "build_wola_roster.py"
    subprocess.run([sys.executable, str(script), "--out", str(tmp_path)], check=True, timeout=60)
    for name in ("wola_roster.toml", "wola_present.json"):
        assert (tmp_path / name).read_bytes() == (EXAMPLES / name).read_bytes(), name
    problem = read_roster_file(EXAMPLES / "wola_roster.toml")
    found = evaluate(problem, Roster(problem.present or ()))
    assert found.violations == ()
    assert found.costs["skill_under"] > 0  # there is something to be put right


def test_the_script_asks_for_the_snapshots_where_they_are_not(tmp_path: Path) -> None:
    script, absent = str(EXAMPLES / "build_wola.py"), str(tmp_path / "absent.csv.gz")
    command = [sys.executable, script, absent, "--out", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "absent.csv.gz is not a file" in run.stderr
    assert not list(tmp_path.iterdir())


def test_each_quarter_hour_of_the_day_has_the_visitors_its_rate_says(
    hall: dict[str, Any], visitors: list[tuple[float, str]]
) -> None:
    came = Counter((service, int(minute // 15) * 15) for minute, service in visitors)
    said = {
        (service["id"], minutes(start)): rate / QUARTERS_AN_HOUR
        for service in hall["services"]
        for start, rate in service["arrivals"]
    }
    assert came == {quarter: count for quarter, count in said.items() if count}


def test_everyone_comes_in_order_and_while_the_hall_is_open(
    hall: dict[str, Any], visitors: list[tuple[float, str]]
) -> None:
    assert visitors == sorted(visitors)
    opens, closes = minutes(hall["hall"]["opens"]), minutes(hall["hall"]["closes"])
    assert all(opens <= minute < closes for minute, _ in visitors)


def test_a_window_is_open_for_each_service_all_day(hall: dict[str, Any]) -> None:
    day = [hall["hall"]["opens"], hall["hall"]["closes"]]
    all_day = [window["skills"] for window in hall["windows"] if window.get("open", [day]) == [day]]
    assert {service["id"] for service in hall["services"]} == {id_ for skills in all_day for id_ in skills}


def test_tickets_of_different_services_have_different_letters(hall: dict[str, Any]) -> None:
    letters = [service["prefix"] for service in hall["services"]]
    assert len(set(letters)) == len(letters)


def test_every_name_is_there_in_both_languages(hall: dict[str, Any]) -> None:
    for table in [hall["hall"], *hall["services"]]:
        assert set(table["name"]) == {"uk", "en"}
        assert all(table["name"].values())
