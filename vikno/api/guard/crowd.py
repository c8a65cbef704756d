"""How many are here at once, in all and from one address.

One address must not take every place; who has a reason to be many (a named proxy, this machine itself) is
counted in all only.
"""

from __future__ import annotations

from collections import Counter

from vikno.queue.errors import ViknoError

CONNECTIONS_MAX = 12_000
"""Requests and idle connections of one process: the devices of a city of 130 halls, each with a spare one."""

CONNECTIONS_AT_ADDRESS_MAX = 1_000
"""The devices and the visitors' phones of a large hall behind one router, twice over."""

STREAMS_MAX = 10_000
"""Screens, consoles and phones that listen at once: twice what one process was measured with."""

STREAMS_AT_ADDRESS_MAX = 1_000
"""As above: nobody holds more than one stream for long."""

STREAMS_OF_TICKET_MAX = 8
"""A visitor's phone, its reloads, and the phones of a family who look on."""


class NoPlace(ViknoError):
    """Too many are here already."""


class Crowd:
    """Who is here, by address; `alike_max` from one of them."""

    def __init__(self, everybody_max: int, alike_max: int) -> None:
        self._everybody_max = everybody_max
        self._alike_max = alike_max
        self._here: Counter[str] = Counter()
        self.count = 0

    def enter(self, who: str, *, near: bool = False) -> bool:
        """Take a place if there is one; `near`: many stand behind this one, and only the sum matters."""
        if self.count >= self._everybody_max or (not near and self._here[who] >= self._alike_max):
            return False
        self.count += 1
        self._here[who] += 1
        return True

    def leave(self, who: str) -> None:
        """Give the place back."""
        self.count -= 1
        self._here[who] -= 1
        if not self._here[who]:
            del self._here[who]


class Streams:
    """Who listens: so many in all, from an address, and with a ticket."""

    def __init__(self) -> None:
        self._addresses = Crowd(STREAMS_MAX, STREAMS_AT_ADDRESS_MAX)
        self._tickets = Crowd(STREAMS_MAX, STREAMS_OF_TICKET_MAX)

    def enter(self, address: str, ticket: str, *, near: bool) -> None:
        """Take a place; `NoPlace` if there is none. `ticket` is empty for who has none."""
        if not self._addresses.enter(address, near=near):
            raise NoPlace("too many streams are open; close some, or try again later")
        if not self._tickets.enter(ticket, near=not ticket):
            self._addresses.leave(address)
            raise NoPlace(f"a ticket may be watched by {STREAMS_OF_TICKET_MAX} at once; close another page")

    def leave(self, address: str, ticket: str) -> None:
        """Give the place back."""
        self._addresses.leave(address)
        self._tickets.leave(ticket)
