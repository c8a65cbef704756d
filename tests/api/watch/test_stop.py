"""A server that is asked to stop says so first, answers what is under way, and tells screens when to come."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
from websockets.exceptions import ConnectionClosed

from tests.api.listening import listen
from tests.api.running import PROGRAM, Deadline, Server, bearer
from tests.api.watch import holding
from vikno.api.access import Role
from vikno.api.returns import EACH_MS, FIRST_MS, REASON, Returns

SCREENS = 40
DRAIN = 30.0
SECONDS_MAX = 20.0


def served(server: Server, *options: str) -> list[str]:
    """The command that serves it with options of a test's own."""
    return [str(PROGRAM), "serve", *server.files, "--data", str(server.data), "--port", "0", *options]


async def goodbye(server: Server, token: str, there: asyncio.Barrier) -> tuple[int, str]:
    """Code and reason with which a screen is sent away."""
    async with listen(server, token) as stream:
        await stream.recv()
        await there.wait()
        try:
            while True:
                await stream.recv()
        except ConnectionClosed as closed:
            heard = closed.rcvd
    assert heard is not None
    return heard.code, heard.reason


async def test_every_screen_is_told_a_moment_of_its_own(make_server: Callable[..., Server]) -> None:
    server = make_server()
    server.start()
    token, there = server.token(Role.SCREEN), asyncio.Barrier(SCREENS + 1)
    screens = [asyncio.create_task(goodbye(server, token, there)) for _ in range(SCREENS)]
    await there.wait()
    assert await asyncio.to_thread(server.terminate) == 0
    told = await asyncio.gather(*screens)
    assert {code for code, _ in told} == {1012}
    moments = sorted(int(re.fullmatch(re.escape(REASON) + r"(\d+)", reason)[1]) for _, reason in told)  # type: ignore[index]
    assert moments == [round(FIRST_MS + number * EACH_MS) for number in range(SCREENS)]


def test_five_thousand_screens_come_back_over_three_seconds_and_the_reason_fits() -> None:
    returns = Returns()
    reasons = [returns.reason() for _ in range(5_000)]
    moments = [int(reason.removeprefix(REASON)) for reason in reasons]
    assert moments[0] == FIRST_MS
    assert 2_900 <= moments[-1] - moments[0] <= 3_500
    assert max(len(reason.encode()) for reason in reasons) <= 123, "a close frame holds no more"


def test_it_is_not_ready_first_and_still_works(make_server: Callable[..., Server]) -> None:
    server = make_server()
    server.start(served(server, "--drain", str(DRAIN)))
    token, deadline = bearer(server.token(Role.MANAGER)), Deadline(SECONDS_MAX)
    assert httpx.get(f"{server.url}health/ready").json()["ready"]
    os.kill(server.pid, signal.SIGTERM)
    while (answer := httpx.get(f"{server.url}health/ready")).status_code != httpx.codes.SERVICE_UNAVAILABLE:
        deadline.check("it says that it is not ready")
    assert answer.json() == {"ready": False, "stopping": True, "journal": True, "halls": {"demo": True}}
    assert httpx.get(f"{server.url}health/live").is_success
    assert httpx.post(f"{server.api}/windows/w-1/open", headers=token).is_success
    assert server.terminate() == 0, "who asks again does not want to wait"


def test_a_command_under_way_is_answered(make_server: Callable[..., Server]) -> None:
    server = make_server()
    server.start([sys.executable, holding.__file__, server.files[0], str(server.data)])
    headers = bearer(server.token(Role.MANAGER)) | {"Idempotency-Key": "k"}
    with ThreadPoolExecutor(1) as clerk:
        answer = clerk.submit(
            httpx.post, f"{server.api}/windows/w-1/open", headers=headers, timeout=SECONDS_MAX
        )
        while server.output.readline().strip() != holding.HELD:
            pass
        os.kill(server.pid, signal.SIGTERM)
        assert answer.result(SECONDS_MAX).json()["window"]["state"] == "open"
    assert server.wait() == 0
