"""Reading a table of settings field by field, so that every mistake has one clear line.

Each reader takes a field once and checks it; `done` complains about what nobody took. The error names the
file, the path of the field, what is wrong and what would be right.
"""

from __future__ import annotations

import difflib
import re
import reprlib
import tomllib
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from vikno.queue.errors import HallFileError

T = TypeVar("T")

IDENTIFIER = re.compile(r"[a-z0-9-]{1,40}")
CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")
MINUTES_A_DAY = 24 * 60
NUMBER_MAX = 1e9
"""No minutes, rate or shape is larger; keeps out what is infinite or too large for a float."""

LINE_MAX = 200
"""Letters of a name: it stands in a cell of a table, in a calendar and on a page."""

QUOTED_MAX = 80
"""Characters of the file that an error quotes at most: no key or value that makes sense comes near it."""
_MISSING: Any = object()


def shown(value: Any) -> str:
    """A value as an error quotes it: short, and in one line."""
    try:
        text = reprlib.repr(value)
    except ValueError:  # Python writes no whole number of more than some thousand digits
        return "a very long number"
    return text if len(text) <= QUOTED_MAX else f"{text[:QUOTED_MAX]}..."


class Fields:
    """One table of the file; `path` is how a reader would name it, for example `services[2]`."""

    def __init__(self, file: str, path: str, table: dict[str, Any]) -> None:
        self.file = file
        self.path = path
        self._left = dict(table)
        self._known: dict[str, None] = {}

    def wrong(self, field: str, problem: str, remedy: str) -> NoReturn:
        """One line: file, field, what is wrong, what would be right."""
        # A key may be any text in TOML: empty, of several lines, without end.
        plain = field.isprintable() and 0 < len(field) <= QUOTED_MAX
        name = ".".join(part for part in (self.path, field if plain else shown(field)) if part)
        raise HallFileError(self.file, name, problem, remedy)

    def take(self, field: str, remedy: str, default: Any = _MISSING) -> Any:
        """The raw value; without a default it must be there."""
        self._known.setdefault(field)
        value = self._left.pop(field, default)
        if value is _MISSING:
            self.wrong(field, "is missing", remedy)
        return value

    def has(self, field: str) -> bool:
        """Whether the field stands in the file and was not taken yet; who asks knows it."""
        self._known.setdefault(field)
        return field in self._left

    def done(self) -> None:
        """Every key of the table must have been taken: a misspelt one must not be silently ignored."""
        for key in self._left:
            near = difflib.get_close_matches(key, self._known, n=1)
            remedy = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(self._known)}"
            self.wrong(key, "is not a known key", remedy)

    def text(self, field: str, remedy: str, default: Any = _MISSING) -> str:
        """A text that is not empty."""
        value = self.take(field, remedy, default)
        if not isinstance(value, str) or not value.strip():
            self.wrong(field, f"must be a text, not {shown(value)}", remedy)
        return value

    def line(self, field: str, remedy: str, default: Any = _MISSING) -> str:
        """A text for people of one line that is not too long."""
        return self.as_line(field, self.text(field, remedy, default), remedy)

    def as_line(self, field: str, value: str, remedy: str) -> str:
        """Check a text that is already at hand."""
        if not value.isprintable():
            self.wrong(field, f"{shown(value)} has a line break or another sign that is not printed", remedy)
        if len(value) > LINE_MAX:
            self.wrong(field, f"has {len(value)} letters", f"use at most {LINE_MAX}")
        return value

    def identifier(self, field: str, example: str) -> str:
        """`[a-z0-9-]{1,40}`."""
        remedy = f'use 1 to 40 of a-z, 0-9 and "-", for example "{example}"'
        value = self.text(field, remedy)
        if not IDENTIFIER.fullmatch(value):
            self.wrong(field, f"{shown(value)} is not an identifier", remedy)
        return value

    def one_of(self, field: str, choices: tuple[str, ...], default: Any = _MISSING) -> str:
        """One word of a few."""
        remedy = "use " + " or ".join(f'"{choice}"' for choice in choices)
        value = self.take(field, remedy, default)
        if value not in choices:
            self.wrong(field, f"{shown(value)} is not known", remedy)
        return str(value)

    def number(
        self,
        field: str,
        remedy: str,
        default: Any = _MISSING,
        *,
        low: float = 0.0,
        high: float = NUMBER_MAX,
        above: bool = False,
    ) -> float:
        """A number from `low` (or above it) to `high`."""
        value = self.take(field, remedy, default)
        return self.as_number(field, value, remedy, low=low, high=high, above=above)

    def as_number(
        self,
        field: str,
        value: Any,
        remedy: str,
        *,
        low: float = 0.0,
        high: float = NUMBER_MAX,
        above: bool = False,
    ) -> float:
        """Check a value that is already at hand."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.wrong(field, f"must be a number, not {shown(value)}", remedy)
        if not low <= value <= high or (above and value == low):  # nan is not between anything
            self.wrong(field, f"{shown(value)} is out of range", remedy)
        return float(value)

    def whole(self, field: str, remedy: str, default: Any = _MISSING, *, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self.take(field, remedy, default)
        if isinstance(value, bool) or not isinstance(value, int):
            self.wrong(field, f"must be a whole number, not {shown(value)}", remedy)
        if not low <= value <= high:
            self.wrong(field, f"{shown(value)} is out of range", f"use {low} to {high}")
        return value

    def clock(self, field: str, default: Any = _MISSING) -> int:
        """`HH:MM` as minutes after midnight."""
        return self.as_clock(field, self.take(field, 'give a time such as "08:00"', default))

    def as_clock(self, field: str, value: Any) -> int:
        """Check a clock time that is already at hand."""
        remedy = 'give a local time from "00:00" to "24:00", for example "08:00"'
        match = CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            self.wrong(field, f"{shown(value)} is not a clock time", remedy)
        minutes = int(match[1]) * 60 + int(match[2])
        if minutes > MINUTES_A_DAY:
            self.wrong(field, f"{shown(value)} is not a clock time", remedy)
        return minutes

    def table(self, field: str, remedy: str) -> Fields:
        """A table inside this one."""
        value = self.take(field, remedy)
        if not isinstance(value, dict):
            self.wrong(field, f"must be a table, not {shown(value)}", remedy)
        return Fields(self.file, ".".join(part for part in (self.path, field) if part), value)

    def tables(self, field: str, remedy: str) -> list[Fields]:
        """One or more tables, numbered from 1 as people count."""
        value = self.take(field, remedy)
        if not isinstance(value, list) or not value or not all(isinstance(item, dict) for item in value):
            self.wrong(field, "must be one or more tables", remedy)
        return [Fields(self.file, f"{field}[{number}]", item) for number, item in enumerate(value, 1)]

    def rows(self, field: str, value: Any, remedy: str, row: Callable[[str, Any, Any], T]) -> tuple[T, ...]:
        """A list of pairs, each read by `row(field, first, second)`."""
        if not isinstance(value, list) or not value:
            self.wrong(field, "must be a list of pairs", remedy)
        found = []
        for number, pair in enumerate(value, 1):
            if not isinstance(pair, list) or len(pair) != 2:  # noqa: PLR2004  (a pair)
                self.wrong(f"{field}[{number}]", f"{shown(pair)} is not a pair", remedy)
            found.append(row(f"{field}[{number}]", pair[0], pair[1]))
        return tuple(found)

    def names(self, field: str, remedy: str) -> dict[str, str]:
        """A text in one or more languages."""
        value = self.take(field, remedy)
        good = isinstance(value, dict) and value
        if not good or not all(isinstance(text, str) and text.strip() for text in value.values()):
            self.wrong(field, f"must name one or more languages, not {shown(value)}", remedy)
        return dict(value)


def toml_fields(text: str, file: str, version: int) -> Fields:
    """The top of a TOML file that says `format = version`, which is taken; `file` names it in errors."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # besides syntax: endless numbers, endless nesting
        raise HallFileError(file, "TOML", str(error), "correct the syntax there") from None
    top = Fields(file, "", table)
    said = top.take("format", f"begin the file with format = {version}")
    if type(said) is not int or said != version:
        top.wrong("format", f"{shown(said)} is not known", f"this version reads format = {version}")
    return top
