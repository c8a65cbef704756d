"""A connection that takes so much and waits so long, and no more.

The web server parses a request's head however long it is and however slowly it comes, and waits for a body
and for a reader for ever. So this, its own protocol with limits: who dribbles, floods, does not read or names
another site is told so and shown out before any door is asked. Streams pass through here with their handshake
and are counted by themselves from then on.

A timer is set only where a request did not come whole in one piece, so that the usual one costs nothing.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar, NamedTuple, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from vikno.api.guard.crowd import Crowd
from vikno.api.guard.front import Front, home
from vikno.api.guard.headers import usual
from vikno.api.problems import MEDIA_TYPE, problem_document

HEAD_SECONDS = 10.0
"""From the first moment of a connection, or from the first byte of a further request, to its last header."""

BODY_SECONDS = 60.0
"""For the whole body: the largest roster over a telephone line of half a megabit."""

READ_SECONDS = 60.0
"""How long an answer may lie unread before its reader is given up."""

URL_BYTES_MAX = 8 * 1024
HEAD_BYTES_MAX = 16 * 1024
"""Address and headers. A browser's come to 2 KiB; a token, a cookie and a proxy's additions fit with room."""

HEADERS_MAX = 100

REQUEST_BYTES_MAX = 8 * 1024 * 1024
"""All of it, chunk marks and trailers too; what a body may hold is a matter of its door (`bodies.py`)."""

RETRY_SECONDS = 5
HTTP_1_0 = "1.0"

IDLE, HEAD, BODY = range(3)


class Reason(NamedTuple):
    """Why somebody is turned away: status, code, and what would be right."""

    status: HTTPStatus
    code: str
    detail: str


class Turned(Exception):
    """A request that goes no further than its head."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.detail)
        self.reason = reason


NOT_HTTP = Reason(HTTPStatus.BAD_REQUEST, "bad-request", "this is no HTTP request; send one")
TOO_SLOW = Reason(
    HTTPStatus.REQUEST_TIMEOUT,
    "too-slow",
    f"a request has {HEAD_SECONDS:g} s for its headers and {BODY_SECONDS:g} s for its body; send it faster",
)
TOO_MANY = Reason(
    HTTPStatus.SERVICE_UNAVAILABLE, "too-many-connections", "too many connections are open; try again"
)
HEAD_TOO_LARGE = Reason(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers-too-large",
    f"address and headers may hold {HEAD_BYTES_MAX} bytes, and {HEADERS_MAX} headers; send less",
)
URL_TOO_LONG = Reason(
    HTTPStatus.REQUEST_URI_TOO_LONG, "address-too-long", f"an address may hold {URL_BYTES_MAX} bytes"
)
TOO_LARGE = Reason(
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "too-large",
    f"a request may hold {REQUEST_BYTES_MAX} bytes; send less",
)
ONE_HOST = Reason(HTTPStatus.BAD_REQUEST, "bad-host", 'send one header "Host"')
ANOTHER_HOST = Reason(
    HTTPStatus.MISDIRECTED_REQUEST,
    "unknown-host",
    "this server has another name; if it is its own, start it with --public-url",
)


