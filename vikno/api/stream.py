"""The door for streams: a WebSocket spoken by `websockets` sans-I/O, straight on the server's transport.

The web server hands over a connection that asks for an upgrade. One small object per screen shakes hands,
checks the token, greets and joins its audience; from then on the hub writes to its transport. There is no
task and no queue per screen, which is what keeps thousands of them cheap.

A page cannot set headers on a WebSocket, and a secret does not belong in an address, so a page offers its
token as a second subprotocol, `bearer.TOKEN`.

The same handshake lets a manager's page in to experiment or to work on a roster; what is said then is a
`Conversation`, which the connection only carries.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from http import HTTPStatus
from typing import Any, Protocol, cast
from urllib.parse import parse_qs, urlsplit

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from vikno.api.access import Action, Kind, NotAllowed, NotSignedIn, Principal
from vikno.api.conversation import Conversation
from vikno.api.doors.rosterruns import begin_roster_run
from vikno.api.doors.whatif import begin_experiment
from vikno.api.guard.crowd import NoPlace, Streams
from vikno.api.guard.front import Front
from vikno.api.guard.rates import SlowDown
from vikno.api.house import BEARER, House, UnknownHall
from vikno.api.hub import BUFFER_BYTES_MAX, Audience
from vikno.api.origin import from_here, read_cookie, same_host
from vikno.api.people.sessions import COOKIE
from vikno.api.room import PUBLIC, STAFF
from vikno.queue.errors import JournalError

log = logging.getLogger(__name__)

SUBPROTOCOL = Subprotocol("vikno")
TOKEN_PREFIX = "bearer."  # noqa: S105  (the prefix, not a secret)
MESSAGE_BYTES_MAX = 16 * 1024
"""A reader has nothing to say; more than this at once is an error or an attack."""

ORDER_BYTES_MAX = 256 * 1024
"""In a conversation: the changes of a whole roster of 100 people for four weeks."""

MESSAGES_MAX = 100
"""Messages that a reader may send in its life before it is cut off."""

FRAMES_A_BEAT_MAX = 200
"""All it may send between two heartbeats, answers to pings among it; one is usual."""

HANDSHAKE_SECONDS = 10.0
GOODBYE_SECONDS = 60.0
"""For a slow reader to take what was said before the goodbye: the result of an experiment, for one."""

PATH_PARTS = 6
"""`/api/v1/halls/{hall}/stream`, split at its slashes."""

ACTIONS = {"stream": Action.SEE_BOARD, "experiments": Action.EXPERIMENT, "roster-runs": Action.EXPERIMENT}
"""What can be connected to, and who may."""

RUNS = {"experiments": begin_experiment, "roster-runs": begin_roster_run}
"""What a conversation can order, by where it is had."""


class ServerState(Protocol):
    """What the web server shares with its connections."""

    connections: set[Any]


class Stream(asyncio.Protocol):
    """One screen, console or phone, from its handshake to its goodbye. The server makes one per upgrade."""

    house: House
    front: Front
    streams: Streams

    def __init__(self, config: Any, server_state: ServerState, app_state: dict[str, Any]) -> None:  # noqa: ARG002
        self._connections = server_state.connections
        self._protocol = ServerProtocol(
            max_size=MESSAGE_BYTES_MAX, select_subprotocol=_subprotocol, extensions=None, logger=log
        )
        self._transport: asyncio.Transport
        self._audience: Audience | None = None
        self._holder: Principal | None = None
        self._conversation: Conversation | None = None
        self._said = b""
        self._welcoming: asyncio.Task[None] | None = None
        self._silent = False
        self._messages = 0
        self._frames = 0
        self._place: tuple[str, str] | None = None

    # The server's side: an asyncio protocol ------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is handed over."""
        self._transport = cast("asyncio.Transport", transport)
        self._connections.add(self)

    def data_received(self, data: bytes) -> None:
        """Handshake, pongs and goodbyes; anything else is only counted."""
        self._silent = False
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._welcoming = asyncio.get_running_loop().create_task(self._welcome(event))
            elif isinstance(event, Frame):
                self._frames += 1
                self._messages += event.opcode not in {Opcode.PONG, Opcode.CLOSE}
                self._hear(event)
        self._flush()
        if self._messages > MESSAGES_MAX or self._frames > FRAMES_A_BEAT_MAX:
            self.close(CloseCode.POLICY_VIOLATION, "a stream is for listening")
        if self._protocol.close_expected():
            self._hang_up()

    def eof_received(self) -> None:
        """The other side will not say more."""
        self._hang_up()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Gone."""
        self._connections.discard(self)
        if self._welcoming is not None:
            self._welcoming.cancel()
        if self._conversation is not None:
            self._conversation.gone()
        self._leave()
        if self._place is not None:
            self.streams.leave(*self._place)
            self._place = None

    def shutdown(self) -> None:
        """The web server stops."""
        self.close(CloseCode.SERVICE_RESTART, self.house.returns.reason())

    # The hub's side: a reader --------------------------------------------------------------------------

    def send(self, frames: bytes) -> None:
        """Hand frames to the transport; a reader who leaves too much unread is cut off."""
        if self._transport.get_write_buffer_size() > BUFFER_BYTES_MAX:
            self._cut("too slow")
        else:
            self._transport.write(frames)

    def check(self) -> None:
        """Cut off who has not said a word, not even a pong, since the last check."""
        if self._silent:
            self._cut("no answer")
        self._silent = True
        self._frames = 0

    def close(self, code: int, reason: str) -> None:
        """Say goodbye and hang up."""
        self._leave()
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, reason)
            self._flush()
        self._hang_up()

    def _hear(self, part: Frame) -> None:
        """What is said in a conversation, whole; who only listens has nothing to say."""
        spoken = {Opcode.TEXT, Opcode.BINARY, Opcode.CONT}
        if self._conversation is not None and part.opcode in spoken:
            self._said += part.data
            if part.fin:
                self._conversation.heard(self._said)
                self._said = b""

    def _cut(self, reason: str) -> None:
        """What a slow reader left unread is thrown away with the connection."""
        log.info("a stream was cut off: %s", reason)
        self.house.tally.stream_cut(reason)
        self._leave()
        self._transport.abort()

    def _hang_up(self) -> None:
        """What is left unread is thrown away after a while, or a stalled reader would never go."""
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(GOODBYE_SECONDS, self._transport.abort)

    def _leave(self) -> None:
        if self._audience is not None:
            self._audience.readers.discard(self)
            self._audience = None
        if self._holder is not None:
            self.house.people.gate.leave(self._holder, self)
            self._holder = None

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)

    # The handshake -------------------------------------------------------------------------------------

    async def _welcome(self, request: Request) -> None:
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await self._admit(request)
        except NotSignedIn as error:
            self._reject(HTTPStatus.UNAUTHORIZED, str(error))
        except NotAllowed as error:
            self._reject(HTTPStatus.FORBIDDEN, str(error))
        except (UnknownHall, LookupError) as error:
            self._reject(HTTPStatus.NOT_FOUND, str(error))
        except ValueError as error:  # an address or a header that is not one
            self._reject(HTTPStatus.BAD_REQUEST, str(error))
        except SlowDown as error:
            self._reject(HTTPStatus.TOO_MANY_REQUESTS, str(error))
        except (JournalError, NoPlace, TimeoutError) as error:
            self._reject(HTTPStatus.SERVICE_UNAVAILABLE, str(error) or "the hall is busy; try again")

    async def _admit(self, request: Request) -> None:
        address = urlsplit(request.path)
        parts = address.path.split("/")
        if len(parts) != PATH_PARTS or parts[:4] != ["", "api", "v1", "halls"] or parts[5] not in ACTIONS:
            raise LookupError("the stream is at /api/v1/halls/{hall}/stream")
        _same_origin(request)
        hall, place = parts[4:]
        where = await self.front.client(self._transport.get_extra_info("peername"), _raw(request))
        principal = await self._principal(request, hall, where)
        principal.check(ACTIONS[place], hall)
        room = self.house.room(hall)
        self._take_place(where, principal)
        name = STAFF if principal.staff(hall) else PUBLIC
        epoch, after = _position(address.query)
        response = self._protocol.accept(request)
        self._protocol.send_response(response)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            self._flush()
            self._hang_up()
            return
        self._holder = principal
        self.house.people.gate.watch(principal, self)
        if place in RUNS:
            self._protocol.max_message_size = ORDER_BYTES_MAX
            self._flush()
            begin = partial(RUNS[place], self.house, room)
            self._conversation = Conversation(self.house.experiments, begin, self)
            return

        def join(_hall: object) -> None:
            # Greeting and joining in one step: no event can fall between them.
            if not self._transport.is_closing():
                self._flush()
                self._transport.write(room.greeting(name, epoch, after))
                self._audience = room.audiences[name]
                self._audience.readers.add(self)

        await room.owner.read(join)

    def _take_place(self, where: str, principal: Principal) -> None:
        ticket = principal.id if principal.kind is Kind.TICKET else ""
        self.streams.enter(where, ticket, near=self.front.near(where))
        self._place = where, ticket

    async def _principal(self, request: Request, hall: str, where: str) -> Principal:
        """Who listens: as their header or subprotocol says, or else the cookie of a page of this server."""
        cookie = read_cookie(_header(request, "Cookie"), COOKIE)
        told = (_header(request, name) for name in ("Origin", "Sec-Fetch-Site", "Host"))
        return await self.house.principal(
            _authorization(request), hall, cookie=cookie, ours=from_here(*told), address=where
        )

    def _reject(self, status: HTTPStatus, detail: str) -> None:
        if self._protocol.state is State.CONNECTING:
            self._protocol.send_response(self._protocol.reject(status, detail + "\n"))
            self._flush()
        self._hang_up()


def stream_protocol(house: House, front: Front, streams: Streams) -> type[Stream]:
    """The protocol class for the web server, bound to the halls it serves and to what limits it."""
    return type("HouseStream", (Stream,), {"house": house, "front": front, "streams": streams})


def _raw(request: Request) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in request.headers.raw_items()]


def _subprotocol(_protocol: ServerProtocol, offered: Any) -> Subprotocol | None:
    return SUBPROTOCOL if SUBPROTOCOL in offered else None


def _authorization(request: Request) -> str | None:
    """The header, or what a page offers in its place."""
    if (authorization := _header(request, "Authorization")) is not None:
        return authorization
    for header in request.headers.get_all("Sec-WebSocket-Protocol"):
        for offered in header.split(","):
            if offered.strip().startswith(TOKEN_PREFIX):
                return BEARER + offered.strip()[len(TOKEN_PREFIX) :]
    return None


def _same_origin(request: Request) -> None:
    """A browser says where its page came from; another site's page may not listen."""
    origin = _header(request, "Origin")
    if origin is not None and not same_host(origin, _header(request, "Host")):
        raise NotAllowed("this page comes from another site")


def _header(request: Request, name: str) -> str | None:
    """The first header that is called so."""
    values = request.headers.get_all(name)
    return values[0] if values else None


def _position(query: str) -> tuple[str, int | None]:
    """`epoch` and `after` of the last message seen; what is not a number is as if it were not there."""
    values = parse_qs(query)
    after = values.get("after", [""])[0]
    return values.get("epoch", [""])[0], int(after) if after.isdecimal() and len(after) < 16 else None  # noqa: PLR2004
