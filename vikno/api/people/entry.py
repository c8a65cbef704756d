"""Signing in: a name and a password, or a one-time link; and choosing another password."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import msgspec
from sqlalchemy import select, update

from vikno.api.access import Principal
from vikno.api.people.accounts import (
    ACCOUNTS,
    Account,
    Accounts,
    account_of,
    checked_name,
    grants_of,
    only_hall,
    proper,
)
from vikno.api.people.delays import Delays
from vikno.api.people.keys import Keys
from vikno.api.people.oidc import NotVouched, Vouched
from vikno.api.people.passwords import Checked, Passwords, check_rules
from vikno.api.people.sessions import Opened, Sessions
from vikno.api.people.store import PeopleRefused, Store
from vikno.api.trail import NOBODY, Trail
from vikno.queue.errors import ViknoError

WHAT = "accounts"
PROVIDER = "provider"
"""As the trail names it."""


class Signed(NamedTuple):
    """Who is signed in now, and their session."""

    account: Account
    opened: Opened


class Known(msgspec.Struct, frozen=True):
    """What is kept of whoever wants to sign in."""

    id: int
    password: str | None
    active: bool
    hall: str | None


class Entry:
    """How people come in."""

    def __init__(  # noqa: PLR0917  (made in one place)
        self,
        store: Store,
        trail: Trail,
        accounts: Accounts,
        sessions: Sessions,
        keys: Keys,
        passwords: Passwords,
    ) -> None:
        self._store = store
        self._trail = trail
        self._accounts = accounts
        self._sessions = sessions
        self._keys = keys
        self.passwords = passwords
        self.delays = Delays(store.now)

    async def sign_in(self, name: str, password: str, address: str) -> Signed:
        """Somebody says who they are, from an address. `wrong-sign-in`, whatever of it is wrong."""
        name = proper(name)
        self.delays.begin(name, address)
        known, checked = await self._check(name, password, address)
        if known is None or not known.active or not checked.right:
            # A name that nobody has may be a password in the wrong field, so it is not written down.
            who, hall = (f"account:{name}", known.hall) if known else (NOBODY, None)
            await asyncio.to_thread(
                lambda: self._trail.write("sign-in-refused", who=who, hall=hall, address=address)
            )
            raise PeopleRefused("wrong-sign-in", "the name or the password is wrong; try again")
        self.delays.succeeded(name, address)
        return await asyncio.to_thread(self._let_in, known, checked)

    async def use_key(self, key: str, name: str, password: str) -> Signed:
        """A one-time link is followed. `wrong-key` if it is none, `bad-name`, `bad-password`."""
        name = await asyncio.to_thread(self._keys.owner, key) or checked_name(name)
        check_rules(password, name)
        fresh = await self.passwords.make(password)
        return Signed(*await asyncio.to_thread(self._keys.use, key, name, fresh))

    async def change_password(self, principal: Principal, old: str, new: str) -> Opened:
        """Another password, by whoever knows the present one. All other sessions of the account end."""
        self.delays.begin(principal.name, principal.secret)
        known, checked = await self._check(principal.name, old, principal.secret)
        if known is None or not checked.right:
            raise PeopleRefused("wrong-password", "old: this is not your present password", field="old")
        self.delays.succeeded(principal.name, principal.secret)
        check_rules(new, principal.name, field="new")
        fresh = await self.passwords.make(new)
        return await asyncio.to_thread(self._renew, principal, known, fresh)

    def vouched(self, said: Vouched) -> Signed:
        """A provider says who it is. `NotVouched` if that is nobody who may sign in here."""
        account = self._accounts.of_subject(said.subject, said.name)
        if account is None:
            if not said.grants:
                raise NotVouched("there is no account for them")
            self._accounts.add(said.name, said.display_name, "", said.grants, who=PROVIDER)
            account = self._accounts.of_subject(said.subject, said.name)
        if account is None or not account.active:
            raise NotVouched("their account is not for them, or not active")
        if said.grants is not None and set(said.grants) != set(account.grants):
            # Whoever could make a link to the account before may know its password, and not be given these.
            changes = {"grants": said.grants}
            account = self._accounts.change(account.id, changes, who=PROVIDER, forget_password=True)
        return Signed(account, self.open(account, by=PROVIDER))

    def open(self, account: Account, *, by: str) -> Opened:
        """Sign in whoever is known by other means than a password."""
        with self._store.writing(WHAT) as connection:
            opened = self._sessions.open(connection, account.id)
            who, hall = f"account:{account.name}", only_hall(account.grants)
            self._trail.add(connection, "signed-in", who=who, hall=hall, by=by)
            return opened

    async def _check(self, name: str, password: str, address: str) -> tuple[Known | None, Checked]:
        """Whose name it is, and whether the password is theirs; what was not looked at counts for nothing."""
        try:
            known = await asyncio.to_thread(self._known, name)
            return known, await self.passwords.check(known.password if known else None, password)
        except ViknoError:
            self.delays.untried(name, address)
            raise

    def _known(self, name: str) -> Known | None:
        with self._store.reading(WHAT) as connection:
            row = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.name == name)).first()
            if row is None:
                return None
            hall = only_hall(grants_of(connection, [row.id])[row.id])
            return Known(row.id, row.password, bool(row.active), hall)

    def _let_in(self, known: Known, checked: Checked) -> Signed:
        mine = (ACCOUNTS.c.id == known.id) & ACCOUNTS.c.active
        with self._store.writing(WHAT) as connection:
            fresh = checked.fresh or known.password
            # Only if nobody has changed the password since it was checked.
            same = mine & (ACCOUNTS.c.password == known.password)
            if not connection.execute(update(ACCOUNTS).where(same).values(password=fresh)).rowcount:
                raise PeopleRefused("wrong-sign-in", "the name or the password is wrong; try again")
            account = account_of(connection, mine)
            opened = self._sessions.open(connection, known.id)
            who = f"account:{account.name}"
            self._trail.add(connection, "signed-in", who=who, hall=known.hall, by="password")
            return Signed(account, opened)

    def _renew(self, principal: Principal, known: Known, fresh: str) -> Opened:
        with self._store.writing(WHAT) as connection:
            mine = (ACCOUNTS.c.id == known.id) & (ACCOUNTS.c.password == known.password)
            if not connection.execute(update(ACCOUNTS).where(mine).values(password=fresh)).rowcount:
                raise PeopleRefused("wrong-password", "old: this is not your present password", field="old")
            opened = self._sessions.renew(connection, known.id, principal.secret)
            self._trail.add(connection, "password-changed", who=principal.who, hall=known.hall)
            return opened
