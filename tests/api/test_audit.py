"""The calls of a day over HTTP: from the journal, the same after a restart, and in parts that add up."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.owning import NOON, HandClock, database
from tests.api.running import HALL, bearer, hall_text
from tests.scheduler.adversaries import last_come_first
from vikno.api.access import Grant, Role
from vikno.api.app import create_app
from vikno.api.doors.audit import CALLS_MAX
from vikno.api.house import House
from vikno.api.room import Room
from vikno.display.audit import COLUMNS
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.journal import Journal

PLAN = parse_hall(hall_text(time_zone="Europe/Kyiv"))
DAY_SECONDS = 24 * 3600.0
TODAY, TOMORROW = "2026-11-26", "2026-11-27"
WHYS = {"policy", "rule", "waited_minutes", "waiting", "overtook", "overtook_numbers", "score", "against"}


class Office:
    """A server in the test's own process, its clock in the hand; the policy calls who came last."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self.clock = clock
        self.journal = Journal(database(folder), HALL)
        self.room = Room(PLAN, lambda: Hall(last_come_first()), self.journal, clock)
        self.house = House({HALL: self.room}, self.journal.engine)
        transport = httpx.ASGITransport(create_app(self.house))
        self.http = httpx.AsyncClient(transport=transport, base_url=f"http://vikno.test/api/v1/halls/{HALL}")
        self.http.headers.update(bearer(self.house.people.tokens.issue(Grant(Role.MANAGER, HALL))))

    async def do(self, path: str, **body: Any) -> dict[str, Any]:
        """Something happens, a second later."""
        self.clock.at += 1
        answer = await self.http.post(path, json=body or None)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def take(self, service: str = "passport") -> dict[str, Any]:
        return dict((await self.do("/tickets", services=[service]))["ticket"])

    async def ask(self, **asked: Any) -> dict[str, Any]:
        """What is told of the calls."""
        answer = await self.http.get("/calls", params=asked)
        assert answer.is_success, answer.text
        return dict(answer.json())

    def kept(self) -> list[e.TicketCalled]:
        """The calls as they lie in the journal, newest first."""
        events = [e.decode(entry.payload) for entry in self.journal.read()]
        return [event for event in reversed(events) if isinstance(event, e.TicketCalled)]


@asynccontextmanager
async def opened(folder: Path, at: float = NOON) -> AsyncIterator[Office]:
    office = Office(folder, HandClock(at))
    await office.house.start()
    yield office
    await office.http.aclose()
    await office.house.stop()


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """Six came; three were called, the last first, and one of these calls was taken back."""
    async with opened(tmp_path) as office:
        for window in ("w-1", "w-2", "w-4"):
            await office.do(f"/windows/{window}/open")
        for service in ("passport", "residence", "passport", "pickup", "passport", "residence"):
            await office.take(service)
        await office.do("/windows/w-1/call-next")
        await office.do("/windows/w-2/call-next")
        await office.do("/windows/w-2/undo")
        await office.do("/windows/w-4/call-next")
        yield office


async def test_each_call_is_told_as_the_journal_has_it_newest_first(office: Office) -> None:
    told = await office.ask(lang="en")
    assert (told["day"], told["more"], told["time_zone"]) == (TODAY, False, "Europe/Kyiv")
    assert [(one["ticket"], one["label"], one["undone"]) for one in told["calls"]] == [
        ("B1", "4", False),
        ("A3", "2", True),
        ("B2", "1", False),
    ]
    for one, kept in zip(told["calls"], office.kept(), strict=True):
        assert set(one["why"]) == WHYS
        assert one["why"]["waited_minutes"] == kept.why.waited_minutes
        assert one["why"]["overtook_numbers"] == list(kept.why.overtook_numbers)
        assert one["window"] == kept.window
        assert one["sentence"].startswith(f"{one['ticket']} first: ")
        assert one["at"].endswith("+02:00")


