"""The migrations make exactly the tables that the code uses, up and down."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text
from sqlmodel import SQLModel

from vikno.queue.journal import database, tables

TABLES = {
    *("halls", "events", "snapshots", "notes", "told_waits", "tokens"),
    *("proposals", "decisions", "roster_problems", "rosters"),
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


def test_the_sql_of_both_is_the_same(engine: Engine, tmp_path: Path) -> None:
    """What no comparison of columns sees: the partial index."""
    modelled = create_engine(f"sqlite:///{tmp_path / 'modelled.sqlite3'}")
    SQLModel.metadata.create_all(modelled)
    query = text("SELECT name, sql FROM sqlite_master WHERE name = 'events_days'")
    found = []
    for one in (engine, modelled):
        with one.connect() as connection:
            found.append({name: set(sql.replace(",", "").split()) for name, sql in connection.execute(query)})
        one.dispose()
    assert found[0]["events_days"] == found[1]["events_days"]


def test_down_and_up_again(engine: Engine) -> None:
    script = config()
    with engine.begin() as connection:
        script.attributes["connection"] = connection
        command.downgrade(script, "base")
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    database.migrate(engine)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"} | TABLES


def test_a_second_start_changes_nothing(engine: Engine, tmp_path: Path) -> None:
    again = database.open_database(database.sqlite_url(tmp_path))
    assert set(inspect(again).get_table_names()) == {"alembic_version"} | TABLES
    again.dispose()
    assert engine.url == again.url
