"""docs/api.md and the server say the same: every call in its tables is a route, and the other way round."""

from __future__ import annotations

import inspect
import re
from http import HTTPStatus
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI

from tests.api.owning import database
from tests.api.running import hall_text
from vikno.api import serve
from vikno.api.app import create_app
from vikno.api.doors import pages, proposals, roster, signin, visit
from vikno.api.operations import move, restore
from vikno.api.people import accounts, devices, entry, keys, sessions, tokens
from vikno.api.problems import refusal_status
from vikno.queue import decisions, events, lifecycle
from vikno.queue.hallfile import parse_hall
from vikno.queue.records import WindowState

API = "/api/v1"
DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
KIND_WRITTEN = (
    r'"((?:sign|pass|link|account|window|device|token|policy|roster|first|hall)[a-z]*-[a-z-]+|restored)"'
)
WORDS = re.compile(r"`([a-z][a-z-]*)`")


@pytest.fixture(scope="module")
def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    engine = database(tmp_path_factory.mktemp("data"))
    return create_app(serve.build_house([parse_hall(hall_text())], engine))


def routes(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of every call, as the document writes them."""
    return {
        (method.upper(), path.removeprefix(API).replace("{ticket}", "{id}"))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }


def documented(line: str) -> set[tuple[str, str]]:
    """The calls of one row of a table: a first call, and others that differ from it in their last part."""
    found: set[tuple[str, str]] = set()
    for call in re.finditer(
        r"`(?:(GET|POST|PATCH|DELETE) )?(\S*?/[^`\s]*)(?: \{[^`]*)?`", line.split("|")[1]
    ):
        method, path = call[1], call[2]
        if method is None and found:
            method, first = min(found)
            head = f"/{path.split('/')[1]}/"
            path = f"{first.split(head)[0] if head in first else first.rpartition('/')[0]}{path}"
        if method is not None:
            prefix, _, rest = path.rpartition("…/")
            if prefix or path.startswith("…/"):
                path = f"/halls/{{hall}}/{rest}"
            found.add((method, path))
    return found


def table(text: str, heading: str) -> set[tuple[str, str]]:
    """The calls of the first table under a heading."""
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return {call for line in section.splitlines() if line.startswith("| `") for call in documented(line)}


def test_every_command_is_in_the_table_of_commands(text: str, app: FastAPI) -> None:
    commands = {(method, path) for method, path in routes(app) if method != "GET"}
    assert table(text, "Commands") == {call for call in commands if call[1].startswith("/halls/")}


@pytest.mark.parametrize(
    ("heading", "prefixes"), [("People", ("/session", "/accounts")), ("Devices", ("/devices",))]
)
def test_every_call_about_people_and_devices_is_in_their_table(
    text: str, app: FastAPI, heading: str, prefixes: tuple[str, ...]
) -> None:
    assert table(text, heading) == {call for call in routes(app) if call[1].startswith(prefixes)}


def test_every_kind_of_entry_in_the_trail_is_named(text: str) -> None:
    listed = set(WORDS.findall(text.split("\nKinds: ", 1)[1].split(". ", 1)[0]))
    written = set()
    doors, people = (proposals, roster, signin), (accounts, devices, entry, keys, sessions, tokens)
    for module in (*doors, *people, move, restore):
        written |= set(re.findall(KIND_WRITTEN, inspect.getsource(module)))
    assert written == listed


def test_every_page_is_in_the_table_of_pages(text: str) -> None:
    named = set(re.findall(r"^\| `(/[^`]*)` \|", text, re.MULTILINE))
    given = {
        route.path  # type: ignore[attr-defined]
        for route in pages.router.routes
        if not re.search(r"\.(svg|json)$", route.path)  # type: ignore[attr-defined]
    }
    assert named == given


def test_every_event_but_those_told_by_a_snapshot_is_in_the_list_of_types(text: str) -> None:
    listed = set(WORDS.findall(text.split("\nTypes: ", 1)[1].split("\n", 1)[0]))
    kinds = {kind.__struct_config__.tag for kind in get_args(events.AnyEvent)}
    assert kinds - {"day-began", "plan-adopted"} == listed


def test_every_refusal_of_the_rules_is_in_the_list_of_codes(text: str) -> None:
    listed = set(WORDS.findall(text.split("Codes of 409: ", 1)[1].split("\n\n", 1)[0]))
    raised = set(re.findall(r'CommandRefused\(\s*"([a-z-]+)"', inspect.getsource(decisions)))
    raised |= {f"window-{state}" for state in WindowState if state is not WindowState.OPEN}
    assert {code for code in raised if refusal_status(code) == HTTPStatus.CONFLICT} == listed


def test_every_state_of_a_ticket_is_named(text: str) -> None:
    line = text.split("`state` is one of ", 1)[1].split(". ", 1)[0]
    assert WORDS.findall(line) == [state.value for state in lifecycle.TicketState]


def test_the_length_of_a_key_is_what_it_says(text: str) -> None:
    assert f"1 to {visit.KEY_LENGTH_MAX} printable characters" in text
