"""Running a server: one process, one event loop, the halls of its hall files."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ipaddress
import logging
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

import uvicorn
import uvloop
from fastapi import FastAPI
from sqlalchemy import Engine

from vikno.api.app import create_app
from vikno.api.clock import Clock, SystemClock
from vikno.api.defaults import DEFAULT_POLICY
from vikno.api.guard.connection import guarded
from vikno.api.guard.crowd import CONNECTIONS_AT_ADDRESS_MAX, CONNECTIONS_MAX, Crowd, Streams
from vikno.api.guard.front import Front
from vikno.api.guard.headers import SecurityHeaders
from vikno.api.house import House
from vikno.api.people.oidc import Provider
from vikno.api.periods import Periods
from vikno.api.room import Room
from vikno.api.stream import stream_protocol
from vikno.api.watch.readiness import Health
from vikno.queue.errors import ViknoError
from vikno.queue.hall import Hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.queue.state import Limits
from vikno.scheduler import policy_named
from vikno.scheduler.guard import Guarded
from vikno.scheduler.learned import Learned

log = logging.getLogger(__name__)

GC_THRESHOLDS = (50_000, 50, 1_000)
"""Thousands of connections are thousands of long-lived objects; scanning them often makes the slowest
calls. The command line starts with the collector off: while modules load and the day is folded there is
nothing to collect, and a start is a third quicker."""

SWITCH_SECONDS = 0.000_2
"""How long the loop may keep the interpreter from the journal's thread, which asks for it several times a
commit; Python's default of 5 ms made a commit under load take 20 ms."""

FALLBACK_POLICY = "index"
"""Chooses when the hall's policy fails or dawdles: quick in every hall, and it has nothing to prepare."""

KEEP_ALIVE_SECONDS = 75
STOP_SECONDS = 5
BACKLOG = 4_096


class CannotListen(ViknoError):
    """The address is taken or not ours."""


def build_house(
    plans: Sequence[HallPlan],
    engine: Engine,
    *,
    policy: str | Learned = DEFAULT_POLICY,
    clock: Callable[[HallPlan], Clock] | None = None,
    limits: Limits | None = None,
    proposes: bool = True,
    periods: Periods | None = None,
) -> House:
    """The rooms for `plans` on one database; `proposes` and `periods` are those of `House`."""
    rooms = {}
    for plan in plans:

        def fresh() -> Hall:
            return Hall(live_policy(policy), limits)

        rooms[plan.id] = Room(plan, fresh, Journal(engine, plan.id), clock(plan) if clock else SystemClock())
    return House(rooms, engine, policy, make=live_policy, proposes=proposes, periods=periods)


def live_policy(policy: str | Learned) -> Policy:
    """A policy for a hall of its own, guarded."""
    chooses = policy_named(policy)
    if policy == FALLBACK_POLICY:
        return chooses
    return Guarded(chooses, policy_named(FALLBACK_POLICY), clock=time.monotonic, log=log)


def open_engine(data: Path, url: str | None) -> Engine:
    """The database at `url`, or SQLite in the folder `data`."""
    return open_database(url or sqlite_url(data))


def settle() -> None:
    """Tune the interpreter for serving; what the start has made stays and is not looked at again."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    gc.enable()


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, so that a taken port is one clear line and not a stack of them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        raise CannotListen(
            f"--port: cannot listen on {host}:{port} ({error.strerror}); choose another"
        ) from None
    return sock


class Server(uvicorn.Server):
    """A server that ends with its own last words, and not with the signal that stopped it.

    Asked to end, it says so to whoever asks whether it is ready, goes on for `drain` seconds so that this is
    heard, and then takes no more; what is under way is answered.
    """

    def __init__(self, config: uvicorn.Config, health: Health, drain: float) -> None:
        super().__init__(config)
        self._health = health
        self._drain = drain

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal begins the end; another one does not wait for it to be heard."""
        if self._health.stopping or not self._drain:
            self._health.stopping = True
            super().handle_exit(sig, frame)
            return
        self._health.stopping = True
        asyncio.get_running_loop().call_later(self._drain, super().handle_exit, sig, frame)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask for a graceful end; a second one hurries it."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def run(
    house: House,
    sock: socket.socket,
    *,
    front: Front | None = None,
    lends_tokens: bool = False,
    provider: Provider | None = None,
    drain: float = 0.0,
    also: Callable[[FastAPI], None] = lambda _app: None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until told to stop, reached as `front` says; then for `drain` seconds on.

    `provider` vouches for people; `also` may add to the application; `ready` is called once every hall works.

    Raises what keeps a hall from starting: `JournalError`, or `CommandRefused` for a plan that cannot be.
    """
    front = front or Front(sock.getsockname()[0])
    app = create_app(house, lends_tokens=lends_tokens, provider=provider)
    also(app)
    config = uvicorn.Config(
        SecurityHeaders(app, secure=front.secure),
        lifespan="off",
        http=guarded(front, Crowd(CONNECTIONS_MAX, CONNECTIONS_AT_ADDRESS_MAX)),
        ws=stream_protocol(house, front, Streams()),
        proxy_headers=bool(front.proxies),
        forwarded_allow_ips=front.proxies,
        access_log=False,
        log_config=None,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False,
    )

    async def main() -> None:
        await house.start()
        settle()
        ready()
        try:
            await Server(config, house.health, drain).serve(sockets=[sock])
        finally:
            await house.stop()

    uvloop.run(main())
