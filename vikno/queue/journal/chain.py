"""The hash chain: each row vouches for the one before, so that a change or a gap shows."""

from __future__ import annotations

import hashlib

import msgspec

START = "0" * 64
"""What the first row of a journal follows."""


class Entry(msgspec.Struct, frozen=True):
    """One row of the journal, ready to be written or just read."""

    seq: int
    at: float
    type: str
    payload: str
    key: str | None
    request: str | None
    answer: str | None
    hash: str


def link(  # noqa: PLR0917  (the columns of a row, in their order)
    before: str, hall: str, seq: int, payload: str, key: str | None, request: str | None, answer: str | None
) -> str:
    """The hash of a row that follows a row with hash `before`. `at` and `type` stand in the payload."""
    key, request, answer = key or "", request or "", answer or ""
    # Lengths first, so that no two different rows can run together into the same text.
    head = f"{before} {seq} {len(hall)} {len(payload)} {len(key)} {len(request)} {len(answer)}"
    return hashlib.sha256(f"{head}\n{hall}{payload}{key}{request}{answer}".encode()).hexdigest()
