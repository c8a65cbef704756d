"""`vikno eta`: how long from here, for these lines; or one line that says what is wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.simulating import EXAMPLE, Said
from vikno.api.cli import main
from vikno.queue.hallfile import read_hall_file


class Eta:
    """Calls the command as the entry point does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *words: str | Path) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["vikno", "eta", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(str(ended.value.code)), *self._capfd.readouterr())


@pytest.fixture
def eta(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Eta:
    return Eta(monkeypatch, capfd)


def services(said: Said) -> Any:
    assert (said.code, said.err) == (0, "")
    return said.json["services"]


ASKED = (EXAMPLE, "--at", "11:00", "--runs", "100", "--json", "-", "--waiting")


def test_the_last_of_a_line_waits_longest_and_who_comes_now_longer(eta: Eta) -> None:
    told = services(eta(*ASKED, "passport=5"))["passport"]
    middles = [one["p50"] for one in told["line"]] + [told["newcomer"]["p50"]]
    assert told["waiting"] == 5
    assert middles == sorted(middles)
    assert all(one["p10"] <= one["p50"] <= one["p90"] for one in told["line"])


def test_a_longer_line_waits_longer_and_more_windows_shorten_it(eta: Eta) -> None:
    plan = read_hall_file(Path(EXAMPLE))
    able = plan.skilled["passport"]
    short, long, few = (
        services(eta(*ASKED, *more))["passport"]["newcomer"]
        for more in (("passport=3",), ("passport=12",), ("passport=3", "--window", able[0]))
    )
    assert short["p50"] < long["p50"]
    assert short["p50"] < few["p50"]


def test_every_service_is_told_and_the_same_seed_tells_the_same(eta: Eta) -> None:
    once, again = (eta(*ASKED, "land=4", "--seed", "7") for _ in range(2))
    assert once == again
    assert list(services(once)) == list(read_hall_file(Path(EXAMPLE)).service)
    assert services(eta(*ASKED, "land=4", "--seed", "8")) != services(once)


def test_a_table_for_people(eta: Eta) -> None:
    said = eta(EXAMPLE, "--at", "11:00", "--waiting", "land=6", "--policy", "fifo", "--runs", "50")
    row = next(line for line in said.out.splitlines() if "land" in line)
    assert "about" in row
    assert "min" in row


def test_the_figures_go_to_a_file(eta: Eta, tmp_path: Path) -> None:
    file = tmp_path / "eta.json"
    assert eta(EXAMPLE, "--at", "9:30", "--runs", "20", "--json", file).out == ""
    assert json.loads(file.read_text())["at"] == "9:30"


def test_a_hall_without_durations_does_not_know(eta: Eta, tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text(
        'format = 1\n[hall]\nid = "new"\nname = { en = "New" }\nopens = "08:00"\ncloses = "16:00"\n'
        '[[services]]\nid = "visit"\nprefix = "A"\nname = { en = "Visit" }\n'
        '[[windows]]\nid = "w"\nskills = { visit = 1.0 }\n'
    )
    assert "not known" in eta(file, "--at", "11:00").out
    told = services(eta(file, "--at", "11:00", "--waiting", "visit=1", "--json", "-"))
    assert told == {"visit": {"waiting": 1, "newcomer": None, "line": [None]}}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--at", "eleven"), "--at: 'eleven' is not a time of day; give for example 11:00"),
        (("--at", "03:00"), "--at: hall 'mixed' is closed at 03:00; give a time from"),
        (("--at", "11:00", "--waiting", "pasport=3"), "there is no service 'pasport'; choose one of"),
        (("--at", "11:00", "--waiting", "passport=-3"), "'passport=-3' is no length of a line; give for"),
        (("--at", "11:00", "--waiting", "passport"), "'passport' is no length of a line"),
        (("--at", "11:00", "--waiting", "land=1", "--waiting", "land=2"), "'land' is there twice"),
        (("--at", "11:00", "--window", "w-99"), "--window: there is no window 'w-99'; choose some of"),
        (("--at", "11:00", "--policy", "luck"), "there is no policy 'luck'; choose one of"),
        (("--at", "11:00", "--json", "/nowhere/eta.json"), "--json: "),
        ((), "--at"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(eta: Eta, words: tuple[str, ...], says: str) -> None:
    said = eta(EXAMPLE, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("vikno: ")
    assert said.err.count("\n") == 1
    assert says in said.err
