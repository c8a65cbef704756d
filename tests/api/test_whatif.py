"""Experiments on a live server: what is told, what is refused, and that no clerk feels them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import numpy as np
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.api.running import Deadline, Server, bearer, hall_text
from tests.api.trying import (
    FEW_DAYS,
    MANY_DAYS,
    TRIED,
    address,
    against,
    hear,
    numbers,
    ordered,
    refusal,
    remove,
    result,
    tried_hall,
    working,
)
from vikno.api.access import Role
from vikno.api.experiments import DAYS_MAX, HALL_RUNS_MAX, RUNS_MAX
from vikno.api.laboratory import NICENESS

OTHER_HALLS = ("other-1", "other-2")
CALM_CALLS = 100
LATENCY_SECONDS_MAX = 0.1
"""For all but one of a hundred calls, on a machine that is busy with tests; usual is a tenth of it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Server]:
    halls = [tried_hall(), *(tried_hall(hall) for hall in OTHER_HALLS), tried_hall("crowded", rate=2_000.0)]
    running = Server(tmp_path_factory.mktemp("server"), bytecode, *halls, hall_text("bare"), hall_text())
    running.start()
    yield running
    running.kill()
    running.check_log()


@pytest.fixture(scope="module")
def manager(server: Server) -> str:
    return server.token(Role.MANAGER, hall=TRIED)


def laboratories(server: Server) -> list[psutil.Process]:
    """The children of the server."""
    return psutil.Process(server.pid).children(recursive=True)


# What is told ---------------------------------------------------------------------------------------------


async def test_a_run_tells_how_it_stands_and_its_interval_narrows(server: Server, manager: str) -> None:
    async with ordered(server, manager, against(remove("w-4"), days=200)) as line:
        heard = [json.loads(message) async for message in line]
    *progress, last = heard
    assert progress
    assert {message["type"] for message in progress} == {"progress"}
    assert (last["type"], last["ended"], last["days"], last["of"]) == ("result", "done", 200, 200)
    days = [message["days"] for message in heard]
    assert days == sorted(days)
    widths = [width_of(message["differences"]["wait_mean"]["difference"]) for message in heard]
    assert widths[-1] < widths[0]
    for scenario in last["scenarios"]:
        curve = scenario["waits"]
        assert {len(values) for values in curve.values()} == {32}, "a quarter of an hour each"
        known = [
            three
            for three in zip(curve["low"], curve["value"], curve["high"], strict=True)
            if None not in three
        ]
        assert all(low <= value <= high for low, value, high in known)


def width_of(estimate: dict[str, float]) -> float:
    return estimate["high"] - estimate["low"]


async def test_one_window_less_makes_people_wait_longer_and_the_sentence_says_so(
    server: Server, manager: str
) -> None:
    told = await result(server, manager, against(remove("w-3"), days=60))
    assert [scenario["plan"] for scenario in told["scenarios"]] == ["today", "b"]
    assert told["differences"]["wait_mean"]["difference"]["low"] > 0
    base, other = (scenario["figures"]["wait_mean"]["value"] for scenario in told["scenarios"])
    assert told["sentence"]["en"].startswith("Plan B lengthens the mean wait by ")
    assert f"{other:.1f} instead of {base:.1f} min." in told["sentence"]["en"]
    assert told["sentence"]["uk"].startswith("План Б подовжує середнє очікування на ")
    assert told["also"]["en"]


async def test_the_same_seed_gives_the_same_numbers_and_another_does_not(
    server: Server, manager: str
) -> None:
    first, again, other = [
        await result(server, manager, against(remove("w-4"), seed=seed)) for seed in (7, 7, 8)
    ]
    assert numbers(first) == numbers(again)
    assert first["sheets"]["csv"] == again["sheets"]["csv"]
    assert first["scenarios"][0]["figures"] != other["scenarios"][0]["figures"]


async def test_two_plans_that_are_the_same_are_one(server: Server, manager: str) -> None:
    told = await result(server, manager, against())
    assert [scenario["plan"] for scenario in told["scenarios"]] == ["today"]
    assert told["differences"] is None
    assert told["sentence"]["en"].startswith("Today’s plan: visitors wait ")


async def test_any_two_plans_can_be_compared(server: Server, manager: str) -> None:
    scenarios = [{"policy": "priority"}, {"changes": [remove("w-4")]}]
    told = await result(server, manager, {"type": "run", "scenarios": scenarios, "days": FEW_DAYS})
    assert [(one["plan"], one["policy"]) for one in told["scenarios"]] == [("a", "priority"), ("b", "fifo")]


