"""`vikno tune`: a file that the other commands take as a policy, whatever disturbs it."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api.calling import Vikno
from tests.api.simulating import EXAMPLE
from vikno.queue.errors import ViknoError
from vikno.scheduler.learned import read_learned

PROGRAM = (sys.executable, "-m", "vikno.api.cli", "tune")
SECONDS_MAX = 120.0
DOCUMENT = Path(__file__).parents[2] / "docs" / "dispatch.md"

HALL = """
format = 1
[hall]
id = "small"
name = { en = "Small" }
opens = "08:00"
closes = "14:00"
[[services]]
id = "quick"
prefix = "A"
name = { en = "Quick" }
target_minutes = 5
arrivals = [["08:00", 30.0]]
service = { distribution = "exponential", mean = 4.0 }
[[services]]
id = "slow"
prefix = "B"
name = { en = "Slow" }
arrivals = [["08:00", 3.5]]
service = { distribution = "exponential", mean = 12.0 }
[[windows]]
id = "q"
count = 2
skills = { quick = 1.0 }
[[windows]]
id = "both"
skills = { quick = 1.0, slow = 1.0 }
"""

VISITS = """
[[visits]]
services = ["quick", "slow"]
arrivals = [["08:00", 2.0]]
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.toml"
    file.write_text(HALL)
    return file


def is_estimate(found: Any) -> bool:
    return list(found) == ["value", "low", "high"] and found["low"] <= found["value"] <= found["high"]


def test_what_it_writes_is_a_policy_for_simulate_and_tells_its_gains(vikno: Vikno, small: Path) -> None:
    out = small.with_name("policy.json")
    said = vikno("tune", small, "--rounds", "3", "--seed", "5", "--out", out)
    assert said.code == 0
    for word in ("small: 3 rounds", "fifo", "index", "optimized", "quick", "slow"):
        assert word in said.out
    told = read_learned(out).told
    assert (told["seed"], told["rounds"], told["interrupted"]) == (5, 3, False)
    for load in told["by_load"].values():
        assert all(is_estimate(load["ratio_to"]["fifo"][key]) for key in ("wait_mean", "wait_p95"))
    assert all(is_estimate(share["difference"]) for share in told["within_target"].values())
    simulated = vikno("simulate", small, "--policy", "fifo", out, "--days", "30", "--json", "-").json
    assert list(simulated["policies"]) == ["fifo", str(out)]
    fifo, learned = (figures["wait_mean"]["value"] for figures in simulated["policies"].values())
    gain = told["by_load"]["1"]["ratio_to"]["fifo"]["wait_mean"]
    assert learned != fifo
    assert learned / fifo == pytest.approx(gain["value"], abs=5 * (gain["high"] - gain["low"]))


def test_workers_are_given_the_policy_and_not_its_file(vikno: Vikno, small: Path) -> None:
    out = small.with_name("policy.json")
    vikno("tune", small, "--rounds", "0", "--out", out)
    asked = ("simulate", small, "--policy", out, "--days", "20", "--json", "-")
    assert vikno(*asked, "--workers", "2") == vikno(*asked, "--workers", "1")


def test_the_same_rounds_print_the_same_file(vikno: Vikno, small: Path) -> None:
    first, again = (vikno("tune", small, "--rounds", "2", "--out", "-") for _ in range(2))
    assert first == again
    assert first.json["hall"] == "small"
    assert first.json["told"]["seconds"] is None


def test_a_policy_of_another_hall_is_refused(vikno: Vikno, small: Path) -> None:
    out = small.with_name("policy.json")
    vikno("tune", small, "--rounds", "0", "--out", out)
    said = vikno("simulate", EXAMPLE, "--policy", out)
    assert (said.code, said.out) == (2, "")
    assert "was learned for hall 'small', not for 'mixed'" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--rounds 1 --seconds 9", "--rounds: is instead of --seconds"),
        ("--seconds 1", "--seconds"),
        ("--rounds -1", "--rounds"),
        ("--seed -1", "--seed"),
    ],
)
def test_bad_options_are_told_in_one_line(vikno: Vikno, small: Path, words: str, message: str) -> None:
    out = small.with_name("policy.json")
    said = vikno("tune", small, "--out", out, *words.split())
    assert (said.code, said.out) == (2, "")
    assert message in said.err
    assert said.err.count("\n") == 1
    assert not out.exists()


def test_a_hall_that_cannot_be_tuned_and_a_place_that_cannot_be_written(vikno: Vikno, small: Path) -> None:
    legs = small.with_name("legs.toml")
    legs.write_text(HALL + VISITS)
    said = vikno("tune", legs, "--out", "-")
    assert (said.code, said.out) == (2, "")
    assert "several services on one ticket" in said.err
    said = vikno("tune", small, "--out", small.with_name("nowhere") / "policy.json")
    assert said.code == 2
    assert "there is no folder" in said.err
    said = vikno("tune", small)
    assert said.code == 2
    assert "--out" in said.err


def test_seconds_are_kept(vikno: Vikno, small: Path) -> None:
    """From the start to the file; a busy machine may be late, but does not take twice as long."""
    out = small.with_name("policy.json")
    assert vikno("tune", small, "--seconds", "5", "--out", out).code == 0
    assert read_learned(out).told["seconds"] == 5.0


def test_ctrl_c_keeps_what_was_found(small: Path) -> None:
    out = small.with_name("policy.json")
    code, screen = interrupted([*PROGRAM, str(small), "--seconds", "600", "--out", str(out)])
    assert code == 130
    told = read_learned(out).told
    assert told["interrupted"]
    assert told["rounds"] > 0
    assert told["by_load"]["1"]["ratio_to"]["index"]["wait_mean"]["value"] > 0
    assert "interrupted after" in screen


def interrupted(command: list[str]) -> tuple[int, str]:
    """Press Ctrl-C as soon as a round is seen to be done."""
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": "160"}
    with subprocess.Popen(
        command, stderr=theirs, stdout=subprocess.DEVNULL, start_new_session=True, env=environment
    ) as process:
        os.close(theirs)
        screen = b""
        while b"round " not in screen:
            screen += os.read(ours, 65_536)
        process.send_signal(signal.SIGINT)
        try:
            while more := os.read(ours, 65_536):
                screen += more
        except OSError:  # the terminal is gone with the process
            pass
        code = process.wait(SECONDS_MAX)
    os.close(ours)
    return code, screen.decode(errors="replace")


def test_a_broken_file_is_no_policy(vikno: Vikno, small: Path) -> None:
    broken = small.with_name("broken.json")
    broken.write_text(json.dumps({"policy": "learned"}))
    said = vikno("simulate", small, "--policy", broken)
    assert (said.code, said.out) == (2, "")
    assert "is no learned policy" in said.err
    with pytest.raises(ViknoError):
        read_learned(broken)


def test_the_commands_of_the_documentation_work(
    vikno: Vikno, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they stand, but for how long they take."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "examples").symlink_to(Path(EXAMPLE).parent)
    tuning = DOCUMENT.read_text(encoding="utf-8").split("## Tuning")[1].split("\n## ")[0]
    commands = re.findall(r"^\.venv/bin/vikno (.+)$", tuning, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        quick = re.sub(r"--seconds \d+", "--rounds 0", command)
        quick += " --days 10" * quick.startswith("simulate")
        assert vikno(*quick.split()).code == 0
