"""What the tests of the live server share: one server to talk to, and the means to make more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.calling import Vikno
from tests.api.running import Server, hall_text


@pytest.fixture
def vikno(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Vikno:
    """Calls commands in this process."""
    return Vikno(monkeypatch, capfd)


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of this run keep their byte code."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture
def make_server(tmp_path: Path, bytecode: Path) -> Iterator[Callable[..., Server]]:
    """Servers of one test; killed at its end."""
    made: list[Server] = []

    def make(*halls: str, address: str = "") -> Server:
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        made.append(Server(folder, bytecode, *halls, address=address))
        return made[-1]

    yield make
    for server in made:
        server.kill()
        server.check_log()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """One running server with two halls for all tests of a module."""
    running = Server(tmp_path_factory.mktemp("server"), bytecode, hall_text(), hall_text("other"))
    running.start()
    assert httpx.get(running.url, timeout=30).is_success
    yield running
    running.kill()
    running.check_log()
