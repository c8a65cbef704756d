"""What the documentation tells people to type works as it stands."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vikno.queue import commands as c
from vikno.queue.events import Event
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin

ROOT = Path(__file__).parents[2]
PROGRAM = ".venv/bin/vikno "
DOCUMENT = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(rf"^{re.escape(PROGRAM)}(.+)$", DOCUMENT, re.MULTILINE)
SECONDS_MAX = 120


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the examples, and the data of a server that ran the example hall for a day."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("*.py"))
    plan = read_hall_file(folder / "examples" / "wola.toml")
    engine = open_database(sqlite_url(folder / "data"))
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


def test_there_are_commands_to_try() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"simulate", "replay", "calibrate"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_documentation_works(place: Path, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vikno.api.cli", *shlex.split(command)],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for option in ("--json", "--report", "--table", "--out"):
        if found := re.search(rf"{option} (\S+)", command):
            assert (place / found[1]).stat().st_size > 0