async def test_it_ends_when_it_is_precise_enough(server: Server, manager: str) -> None:
    told = await result(server, manager, against(remove("w-4"), days=MANY_DAYS, until=2.0))
    assert told["ended"] == "precise"
    assert told["days"] < MANY_DAYS
    for scenario in told["scenarios"]:
        assert width_of(scenario["figures"]["wait_mean"]) / 2 <= 2.0


# Cancelling -----------------------------------------------------------------------------------------------


async def cancelled(line: ClientConnection) -> dict[str, Any]:
    """The result of a run that is cancelled now."""
    await line.send('{"type":"cancel"}')
    while (message := await hear(line))["type"] == "progress":
        pass
    assert message["ended"] == "cancelled"
    return message


async def test_cancelling_keeps_the_days_that_are_done_as_a_run_of_so_many_days(
    server: Server, manager: str
) -> None:
    async with working(server, manager) as line:
        told = await cancelled(line)
    assert told["of"] == MANY_DAYS
    assert 0 < told["days"] < MANY_DAYS
    again = await result(server, manager, against(remove("w-4"), days=told["days"]))
    assert numbers(again) == numbers(told)
    assert again["sheets"]["csv"] == told["sheets"]["csv"]


async def test_cancelling_at_once_is_a_result_too(server: Server, manager: str) -> None:
    async with ordered(server, manager, against(remove("w-4"), days=MANY_DAYS)) as line:
        told = await cancelled(line)
    assert told["days"] < MANY_DAYS
    assert len(told["scenarios"]) == 2


async def test_a_run_that_nobody_listens_to_gives_its_place_up(server: Server, manager: str) -> None:
    for _ in range(2 * HALL_RUNS_MAX):
        async with working(server, manager):
            """And hang up."""
    await result(server, manager, against(days=1))
    [laboratory] = laboratories(server)
    deadline = Deadline(20)
    while laboratory.cpu_percent(0.2) > 5:
        deadline.check("nothing is simulated for nobody")


# Limits ---------------------------------------------------------------------------------------------------


async def test_so_many_experiments_at_once_in_a_hall_and_on_a_server(server: Server, manager: str) -> None:
    others = [server.token(Role.MANAGER, hall=hall) for hall in OTHER_HALLS]
    async with AsyncExitStack() as stack:
        for _ in range(HALL_RUNS_MAX):
            await stack.enter_async_context(working(server, manager))
        problem = await refusal(server, manager, against(days=1))
        assert (problem["status"], problem["code"]) == (429, "too-many-experiments")
        assert f"{HALL_RUNS_MAX} experiments run for this hall" in problem["detail"]
        for _ in range(RUNS_MAX - HALL_RUNS_MAX):
            await stack.enter_async_context(working(server, others[0], OTHER_HALLS[0]))
        problem = await refusal(server, others[1], against(days=1), OTHER_HALLS[1])
        assert (problem["status"], problem["code"]) == (429, "too-many-experiments")
        assert f"{RUNS_MAX} experiments run on this server" in problem["detail"]


@pytest.mark.parametrize(
    ("order", "code", "field"),
    [
        ("no json", "bad-experiment", None),
        ("[1]", "bad-experiment", "type"),
        (b"\xff\xfe", "bad-experiment", None),
        ({"type": "walk"}, "bad-experiment", "type"),
        ({"type": "run"}, "bad-experiment", "scenarios"),
        ({"type": "run", "scenarios": [{}, {}, {}]}, "bad-experiment", "scenarios"),
        (against(days=DAYS_MAX + 1), "bad-experiment", "days"),
        (against(days=0), "bad-experiment", "days"),
        (against(days="many"), "bad-experiment", "days"),
        (against(seed=-1), "bad-experiment", "seed"),
        (against(until=0), "bad-experiment", "until"),
        (against(speed=3), "bad-experiment", "speed"),
        ({"type": "run", "scenarios": [{"policy": "luck"}]}, "bad-experiment", "scenarios[1].policy"),
        ({"type": "run", "scenarios": [{}, {"changes": 3}]}, "bad-plan", "scenarios[2].changes"),
        (
            against({"change": "set-hours", "window": "w-1", "open": [["8", "9:00"]]}),
            "bad-plan",
            "scenarios[2].changes[1].open[1]",
        ),
        (against(*(remove(f"w-{one}") for one in (1, 2, 3))), "bad-plan", "scenarios[2].services[1].id"),
        (against({"change": "set-demand", "percent": 0}), "nothing-to-simulate", "scenarios[2]"),
    ],
    ids=str,
)
async def test_an_order_that_cannot_be_is_refused_in_one_line(
    server: Server, manager: str, order: Any, code: str, field: str | None
) -> None:
    problem = await refusal(server, manager, order)
    assert (problem["status"], problem["code"], problem.get("field")) == (422, code, field)
    assert "\n" not in problem["detail"]


