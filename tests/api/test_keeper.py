"""The keeper: one process of a database does the housekeeping, and when it is gone another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.postgresql import PostgreSQL
from vikno.api.keeper import Keeper
from vikno.queue.journal.database import open_database, sqlite_url

WAIT_SECONDS_MAX = 20.0


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(WAIT_SECONDS_MAX):
        while not so():  # noqa: ASYNC110  (it is the database that must notice, and tells nobody)
            await asyncio.sleep(0.02)


async def test_on_sqlite_the_only_process_keeps(tmp_path: Path) -> None:
    keeper = Keeper(open_database(sqlite_url(tmp_path)))
    assert keeper.keeps
    await keeper.start()
    assert keeper.keeps
    await keeper.stop()


async def test_one_of_three_keeps_and_another_when_it_stops_or_loses_the_database(
    postgresql: PostgreSQL, postgresql_database: str
) -> None:
    engine = open_database(postgresql.url(postgresql_database))
    keepers = [Keeper(engine) for _ in range(3)]
    assert not any(keeper.keeps for keeper in keepers)
    for keeper in keepers:
        await keeper.start()

    def count() -> int:
        return sum(keeper.keeps for keeper in keepers)

    await until(lambda: count() == 1)
    [first] = [keeper for keeper in keepers if keeper.keeps]
    await first.stop()
    keepers.remove(first)
    assert not first.keeps
    await until(lambda: count() == 1)

    postgresql.cut_off(postgresql_database)
    await until(lambda: count() == 0)
    postgresql.let_in(postgresql_database)
    await until(lambda: count() == 1)
    for keeper in keepers:
        await keeper.stop()
    engine.dispose()
