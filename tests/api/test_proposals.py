"""A better policy is found in the journal, proposed, accepted or not, and the hall follows."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from tests.api.owning import NOON, HandClock, database
from tests.api.proposing import DAYS, QUICK, keep_days, mixed_hall, plain_hall
from tests.api.running import HALL, Deadline, Server, bearer
from tests.api.trying import result
from vikno.api import serve
from vikno.api.access import Grant, Role
from vikno.api.app import create_app
from vikno.api.cli import main
from vikno.api.house import House
from vikno.api.proposals import Attempt, Proposals, State
from vikno.api.proposer import LOST
from vikno.api.searches import NIGHT, PROPOSER, Searches, night_of
from vikno.api.searchorder import SearchOrder
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import sqlite_url
from vikno.simulation.proposal import Effort

TODAY = datetime.fromtimestamp(NOON, UTC).date()
AT_NIGHT = NOON - 12 * 3600 + 2.5 * 3600
PATIENCE_SECONDS = 60.0
HERE = f"/api/v1/halls/{HALL}"
STILL = (sys.executable, "-c", "import sys; sys.stdin.read()")


class Office:
    """A server in this process, its clock in the test's hand, and a manager in front of it."""

    def __init__(self, folder: Path, text: str, at: float) -> None:
        self.clock = HandClock(at)
        self.house = serve.build_house(
            [parse_hall(text)], database(folder), policy="fifo", clock=lambda _plan: self.clock
        )
        self.house.searches = Searches(self.house.rooms, self.house.steering, effort=QUICK)
        self.token = self.house.people.tokens.issue(Grant(Role.MANAGER, HALL))
        transport = httpx.ASGITransport(create_app(self.house))
        self._http = httpx.AsyncClient(transport=transport, base_url="http://vikno.test")

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        return await self._http.request(method, HERE + path, json=body, headers=bearer(self.token))

    async def do(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        answer = await self.ask(method, path, body)
        assert answer.is_success, answer.text
        told: dict[str, Any] = answer.json()
        return told

    async def called_by(self, window: str = "w-1") -> str:
        """The policy that a call names."""
        self.clock.at += 60.0
        await self.do("POST", "/tickets", {"services": ["passport"]})
        await self.do("POST", f"/windows/{window}/open")
        called = await self.do("POST", f"/windows/{window}/call-next")
        await self.do("POST", f"/windows/{window}/start")
        await self.do("POST", f"/windows/{window}/finish")
        policy: str = called["why"]["policy"]
        return policy

    async def search(self) -> dict[str, Any]:
        """Ask for a proposal, and wait until the search is over."""
        begun = await self.do("POST", "/proposals")
        assert begun["working"]
        await asyncio.wait_for(await self.house.searches.begin(HALL, "manager"), PATIENCE_SECONDS)
        return await self.do("GET", "/proposals")


@asynccontextmanager
async def office(folder: Path, text: str, at: float = NOON) -> AsyncIterator[Office]:
    """It opens, and closes in the end."""
    place = Office(folder, text, at)
    await place.house.start()
    try:
        yield place
    finally:
        await place.house.stop()


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Data folders of halls with a past, each a copy of its own."""
    made: dict[str, bytes] = {}

    def fold(text: str, days: int = DAYS) -> Path:
        folder = tmp_path_factory.mktemp("data")
        if (kept := made.get(f"{days}{text}")) is None:
            keep_days(folder, text, TODAY, days)
            made[f"{days}{text}"] = (folder / "vikno.sqlite3").read_bytes()
        else:
            (folder / "vikno.sqlite3").write_bytes(kept)
        return folder

    return fold


async def test_what_is_accepted_is_what_the_hall_calls_by_until_it_is_taken_back(
    past: Callable[..., Path],
) -> None:
    text = mixed_hall(zone="UTC")
    folder = past(text)
    async with office(folder, text) as place:
        assert await place.called_by() == "fifo"
        told = await place.search()
        assert not told["working"]
        [found] = told["proposals"]
        assert (found["state"], found["asked"], found["role"]) == ("proposed", "manager", None)
        assert found["left_out"]["count"] + found["days"]["count"] == DAYS
        assert (
            "With the same people the mean wait would have been"
            in (await place.do("GET", "/proposals?lang=en"))["proposals"][0]["sentence"]
        )
        assert await place.called_by() == "fifo", "nothing changes before a manager says so"

        accepted = await place.do("POST", f"/proposals/{found['id']}/accept")
        assert accepted["policy"] == "learned"
        assert await place.called_by() == "learned"
        plan = await place.do("GET", "/plan")
        assert plan["policy"] == "learned"
        assert "learned" in plan["policies"]
        again = await place.do("POST", f"/proposals/{found['id']}/accept")
        assert len(again["decisions"]) == 1, "the same once more changes nothing"
        refused = await place.ask("POST", f"/proposals/{found['id']}/decline")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")

    async with office(folder, text, NOON + 7_200) as place:
        assert await place.called_by() == "learned", "a restart changes nothing"
        taken = await place.do("POST", f"/proposals/{found['id']}/take-back")
        assert taken["policy"] == "fifo"
        assert await place.called_by() == "fifo"
        decided = [(one["decision"], one["role"], one["policy"]) for one in taken["decisions"]]
        assert decided == [("taken-back", "manager", "fifo"), ("accepted", "manager", "learned")]
        audit = await place.do("GET", "/calls")
        assert [one["policy"] for one in audit["decisions"]] == ["fifo", "learned"]


async def test_what_is_declined_changes_nothing(past: Callable[..., Path]) -> None:
    text = mixed_hall(zone="UTC")
    async with office(past(text), text) as place:
        [found] = (await place.search())["proposals"]
        declined = await place.do("POST", f"/proposals/{found['id']}/decline")
        assert (declined["policy"], declined["proposals"][0]["state"]) == ("fifo", "declined")
        assert await place.called_by() == "fifo"
        place.clock.at = AT_NIGHT + 86_400
        assert await place.house.searches.night() == [], "who said no is not asked every night"
        place.clock.at += 8 * 86_400
        assert night_of(parse_hall(text), place.clock.at)
        place.house.searches = Searches(place.house.rooms, place.house.steering, program=STILL)
        assert await place.house.searches.night() == [HALL]


async def test_what_is_accepted_stays_when_the_hall_is_folded_again(past: Callable[..., Path]) -> None:
    text = mixed_hall(zone="UTC")
    async with office(past(text), text) as place:
        [found] = (await place.search())["proposals"]
        await place.do("POST", f"/proposals/{found['id']}/accept")
        owner = place.house.rooms[HALL].owner
        before = owner.hall
        owner._sound = False  # as after a sync that failed
        assert await place.called_by() == "learned"
        assert owner.hall is not before


async def test_where_nothing_can_be_better_nothing_is_proposed(past: Callable[..., Path]) -> None:
    text = plain_hall(zone="UTC")
    async with office(past(text), text) as place:
        [found] = (await place.search())["proposals"]
        assert (found["state"], found["reason"]) == ("nothing", "not-better")
        refused = await place.ask("POST", f"/proposals/{found['id']}/accept")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong-state")


async def test_from_too_few_days_nothing_is_learned(past: Callable[..., Path]) -> None:
    text = plain_hall(zone="UTC")
    async with office(past(text, 3), text) as place:
        refused = await place.ask("POST", "/proposals")
        assert (refused.status_code, refused.json()["code"]) == (409, "too-few-days")


async def test_a_search_that_is_killed_leaves_nothing(past: Callable[..., Path]) -> None:
    text = mixed_hall(zone="UTC")
    async with office(past(text), text) as place:
        place.house.searches = Searches(place.house.rooms, place.house.steering, program=STILL)
        search = await place.house.searches.begin(HALL, "manager")
        deadline = Deadline(PATIENCE_SECONDS)
        while place.house.searches._process is None:
            await asyncio.sleep(0)
            deadline.check("the process")
        os.kill(place.house.searches._process.pid, 9)
        assert not await asyncio.wait_for(search, PATIENCE_SECONDS)
        told = await place.do("GET", "/proposals")
        assert (told["working"], told["proposals"]) == (False, [])
        assert await place.called_by() == "fifo"


def test_the_process_of_a_search_ends_when_its_server_is_gone(past: Callable[..., Path]) -> None:
    order = SearchOrder(sqlite_url(past(mixed_hall(zone="UTC"))), HALL, "fifo", Effort(0, seconds=3_600.0))
    with subprocess.Popen(PROPOSER, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(msgspec.json.encode(order) + b"\n")
            process.stdin.close()
            assert process.wait(PATIENCE_SECONDS) == LOST
            assert process.stdout.read() == b""
        finally:
            process.kill()


async def test_a_newer_proposal_takes_the_place_of_one_that_waits(past: Callable[..., Path]) -> None:
    text = plain_hall(zone="UTC")
    proposals = Proposals(database(past(text)))
    attempt = Attempt(HALL, NOON, NIGHT, ("2026-11-25",), (), "{}", None, None, "")
    first, second = proposals.add(attempt), proposals.add(attempt)
    vain = proposals.add(msgspec.structs.replace(attempt, policy=None))
    states = {one.id: one.state for one in proposals.told(HALL)}
    assert states == {first: State.SUPERSEDED, second: State.PROPOSED, vain: State.NOTHING}
    proposals.decide(HALL, second, State.ACCEPTED, role="admin", at=NOON, base="fifo")
    assert proposals.in_force(HALL) is None, "what cannot be read does not count"


async def test_a_search_ends_with_its_server(past: Callable[..., Path]) -> None:
    text = mixed_hall(zone="UTC")
    async with office(past(text), text) as place:
        place.house.searches = Searches(place.house.rooms, place.house.steering, program=STILL)
        search = await place.house.searches.begin(HALL, "manager")
        await asyncio.sleep(0)
    assert search.done()
    process = place.house.searches._process
    assert process is None or process.returncode is not None


async def test_each_hall_is_looked_at_once_a_night(past: Callable[..., Path]) -> None:
    text = plain_hall(zone="UTC")
    folder = past(text)
    async with office(folder, text, AT_NIGHT) as place:
        searches = place.house.searches
        assert await searches.night() == [HALL]
        assert await searches.night() == []
        await asyncio.wait_for(await searches.begin(HALL, "manager"), PATIENCE_SECONDS)
        [found] = (await place.do("GET", "/proposals"))["proposals"]
        assert found["asked"] == NIGHT
    async with office(folder, text, AT_NIGHT + 600) as place:
        assert await place.house.searches.night() == [], "a restart does not make it another night"
    async with office(folder, text, NOON) as place:
        assert await place.house.searches.night() == [], "the day is for visitors"


@pytest.mark.parametrize(
    ("opens", "hours", "due"),
    [(0, 2.5, True), (8, 4.9, True), (8, 5.1, False), (4, 4.5, False), (8, 1.9, False)],
)
def test_the_night_is_when_the_hall_sleeps(opens: int, hours: float, due: bool) -> None:
    text = plain_hall(zone="Europe/Kyiv").replace('opens = "00:00"', f'opens = "{opens:02}:00"')
    local = datetime.fromisoformat("2026-11-26T00:00+02:00") + timedelta(hours=hours)
    assert night_of(parse_hall(text), local.timestamp()) == ("2026-11-26" if due else None)


async def test_a_server_may_be_told_not_to_look(past: Callable[..., Path]) -> None:
    text = plain_hall(zone="UTC")
    house = serve.build_house([parse_hall(text)], database(past(text)), proposes=False)
    assert isinstance(house, House)
    await house.start()
    with pytest.raises(Exception, match="--no-proposals"):
        await house.searches.begin(HALL, "manager")
    await house.stop()


def test_a_proposal_made_on_the_command_line_is_accepted_at_a_real_server_and_survives_its_death(
    make_server: Callable[..., Server],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = mixed_hall()
    server = make_server(text)
    keep_days(server.data, text, datetime.now(UTC).date())
    words = ["--data", str(server.data), "--hall", HALL, "--policy", "fifo", "--rounds", "1"]
    monkeypatch.setattr(sys, "argv", ["vikno", "propose", *words])
    with pytest.raises(SystemExit) as end:
        main()
    told = capsys.readouterr()
    assert (end.value.code, told.err) == (0, "")
    assert told.out.startswith(f"{HALL}: proposal 1, learned from 18 days")
    server.start()
    manager, clerk = bearer(server.token(Role.MANAGER)), bearer(server.token(Role.CLERK, "w-1"))
    assert httpx.get(f"{server.api}/proposals", headers=clerk).status_code == 403
    path = f"{server.api}/proposals/1/accept"
    assert httpx.post(path, headers=clerk).status_code == 403
    assert httpx.post(path, headers=manager, timeout=20).json()["policy"] == "learned"
    assert called_by(server, manager) == "learned"
    order = {"type": "run", "scenarios": [{}, {"policy": "fifo"}], "days": 3}
    tried = asyncio.run(result(server, server.token(Role.MANAGER), order, HALL))
    assert [(one["plan"], one["policy"]) for one in tried["scenarios"]] == [
        ("today", "learned"),
        ("b", "fifo"),
    ]
    server.kill()
    server.start()
    assert called_by(server, manager) == "learned"


def called_by(server: Server, manager: dict[str, str]) -> str:
    with httpx.Client(headers=manager, timeout=20) as http:
        http.post(f"{server.api}/tickets", json={"services": ["passport"]}).raise_for_status()
        http.post(f"{server.api}/windows/w-1/open").raise_for_status()
        why = http.post(f"{server.api}/windows/w-1/call-next").raise_for_status().json()["why"]
        http.post(f"{server.api}/windows/w-1/start").raise_for_status()
        http.post(f"{server.api}/windows/w-1/finish").raise_for_status()
    return str(why["policy"])
