"""Prometheus is told what is so, in its own words, and only if it may be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.frames import CloseCode

from tests.api.owning import NOON, HandClock, database, lose
from tests.api.running import bearer, hall_text
from vikno.api import serve
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.app import create_app
from vikno.api.house import House
from vikno.api.watch.tally import BOUNDS, Durations
from vikno.queue.hallfile import parse_hall

API = "/api/v1/halls/demo"
TICKETS = "/api/v1/halls/{hall}/tickets"

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


class Reader:
    """A screen that is only there."""

    def send(self, frames: bytes) -> None: ...

    def check(self) -> None: ...

    def close(self, code: int, reason: str) -> None:
        assert CloseCode(code)
        assert reason


class Place:
    """A hall, somebody who manages it, and somebody who watches the server."""

    def __init__(self, folder: Path) -> None:
        plan = parse_hall(hall_text(time_zone="UTC"))
        self.house: House = serve.build_house([plan], database(folder), clock=lambda _plan: HandClock(NOON))
        transport = httpx.ASGITransport(create_app(self.house))
        self.http = httpx.AsyncClient(transport=transport, base_url="http://vikno.test")

    def token(self, role: Role, hall: str = "demo") -> dict[str, str]:
        return bearer(self.house.people.tokens.issue(Grant(role, hall)))

    async def figures(self) -> Samples:
        """Every sample by its name and labels."""
        answer = await self.http.get("/metrics", headers=self.token(Role.MONITOR, ANY_HALL))
        assert answer.is_success
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    await place.house.start()
    yield place
    await place.http.aclose()
    await place.house.stop()


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


async def test_the_figures_are_what_happened(place: Place) -> None:
    manager = place.token(Role.MANAGER)
    for _ in range(3):
        made = await place.http.post(f"{API}/tickets", json={"services": ["passport"]}, headers=manager)
        assert made.is_success
    for step in ("open", "call-next", "call-next"):
        await place.http.post(f"{API}/windows/w-1/{step}", headers=manager)
    place.house.rooms["demo"].audiences["public"].readers.add(Reader())
    place.house.tally.stream_cut("too slow")
    told = await place.figures()
    assert of(told, "vikno_requests_total", method="POST", route=TICKETS, status="201") == 3
    step = "/api/v1/halls/{hall}/windows/{window}/call-next"
    assert of(told, "vikno_requests_total", method="POST", route=step, status="200") == 1
    assert of(told, "vikno_requests_total", method="POST", route=step, status="409") == 1
    assert of(told, "vikno_request_seconds_count", method="POST", route=TICKETS) == 3
    assert of(told, "vikno_waiting", hall="demo", service="passport") == 2
    assert of(told, "vikno_windows", hall="demo", state="open") == 1
    assert of(told, "vikno_windows", hall="demo", state="closed") == 3
    assert of(told, "vikno_streams_open", hall="demo", audience="public") == 1
    assert of(told, "vikno_streams_open", hall="demo", audience="staff") == 0
    assert of(told, "vikno_streams_cut_total", reason="too slow") == 1
    assert of(told, "vikno_commands_refused_total", hall="demo") == 1
    hall = place.house.rooms["demo"].owner.hall
    assert of(told, "vikno_events_total", hall="demo") == hall.seq
    assert of(told, "vikno_last_event_timestamp_seconds", hall="demo") == pytest.approx(hall.at)
    assert of(told, "vikno_folds_total", hall="demo") == 1
    assert of(told, "vikno_journal_refusals_total", hall="demo") == 0
    assert of(told, "vikno_hall_ready", hall="demo") == 1
    assert of(told, "process_resident_memory_bytes") > 10e6


async def test_a_hall_that_cannot_be_read_is_told_and_its_figures_are_not(place: Place) -> None:
    lose(place.house.rooms["demo"])
    told = await place.figures()
    assert of(told, "vikno_hall_ready", hall="demo") == 0
    assert not any(name in {"vikno_waiting", "vikno_windows"} for name, _ in told)


async def test_only_a_monitor_and_whoever_administers_all_may_read_them(place: Place) -> None:
    asked = await place.http.get("/metrics")
    assert (asked.status_code, asked.json()["code"]) == (401, "not-signed-in")
    for role in (Role.KIOSK, Role.SCREEN, Role.MANAGER, Role.ADMIN, Role.AUDITOR, Role.NETWORK_MANAGER):
        assert (await place.http.get("/metrics", headers=place.token(role))).status_code == 403
    assert (await place.http.get("/metrics", headers=place.token(Role.ADMIN, ANY_HALL))).is_success
    monitor = place.token(Role.MONITOR, ANY_HALL)
    for path in (API, f"{API}/board", "/api/v1/trail", "/api/v1/accounts"):
        assert (await place.http.get(path, headers=monitor)).status_code == 403


async def test_nobody_makes_up_labels(place: Place) -> None:
    for number in range(50):
        await place.http.request(f"MADE-UP-{number}", f"/nowhere/{number}?{number}")
        await place.http.get(f"/api/v1/halls/hall-{number}/board")
        await place.http.get(f"/static/{number}.js")
    labels = {
        dict(labels)["route"] for name, labels in await place.figures() if name == "vikno_requests_total"
    }
    methods = {
        dict(labels)["method"] for name, labels in await place.figures() if name == "vikno_requests_total"
    }
    assert labels <= {"none", "/api/v1/halls/{hall}/board", "/static", "/metrics"}
    assert methods <= {"other", "GET"}


def test_a_duration_lies_in_the_first_bucket_that_holds_it() -> None:
    took = Durations()
    for bound in BOUNDS:
        took.add(bound)
    took.add(BOUNDS[-1] * 2)
    assert took.counts == [1] * (len(BOUNDS) + 1)
    assert took.seconds == pytest.approx(sum(BOUNDS) + 2 * BOUNDS[-1])
