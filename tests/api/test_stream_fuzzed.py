"""Whatever bytes come on an open stream, whatever a page orders in a conversation: one kind of error each.

A broken frame is answered with one goodbye, a broken order with one problem; nothing else is ever said,
nothing is raised, and nothing stays behind.
"""

from __future__ import annotations

import random
from functools import partial

import msgspec
import pytest
from uvicorn.server import ServerState
from websockets.frames import Opcode
from websockets.protocol import Protocol, Side, State

from tests.api.listening import masked
from tests.fuzzing import fuzz, scrambled
from vikno.api.conversation import CANCEL
from vikno.api.doors.rosterruns import read_roster_order
from vikno.api.experiments import ExperimentRefused
from vikno.api.ordering import read_order
from vikno.api.stream import MESSAGE_BYTES_MAX, MESSAGES_MAX, Stream
from vikno.queue.hallfile import parse_hall
from vikno.queue.plan import HallPlan

SHOWN_OUT = {1002, 1007, 1008, 1009}
"""A broken frame, text that is none, too much talk, too long a message."""

DETAIL_LETTERS_MAX = 1_000
FRAMES, ORDERS = 60_000, 30_000
"""Cases of `make test`, which has ten thousand hall files besides; the long run has ten times as many."""


class Wire:
    """A connection that only notes what is said on it."""

    def __init__(self) -> None:
        self.said = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed, "said after the goodbye"
        self.said += data

    def close(self) -> None:
        self.closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.closed

    def get_write_buffer_size(self) -> int:
        return 0


def open_stream(wire: Wire) -> Stream:
    """A stream past its handshake."""
    stream = Stream(None, ServerState(), {})
    stream._transport = wire  # type: ignore[assignment]
    stream._protocol = Protocol(Side.SERVER, state=State.OPEN, max_size=MESSAGE_BYTES_MAX)  # type: ignore[assignment]
    return stream


def frame(rng: random.Random) -> bytes:
    """A frame as a browser might send it, or one whose head lies."""
    size = rng.choice((0, 1, 5, 125, 126, 200, 300))
    if rng.random() < 0.01:
        size = rng.choice((MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX + 1, 65_535, 65_536))
    opcode = rng.choice((0x0, 0x1, 0x1, 0x2, 0x8, 0x9, 0xA, rng.randrange(16)))
    reserved = rng.choice((0, 0, 0, 0, 0x40, 0x20, 0x10))
    payload = rng.randbytes(2 if opcode == 0x8 and rng.random() < 0.5 else size)
    return masked(opcode, payload, final=rng.random() < 0.9, reserved=reserved)


def talk(rng: random.Random) -> bytes:
    """What comes on the wire: frames, broken frames, or noise."""
    kind = rng.random()
    if kind < 0.1:
        return rng.randbytes(rng.randrange(1, 64))
    if kind < 0.12:
        return masked(rng.choice((0x1, 0x9)), b"x" * rng.randrange(8)) * (MESSAGES_MAX + rng.randrange(-1, 4))
    good = b"".join(frame(rng) for _ in range(rng.randrange(1, 4)))
    return good if kind < 0.4 else scrambled(rng, good)


def said(wire: Wire) -> list[tuple[int, bytes]]:
    """The frames the server has sent: opcode and what is in each."""
    found, left = [], wire.said
    while left:
        opcode, length = left[0] & 0x0F, left[1]
        assert left[0] & 0xF0 == 0x80, "a server's frame is whole and has no extension"
        assert length < 126, "a server has little to say here"
        found.append((opcode, left[2 : 2 + length]))
        assert len(found[-1][1]) == length, "half a frame"
        left = left[2 + length :]
    return found


