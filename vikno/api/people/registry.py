"""Everything about people and devices that a server has, wired to one database."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import Engine

from vikno.api.access import Kind
from vikno.api.people.accounts import Accounts
from vikno.api.people.devices import Devices
from vikno.api.people.entry import Entry
from vikno.api.people.gate import Gate
from vikno.api.people.keys import Keys
from vikno.api.people.passwords import OWASP, Cost, Passwords
from vikno.api.people.sessions import Sessions
from vikno.api.people.store import Source, Store
from vikno.api.people.tokens import Tokens
from vikno.api.people.tries import Tries
from vikno.api.trail import Trail


class People:
    """Who there is in a database, and the gate that knows them.

    `now` is the machine's clock, `cost` that of checking a password.
    """

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time, cost: Cost = OWASP) -> None:
        self.store = Store(engine, now)
        self.trail = Trail(self.store)
        self.tokens = Tokens(self.store, self.trail)
        self.devices = Devices(self.store, self.trail)
        self.accounts = Accounts(self.store, self.trail)
        self.sessions = Sessions(self.store, self.trail)
        self.keys = Keys(self.store, self.trail, self.sessions)
        passwords = Passwords(cost)
        self.entry = Entry(self.store, self.trail, self.accounts, self.sessions, self.keys, passwords)
        self.tries = Tries()
        bearers: dict[Kind, Source] = {Kind.TOKEN: self.tokens, Kind.DEVICE: self.devices}
        self.gate = Gate(self.store, self.trail, bearers, self.sessions)
