"""A key is known on its service day and the next, whether or not the server was started anew meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.owning import NOON, HandClock, database, issue, kinds, owned
from tests.api.running import HALL
from vikno.api import repeats
from vikno.api.owner import HallOwner
from vikno.api.repeats import Repeats
from vikno.queue.errors import CommandRefused
from vikno.queue.journal.journal import Journal

DAY = 86_400.0


async def said(owner: HallOwner, ticket: str, request: str) -> str:
    """The answer, or the code of the refusal."""
    try:
        answer = await owner.submit(issue(ticket), kinds, key="k", request=request)
    except CommandRefused as refusal:
        return refusal.code
    return answer.decode()


@pytest.mark.parametrize("again", [False, True], ids=["running on", "started again each day"])
async def test_a_key_is_known_for_two_days(tmp_path: Path, *, again: bool) -> None:
    engine, clock = database(tmp_path), HandClock(NOON)
    heard: list[str] = []

    async def ask(owner: HallOwner, day: int) -> None:
        clock.at = NOON + day * DAY
        await owner.submit(issue(f"other-{day}"), kinds)
        heard.append(await said(owner, f"t-{day}", "the same"))
        heard.append(await said(owner, f"u-{day}", "another"))

    if again:
        for day in range(3):
            async with owned(Journal(engine, HALL), clock) as owner:
                await ask(owner, day)
    else:
        async with owned(Journal(engine, HALL), clock) as owner:
            for day in range(3):
                await ask(owner, day)
    first, second, third = heard[::2]
    assert first == second
    assert third != "key-reused"
    assert again or third != first, "what was known before a start is known for a day longer"
    assert heard[1::2] == ["key-reused"] * 3
    engine.dispose()


async def test_memory_holds_two_days_at_most(tmp_path: Path) -> None:
    engine, clock = database(tmp_path), HandClock(NOON)
    async with owned(Journal(engine, HALL), clock) as owner:
        for day in range(6):
            clock.at = NOON + day * DAY
            for number in range(10):
                await owner.submit(issue(f"t-{day}-{number}"), kinds, key=f"{day}-{number}", request="r")
            assert len(owner._keys) == (10 if day == 0 else 20)
    engine.dispose()


def test_of_one_day_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "KEYS_MAX", 3)
    known = Repeats()
    known.add({str(number): ("r", b"") for number in range(5)})
    assert [known.get(str(number)) is not None for number in range(5)] == [False, False, True, True, True]
