"""Rosters of a database: what they are made for, and every version that was kept.

A version is written whole and never changed. Whoever saves names the version they began with; if another one
was written meanwhile, nothing is written and they are told so, with their own changes still in their hands.
The roster in force is the newest version that was saved as such; newer ones are drafts.

Everything here blocks; a server calls it in a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, Row, func, insert, select
from sqlalchemy.exc import IntegrityError

from vikno.queue.errors import ViknoError
from vikno.queue.journal.database import available, in_turn
from vikno.queue.journal.tables import RosterProblemRow, RosterRow
from vikno.scheduler.roster.problem import Assignment, Problem, Roster

PROBLEMS = RosterProblemRow.__table__  # type: ignore[attr-defined]
ROSTERS = RosterRow.__table__  # type: ignore[attr-defined]

WHAT = "rosters"
"""As errors of the database name them."""

TOLD_MAX = 50
"""Versions that are told of; all are kept."""

PROBLEMS_HELD = 8
"""Decoded problems kept in memory: those of the halls that somebody works on now."""


class RosterRefused(ViknoError):
    """What cannot be done with a roster: why, and what would be right.

    `code` is for programs; `field` names the part of the call at fault, if one is.
    """

    def __init__(self, code: str, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class Version(msgspec.Struct, frozen=True):
    """When a version was written, by whom, for which problem, and whether as the roster in force."""

    version: int
    problem: int
    at: float
    role: str
    in_force: bool


class Kept(msgspec.Struct, frozen=True):
    """A version with everything that belongs to it."""

    version: Version
    problem: Problem
    roster: Roster


class Writing(msgspec.Struct, frozen=True):
    """Who writes a version when, on top of which one; the same `key` with the same `request` writes once."""

    base: int
    at: float
    role: str
    in_force: bool
    key: str | None = None
    request: str = ""


class Rosters:
    """The rosters of a database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._held: dict[int, Problem] = {}

    def newest(self, hall: str) -> Kept | None:
        """The newest version; None: this hall has none yet."""
        return self._find(hall, select(ROSTERS).order_by(ROSTERS.c.version.desc()).limit(1))

    def version(self, hall: str, version: int) -> Kept:
        """That version, or `RosterRefused`."""
        kept = self._find(hall, select(ROSTERS).where(ROSTERS.c.version == version))
        if kept is None:
            raise RosterRefused("unknown-roster", f"this hall has no roster of version {version}")
        return kept

    def versions(self, hall: str) -> list[Version]:
        """The newest first, and the one in force however old it is."""
        mine = select(ROSTERS).where(ROSTERS.c.hall == hall).order_by(ROSTERS.c.version.desc())
        with self._reading() as connection:
            rows = list(connection.execute(mine.limit(TOLD_MAX)))
            if not any(row.in_force for row in rows):
                rows += list(connection.execute(mine.where(ROSTERS.c.in_force).limit(1)))
        return [_version(row) for row in rows]

    def save(self, hall: str, roster: Roster, writing: Writing) -> int:
        """Write a version for the problem of `writing.base`; its number."""
        with self._writing() as connection:
            if (done := _done(connection, hall, writing)) is not None:
                return done
            _check_base(connection, hall, writing.base)
            problem = connection.scalar(
                select(ROSTERS.c.problem).where(ROSTERS.c.hall == hall, ROSTERS.c.version == writing.base)
            )
            if problem is None:
                raise RosterRefused("no-roster", "this hall has no roster to change; upload one first")
            return _write(connection, hall, problem, roster, writing)

    def restore(self, hall: str, version: int, writing: Writing) -> int:
        """Write an earlier version once more, with the problem it was made for; its number."""
        kept = self.version(hall, version)
        with self._writing() as connection:
            if (done := _done(connection, hall, writing)) is not None:
                return done
            _check_base(connection, hall, writing.base)
            return _write(connection, hall, kept.version.problem, kept.roster, writing)

    def begin(self, hall: str, problem: Problem, roster: Roster, writing: Writing) -> int:
        """Write a problem and the first version for it."""
        with self._writing() as connection:
            if (done := _done(connection, hall, writing)) is not None:
                return done
            _check_base(connection, hall, writing.base)
            row = {"hall": hall, "at": writing.at, "role": writing.role}
            row["problem"] = msgspec.json.encode(problem).decode()
            number = connection.execute(insert(PROBLEMS).values(**row)).inserted_primary_key
            assert number is not None
            return _write(connection, hall, int(number[0]), roster, writing)

    def _find(self, hall: str, query: Any) -> Kept | None:
        with self._reading() as connection:
            row = connection.execute(query.where(ROSTERS.c.hall == hall)).first()
            if row is None:
                return None
            problem = self._problem(connection, row.problem)
        assignments = msgspec.json.decode(row.assignments, type=tuple[Assignment, ...])
        return Kept(_version(row), problem, Roster(assignments))

    def _problem(self, connection: Connection, number: int) -> Problem:
        """The problem, which never changes once written."""
        held = self._held.get(number)
        if held is None:
            text = connection.scalar(select(PROBLEMS.c.problem).where(PROBLEMS.c.id == number))
            held = msgspec.json.decode(text or "", type=Problem)
            while len(self._held) >= PROBLEMS_HELD:
                self._held.pop(next(iter(self._held)), None)
            self._held[number] = held
        return held

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with available(WHAT), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with available(WHAT), _once(), in_turn(self.engine) as connection:
            yield connection


def in_force(versions: list[Version]) -> int | None:
    """Which of these is in force; None: none ever was."""
    return next((one.version for one in versions if one.in_force), None)


@contextmanager
def _once() -> Iterator[None]:
    try:
        yield
    except IntegrityError:  # another process was quicker by less than our look at the newest version
        raise _changed() from None


def _changed(newest: int | None = None) -> RosterRefused:
    which = "" if newest is None else f" (it is version {newest} now)"
    return RosterRefused(
        "roster-changed",
        f"somebody else has saved this roster meanwhile{which}; nothing of theirs or yours is lost: "
        "fetch the newest version, and do your changes on it",
    )


def _check_base(connection: Connection, hall: str, base: int) -> None:
    newest = connection.scalar(select(func.max(ROSTERS.c.version)).where(ROSTERS.c.hall == hall)) or 0
    if newest != base:
        raise _changed(newest)


def _done(connection: Connection, hall: str, writing: Writing) -> int | None:
    """The version that this very call has written before."""
    if writing.key is None:
        return None
    row = connection.execute(
        select(ROSTERS.c.version, ROSTERS.c.request).where(
            ROSTERS.c.hall == hall, ROSTERS.c.key == writing.key
        )
    ).first()
    if row is None:
        return None
    if row.request != writing.request:
        raise RosterRefused(
            "key-reused",
            "this key was used for another call; use a new one for each action",
            field="Idempotency-Key",
        )
    return int(row.version)


def _write(connection: Connection, hall: str, problem: int, roster: Roster, writing: Writing) -> int:
    version = writing.base + 1
    connection.execute(
        insert(ROSTERS).values(
            hall=hall,
            version=version,
            problem=problem,
            at=writing.at,
            role=writing.role,
            in_force=writing.in_force,
            assignments=msgspec.json.encode(roster.assignments).decode(),
            key=writing.key,
            request=writing.request or None,
        )
    )
    return version


def _version(row: Row[Any]) -> Version:
    return Version(row.version, row.problem, row.at, row.role, bool(row.in_force))
