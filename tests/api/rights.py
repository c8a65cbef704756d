"""The table of rights as people read it: docs/api.md says who may do what, and the server is held to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"
CALL = re.compile(r"`(GET|POST|PATCH|DELETE|WS) (/\S+?)`")


class Call(NamedTuple):
    """Method and path, as the document writes them."""

    method: str
    path: str


class Rights(NamedTuple):
    """What each role may do with each call: yes, own, public or staff; nothing if it is not named."""

    roles: tuple[str, ...]
    cells: dict[Call, dict[str, str]]
    nothing_shown: set[Call]
    signed_in: set[Call]


def read() -> Rights:
    """From the section "Who may do what"."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = text.split("## Who may do what\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in section.splitlines() if line.startswith("|")]
    first = next(place for place, row in enumerate(rows) if row.startswith("| call |"))
    roles = tuple(_cells(rows[first])[1:])
    cells: dict[Call, dict[str, str]] = {}
    for row in rows[first + 2 :]:
        calls, *marks = _cells(row)
        may = {role: mark for role, mark in zip(roles, marks, strict=True) if mark}
        cells |= dict.fromkeys(_calls(calls), may)
    nothing, account = (
        set(_calls(section.split(f"These need {start}", 1)[1].split(". ", 1)[0]))
        for start in ("nothing to be shown: ", "an account that is signed in: ")
    )
    return Rights(roles, cells, nothing, account)


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


def _calls(text: str) -> list[Call]:
    return [Call(*found) for found in CALL.findall(text)]
