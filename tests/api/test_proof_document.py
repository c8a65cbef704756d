"""docs/proof-and-training.md: its commands work as they stand, and its tables name what is told."""

from __future__ import annotations

import re
import shlex
import shutil
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.api.calling import Vikno
from tests.api.weeks import OPEN_DAYS, week
from vikno.simulation.forecast.forecast import Day, Forecast, Row

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "proof-and-training.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\.venv/bin/vikno (.+)$", DOCUMENT, re.MULTILINE)
MONDAY = date(2026, 11, 2)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands are typed: the examples, a roster file, a proposed roster, a forecast."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("*.py"))
    week(tmp_path).file.rename(tmp_path / "november.toml")
    days = [MONDAY + timedelta(number) for number in OPEN_DAYS]
    found = Forecast(
        "small",
        MONDAY,
        MONDAY,
        1,
        None,
        tuple(Day(day, "08:00", "16:00", 20.0, 15.0, 25.0, None) for day in days),
        tuple(Row(day, "quick", "09:00", "09:15", 20.0, 15.0, 25.0) for day in days),
    )
    (tmp_path / "forecast.json").write_bytes(msgspec.json.encode(found))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_commands_to_try() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"prove", "train"}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_document_works(vikno: Vikno, place: Path, command: str) -> None:
    said = vikno(*shlex.split(command))
    assert said.code == 0, said.err
    for option in ("--json", "--xlsx"):
        if found := re.search(rf"{option} (\S+)", command):
            assert (place / found[1]).stat().st_size > 0


@pytest.mark.usefixtures("place")
def test_every_figure_of_a_proof_is_described(vikno: Vikno) -> None:
    found = vikno("prove", "november.toml", "proposed.json", "--lives", "2", "--json", "-").json
    table = DOCUMENT.partition("| figure | is |")[2].partition("\n\n")[0]
    described = set(re.findall(r"`(\w+)`", table))
    assert set(found["figures"]) <= described
    assert {"days", "services", "people"} <= described & set(found)


@pytest.mark.usefixtures("place")
def test_every_key_of_a_plan_is_described(vikno: Vikno) -> None:
    found = vikno("train", "november.toml", "--days", "60", "--json", "-").json
    for gain in found["singles"] + found["pairs"]:
        for key in gain:
            assert f"`{key}`" in DOCUMENT
