"""Small halls that many tests share, as the text of their hall files; and the databases they are kept in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgresql import PostgreSQL
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import sqlite_url
from vikno.queue.plan import HallPlan

SMALL_HALL = """
format = 1

[hall]
id = "small"
name = { uk = "ЦНАП", en = "Service centre" }
time_zone = "Europe/Kyiv"
languages = ["uk", "en"]
opens = "08:00"
closes = "16:00"

[[services]]
id = "passport"
prefix = "A"
name = { uk = "Паспорт", en = "Passport" }

[[services]]
id = "residence"
prefix = "B"
name = { uk = "Місце проживання", en = "Residence" }
priority = 1

[[services]]
id = "pickup"
prefix = "A"
name = { uk = "Видача", en = "Pick-up" }

[[windows]]
id = "w-1"
skills = { passport = 1.0, residence = 1.0 }

[[windows]]
id = "w-2"
skills = { residence = 1.0, pickup = 1.0 }

[[windows]]
id = "w-3"
skills = { passport = 1.0 }
"""
"""Three services, two of which share a prefix, and three windows with overlapping skills."""

ALWAYS_OPEN_HALL = (
    SMALL_HALL.replace('"08:00"', '"00:00"').replace('"16:00"', '"24:00"').replace("Europe/Kyiv", "UTC")
)
"""The same, open at every hour: for whatever runs on the machine's clock."""


@pytest.fixture
def plan() -> HallPlan:
    return parse_hall(SMALL_HALL)


@pytest.fixture
def always_open() -> HallPlan:
    return parse_hall(ALWAYS_OPEN_HALL)


@pytest.fixture(scope="session")
def postgresql(testrun_uid: str, worker_id: str) -> PostgreSQL:
    """The server of this run."""
    return PostgreSQL(testrun_uid, worker_id)


@pytest.fixture
def postgresql_database(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of a database of the test's own."""
    name = postgresql.new()
    yield name
    postgresql.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database, of either kind in turn."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path)
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.url(request.getfixturevalue("postgresql_database"))
