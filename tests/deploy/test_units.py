"""The files of deploy/ name what there is: commands and options, folders, ports, each other."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.api.running import PROGRAM
from vikno.api.cli_options import PORT

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(path.name for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
ANALYZE = shutil.which("systemd-analyze")


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@pytest.mark.skipif(ANALYZE is None, reason="untested without systemd-analyze")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_understands_the_unit(unit: str) -> None:
    done = subprocess.run(
        [str(ANALYZE), "verify", str(DEPLOY / unit)], capture_output=True, text=True, check=False
    )
    # The program is not installed on this machine; that is all there is to complain of.
    said = [line for line in done.stderr.splitlines() if "/opt/vikno/.venv/bin/vikno is not" not in line]
    assert said == []


@pytest.mark.skipif(ANALYZE is None, reason="untested without systemd-analyze")
def test_the_service_can_do_little_on_its_machine() -> None:
    done = subprocess.run(
        [str(ANALYZE), "security", "--offline=yes", str(DEPLOY / "vikno.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"Overall exposure level for vikno.service: ([\d.]+)", done.stdout)
    assert level is not None, done.stderr
    assert float(level[1]) <= 2.0


@pytest.mark.parametrize("name", ["vikno.service", "vikno-backup.service", "Containerfile"])
def test_every_option_it_gives_is_one_of_the_command(name: str) -> None:
    commands = [
        *re.findall(r"vikno (serve|backup) ([^'\n]*)", text(name)),
        *((first, rest) for first, rest in re.findall(r'^CMD \["(serve)", (.*)\]', text(name), re.MULTILINE)),
    ]
    assert commands
    for command, rest in commands:
        told = subprocess.run(
            [str(PROGRAM), command, "--help"], capture_output=True, text=True, check=True
        ).stdout
        for option in re.findall(r"--[a-z-]+", rest):
            assert option in told


def test_the_parts_agree_on_port_folders_and_settings() -> None:
    assert f"server 127.0.0.1:{PORT} " in text("nginx.conf")
    assert f"EXPOSE {PORT}" in text("Containerfile")
    assert f"http://127.0.0.1:{PORT}/health/ready" in text("Containerfile")
    for unit in ("vikno.service", "vikno-backup.service"):
        assert "EnvironmentFile=/etc/vikno/vikno.env" in text(unit)
        assert "--data %S/vikno" in text(unit)
    assert "$VIKNO_HALLS" in text("vikno.service")
    assert re.search(r"^VIKNO_HALLS=", text("vikno.env"), re.MULTILINE)


def test_what_was_not_run_says_so() -> None:
    assert "UNTESTED" in text("Containerfile").split("FROM", 1)[0]


def test_no_image_names_a_host() -> None:
    assert re.findall(r"^FROM (\S+)$", text("Containerfile"), re.MULTILINE) == ["python:3.13-slim-bookworm"]
