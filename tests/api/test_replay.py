"""`vikno replay`: a day from a journal or a file, lived again with something changed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vikno.api.cli import main
from vikno.queue import commands as c
from vikno.queue.events import Event, TicketCalled, decode
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin

EXAMPLES = Path(__file__).parents[2] / "examples"
LIVES = 25

BUSY = """
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
arrivals = [["08:00", 16.0]]
service = { distribution = "lognormal", mean = 6.0, cv = 0.5 }
patience = { distribution = "exponential", mean = 60.0 }
no_show = 0.05
[[services]]
id = "pickup"
prefix = "B"
name = { en = "Pick-up" }
priority = 1
arrivals = [["08:00", 9.0]]
service = { distribution = "lognormal", mean = 3.0, cv = 0.5 }
[[windows]]
id = "w"
count = 2
skills = { passport = 1.0, pickup = 1.0 }
"""

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def replay(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Call:
    """Calls the command as the entry point does: exit code, stdout, stderr."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["vikno", "replay", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(str(ended.value.code)), *capfd.readouterr()

    return call


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a server that ran one day, which the twin has lived."""
    folder = tmp_path_factory.mktemp("data")
    engine = open_database(sqlite_url(folder))
    plan = parse_hall(BUSY)
    journal, hall, kept = (
        Journal(engine, plan.id),
        Hall(policy_named("fifo"), SIMULATED_LIMITS),
        list[Event](),
    )
    kept += hall.do(c.AdoptPlan(0.0, plan))
    Twin(hall, draw_day(plan, 1, 0), SIMULATED_DATE, lambda _, events: kept.extend(events)).run()
    journal.epoch()
    journal.append([Record(tuple(kept))])
    journal.close()
    engine.dispose()
    return folder


def test_a_day_that_is_not_over_is_not_replayed(replay: Call, data: Path, tmp_path: Path) -> None:
    whole, cut = open_database(sqlite_url(data)), open_database(sqlite_url(tmp_path))
    events = [decode(entry.payload) for entry in Journal(whole, "two").read()]
    calls = [place for place, event in enumerate(events) if isinstance(event, TicketCalled)]
    journal = Journal(cut, "two")
    journal.append([Record(tuple(events[: calls[len(calls) // 2] + 1]))])
    journal.close()
    for engine in (whole, cut):
        engine.dispose()
    code, out, err = replay("--journal", tmp_path, "--hall", "two", "--lives", LIVES)
    assert (code, out) == (2, "")
    assert re.search(r"--date: \S+ is not over, \d+ people are still there; name an earlier day", err)


def test_a_recorded_day_under_another_policy_and_with_a_person_more(replay: Call, data: Path) -> None:
    words = ("--policy", "fifo", "priority", "--add-window", "passport,pickup=0.9", "--lives", LIVES)
    code, out, err = replay("--journal", data, "--hall", "two", *words, "--json", "-")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["hall"], found["date"], found["lives"]) == ("two", SIMULATED_DATE.isoformat(), LIVES)
    assert list(found["lived"]) == ["fifo", "priority", "fifo, changed", "priority, changed"]
    assert set(found["differences"]) == set(found["lived"]) - {"fifo"}
    recorded, lived = found["recorded"], found["lived"]["fifo"]
    assert lived["wait_mean"]["low"] - 0.5 <= recorded["wait_mean"] <= lived["wait_mean"]["high"] + 0.5
    more = found["differences"]["fifo, changed"]["wait_mean"]
    assert more["value"] < 0, "one person more, and the same visitors"
    assert more["low"] <= more["value"] <= more["high"] < 0


def test_the_same_seed_gives_the_same_numbers_and_a_table_is_for_people(replay: Call, data: Path) -> None:
    words = ("--journal", data, "--hall", "two", "--date", SIMULATED_DATE.isoformat(), "--lives", LIVES)
    first, again, other = (replay(*words, "--seed", seed, "--json", "-")[1] for seed in (1, 1, 2))
    assert first == again != other
    code, out, err = replay(*words, "--remove-window", "w-2")
    assert (code, err) == (0, "")
    assert "as recorded" in out
    assert "optimized, changed less" in " ".join(out.split())
    assert "Mean wait, min" in out


def test_a_day_of_which_only_arrivals_are_known(replay: Call, tmp_path: Path) -> None:
    file = tmp_path / "out.json"
    code, out, err = replay(
        EXAMPLES / "wola.toml", "--arrivals", EXAMPLES / "wola_day.csv", "--lives", 5, "--json", file
    )
    assert (code, out, err) == (0, "", "")
    found = json.loads(file.read_text())
    assert found["date"] == "wola_day"
    assert set(found["recorded"].values()) == {None}
    assert found["lived"]["optimized"]["served"]["value"] > 900


WRONG: list[tuple[list[Any], str]] = [
    (["--hall", "two"], "--journal: is missing"),
    (["--journal", "DATA"], "--hall: is missing"),
    (["--journal", "nowhere", "--hall", "two"], "--journal: nowhere has no"),
    (["--journal", "DATA", "--hall", "three"], "there is no hall 'three'"),
    (["--journal", "DATA", "--hall", "two", "--date", "2020-02-30"], "--date: '2020-02-30' is not a date"),
    (
        ["--journal", "DATA", "--hall", "two", "--date", "2020-02-02"],
        "--date: 2020-02-02 is not in the journal",
    ),
    (["--journal", "DATA", "--hall", "two", "--policy", "lifo"], "there is no policy 'lifo'"),
    (["--journal", "DATA", "--hall", "two", "--add-window", "wedding"], "wedding"),
    (["--journal", "DATA", "--hall", "two", "--add-window", "pickup=fast"], "'fast' is no factor"),
    (["--journal", "DATA", "--hall", "two", "--remove-window", "w-9"], "'w-9' is not a window"),
    (["--journal", "DATA", "--hall", "two", "--changes", "nowhere.json"], "--changes: nowhere.json cannot"),
    (["--journal", "DATA", "--hall", "two", "--changes", "WRONG"], "is not JSON"),
    (["--journal", "DATA", "--hall", "two", "--changes", "OBJECT"], "is no list"),
    (["--journal", "DATA", "--arrivals", "day.csv"], "--arrivals: is instead of a journal"),
    (["--arrivals", "day.csv"], "HALL.toml: is missing"),
    (["--journal", "DATA", "--hall", "two", "--lives", "0"], "--lives"),
]


@pytest.mark.parametrize(("words", "message"), WRONG, ids=[message for _, message in WRONG])
def test_bad_input_is_one_line(
    replay: Call, data: Path, tmp_path: Path, words: list[str], message: str
) -> None:
    (tmp_path / "wrong.json").write_text("{")
    (tmp_path / "object.json").write_text("{}")
    places = {"DATA": data, "WRONG": tmp_path / "wrong.json", "OBJECT": tmp_path / "object.json"}
    code, out, err = replay(*(places.get(word, word) for word in words))
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert message in err
