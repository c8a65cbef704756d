"""What the tests of the pages share: one Chromium and one server a module, a fresh hall for every test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.api.running import Server
from tests.pages.devices import PATIENCE_SECONDS, Devices
from tests.pages.halls import Hall, hall_file
from vikno.api.people.tokens import Tokens

HALLS_MAX = 16
"""More than any module has tests."""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
)


# A module each, and not one for the whole run: while Playwright's loop is open, no other test can have one.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser."""
    chromium = shutil.which("chromium")
    assert chromium, "install the package chromium"
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the servers of this run keep their byte code."""
    return tmp_path_factory.mktemp("bytecode")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    """A running server with halls enough for every test of a module."""
    files = [hall_file(f"hall-{number}") for number in range(1, HALLS_MAX + 1)]
    running = Server(tmp_path_factory.mktemp("server"), bytecode, *files)
    running.start()
    yield running
    running.kill()
    running.check_log()


@pytest.fixture(scope="module")
def tokens(server: Server) -> Tokens:
    """The tokens of the server."""
    return server.tokens()


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """The halls nobody has been in yet."""
    return (f"hall-{number}" for number in range(1, HALLS_MAX + 1))


@pytest.fixture
def hall(server: Server, tokens: Tokens, names: Iterator[str]) -> Iterator[Hall]:
    """A hall nobody has been in yet."""
    fresh = Hall(server, tokens, next(names))
    yield fresh
    fresh.close()


@pytest.fixture
def devices(browser: Browser) -> Iterator[Devices]:
    """Pages, closed at the end of the test."""
    opened = Devices(browser)
    yield opened
    opened.close()
