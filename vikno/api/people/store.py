"""What accounts, sessions, devices and tokens share: one database, one clock, one way to keep a secret.

A secret is 256 random bits, told once to whom it belongs. Only its hash is kept, so who reads the tables can
sign in as nobody. It needs no salt and no slow hash: there is nothing to guess.

Everything here blocks; a server calls it in a thread.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import msgspec
from sqlalchemy import Connection, Engine

from vikno.api.access import Principal
from vikno.queue.errors import ViknoError
from vikno.queue.journal.database import available, in_turn

SECRET_BYTES = 32
FOR_EVER = float("inf")

CHUNK = 500
"""Hashes that one query asks for; databases limit how many values a statement may name."""


class PeopleRefused(ViknoError):
    """What cannot be done with people or devices, and what would be right. `code` is for programs."""

    def __init__(self, code: str, detail: str, *, field: str = "", retry_seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field
        self.retry_seconds = retry_seconds


class Held(msgspec.Struct):
    """Who holds a secret, and until when it is believed (POSIX seconds); `idle`: seconds without use."""

    principal: Principal
    seen: float
    until: float = FOR_EVER
    idle: float = FOR_EVER

    def good(self, now: float) -> bool:
        """Whether it still counts."""
        return now < self.until and now - self.seen < self.idle


class Source(Protocol):
    """A table of secrets."""

    def find(self, hashes: Sequence[str]) -> dict[str, Held]:
        """Whose they are, of those hashes that are good now."""
        ...

    def used(self, times: Mapping[str, float]) -> None:
        """Write down when each was used last (POSIX seconds)."""
        ...


class Store:
    """The database, and what time it is."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self.engine = engine
        self.now = now

    @contextmanager
    def reading(self, what: str) -> Iterator[Connection]:
        """A connection; `JournalUnavailable` names `what` if the database fails."""
        with available(what), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self, what: str) -> Iterator[Connection]:
        """A transaction, likewise. The first statement in it should write: it then waits for its turn."""
        with available(what), in_turn(self.engine) as connection:
            yield connection


def new_secret() -> str:
    """To be told once."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def chunks(hashes: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one query may ask for at a time."""
    for start in range(0, len(hashes), CHUNK):
        yield hashes[start : start + CHUNK]