@pytest.mark.parametrize(
    ("hall", "code"), [("bare", "nothing-to-simulate"), ("crowded", "too-many-visitors")]
)
async def test_a_hall_that_cannot_be_tried_is_refused(server: Server, hall: str, code: str) -> None:
    problem = await refusal(server, server.token(Role.MANAGER, hall=hall), against(), hall)
    assert (problem["status"], problem["code"]) == (422, code)


# Who may --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "window", "hall", "status"),
    [
        (Role.KIOSK, None, TRIED, 403),
        (Role.SCREEN, None, TRIED, 403),
        (Role.CLERK, "w-1", TRIED, 403),
        (Role.MANAGER, None, OTHER_HALLS[0], 403),
        (None, None, TRIED, 401),
    ],
)
async def test_only_the_hall_s_managers_may_order(
    server: Server, role: Role | None, window: str | None, hall: str, status: int
) -> None:
    headers = bearer(server.token(role, window, hall)) if role else {}
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(server), additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == status


async def test_a_page_of_another_site_may_not_order(server: Server, manager: str) -> None:
    headers = bearer(manager) | {"Origin": "http://elsewhere.test"}
    with pytest.raises(InvalidStatus) as refused:
        await connect(address(server), additional_headers=headers, proxy=None)
    assert refused.value.response.status_code == 403


# Behind the server ----------------------------------------------------------------------------------------


async def test_a_clerk_does_not_feel_an_experiment(server: Server, manager: str) -> None:
    token = server.token(Role.CLERK, "w-1")
    async with httpx.AsyncClient(headers=bearer(token)) as clerk:

        async def calls() -> list[float]:
            took = []
            for _ in range(CALM_CALLS):
                started = perf_counter()
                answer = await clerk.post(f"{server.api}/windows/w-1/call-next")
                took.append(perf_counter() - started)
                assert answer.status_code == 200
            return took

        await clerk.post(f"{server.api}/windows/w-1/open")
        await calls()
        async with AsyncExitStack() as stack:
            lines = [await stack.enter_async_context(working(server, manager)) for _ in range(HALL_RUNS_MAX)]
            hearing = [asyncio.create_task(listen(line)) for line in lines]
            took = await calls()
            for task in hearing:
                task.cancel()
    assert np.quantile(took, 0.99) < LATENCY_SECONDS_MAX


async def listen(line: ClientConnection) -> None:
    """To everything, as a page does."""
    async for _ in line:
        pass


async def test_experiments_run_in_a_process_of_low_priority_and_the_server_loads_none_of_it(
    server: Server, manager: str
) -> None:
    await result(server, manager, against(days=1))
    processes = laboratories(server)
    assert processes
    assert {process.nice() for process in processes} == {NICENESS}
    server_process = psutil.Process(server.pid)
    assert server_process.nice() == 0
    assert not [part.path for part in server_process.memory_maps() if "/scipy/" in part.path]


async def test_a_laboratory_that_dies_is_said_and_the_next_run_has_a_new_one(
    server: Server, manager: str
) -> None:
    async with working(server, manager) as line:
        for process in laboratories(server):
            process.kill()
        while (told := await hear(line))["type"] == "progress":
            pass
    assert (told["problem"]["status"], told["problem"]["code"]) == (503, "laboratory-lost")
    assert (await result(server, manager, against(days=1)))["ended"] == "done"


@pytest.mark.parametrize("end", [Server.terminate, Server.kill])
async def test_the_laboratory_ends_with_the_server(
    tmp_path: Path, bytecode: Path, end: Callable[[Server], int]
) -> None:
    running = Server(tmp_path, bytecode, tried_hall())
    running.start()
    async with working(running, running.token(Role.MANAGER, hall=TRIED)):
        left = laboratories(running)
        assert left
        await asyncio.to_thread(end, running)
    _, alive = psutil.wait_procs(left, timeout=20)
    assert not alive
    running.check_log()
