"""Ctrl-C in the middle of `vikno simulate`: what is complete is kept, as if fewer days had been asked."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from tests.api.simulating import EXAMPLE, PROGRAM

SECONDS_MAX = 60.0
PROGRESS = re.compile(r"([1-9]\d*)/100000")
COLUMNS = {"COLUMNS": "160"}


class Ended(NamedTuple):
    """How it ended; `screen` is what was on the terminal."""

    code: int
    screen: str


def press_ctrl_c(process: psutil.Process) -> None:
    """A terminal sends it to all processes of the command."""
    os.killpg(process.pid, signal.SIGINT)


def kill_a_worker(process: psutil.Process) -> None:
    """As the system does when memory is short: the largest goes."""
    max(process.children(), key=lambda child: int(child.memory_info().rss)).kill()


def disturb(how: Callable[[psutil.Process], None], *words: str | Path) -> Ended:
    """Start it at a terminal, and disturb it as soon as days are seen to be done."""
    ours, theirs = pty.openpty()
    command = [*PROGRAM, EXAMPLE, "--days", "100000", *map(str, words)]
    with subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True, env=os.environ | COLUMNS
    ) as process:
        os.close(theirs)
        screen = b""
        while not PROGRESS.search(screen.decode(errors="replace")):
            screen += _read(ours)
        how(psutil.Process(process.pid))
        while more := _read(ours):
            screen += more
        code = process.wait(SECONDS_MAX)
    os.close(ours)
    return Ended(code, screen.decode(errors="replace"))


def _read(terminal: int) -> bytes:
    """What is written next; nothing when nobody is left who could."""
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that the other side is closed
        return b""


def days_of(kept: Path, again: Path) -> int:
    """How many days the results are of; they are the very results of so many days."""
    days = int(json.loads(kept.read_bytes())["days"])
    command = [*PROGRAM, EXAMPLE, "--days", str(days), "--seed", "5", "--json", str(again)]
    subprocess.run(command, check=True, timeout=SECONDS_MAX)
    assert kept.read_bytes() == again.read_bytes()
    return days


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_keeps_the_days_that_are_complete(workers: str, tmp_path: Path) -> None:
    kept, again = tmp_path / "kept.json", tmp_path / "again.json"
    code, screen = disturb(press_ctrl_c, "--workers", workers, "--seed", "5", "--json", kept)
    days = days_of(kept, again)
    assert code == 130
    assert days >= 10
    assert screen.strip().endswith(
        f"vikno: interrupted; {days} of 100000 days are complete, and the results are of these"
    )
    assert "Traceback" not in screen
    assert re.search(r"mean wait: optimized [\d.]+ ±[\d.]+ min", screen)
    assert {file.name for file in tmp_path.iterdir()} == {"kept.json", "again.json"}


def test_a_worker_that_dies_does_not_take_the_days_along(tmp_path: Path) -> None:
    kept, again = tmp_path / "kept.json", tmp_path / "again.json"
    code, screen = disturb(kill_a_worker, "--workers", "2", "--seed", "5", "--json", kept)
    days = days_of(kept, again)
    assert code == 1
    assert "vikno: a worker process died before its work was done" in screen
    assert f"{days} of 100000 days are complete, and the results are of these" in screen
    assert "Traceback" not in screen