class Connection(HttpToolsProtocol):
    """One connection. The server makes one for each; `guarded` binds what they share."""

    front: ClassVar[Front]
    crowd: ClassVar[Crowd]
    head_seconds: ClassVar[float] = HEAD_SECONDS
    body_seconds: ClassVar[float] = BODY_SECONDS
    read_seconds: ClassVar[float] = READ_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._stage = HEAD
        self._step, self._timed = 1, 0
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._turned: Reason | None = None
        self._counted = ""

    # From the first byte to the last -------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody knocks; a silent one has as long as a slow one."""
        super().connection_made(cast("asyncio.Transport", transport))
        who = home(self.client)
        if self.crowd.enter(who, near=self.front.near(self.client[0] if self.client else "")):
            self._counted = who
            self._watch()
        else:
            self._turn(TOO_MANY)

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone."""
        self._leave()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Some of a request, one, or several."""
        if self._turned is not None:
            return
        super().data_received(data)
        if self._step != self._timed:
            self._watch()
        if self._stage != IDLE:
            self._bytes += len(data)
            if self._stage == HEAD and self._bytes > HEAD_BYTES_MAX:
                self._turn(HEAD_TOO_LARGE)
            elif self._bytes > REQUEST_BYTES_MAX:
                self._turn(TOO_LARGE)

    def handle_websocket_upgrade(self) -> None:
        """From here on it is a stream."""
        self._leave()
        self._stage = IDLE
        super().handle_websocket_upgrade()

    # What the parser tells -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A request begins."""
        self._enter(HEAD)
        self._bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head is here; raising makes the parser stop, and `send_400_response` be called."""
        self._enter(BODY)
        try:
            self._check()
        except Turned as error:
            self._turned = error.reason
            raise
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of it is here."""
        self._enter(IDLE)
        super().on_message_complete()

    def _enter(self, stage: int) -> None:
        self._stage = stage
        self._step += 1

    def _check(self) -> None:
        if len(self.url) > URL_BYTES_MAX:
            raise Turned(URL_TOO_LONG)
        size, hosts = len(self.url), []
        for name, value in self.headers:
            size += len(name) + len(value)
            if name == b"host":
                hosts.append(value)
        if size > HEAD_BYTES_MAX or len(self.headers) > HEADERS_MAX:
            raise Turned(HEAD_TOO_LARGE)
        # Proxies that look whether we live may still speak HTTP/1.0, which knows no host.
        if len(hosts) != 1 and (hosts or self.parser.get_http_version() != HTTP_1_0):
            raise Turned(ONE_HOST)
        if hosts and not self.front.knows(hosts[0]):
            raise Turned(ANOTHER_HOST)

    # Those who take too long ---------------------------------------------------------------------------

    def _watch(self) -> None:
        """Time what is under way; more of the same does not set the clock back."""
        self._timed = self._step
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stage != IDLE:
            seconds = self.head_seconds if self._stage == HEAD else self.body_seconds
            self._timer = self.loop.call_later(seconds, self._turn, TOO_SLOW)

    def pause_writing(self) -> None:
        """The reader falls behind."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        super().resume_writing()
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def on_response_complete(self) -> None:
        """What is left of an answer must be read too, or the connection would never close."""
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._wait_for_reader()

    def timeout_keep_alive_handler(self) -> None:
        """Nobody has come back."""
        super().timeout_keep_alive_handler()
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def _wait_for_reader(self) -> None:
        if self._reading is None:
            self._reading = self.loop.call_later(self.read_seconds, self._give_up)

    def _give_up(self) -> None:
        self._reading = None
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    # The way out ---------------------------------------------------------------------------------------

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  (what it would have said)
        """The parser has stopped, by itself or because `_check` has."""
        self._turn(self._turned or NOT_HTTP)

    def _turn(self, why: Reason) -> None:
        """Say why, unless an answer is under way already, and hang up."""
        self._turned = why
        # A browser's spare connection has asked nothing and expects no answer.
        silent = why is TOO_SLOW and self.cycle is None and not self._bytes
        if not silent and not _answering(self.cycle) and not self.transport.is_closing():
            self.transport.write(_answer(why, secure=self.front.secure))
        self._wait_for_reader()
        self.transport.close()

    def _leave(self) -> None:
        for timer in (self._timer, self._reading):
            if timer is not None:
                timer.cancel()
        self._timer = self._reading = None
        if self._counted:
            self.crowd.leave(self._counted)
            self._counted = ""


def guarded(front: Front, crowd: Crowd) -> type[Connection]:
    """The protocol class for a web server that is reached as `front` says."""
    return type("GuardedConnection", (Connection,), {"front": front, "crowd": crowd})


def _answering(cycle: RequestResponseCycle | None) -> bool:
    """Whether an answer is half on its way; before the first request there is none."""
    return cycle is not None and cycle.response_started and not cycle.response_complete


def _answer(why: Reason, *, secure: bool) -> bytes:
    """A whole answer, as it goes over the wire."""
    body = msgspec.json.encode(problem_document(*why))
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
        *usual(secure=secure),
    ]
    if why.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(RETRY_SECONDS).encode()))
    lines = [f"HTTP/1.1 {why.status.value} {why.status.phrase}".encode()]
    lines += [name + b": " + value for name, value in headers]
    return b"\r\n".join([*lines, b"", body])
