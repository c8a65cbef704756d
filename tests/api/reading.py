"""The reference reader: what a page must do with the stream, in a few lines of another language.

It replaces what a message carries and never calculates. What a page cannot know from events (the waits,
which heartbeats bring; how many are ahead, which changes with every call) is left out of the comparison.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

FINAL = {"served", "no-show", "left", "unserved"}
CHANGES_UNTOLD = {"ahead", "wait"}


class Gap(Exception):
    """A message is missing: connect again without `after`."""


class Picture:
    """The hall as one reader knows it."""

    def __init__(self) -> None:
        self.audience = ""
        self.epoch = ""
        self.seq = -1
        self.windows: dict[str, Any] = {}
        self.waiting: dict[str, int] = {}
        self.calls: dict[str, Any] = {}
        self.tickets: dict[str, Any] = {}
        self.today: Any = None

    def copy(self) -> Picture:
        """As it is now."""
        return copy.deepcopy(self)

    def read(self, text: str | bytes) -> str:
        """Take in one message; its type."""
        message = json.loads(text)
        kind: str = message["type"]
        if kind == "snapshot":
            self._whole(message)
        elif kind == "heartbeat":
            if message["seq"] > self.seq:
                raise Gap
        elif message["seq"] > self.seq + 1:
            raise Gap
        elif message["seq"] == self.seq + 1:
            self._replace(message)
            self.seq += 1
        return kind

    def _whole(self, message: dict[str, Any]) -> None:
        hall = message["hall"]
        self.audience, self.epoch, self.seq = message["audience"], message["epoch"], message["seq"]
        self.windows = {window["id"]: window for window in hall["windows"]}
        self.waiting = {service["id"]: service["waiting"] for service in hall["services"]}
        self.calls = {call["number"]: call for call in hall["calls"]}
        self.tickets = {ticket["id"]: _told(ticket) for ticket in hall.get("tickets", ())}
        self.today = hall.get("today")

    def _replace(self, message: dict[str, Any]) -> None:
        self.waiting |= message.get("waiting", {})
        self.today = message.get("today", self.today)
        if "window" in message:
            self.windows[message["window"]["id"]] = message["window"]
        if "call" in message:
            self.calls[message["call"]["number"]] = message["call"]
        self.calls.pop(message.get("retract", ""), None)
        if "ticket" in message:
            ticket = _told(message["ticket"])
            self.tickets[ticket["id"]] = ticket
            if ticket["state"] in FINAL:
                del self.tickets[ticket["id"]]

    def known(self) -> dict[str, Any]:
        """What two readers of the same audience must agree on; only the public is told calls."""
        everything = dict(vars(self))
        if self.audience == "staff":
            del everything["calls"]
        return everything


def _told(ticket: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in ticket.items() if name not in CHANGES_UNTOLD}


def texts(frames: bytes) -> Iterator[bytes]:
    """The text messages in server frames; pings are passed over."""
    at = 0
    while at < len(frames):
        opcode, length, at = frames[at] & 0x0F, frames[at + 1], at + 2
        if length >= 126:
            size = 2 if length == 126 else 8
            length, at = int.from_bytes(frames[at : at + size]), at + size
        if opcode == 1:
            yield frames[at : at + length]
        at += length
    assert at == len(frames), "half a frame"


class Screen:
    """A reader of an audience, in the server's own process."""

    def __init__(self) -> None:
        self.picture = Picture()
        self.heard: list[bytes] = []
        self.closed: list[int] = []

    def send(self, frames: bytes) -> None:
        for text in texts(frames):
            self.heard.append(text)
            self.picture.read(text)

    def check(self) -> None:
        """Lives always."""

    def close(self, code: int, _reason: str) -> None:
        self.closed.append(code)
