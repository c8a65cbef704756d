"""What is over is deleted, once a night and by who keeps house; what is not over stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from tests.api.owning import HandClock
from vikno.api.keeper import Keeper
from vikno.api.operations.contents import table
from vikno.api.people.sessions import IDLE_SECONDS
from vikno.api.periods import BadPeriod, Periods, read_periods
from vikno.api.retention import SECONDS_A_DAY, Retention, forget
from vikno.queue.journal.database import open_database

NOW = datetime(2026, 11, 20, 3, tzinfo=UTC).timestamp()
LONG_AGO = NOW - 400 * SECONDS_A_DAY
PERIODS = Periods(trail_days=365, disabled_accounts_days=30)

Rows = dict[str, list[tuple[dict[str, Any], bool]]]
ROWS: Rows = {
    "notes": [
        ({"hall": "gone", "ticket": "a", "text": "x", "delete_after": NOW}, True),
        ({"hall": "gone", "ticket": "b", "text": "x", "delete_after": NOW + 1}, False),
    ],
    "accounts": [
        (account, over)
        for number, (active, seen, over) in enumerate(
            [(True, LONG_AGO, False), (False, LONG_AGO, True), (False, NOW, False), (False, None, True)], 1
        )
        for account in [
            {"id": number, "name": f"n{number}", "display_name": "N", "language": "", "active": active}
            | {"made": LONG_AGO, "seen": seen}
        ]
    ],
    "grants": [
        ({"account": number, "role": "clerk", "hall": "small"}, over)
        for number, over in ((1, False), (2, True), (3, False), (4, True))
    ],
    "sessions": [
        ({"hash": "a", "account": 1, "made": 1.0, "seen": NOW, "until": NOW + 1}, False),
        ({"hash": "b", "account": 1, "made": 1.0, "seen": NOW, "until": NOW}, True),
        ({"hash": "c", "account": 1, "made": 1.0, "seen": NOW - IDLE_SECONDS, "until": NOW + 1}, True),
    ],
    "sign_in_keys": [({"hash": "a", "until": NOW}, True), ({"hash": "b", "until": NOW + 1}, False)],
    "pairings": [
        ({"hash": "a", "user_code": "A", "kind": "screen", "until": NOW, "interval": 5.0}, True),
        ({"hash": "b", "user_code": "B", "kind": "screen", "until": NOW + 1, "interval": 5.0}, False),
    ],
    "trail": [
        ({"at": NOW - 365 * SECONDS_A_DAY, "who": "a", "kind": "b", "detail": "{}"}, True),
        ({"at": NOW - 364 * SECONDS_A_DAY, "who": "a", "kind": "b", "detail": "{}"}, False),
    ],
    "tokens": [({"hash": "a", "role": "kiosk", "hall": "small", "made": 0.0, "revoked": 1.0}, False)],
}


@pytest.fixture
def filled(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    with engine.begin() as connection:
        for name, rows in ROWS.items():
            for row, _ in rows:
                connection.execute(insert(table(name)).values(**row))
    yield engine
    engine.dispose()


def left(engine: Engine, name: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table(name))).mappings()]


def test_what_is_over_goes_and_what_is_not_stays(filled: Engine) -> None:
    found = forget(filled, NOW, PERIODS)
    for name, rows in ROWS.items():
        stays = [row for row, over in rows if not over]
        kept = zip(left(filled, name), stays, strict=True)
        assert [{key: row[key] for key in one} for row, one in kept] == stays
        assert found.get(name, 0) == sum(over for _, over in rows)
    assert not any(forget(filled, NOW, PERIODS).values())


def at(day: int, hour: int, minute: int = 0) -> float:
    """An instant of that November, UTC."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC).timestamp()


async def test_it_is_done_once_a_night_and_by_who_keeps_house(filled: Engine) -> None:
    clock, keeper = HandClock(at(21, 0, 59)), Keeper(filled)
    retention = Retention(filled, keeper, PERIODS, clock.now)
    keeper._keeps = False
    assert not await retention.look()
    clock.at = at(21, 1)
    assert not await retention.look()
    assert len(left(filled, "sign_in_keys")) == 2
    keeper._keeps = True
    assert [await retention.look(), await retention.look()] == [True, False]
    assert not left(filled, "sign_in_keys")
    clock.at = at(22, 0, 30)
    assert not await retention.look()
    clock.at = at(22, 7)
    assert await retention.look()


def test_a_period_is_a_setting_with_limits() -> None:
    assert read_periods({}) == Periods(365, 365)
    assert read_periods({"VIKNO_KEEP_TRAIL_DAYS": "90"}) == Periods(90, 365)
    assert read_periods({"VIKNO_KEEP_DISABLED_ACCOUNTS_DAYS": " 30 "}) == Periods(365, 30)


@pytest.mark.parametrize(
    ("name", "value"),
    [("TRAIL_DAYS", "29"), ("TRAIL_DAYS", "3651"), ("TRAIL_DAYS", "a year"), ("EVERYTHING_DAYS", "90")],
)
def test_a_period_that_cannot_be_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(BadPeriod, match=f"^VIKNO_KEEP_{name}: "):
        read_periods({f"VIKNO_KEEP_{name}": value})