def check_frames(rng: random.Random) -> bool:
    wire = Wire()
    stream = open_stream(wire)
    data = talk(rng)
    at = 0
    while at < len(data) and not wire.closed:
        step = rng.choice((1, 2, 7, 1_000, len(data)))
        stream.data_received(data[at : at + step])
        at += step
    answers = said(wire)
    goodbyes = [text for opcode, text in answers if opcode == Opcode.CLOSE]
    assert {opcode for opcode, _ in answers} <= {Opcode.PONG, Opcode.CLOSE}
    assert len(goodbyes) == wire.closed, "who is shown out is told so once"
    if goodbyes:
        assert answers[-1][0] == Opcode.CLOSE
        asked = bytes.fromhex("88") in data  # an answer to their own goodbye repeats its code
        assert not goodbyes[0] or int.from_bytes(goodbyes[0][:2]) in SHOWN_OUT or asked
    return bool(goodbyes)


PLAN = """
format = 1
[hall]
id = "h"
name = { en = "Hall" }
opens = "08:00"
closes = "16:00"
[[services]]
id = "passport"
prefix = "A"
name = { en = "Passport" }
arrivals = [["08:00", 6.0]]
service = { distribution = "lognormal", mean = 12.0, cv = 0.5 }
[[windows]]
id = "w-1"
skills = { passport = 1.0 }
"""

NEW_WINDOW = {"change": "add-window", "window": "w-9", "skills": {"passport": 1.0}}
GOOD_ORDERS = [
    msgspec.json.encode(order)
    for order in (
        {"type": "run", "scenarios": [{"policy": "fifo", "changes": []}], "days": 20, "seed": 7},
        {
            "type": "run",
            "scenarios": [
                {"changes": [{"change": "demand", "percent": 120}]},
                {
                    "policy": "index",
                    "changes": [{"change": "add-window", "window": "w-9", "skills": {"passport": 1.0}}],
                },
            ],
            "until": 0.5,
        },
    )
]
GOOD_ROSTER_ORDERS = [
    msgspec.json.encode(order)
    for order in (
        {"type": "trial", "version": 1, "days": [0, 1], "changes": []},
        {"type": "search", "version": 3, "seconds": 20.0},
        {"type": "training", "version": 2},
    )
]


def order(rng: random.Random, good: list[bytes]) -> bytes:
    """An order, mostly broken."""
    kind = rng.random()
    if kind < 0.02:
        return rng.choice((b"[", b'{"type":')) * rng.choice((10, 100_000))
    if kind < 0.05:
        return rng.randbytes(rng.randrange(40))
    if kind < 0.06:
        return CANCEL
    return scrambled(rng, rng.choice(good))


def in_one_line(error: ExperimentRefused) -> bool:
    """Whether a page can show it."""
    return bool(error.code and error.detail.strip()) and len(error.detail.splitlines()) == 1


def check_order(plan: HallPlan, rng: random.Random) -> bool:
    try:
        if rng.random() < 0.7:
            read_order(order(rng, GOOD_ORDERS), plan, "fifo")
        else:
            read_roster_order(order(rng, GOOD_ROSTER_ORDERS))
    except ExperimentRefused as error:
        if not in_one_line(error) or len(error.detail) > DETAIL_LETTERS_MAX:
            raise
        return True
    return False


def test_whatever_comes_on_a_stream_is_heard_or_answered_with_one_goodbye() -> None:
    fuzz(FRAMES, 0, check_frames)


def test_whatever_is_ordered_is_read_or_refused_in_one_line() -> None:
    fuzz(ORDERS, 0, partial(check_order, parse_hall(PLAN)))


@pytest.mark.parametrize("text", [b"[" * 100_000, b'{"type":' * 30_000, b'{"type": "run", "type": "run"}'])
def test_an_order_without_end_or_with_two_meanings_is_refused(text: bytes) -> None:
    for read in (lambda: read_order(text, parse_hall(PLAN), "fifo"), lambda: read_roster_order(text)):
        with pytest.raises(ExperimentRefused):
            read()


@pytest.mark.soak
def test_nine_hundred_thousand_broken_messages_leave_nothing_behind() -> None:
    fuzz(10 * FRAMES, FRAMES, check_frames)
    fuzz(10 * ORDERS, ORDERS, partial(check_order, parse_hall(PLAN)))
