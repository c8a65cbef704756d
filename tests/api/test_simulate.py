"""`vikno simulate`: the JSON that other people's scripts read, and what a person is shown."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.api.simulating import EXAMPLE, PROGRAM, Said, Simulate
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan

COUNTS = ("arrived", "served", "left", "blocked", "no_show", "unserved")
WAITS = ("wait_mean", "wait_p50", "wait_p90", "wait_p95", "wait_p99", "wait_max")
FAIRNESS = ("overtakes_mean", "overtakes_p95", "overtakes_max", "overtaken_share", "occupancy_spread")
KEYS = [*COUNTS, *WAITS, "within_target", "occupancy", "overtime_minutes", *FAIRNESS]
COMPARED = {"wait_mean", "wait_p95", "within_target", "occupancy", "left", "overtime_minutes"} | {
    "overtakes_mean",
    "overtaken_share",
    "occupancy_spread",
}

PRIORITIES = """
format = 1
[hall]
id = "two"
name = { en = "Two" }
opens = "08:00"
closes = "12:00"
[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport" }
arrivals = [["08:00", 14.0]]
service = { distribution = "exponential", mean = 5.0 }
patience = { distribution = "exponential", mean = 30.0 }
no_show = 0.05
[[services]]
id = "veterans"
prefix = "B"
name = { en = "Veterans" }
priority = 1
arrivals = [["08:00", 7.0]]
service = { distribution = "constant", mean = 5.0 }
[[windows]]
id = "w"
count = 2
skills = { passport = 1.0, veterans = 1.0 }
"""


@pytest.fixture
def simulate(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Simulate:
    return Simulate(monkeypatch, capfd)


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A small busy hall with priorities, patience and no-shows."""
    file = tmp_path / "two.toml"
    file.write_text(PRIORITIES)
    return file


@pytest.fixture(scope="module")
def mixed() -> HallPlan:
    return read_hall_file(EXAMPLE)


def is_estimate(found: Any) -> bool:
    if not isinstance(found, dict) or list(found) != ["value", "low", "high"]:
        return False
    value, low, high = found.values()
    return value is not None and (low is None or low <= value <= high)


def test_the_json_is_that_of_the_interface(simulate: Simulate, mixed: HallPlan) -> None:
    said = simulate(EXAMPLE, "--policy", "fifo", "--days", "20", "--seed", "3", "--json", "-")
    assert (said.code, said.err) == (0, "")
    found = said.json
    assert list(found) == ["hall", "days", "seed", "policies"]
    assert (found["hall"], found["days"], found["seed"]) == ("mixed", 20, 3)
    assert list(found["policies"]) == ["fifo"]
    figures = found["policies"]["fifo"]
    assert list(figures) == [*KEYS, "services", "windows"]
    assert list(figures["services"]) == [service.id for service in mixed.services]
    assert list(figures["windows"]) == [window.id for window in mixed.windows]
    assert all(list(service) == KEYS for service in figures["services"].values())
    assert all(list(window) == ["occupancy", "served"] for window in figures["windows"].values())
    parts = [{key: figures[key] for key in KEYS}, *figures["services"].values(), *figures["windows"].values()]
    assert all(is_estimate(estimate) for part in parts for estimate in part.values())


def test_several_policies_are_compared_with_the_first_on_the_same_days(simulate: Simulate, two: Path) -> None:
    said = simulate(two, "--policy", "fifo", "--policy", "priority", "--days", "60", "--json", "-")
    found = said.json
    fifo, priority = (found["policies"][name] for name in ("fifo", "priority"))
    assert fifo["arrived"] == priority["arrived"]
    assert (
        priority["services"]["veterans"]["wait_mean"]["high"]
        < fifo["services"]["veterans"]["wait_mean"]["low"]
    )
    assert list(found["compared"]) == ["priority"]
    compared = found["compared"]["priority"]
    assert compared.pop("to") == "fifo"
    assert set(compared) == COMPARED
    for figure, told in compared.items():
        assert list(told) == ["difference", "ratio"]
        assert is_estimate(told["difference"])
        apart = priority[figure]["value"] - fifo[figure]["value"]
        assert told["difference"]["value"] == pytest.approx(apart, abs=1e-5)


def test_policies_can_be_named_in_a_row(simulate: Simulate, two: Path) -> None:
    asked = ("--days", "5", "--json", "-")
    in_a_row = simulate("--policy", "fifo", "priority", two, *asked)
    assert in_a_row == simulate(two, *asked, "--policy", "fifo", "priority")
    assert in_a_row == simulate(two, "--policy", "fifo", "--policy", "priority", *asked)
    assert list(in_a_row.json["policies"]) == ["fifo", "priority"]


def test_the_defaults_are_optimized_and_seed_one(simulate: Simulate, two: Path) -> None:
    short = simulate(two, "--days", "5", "--json", "-")
    assert short == simulate(two, "--policy", "optimized", "--days", "5", "--seed", "1", "--json", "-")
    assert short != simulate(two, "--days", "5", "--seed", "2", "--json", "-")


def test_the_same_seed_gives_the_same_bytes_with_one_worker_and_with_two(two: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file, workers in zip(files, ("1", "2"), strict=True):
        command = [*PROGRAM, str(two), "--policy", "fifo", "priority", "--days", "45"]
        done = subprocess.run(
            [*command, "--workers", workers, "--json", str(file)],
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    one, other = (file.read_bytes() for file in files)
    assert one == other
    assert json.loads(one)["days"] == 45


def test_it_stops_when_the_mean_wait_is_known_however_many_work(simulate: Simulate, two: Path) -> None:
    said = simulate(two, "--until", "1.5min", "--workers", "1", "--json", "-")
    assert said == simulate(two, "--until", "1.5", "--workers", "2", "--json", "-")
    assert 30 <= said.json["days"] < 10_000
    wait = said.json["policies"]["optimized"]["wait_mean"]
    assert wait["high"] - wait["low"] <= 3.0


def test_precision_that_is_not_reached_is_said(simulate: Simulate, two: Path) -> None:
    said = simulate(two, "--until", "0.001min", "--days", "40", "--json", "-")
    assert said.code == 0
    assert said.json["days"] == 40
    assert said.err == "vikno: --until: 0.001 min is not reached after 40 days; allow more with --days\n"


def test_one_day_has_no_intervals(simulate: Simulate, two: Path) -> None:
    found = simulate(two, "--days", "1", "--json", "-").json["policies"]["optimized"]
    assert found["arrived"]["value"] > 0
    assert {(found[key]["low"], found[key]["high"]) for key in KEYS} == {(None, None)}


def test_without_a_file_the_figures_are_shown_as_tables(simulate: Simulate, two: Path) -> None:
    asked = (two, "--policy", "fifo", "priority", "--days", "20")
    said = simulate(*asked)
    wait = simulate(*asked, "--json", "-").json["policies"]["fifo"]["wait_mean"]
    assert said.code == 0
    assert said.out.startswith("two: 20 days, seed 1")
    row = re.search(r"^Mean wait, min +([\d.]+) \(([\d.]+) to ([\d.]+)\)", said.out, re.MULTILINE)
    assert row is not None
    assert [float(number) for number in row.groups()] == pytest.approx(list(wait.values()), rel=0.01)
    for words in ("priority less fifo", "priority over fifo", "veterans", "w-2", "Occupancy"):
        assert words in said.out


def test_a_hall_that_cannot_keep_up_is_simulated_and_said(simulate: Simulate, two: Path) -> None:
    two.write_text(PRIORITIES.replace("14.0", "50.0"))
    said = simulate(two, "--days", "3")
    warning = (
        "The hall is overloaded: the visitors of a day bring 2.29 times the work that the windows "
        "for passport, veterans can do."
    )
    assert (said.code, said.err) == (0, f"vikno: {warning}\n")
    assert warning in " ".join(said.out.split())
    assert simulate(two, "--days", "3", "--json", "-").json["days"] == 3


@pytest.mark.parametrize("ending", ["csv", "parquet", "feather", "arrow"])
def test_every_day_is_in_the_tables(simulate: Simulate, two: Path, ending: str, tmp_path: Path) -> None:
    days, desks, figures = (tmp_path / name for name in (f"days.{ending}", f"desks.{ending}", "found.json"))
    asked = ("--policy", "fifo", "priority", "--days", "12", "--table", days, "--window-table", desks)
    assert simulate(two, *asked, "--json", figures) == Said(0, "", "")
    readers = {"csv": pd.read_csv, "parquet": pd.read_parquet}
    read = readers.get(ending, pd.read_feather)
    found = json.loads(figures.read_bytes())["policies"]
    services, windows = read(days), read(desks)
    assert len(services) == 2 * 12 * 3
    assert len(windows) == 2 * 12 * 2
    hall = services[services["service"].isna()].groupby("scenario")
    means = hall["wait_minutes"].sum() / hall["called"].sum()
    busy = windows.groupby("scenario")[["serving_minutes", "staffed_minutes"]].sum()
    for policy, told in found.items():
        assert means[policy] == pytest.approx(told["wait_mean"]["value"], abs=1e-5)
        assert hall["arrived"].mean()[policy] == pytest.approx(told["arrived"]["value"], abs=1e-5)
        assert busy.loc[policy].iloc[0] / busy.loc[policy].iloc[1] == pytest.approx(
            told["occupancy"]["value"], abs=1e-5
        )


def test_the_report_says_how_to_make_its_numbers_again(simulate: Simulate, two: Path, tmp_path: Path) -> None:
    report = tmp_path / "found.html"
    asked = (two, "--policy", "fifo", "priority", "--until", "3min", "--seed", "4")
    assert simulate(*asked, "--report", report) == Said(0, "", "")
    page = report.read_text(encoding="utf-8")
    days = simulate(*asked, "--json", "-").json["days"]
    assert page.lower().startswith("<!doctype html>")
    assert f"vikno simulate {two} --policy fifo --policy priority --days {days} --seed 4" in page
    ukrainian = tmp_path / "uk.html"
    simulate(two, "--days", "3", "--report", ukrainian, "--language", "uk")
    assert 'lang="uk"' in ukrainian.read_text(encoding="utf-8")


def test_a_device_stays_a_device(simulate: Simulate, two: Path) -> None:
    assert simulate(two, "--days", "2", "--json", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("--days 0", "'--days': Input should be greater than or equal to 1"),
        ("--days many", "'--days': Input should be a valid integer"),
        ("--days 1000000", "'--days': Input should be less than or equal to 100000"),
        ("--seed -1", "'--seed': Input should be greater than or equal to 0"),
        ("--workers 0", "'--workers': Input should be greater than or equal to 1"),
        ("--workers 2 --scheduler tcp://127.0.0.1:1", "--workers: is for this machine; leave it out"),
        ("--scheduler nonsense", "--scheduler: 'nonsense' is no address of a scheduler; give for example"),
        ("--policy lifo", "--policy: there is no policy 'lifo'; choose one of fifo"),
        ("--policy fifo priority fifo", "--policy: 'fifo' is named twice; name each policy once"),
        ("--until soon", "--until: 'soon' is no time above 0; give minutes, for example 0.5min"),
        ("--until 0min", "--until: '0min' is no time above 0; give minutes, for example 0.5min"),
        ("--until nan", "--until: 'nan' is no time above 0; give minutes, for example 0.5min"),
        ("--until -1", "--until: '-1' is no time above 0; give minutes, for example 0.5min"),
        ("--json absent/found.json", "--json: there is no folder "),
        ("--json .", "--json: . is a folder; name a file in it"),
        ("--report absent/found.html", "--report: there is no folder "),
        ("--language uk", "--language: is that of the report; leave it out, or ask for one with --report"),
        ("--report r.html --language xx", "--language: there is no language 'xx'; choose one of "),
        ("--table found.xlsx", "--table: found.xlsx is no table; end its name with .csv or "),
        ("--window-table found", "--window-table: found is no table; end its name with .csv or "),
        ("--table a.csv --window-table ./a.csv", "--window-table: a.csv is where --table goes; name another"),
        ("--json a.html --report a.html", "--report: a.html is where --json goes; name another file"),
        ("another.toml", "Got unexpected extra argument(s) (another.toml)"),
        ("--bogus", "No such option: --bogus"),
    ],
)
def test_what_is_asked_wrongly_is_answered_in_one_line(
    words: str, complaint: str, simulate: Simulate, two: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(two.parent)
    said = simulate(two, *words.split())
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("vikno: ")
    assert complaint in said.err
    assert said.err.count("\n") == 1
    assert list(two.parent.iterdir()) == [two], "nothing is written"


def test_a_wrong_hall_file_is_answered_in_one_line(simulate: Simulate, two: Path) -> None:
    two.write_text(PRIORITIES.replace("mean = 5.0", "mean = -5.0"))
    said = simulate(two)
    assert (said.code, said.out) == (2, "")
    assert said.err.count("\n") == 1
    assert "two.toml: services[1].service.mean" in said.err
    assert "absent.toml: file: cannot be read" in simulate("absent.toml").err
