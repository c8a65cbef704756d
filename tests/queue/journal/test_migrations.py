"""The migrations make exactly the tables that the code uses, up and down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text
from sqlmodel import SQLModel

from tests.postgresql import PostgreSQL
from vikno.queue.journal import database, tables
from vikno.queue.journal.tables import EventRow

TABLES = {
    *("halls", "events", "snapshots", "notes", "told_waits", "tokens"),
    *("proposals", "decisions", "roster_problems", "rosters"),
    *("accounts", "grants", "sessions", "sign_in_keys", "devices", "pairings", "trail"),
}


def config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(database.__file__).parent / "migrations"))
    return config


def test_the_constant_names_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(config()).get_heads() == [database.HEAD]


def test_the_migrations_make_the_tables_of_the_code(engine: Engine) -> None:
    assert {
        table.__tablename__ for table in vars(tables).values() if hasattr(table, "__tablename__")
    } >= TABLES
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, SQLModel.metadata) == []


def test_the_partial_index_is_the_same(engine: Engine) -> None:
    """No comparison of columns sees it."""
    if engine.dialect.name == "sqlite":
        query = "SELECT sql FROM sqlite_master WHERE name = 'events_days'"
    else:
        query = "SELECT indexdef FROM pg_indexes WHERE indexname = 'events_days'"
    [index] = [table for table in EventRow.__table__.indexes if table.name == "events_days"]  # type: ignore[attr-defined]
    found = []
    with engine.begin() as connection:
        found.append(connection.scalar(text(query)))
        index.drop(connection)
        index.create(connection)
        found.append(connection.scalar(text(query)))
    assert found[0] == found[1]
    assert "day-began" in found[0]


def test_down_and_up_again(engine: Engine) -> None:
    script = config()
    with engine.begin() as connection:
        script.attributes["connection"] = connection
        command.downgrade(script, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    database.migrate(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"} | TABLES


def test_a_second_start_changes_nothing(engine: Engine, database_url: str) -> None:
    again = database.open_database(database_url)
    assert set(inspect(again).get_table_names()) == {"alembic_version"} | TABLES
    again.dispose()
    assert engine.url == again.url


def test_processes_that_start_at_once_make_the_tables_once(postgresql: PostgreSQL) -> None:
    name = postgresql.new(empty=True)
    with ThreadPoolExecutor(4) as starting:
        engines = list(starting.map(database.open_database, [postgresql.url(name)] * 4))
    for engine in engines:
        assert set(inspect(engine).get_table_names()) == {"alembic_version"} | TABLES
        engine.dispose()
    postgresql.drop(name)
