"""What a check found: one line, and what to do about it."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    LOOK = "look"  # it works, but not for ever or not for everybody
    BAD = "bad"  # it does not work, or what was acknowledged can be lost


class Finding(msgspec.Struct, frozen=True):
    """`what` was looked at, what was `found`, and the `remedy` where it is not as it should be."""

    level: Level
    what: str
    found: str
    remedy: str = ""

    def line(self) -> str:
        """For people."""
        return f"{self.level:<4}  {self.what}: {self.found}" + (f"; {self.remedy}" if self.remedy else "")


def ok(what: str, found: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, what, found)


def look(what: str, found: str, remedy: str) -> Finding:
    """It works, but see to it."""
    return Finding(Level.LOOK, what, found, remedy)


def bad(what: str, found: str, remedy: str) -> Finding:
    """It does not do."""
    return Finding(Level.BAD, what, found, remedy)
