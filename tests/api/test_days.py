"""Midnight and both clock changes, in Kyiv, Sofia and UTC: days, numbers, hours and waits are right.

The offsets stand here by hand: both cities are two hours ahead of UTC, three in summer time, which begins
and ends at 01:00 UTC.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.api.owning import HandClock, database, room_of
from tests.api.running import hall_text
from vikno.api.room import Room
from vikno.queue import commands as c
from vikno.queue.errors import CommandRefused
from vikno.queue.hallfile import parse_hall
from vikno.simulation.outlook.moment import moment_of

SUMMER_BEGINS = datetime(2026, 3, 29, 1, tzinfo=UTC)
SUMMER_ENDS = datetime(2026, 10, 25, 1, tzinfo=UTC)
CITIES = ("Europe/Kyiv", "Europe/Sofia")
ZONES = (*CITIES, "UTC")
HOUR = timedelta(hours=1)

SPRING, AUTUMN, PLAIN = datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 11, 18)  # noqa: DTZ001
"""Local days, without a zone: shorter by an hour, longer by an hour, and like any other."""

DAYS = (SPRING, AUTUMN, PLAIN)


def offset(zone: str, at: datetime) -> timedelta:
    """How far ahead of UTC the clocks are."""
    if zone not in CITIES:
        return timedelta(0)
    return HOUR * (3 if SUMMER_BEGINS <= at < SUMMER_ENDS else 2)


def midnight(zone: str, day: datetime) -> datetime:
    """The instant at which a local day begins; no clock changes at midnight."""
    utc = day.replace(tzinfo=UTC)
    return utc - offset(zone, utc - HOUR * 3)


def length(zone: str, day: datetime) -> int:
    """Hours of a local day."""
    if zone not in CITIES:
        return 24
    return {SPRING: 23, AUTUMN: 25}.get(day, 24)


class Town:
    """A hall with a clock in the hand."""

    def __init__(self, room: Room, clock: HandClock) -> None:
        self.room = room
        self.clock = clock
        self._issued = 0

    def set(self, at: datetime) -> None:
        """What the clock shows."""
        self.clock.at = at.timestamp()

    async def issue(self, service: str = "passport") -> dict[str, Any]:
        """A new ticket as its visitor sees it."""
        self._issued += 1
        name = f"t-{self._issued}"
        answer = await self.room.owner.submit(
            lambda at: c.IssueTicket(at, name, (service,)),
            lambda hall, _events: json.dumps(self.room.views().ticket(hall.tickets[name])).encode(),
        )
        ticket: dict[str, Any] = json.loads(answer)
        return ticket

    async def press(self, command: type[c.WindowCommand]) -> Any:
        """A button of the first window; the event it makes."""
        made: list[Any] = []

        def note(_hall: object, events: Any) -> bytes:
            made.extend(events)
            return b""

        await self.room.owner.submit(lambda at: command(at, "w-1"), note)
        return made[0] if made else None

    async def staff(self) -> dict[str, Any]:
        """The hall as staff see it, after the clock was asked."""
        await self.room.owner.submit(lambda at: c.OpenWindow(at, "w-4"), lambda _hall, _events: b"")
        view: dict[str, Any] = await self.room.owner.read(lambda _hall: self.room.views().staff())
        return view


Towns = Callable[..., Any]


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory) -> Towns:
    @asynccontextmanager
    async def make(
        zone: str, at: datetime, opens: str = "00:00", closes: str = "24:00"
    ) -> AsyncIterator[Town]:
        plan = parse_hall(hall_text(time_zone=zone, opens=opens, closes=closes))
        clock = HandClock(at.timestamp())
        async with room_of(database(tmp_path_factory.mktemp("town")), clock, plan) as room:
            yield Town(room, clock)

    return make


def check_instant(text: str, zone: str, at: datetime) -> None:
    """The instant itself, and the offset that holds then."""
    told = datetime.fromisoformat(text)
    assert told == at
    assert told.utcoffset() == offset(zone, at)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%d-%b}")
async def test_every_half_hour_of_a_day_and_of_the_nights_around_it(
    town: Towns, zone: str, day: datetime
) -> None:
    begins = midnight(zone, day)
    ends = begins + HOUR * length(zone, day)
    assert ends == midnight(zone, day + timedelta(days=1))
    at, number = begins - 2 * HOUR, 0
    async with town(zone, at) as hall:
        while at < ends + 2 * HOUR:
            if at in {begins, ends}:
                hall.set(at - timedelta(milliseconds=1))
                assert (await hall.issue())["number"] == f"A{number + 1}"
                number = 0
            number += 1
            hall.set(at)
            ticket = await hall.issue()
            check_instant(ticket["issued"], zone, at)
            assert ticket["number"] == f"A{number}"
            assert ticket["ahead"] == number - 1
            view = await hall.staff()
            today = day + timedelta(days=(at >= ends) - (at < begins))
            assert view["day"] == f"{today:%Y-%m-%d}"
            assert view["open"]
            assert view["today"]["issued"] == number
            check_instant(view["opens"], zone, midnight(zone, today))
            check_instant(view["closes"], zone, midnight(zone, today + timedelta(days=1)))
            at += HOUR / 2


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYS, ids=lambda day: f"{day:%d-%b}")
async def test_the_doors_open_and_close_by_the_clock_on_the_wall(
    town: Towns, zone: str, day: datetime
) -> None:
    opens = midnight(zone, day) + HOUR * (8 - 24 + length(zone, day))
    async with town(zone, midnight(zone, day), "08:00", "16:30") as hall:
        view = await hall.staff()
        assert view["opens"].startswith(f"{day:%Y-%m-%d}T08:00:00")
        assert view["closes"].startswith(f"{day:%Y-%m-%d}T16:30:00")
        check_instant(view["opens"], zone, opens)
        check_instant(view["closes"], zone, opens + HOUR * 8.5)
        tick = timedelta(milliseconds=1)
        for at in (midnight(zone, day), opens - tick):
            hall.set(at)
            assert not (await hall.staff())["open"]
            with pytest.raises(CommandRefused, match="from 08:00 to 16:30"):
                await hall.issue()
        for at in (opens, opens + HOUR * 8.5 - tick):
            hall.set(at)
            assert (await hall.staff())["open"]
            await hall.issue()
        hall.set(opens + HOUR * 8.5)
        assert not (await hall.staff())["open"]
        with pytest.raises(CommandRefused, match="closed"):
            await hall.issue()


@pytest.mark.parametrize("zone", CITIES)
@pytest.mark.parametrize(
    ("day", "hours"), [(SPRING, 3), (AUTUMN, 5), (PLAIN, 4)], ids=["spring", "autumn", "plain"]
)
async def test_a_hall_open_over_the_change_is_open_an_hour_shorter_or_longer(
    town: Towns, zone: str, day: datetime, hours: int
) -> None:
    async with town(zone, midnight(zone, day), "02:00", "06:00") as hall:
        view = await hall.staff()
        opens, closes = (datetime.fromisoformat(view[name]) for name in ("opens", "closes"))
        assert (opens.hour, closes.hour) == (2, 6)
        assert closes - opens == HOUR * hours


async def morning(hall: Town, start: datetime) -> list[Any]:
    """A call every five minutes from half past midnight until the clocks have changed.

    What is handed over to foresee waits from: for how many seconds each has waited, after every call.
    """
    hall.set(start)
    for _ in range(60):
        await hall.issue()
    await hall.press(c.OpenWindow)
    handed = []
    for number in range(1, 49):
        hall.set(start + timedelta(minutes=5 * number))
        called = await hall.press(c.CallNext)
        assert called.why.waited_minutes == pytest.approx(5 * number)
        await hall.press(c.StartService)
        hall.set(start + timedelta(minutes=5 * number + 3))
        await hall.press(c.FinishService)
        view = await hall.staff()
        window = next(window for window in view["windows"] if window["id"] == "w-1")
        assert window["serving_minutes"] == pytest.approx(3 * number)
        assert view["today"]["waited_minutes_mean"] == pytest.approx(5 * (number + 1) / 2)
        moment = await hall.room.owner.read(lambda live: moment_of(live, hall.room.owner.clock.now()))
        assert moment is not None
        handed.append([(round(one.place_ago), round(one.came_ago)) for one in moment.standing])
    return handed


@pytest.mark.parametrize("zone", ZONES)
async def test_waits_are_real_minutes_over_the_change(town: Towns, zone: str) -> None:
    handed = []
    for day in DAYS:
        start = midnight(zone, day) + HOUR / 2
        async with town(zone, start) as hall:
            handed.append(await morning(hall, start))
    assert handed[0] == handed[1] == handed[2]
    assert handed[0][-1]


async def test_one_instant_may_lie_on_two_days(town: Towns) -> None:
    at = datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    for zone, day in (
        ("UTC", "2026-06-30"),
        ("Europe/Kyiv", "2026-07-01"),
        ("America/New_York", "2026-06-30"),
    ):
        async with town(zone, at) as hall:
            assert (await hall.staff())["day"] == day


async def test_at_midnight_who_waits_was_not_served_and_who_is_served_stays(town: Towns) -> None:
    begins = midnight("Europe/Kyiv", PLAIN)
    async with town("Europe/Kyiv", begins - HOUR) as hall:
        await hall.press(c.OpenWindow)
        served, waiting = await hall.issue(), await hall.issue()
        await hall.press(c.CallNext)
        await hall.press(c.StartService)
        hall.set(begins + timedelta(minutes=1))
        view = await hall.staff()
        assert [ticket["id"] for ticket in view["tickets"]] == [served["id"]]
        assert waiting["id"] not in hall.room.owner.hall.tickets
        await hall.press(c.FinishService)
        assert (await hall.issue())["number"] == "A1"
