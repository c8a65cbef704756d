"""Reading what a manager uploads: a roster file, or the problem as JSON. Checked whole before it is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from vikno.api.rosters import RosterRefused
from vikno.scheduler.roster.problem import Problem


def read_upload(file: str | None, problem: dict[str, Any] | None) -> Problem:
    """The problem; `RosterRefused` says what is wrong with it."""
    if (file is None) is (problem is None):
        raise RosterRefused("bad-roster", "file: give the text of a roster file, or `problem`, and not both")
    try:
        return msgspec.convert(problem, Problem, strict=True)
    except msgspec.ValidationError as error:
        raise RosterRefused("bad-roster", f"problem: {error}", field="problem") from None
