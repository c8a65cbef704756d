"""What is refused on the command line is one clear line, exit code 2, and nothing half-done."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = (sys.executable, "-m", "vikno.api.cli")
WOLA = str(Path(__file__).parents[2] / "examples" / "wola.toml")
INTERRUPTED_AT_WORK = """
import signal, uvloop
from vikno.api.cli import main

def interrupted(work):
    work.close()
    signal.raise_signal(signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
uvloop.run = interrupted
main()
"""
COMMANDS = (
    "serve",
    "token",
    "tokens",
    "account",
    "demo",
    "public",
    "simulate",
    "replay",
    "calibrate",
    "tune",
)


def run(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if not k.startswith("VIKNO_")} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "Missing command"),
        (["sreve"], "No such command 'sreve'"),
        (["--bogus"], "No such option: --bogus"),
        (["serve"], "Missing argument 'HALL.toml'"),
        (["serve", "absent.toml"], "absent.toml: file: cannot be read (No such file or directory)"),
        (["serve", WOLA, "--port", "http"], "Invalid value for '--port'"),
        (["serve", WOLA, "--port", "70000"], "Invalid value for '--port'"),
        (["serve", WOLA, "--policy", "random"], "--policy: there is no policy 'random'; choose one of fifo"),
        (["serve", WOLA, WOLA], "two files describe hall 'wola'"),
        (["token", "boss", "--hall", "wola"], "ROLE: there is no role 'boss'; choose one of kiosk"),
        (["token", "clerk"], "Missing option '--hall'"),
        (["token", "clerk", "--hall", "wola"], "--window: a clerk's token is for one window; name it"),
        (["demo"], "Missing argument 'HALL.toml'"),
        (["demo", WOLA, "--speed", "0"], "Invalid value for '--speed'"),
        (["demo", WOLA, "--speed", "nan"], "'--speed'"),
        (["demo", WOLA, "--host", "0.0.0.0"], "--host: the demonstration needs no sign-in"),  # noqa: S104
        (
            ["demo", WOLA, "--arrivals", "absent.csv"],
            "absent.csv: cannot be read (No such file",
        ),
        (["public", "http://127.0.0.1:1"], "Missing option '--hall'"),
        (["serve", WOLA, "--log", "xml"], "Invalid value for '--log'"),
        (["serve", WOLA, "--drain", "-1"], "Invalid value for '--drain'"),
        (["backup"], "Missing option '--out'"),
        (["backup", "--out", "kept"], "--data: data has no vikno.sqlite3; name the folder that"),
        (["restore", "absent"], "FILE: there is no file absent; name one that `vikno backup` wrote"),
        (["restore", WOLA], "wola.toml is no back-up; name one that `vikno backup` wrote"),
        (["move", "wola"], "--to: is missing; name the other database, or set VIKNO_DATABASE_URL"),
        (["move", "wola", "--to", "sqlite:///new/x"], "--data: data has no vikno.sqlite3"),
        (["verify"], "--data: data has no vikno.sqlite3"),
        (["forget"], "--data: data has no vikno.sqlite3"),
        (["doctor", "absent.toml"], "absent.toml: file: cannot be read"),
        (
            ["public", "http://127.0.0.1:1", "--hall", WOLA],
            "VIKNO_TOKEN: is not set; set it to what",
        ),
    ],
    ids=lambda value: " ".join(value).replace(WOLA, "wola.toml") if isinstance(value, list) else "",
)
def test_bad_input_is_one_line(arguments: list[str], complaint: str, tmp_path: Path) -> None:
    done = run(*arguments, folder=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("vikno: ")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir()), "nothing is written half-done"


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run("public", "127.0.0.1:8080", "--hall", WOLA, folder=tmp_path, VIKNO_TOKEN="x")
    assert done.returncode == 2
    assert done.stderr.startswith("vikno: ADDRESS: '127.0.0.1:8080' is not the address of a server")


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
def test_every_command_explains_itself(command: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*command, "--help", folder=tmp_path)
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Usage:" in done.stdout
    for name in () if command else COMMANDS:
        assert name in done.stdout


def test_ctrl_c_is_not_an_error_to_be_explained(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_AT_WORK, "public", "http://127.0.0.1:1", "--hall", WOLA],
        cwd=tmp_path,
        env=os.environ | {"VIKNO_TOKEN": "x"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + signal.SIGINT, "", "")


@pytest.mark.parametrize(("output", "message"), [("/dev/full", "No space left"), (None, "is closed")])
def test_an_output_that_takes_nothing_is_told_in_one_line(output: str | None, message: str) -> None:
    led = ">&-" if output is None else f">{output}"
    ended = subprocess.run(
        ["sh", "-c", f'exec "$@" --help {led}', "sh", *PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1
