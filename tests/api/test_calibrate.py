"""`vikno calibrate` on the command line: a file that simulates, or one line that says what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.test_command_line import run
from tests.simulation.calibration.truth import events_of, true_hall
from vikno.api.cli import main
from vikno.api.cli_options import DATABASE_URL
from vikno.queue import events as e
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record

DAYS = 6
HERE = ["--journal", "DATA", "--hall", "hall"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a server on which a hall lived some days from Monday, 2 November 2026, on."""
    folder = tmp_path_factory.mktemp("data")
    engine = open_database(sqlite_url(folder))
    journal = Journal(engine, "hall")
    journal.epoch()
    journal.append([Record(tuple(events_of(true_hall(1), 1, DAYS)))])
    journal.close()
    engine.dispose()
    return folder


def calibrate(data: Path, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run("calibrate", "--journal", str(data), "--hall", "hall", *arguments, folder=folder)


def test_the_hall_file_can_be_read_and_tells_how_sure_it_is(data: Path, tmp_path: Path) -> None:
    done = calibrate(data, "--out", "hall.toml", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("hall: ")
    assert "6 days from 2026-11-02 to 2026-11-07" in done.stdout
    assert "not known: who left without telling anybody" in done.stdout
    plan = read_hall_file(tmp_path / "hall.toml")
    assert [service.id for service in plan.services] == ["passport", "residence", "collection"]
    text = (tmp_path / "hall.toml").read_text(encoding="utf-8")
    assert "# Not known: who sat at a window" in text
    assert [path.name for path in tmp_path.iterdir()] == ["hall.toml"]


def test_the_estimates_as_json(data: Path, tmp_path: Path) -> None:
    done = calibrate(data, "--from", "2026-11-03", "--to", "2026-11-05", "--json", "-", folder=tmp_path)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["hall"] == "hall"
    assert told["days"] == ["2026-11-03", "2026-11-04", "2026-11-05"]
    mean = told["estimates"]["services.passport.service.mean"]
    assert mean["low"] < mean["value"] < mean["high"]
    assert mean["seen"] > 20
    assert not list(tmp_path.iterdir())
    both = calibrate(data, "--out", "hall.toml", "--json", "all.json", "--weekday", "Monday", folder=tmp_path)
    assert both.returncode == 0
    everything = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    counted = [
        finding["seen"]
        for name, finding in everything["estimates"].items()
        if name.startswith("services.passport.arrivals")
    ]
    assert 0 < sum(counted) < 100, "of one Monday"


def test_a_journal_in_a_database_is_read_by_all_who_read_one_in_a_folder(
    data: Path, database_url: str, tmp_path: Path
) -> None:
    folder, engine = open_database(sqlite_url(data)), open_database(database_url)
    journal = Journal(engine, "hall")
    journal.append([Record(tuple(e.decode(entry.payload) for entry in Journal(folder, "hall").read()))])
    journal.close()
    for one in (folder, engine):
        one.dispose()
    for command, named in (
        (("calibrate", "--hall", "hall", "--json", "-"), ("--journal", str(data))),
        (("replay", "--hall", "hall", "--lives", "2", "--json", "-"), ("--journal", str(data))),
        (("forecast", "--hall", "hall", "--weeks", "1", "--json", "-"), (str(data),)),
    ):
        from_folder = run(*command, *named, folder=tmp_path)
        from_database = run(*command, folder=tmp_path, **{DATABASE_URL: database_url})
        assert (from_database.stdout, from_database.stderr) == (from_folder.stdout, from_folder.stderr)
        assert from_folder.stdout


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["calibrate", "--office", "X", "--out", "h.toml"], "--journal: is missing; name the folder"),
        (["forecast", "--office", "X"], "SOURCE: is missing; name a data folder or a file"),
        (["replay", "--hall", "hall"], "VIKNO_DATABASE_URL: there is no /nowhere/vikno.sqlite3; name the"),
    ],
)
def test_a_database_that_is_named_does_not_answer_for_a_file_that_is_not(
    tmp_path: Path, arguments: list[str], complaint: str
) -> None:
    done = run(*arguments, folder=tmp_path, **{DATABASE_URL: "sqlite:////nowhere/vikno.sqlite3"})
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in " ".join(done.stderr.split())
    assert not Path("/nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (HERE, "--out: is missing; name the hall file to write"),
        (["--out", "h.toml"], "--journal: is missing; name the folder of a journal"),
        (["--journal", "DATA", "--out", "h.toml"], "--hall: is missing; --journal needs to know which one"),
        (["--journal", "DATA", "--hall", "other", "--out", "h.toml"], "choose one of hall"),
        (["--journal", "nowhere", "--hall", "hall", "--out", "h.toml"], "nowhere has no vikno.sqlite3"),
        (
            [*HERE, "--from", "2027-01-01", "--out", "h.toml"],
            "has no day there; it goes from 2026-11-02 to 2026-11-07",
        ),
        (
            [*HERE, "--from", "tomorrow", "--out", "h.toml"],
            "--from: 'tomorrow' is not a date; give for example 2026-11-02",
        ),
        (
            [*HERE, "--from", "2026-11-05", "--to", "2026-11-04", "--out", "h.toml"],
            "--to: 2026-11-04 is before --from 2026-11-05; give a later day",
        ),
        (
            [*HERE, "--weekday", "sunday", "--out", "h.toml"],
            "has no whole Sunday with a window open",
        ),
        (
            [*HERE, "--weekday", "someday", "--out", "h.toml"],
            "--weekday: 'someday' is not a day of the week; use one of monday",
        ),
        (
            [*HERE, "--out", "missing/h.toml"],
            "--out: there is no folder",
        ),
        (
            [*HERE, "--office", "UD_Wola", "--out", "h.toml"],
            "--office: does not go with --journal",
        ),
        (
            ["--snapshots", "some.csv", "--out", "h.toml"],
            "--office: is missing; --snapshots needs to know which one",
        ),
        (
            ["--snapshots", "some.csv", "--office", "x", "--hall", "hall", "--out", "h.toml"],
            "--hall: does not go with --snapshots",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_line(
    arguments: list[str],
    complaint: str,
    *,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [str(data) if word == "DATA" else word for word in arguments]
    monkeypatch.setattr(sys, "argv", ["vikno", "calibrate", *words])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert (end.value.code, told.out) == (2, "")
    assert told.err.startswith("vikno: ")
    assert complaint in told.err
    assert told.err.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing is written half-done"


def test_what_stood_there_stays_if_nothing_comes_of_it(data: Path, tmp_path: Path) -> None:
    (tmp_path / "hall.toml").write_text("mine", encoding="utf-8")
    done = calibrate(data, "--from", "2027-01-01", "--out", "hall.toml", folder=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "hall.toml").read_text(encoding="utf-8") == "mine"
