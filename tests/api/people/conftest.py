"""An office for each test, on a database of either kind."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.api.people.office import Office
from vikno.queue.journal.database import sqlite_url


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """On SQLite."""
    office = Office(sqlite_url(tmp_path))
    await office.open()
    yield office
    await office.close()


@pytest.fixture
async def any_office(database_url: str) -> AsyncIterator[Office]:
    """On either database in turn: for what SQL is behind."""
    office = Office(database_url)
    await office.open()
    yield office
    await office.close()