async def test_after_a_restart_every_word_is_the_same(tmp_path: Path, office: Office) -> None:
    before = await office.ask(lang="uk")
    async with opened(tmp_path, office.clock.at + 60) as again:
        assert await again.ask(lang="uk") == before


async def test_one_ticket_is_told_with_all_that_went_before_it(office: Office) -> None:
    told = (await office.ask(number="a1"))["calls"]
    assert [(one["ticket"], one["passed"]) for one in told] == [("A3", True), ("B2", True)]
    assert await office.ask(number="А1") == await office.ask(number="A1")
    assert [one["ticket"] for one in (await office.ask(number="D1"))["calls"]] == ["B2"]
    own = (await office.ask(number="B1"))["calls"]
    assert [(one["ticket"], one["passed"]) for one in own] == [("B1", False), ("A3", True), ("B2", True)]
    assert (await office.ask(number="Z9"))["calls"] == []


async def test_parts_of_a_day_leave_nothing_out_and_tell_nothing_twice(office: Office) -> None:
    whole = (await office.ask())["calls"]
    parts: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 2}
    while True:
        told = await office.ask(**asked)
        parts += told["calls"]
        if not told["more"]:
            break
        asked["before"] = parts[-1]["seq"]
    assert parts == whole
    assert len(whole) == 3


async def test_a_past_day_is_told_by_its_own_date_and_plan(office: Office) -> None:
    before = await office.ask()
    office.clock.at += DAY_SECONDS
    await office.take("pickup")
    await office.do("/windows/w-1/finish")
    await office.do("/windows/w-1/call-next")
    today = await office.ask()
    assert (today["day"], [one["ticket"] for one in today["calls"]]) == (TOMORROW, ["D1"])
    past = await office.ask(date=TODAY)
    assert (past["day"], past["calls"]) == (TODAY, before["calls"])
    for day in ("2020-01-01", "0001-01-01", "9999-12-31"):
        assert (await office.ask(date=day))["calls"] == []


async def test_the_sheet_holds_the_same_calls(office: Office) -> None:
    told = (await office.ask(lang="en"))["calls"]
    answer = await office.http.get("/calls.csv", params={"lang": "en"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == f'attachment; filename="{HALL}-{TODAY}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert tuple(rows[0]) == COLUMNS
    for row, one in zip(rows, told, strict=True):
        assert (row["ticket"], row["sentence"], row["at"]) == (one["ticket"], one["sentence"], one["at"])
        assert row["overtook_numbers"].split() == one["why"]["overtook_numbers"]
        assert row["undone"] == str(int(one["undone"]))


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"date": "yesterday"}, "date"),
        ({"limit": 0}, "limit"),
        ({"limit": CALLS_MAX + 1}, "limit"),
        ({"before": 0}, "before"),
        ({"number": "A" * 21}, "number"),
        ({"ticket": "A1"}, "ticket"),
    ],
)
async def test_a_wrong_question_is_refused_by_its_field(
    office: Office, asked: dict[str, Any], field: str
) -> None:
    for path in ("/calls", "/calls.csv"):
        answer = await office.http.get(path, params=asked)
        assert answer.status_code == 422
        assert answer.json()["code"] == "invalid"
        assert field in answer.json()["field"]


async def test_a_visitor_is_told_how_many_went_first_but_no_number(office: Office) -> None:
    mine = await office.take("social")
    later = await office.take("social")
    await office.do("/windows/w-2/call-next")
    office.clock.at += 6  # too late to be undone
    await office.do("/windows/w-4/finish")
    await office.do("/windows/w-4/call-next")
    seen = await office.http.get(f"/tickets/{mine['id']}", headers=bearer(mine["id"]))
    passed = {"count": 1, "rule": "by-last", "most": PLAN.overtaken_max}
    assert seen.json()["ticket"]["passed"] == passed
    assert later["number"] not in seen.text
    called = await office.http.get(f"/tickets/{later['id']}", headers=bearer(later["id"]))
    assert called.json()["ticket"]["passed"] is None
    staff = await office.http.get(f"/tickets/{mine['id']}")
    assert "passed" not in staff.json()["ticket"]
