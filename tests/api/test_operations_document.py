"""What docs/operations.md tells people to type works as it stands, in its order, while a server runs."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.running import Deadline
from tests.postgresql import PostgreSQL
from vikno.api.access import Grant, Role
from vikno.api.people.registry import People
from vikno.queue.journal.database import open_database, sqlite_url

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
PROGRAM = ".venv/bin/vikno "
COMMANDS = re.findall(r"^((?:\.venv/bin/vikno|curl) .+)$", DOCUMENT, re.MULTILINE)
SECONDS_MAX = 60.0


class Reader:
    """Somebody who types what the document says, on a port and a database of their own."""

    def __init__(self, folder: Path, postgresql: str) -> None:
        self.folder = folder
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            self.port: int = sock.getsockname()[1]
        self._instead = {"8080": str(self.port), "postgresql://vikno@127.0.0.1/vikno": postgresql}
        self._server: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def type(self, command: str) -> str:
        """What it prints; a server is left running."""
        for said, meant in self._instead.items():
            command = command.replace(said, meant)
        words = shlex.split(command)
        if words[0] == PROGRAM.strip():
            words[:1] = [sys.executable, "-m", "vikno.api.cli"]
        if "serve" in words:
            return self._serve(words)
        done = subprocess.run(
            words, cwd=self.folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _serve(self, words: list[str]) -> str:
        self._server = subprocess.Popen(
            words, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._server.stdout is not None
        return self._server.stdout.readline() + self._server.stdout.readline()

    def go(self) -> None:
        """The server is asked to stop."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            assert self._server.wait(SECONDS_MAX) == 0
            assert self._server.stdout is not None
            self._server.stdout.close()


@pytest.fixture
def reader(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[Reader]:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("*.py"))
    name = postgresql.new()
    reader = Reader(tmp_path, postgresql.url(name))
    yield reader
    reader.go()
    postgresql.drop(name)


def test_every_command_works_one_after_the_other(reader: Reader) -> None:
    if shutil.which("curl") is None:
        pytest.skip("untested without curl")
    for command in COMMANDS:
        told = reader.type(command)
        if " serve " in command:
            assert f"at {reader.url}/" in told
            assert "/sign-in#key=" in told
            _open_a_window(reader)
        if " restore " in command and "--replace" in command:
            _hall_goes_on(reader)
        if " move " in command:
            _hall_is_refused(reader)
    engine = open_database(reader._instead["postgresql://vikno@127.0.0.1/vikno"])
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar_one() >= 3
    engine.dispose()


def test_every_operation_is_told_of() -> None:
    named = {command.removeprefix(PROGRAM).split()[0] for command in COMMANDS if command.startswith(PROGRAM)}
    assert named == {"doctor", "serve", "backup", "verify", "restore", "move", "token", "forget"}


def test_every_figure_of_the_table_is_told_and_every_one_told_is_in_it() -> None:
    source = (ROOT / "vikno" / "api" / "watch" / "exposition.py").read_text(encoding="utf-8")
    told = {f"vikno_{name}" for name in re.findall(r'"(?:vikno_)?([a-z_]+)", "[A-Z0-9]', source)}
    told |= set(re.findall(r'"(vikno_[a-z_]+)"', source))
    table = DOCUMENT.split("## Watch", 1)[1].split("\n## ", 1)[0]
    named = {name.removesuffix("_total") for name in re.findall(r"`(vikno_[a-z_]+)`", table)}
    assert named == told


def _asked(reader: Reader) -> httpx.Response:
    token = People(open_database(sqlite_url(reader.folder / "data"))).tokens.issue(
        Grant(Role.MANAGER, "wola")
    )
    return httpx.post(
        f"{reader.url}/api/v1/halls/wola/windows/w-1/open", headers={"Authorization": f"Bearer {token}"}
    )


def _open_a_window(reader: Reader) -> None:
    assert _asked(reader).is_success


def _hall_is_refused(reader: Reader) -> None:
    """Likewise that it is at work elsewhere; what changes nothing may be answered until then."""
    deadline = Deadline(SECONDS_MAX)
    while _asked(reader).status_code != httpx.codes.SERVICE_UNAVAILABLE:
        deadline.check("the hall is refused where it was")


def _hall_goes_on(reader: Reader) -> None:
    """The server notices by itself that its journal is another one."""
    deadline = Deadline(SECONDS_MAX)
    while not (answer := _asked(reader)).is_success:
        deadline.check(f"the hall goes on: {answer.text}")
