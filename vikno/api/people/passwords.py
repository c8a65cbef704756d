"""Passwords: hashed with Argon2, and chosen by the rules that help (NIST SP 800-63B, 3.1.1).

Long, not among those that everybody tries first, not made of the name: that is all. Rules about figures and
signs make passwords worse, and so does changing them without a reason.

Hashing takes tens of milliseconds and 19 MiB on purpose. It happens in a thread, a few at a time: whoever
sends thousands of passwords waits for himself and not for the clerks.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from vikno.api.people.common import is_common
from vikno.api.people.store import PeopleRefused

if TYPE_CHECKING:
    from argon2 import PasswordHasher


class Cost(NamedTuple):
    """What one hash costs: rounds, memory in KiB, lanes."""

    time: int
    memory_kib: int
    lanes: int


OWASP = Cost(time=2, memory_kib=19 * 1024, lanes=1)
"""The first recommendation for Argon2id of OWASP's Password Storage Cheat Sheet."""

LENGTH_MIN = 12
LENGTH_MAX = 200

HASHING_AT_ONCE = 2
"""More would take the processors from the halls, and 19 MiB each."""

WAITING_MAX = 30
"""Sign-ins that wait for their turn: a shift that begins. More is an attack."""

NAME_LENGTH_MIN = 4
"""A name shorter than that is in many good passwords by chance."""

Result = TypeVar("Result")


class Checked(NamedTuple):
    """Whether a password is right, and its new hash if the present one is not up to date."""

    right: bool
    fresh: str | None = None


class Passwords:
    """Hashes and checks passwords, a few at a time; what was hashed at another cost is hashed anew."""

    def __init__(self, cost: Cost = OWASP) -> None:
        self._cost = cost
        self._turn = asyncio.Semaphore(HASHING_AT_ONCE)
        self._waiting = 0
        self._hasher: PasswordHasher | None = None
        self._nobodys = ""

    async def make(self, password: str) -> str:
        """Its hash."""
        return await self._run(lambda hasher: hasher.hash(normal(password)))

    async def check(self, kept: str | None, password: str) -> Checked:
        """Whether it is the one that is kept; no password is anybody's whose account has none.

        It takes the same work whether there is one to compare with or not.
        """

        def work(hasher: PasswordHasher) -> Checked:
            from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415

            try:
                hasher.verify(kept or self._nobodys, normal(password))
            except (VerificationError, InvalidHashError):
                return Checked(right=False)
            if kept is None:
                return Checked(right=False)
            old = hasher.check_needs_rehash(kept)
            return Checked(right=True, fresh=hasher.hash(normal(password)) if old else None)

        return await self._run(work)

    async def _run(self, work: Callable[[PasswordHasher], Result]) -> Result:
        if self._waiting >= WAITING_MAX:
            raise PeopleRefused(
                "slow-down", "many sign in just now; try again in a moment", retry_seconds=1.0
            )
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(lambda: work(self._ready()))
        finally:
            self._waiting -= 1

    def _ready(self) -> PasswordHasher:
        """The hasher, and a hash that nobody knows the password of; a start does not wait for either."""
        if self._hasher is None:
            from argon2 import PasswordHasher  # noqa: PLC0415

            hasher = PasswordHasher(self._cost.time, self._cost.memory_kib, self._cost.lanes)
            self._nobodys = hasher.hash(secrets.token_urlsafe())
            self._hasher = hasher
        return self._hasher


def normal(password: str) -> str:
    """The same letters, however a keyboard composes them."""
    return unicodedata.normalize("NFKC", password)


def check_rules(password: str, name: str, *, field: str = "password") -> None:
    """`bad-password` says what is wrong with it, if anything is."""
    length = len(normal(password))
    plain = normal(password).casefold()
    stem = name.partition("@")[0]
    if not LENGTH_MIN <= length <= LENGTH_MAX:
        detail = f"a password has {LENGTH_MIN} to {LENGTH_MAX} characters; this one has {length}"
    elif is_common(plain):
        detail = "this is one of the passwords that are tried first; choose words that only you put together"
    elif len(stem) >= NAME_LENGTH_MIN and stem in plain:
        detail = "your name is in this password; choose one without it"
    else:
        return
    raise PeopleRefused("bad-password", f"{field}: {detail}", field=field)
