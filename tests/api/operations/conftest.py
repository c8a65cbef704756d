"""Two databases of either kind: where something comes from, and where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.api.operations.keeping import filled, two_days, written
from tests.postgresql import PostgreSQL
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.plan import HallPlan

KINDS = ("sqlite", "postgresql")
ACROSS = (("sqlite", "postgresql"), ("postgresql", "sqlite"))
"""From, to."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of two databases is run across kinds, both ways; of one, on each."""
    marked = {mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")}
    wanted = [name for name in ("source", "target") if name in metafunc.fixturenames]
    if any("source" in names or "target" in names for names in marked) or not wanted:
        return
    kinds = ACROSS if len(wanted) > 1 else [(kind,) for kind in KINDS]
    metafunc.parametrize(wanted, kinds, indirect=True)


def _opened(request: pytest.FixtureRequest, folder: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = open_database(sqlite_url(folder))
        yield engine
        engine.dispose()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = server.new()
    engine = open_database(server.url(name))
    yield engine
    engine.dispose()
    server.drop(name)


@pytest.fixture
def source(request: pytest.FixtureRequest, tmp_path: Path, plan: HallPlan) -> Iterator[Engine]:
    """With two days of a hall, and something in every table."""
    for engine in _opened(request, tmp_path / "source"):
        written(engine, two_days(plan))
        filled(engine, plan.id)
        yield engine


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """With its tables, and nothing in them."""
    yield from _opened(request, tmp_path / "target")
