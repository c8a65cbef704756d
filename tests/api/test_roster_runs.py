"""What a roster's page has worked out beside the server: days in the twin, a better roster, what to learn."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.api.rostering import PRESENT, change, upload
from tests.api.running import Server, bearer
from tests.api.trying import TRIED, ordered, tried_hall
from vikno.api.access import Grant, Role
from vikno.api.experiments import HALL_RUNS_MAX

RUNS = "roster-runs"
BARE = "bare"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Any) -> Any:
    """A hall with visitors, and one of which nothing is known; each with a roster."""
    bare = tried_hall(BARE)
    for line in [line for line in bare.splitlines() if line.startswith(("arrivals", "service ="))]:
        bare = bare.replace(line + "\n", "")
    bare = bare.replace('[[visits]]\nservices = ["passport", "residence"]\n', "")
    running = Server(tmp_path_factory.mktemp("server"), bytecode, tried_hall(), bare)
    running.start()
    for hall in (TRIED, BARE):
        token = running.tokens().issue(Grant(Role.MANAGER, hall))
        address = f"{running.url}api/v1/halls/{hall}/roster/problem"
        assert httpx.post(address, json=upload(), headers=bearer(token)).is_success
    yield running
    running.kill()
    running.check_log()


async def heard(server: Server, order: Any, hall: str = TRIED, cancel: bool = False) -> list[dict[str, Any]]:
    """Everything that is said after an order."""
    token = server.tokens().issue(Grant(Role.MANAGER, hall))
    async with ordered(server, token, order, hall, RUNS) as line:
        said = []
        async for message in line:
            said.append(json.loads(message))
            if cancel and len(said) == 1:
                await line.send('{"type":"cancel"}')
        return said


def trial(*changes: dict[str, Any], days: Any = (0,), version: Any = 1) -> dict[str, Any]:
    return {"type": "trial", "version": version, "days": days, "changes": changes}


async def test_a_person_more_makes_people_wait_less_and_it_becomes_surer(server: Server) -> None:
    *first, last = await heard(server, trial(change("taras", 0, "early")))
    assert (last["type"], last["lives"], last["days"], last["same"]) == ("result", 400, 1, False)
    wait = last["figures"]["wait_mean"]["difference"]
    assert wait["high"] < 0
    [early] = first
    before = early["figures"]["wait_mean"]["difference"]
    assert wait["high"] - wait["low"] < before["high"] - before["low"]


async def test_on_a_closed_day_nothing_is_lived(server: Server) -> None:
    [said] = await heard(server, trial(change("taras", 5, "early"), days=[5]))
    assert (said["type"], said["problem"]["code"]) == ("problem", "closed-day")
    last = (await heard(server, trial(change("taras", 5, "early"), days=[0, 5])))[-1]
    assert (last["days"], last["same"]) == (1, True)


async def test_the_same_roster_makes_no_difference_at_all(server: Server) -> None:
    last = (await heard(server, trial(days=[0, 3])))[-1]
    assert last["same"]
    assert last["days"] == 2
    assert last["figures"]["wait_p95"]["difference"] == {"value": 0, "low": 0, "high": 0}


async def test_the_changes_of_a_whole_office_are_one_order(server: Server) -> None:
    changes = [change("taras", day, "early", [[660, 690]]) for day in range(5)] * 300
    last = (await heard(server, trial(*changes)))[-1]
    assert last["type"] == "result"


async def test_a_day_on_which_nobody_works_is_known_to_be_one(server: Server) -> None:
    last = (await heard(server, trial(change("taras", 4, "late"), days=[4])))[-1]
    assert last["figures"]["wait_mean"]["present"]["value"] is None
    assert last["figures"]["not_called"]["difference"]["high"] < 0


async def test_a_search_tells_its_course_and_ends_with_a_roster_that_keeps_every_rule(server: Server) -> None:
    last = (await heard(server, {"type": "search", "version": 1, "seconds": 5}))[-1]
    assert last["type"] == "result"
    assert last["status"] in {"optimal", "feasible"}
    assert last["check"]["violations"] == []
    assert last["bound"] <= last["cost"] == last["check"]["total"]
    assert last["cost"] <= 2_000
    assert [point[0] for point in last["course"]] == sorted(point[0] for point in last["course"])


async def test_the_present_roster_is_what_a_search_betters_from_its_first_word(server: Server) -> None:
    first, *_, last = await heard(server, {"type": "search", "version": 1, "seconds": 600}, cancel=True)
    assert (first["course"], first["bound"]) == ([[0.0, first["cost"], None]], None)
    assert last["cost"] <= first["cost"]
    better = await heard(server, {"type": "search", "version": 1, "seconds": 5})
    found = [
        change(one["staff"], one["day"], one["shift"], one["breaks"]) for one in better[-1]["assignments"]
    ]
    held = {(one["staff"], one["day"]) for one in found}
    changes = [
        change(one["staff"], one["day"], None) for one in PRESENT if (one["staff"], one["day"]) not in held
    ]
    again = await heard(
        server, {"type": "search", "version": 1, "changes": changes + found, "seconds": 600}, cancel=True
    )
    assert again[0]["cost"] == better[-1]["cost"]
    assert again[-1]["cost"] <= again[0]["cost"]


async def test_a_roster_that_breaks_a_rule_is_nothing_to_better(server: Server) -> None:
    order = {"type": "search", "version": 1, "changes": [change("olena", 4, "early")], "seconds": 5}
    first, *_, last = await heard(server, order)
    assert None not in {point[1] for point in last["course"][1:]}
    assert first["course"][0][2] is not None
    assert last["check"]["violations"] == []


async def test_a_stopped_search_keeps_the_best(server: Server) -> None:
    last = (await heard(server, {"type": "search", "version": 1, "seconds": 600}, cancel=True))[-1]
    assert last["type"] == "result"
    assert last["assignments"]


async def test_lessons_are_told_with_what_each_saves(server: Server) -> None:
    last = (await heard(server, {"type": "training", "version": 1}, cancel=True))[-1]
    assert last["type"] == "result"
    for gain in last["singles"]:
        assert gain["saved_minutes"]["low"] <= gain["saved_minutes"]["value"] <= gain["saved_minutes"]["high"]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("nonsense", "bad-roster"),
        ({"type": "trial"}, "bad-roster"),
        (trial(days=[]), "bad-roster"),
        (trial(days=[7]), "bad-roster"),
        (trial(version=9), "unknown-roster"),
        (trial(change("nobody", 0, None)), "bad-roster"),
        ({"type": "search", "version": 1, "seconds": 1e9}, "bad-roster"),
    ],
)
async def test_an_order_that_cannot_be_is_one_problem(server: Server, order: Any, code: str) -> None:
    [said] = await heard(server, order)
    assert (said["type"], said["problem"]["code"]) == ("problem", code)


async def test_a_hall_without_known_visitors_cannot_be_lived(server: Server) -> None:
    [said] = await heard(server, trial(), BARE)
    assert said["problem"]["code"] == "nothing-to-simulate"


async def test_only_managers_are_let_in(server: Server) -> None:
    token = server.tokens().issue(Grant(Role.KIOSK, TRIED))
    with pytest.raises(Exception, match="403"):
        async with ordered(server, token, trial(), TRIED, RUNS):
            pass


async def test_runs_of_rosters_count_among_those_of_the_hall(server: Server) -> None:
    order = {"type": "search", "version": 1, "seconds": 600}
    token = server.tokens().issue(Grant(Role.MANAGER, TRIED))
    lines = [ordered(server, token, order, TRIED, RUNS) for _ in range(HALL_RUNS_MAX)]
    held = [await line.__aenter__() for line in lines]
    for one in held:
        assert json.loads(await one.recv())["type"] == "progress"
    [said] = await heard(server, trial())
    assert said["problem"]["code"] == "too-many-experiments"
    for line in lines:
        await line.__aexit__(None, None, None)
