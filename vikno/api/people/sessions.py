"""Sessions: that somebody signed in here, kept on the server, so that it can be ended from anywhere at once.

The browser holds nothing but 256 random bits in a cookie, which no script can read and no other site can
send. A session ends when its account is changed, after `IDLE_SECONDS` without a request, and after
`SESSION_SECONDS` in any case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from vikno.api.access import Grant, Kind, Principal, Role
from vikno.api.people.accounts import ACCOUNTS, SESSIONS, Account, account_of, grants_of, only_hall
from vikno.api.people.store import Held, PeopleRefused, Store, chunks, hashed, new_secret
from vikno.api.trail import Trail
from vikno.queue.journal.tables import HallRow

HALLS = HallRow.__table__  # type: ignore[attr-defined]

WHAT = "sessions"
COOKIE = "__Host-vikno"
"""The prefix binds the cookie to this host, to TLS and to the root of its paths, in every browser."""

IDLE_SECONDS = 8 * 3_600.0
"""A shift: whoever has not touched anything for so long has gone home."""

SESSION_SECONDS = 12 * 3_600.0
"""The longest working day; then everybody signs in anew."""


class Opened(NamedTuple):
    """A new session: what goes into the cookie, and when it ends at the latest (POSIX seconds)."""

    secret: str
    until: float


class Told(NamedTuple):
    """A session as its owner is told of it: whose, until when at the latest, and at which window."""

    account: Account
    until: float
    hall: str | None
    window: str | None


class Sessions:
    """The sessions of a database."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def open(self, connection: Connection, account: int) -> Opened:
        """A new one, in the transaction that finds out who it is; sessions that are over are thrown away."""
        now = self._store.now()
        secret, until = new_secret(), now + SESSION_SECONDS
        over = (SESSIONS.c.until <= now) | (SESSIONS.c.seen <= now - IDLE_SECONDS)
        connection.execute(delete(SESSIONS).where(over))
        row = {"hash": hashed(secret), "account": account, "made": now, "seen": now, "until": until}
        connection.execute(insert(SESSIONS).values(**row))
        connection.execute(update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(seen=now))
        return Opened(secret, until)

    def renew(self, connection: Connection, account: int, present: str) -> Opened:
        """A new one in the place of all that an account has, at the window of its `present` one (a hash)."""
        here = select(SESSIONS.c.hall, SESSIONS.c.window).where(SESSIONS.c.hash == present)
        row = connection.execute(here).first()
        connection.execute(delete(SESSIONS).where(SESSIONS.c.account == account))
        opened = self.open(connection, account)
        if row is not None:
            mine = SESSIONS.c.hash == hashed(opened.secret)
            connection.execute(update(SESSIONS).where(mine).values(hall=row.hall, window=row.window))
        return opened

    def close(self, principal: Principal) -> None:
        """Sign out."""
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == principal.secret))
            hall = only_hall(principal.grants)
            self._trail.add(connection, "signed-out", who=principal.who, hall=hall)

    def end(self, secret: str) -> None:
        """Whatever session this cookie had is over: somebody signs in anew where it was."""
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == hashed(secret)))

    def take(self, principal: Principal, hall: str | None, window: str | None) -> None:
        """Be the clerk of this window, or of none. Whoever was there in another session is it no more."""
        with self._store.writing(WHAT) as connection:
            if window is not None:
                # An update of nothing first: of several who take it at once, one after the other does.
                connection.execute(update(HALLS).where(HALLS.c.id == hall).values(id=hall))
                there = (SESSIONS.c.hall == hall) & (SESSIONS.c.window == window)
                connection.execute(update(SESSIONS).where(there).values(hall=None, window=None))
            mine = SESSIONS.c.hash == principal.secret
            connection.execute(update(SESSIONS).where(mine).values(hall=hall, window=window))
            kind = "window-left" if window is None else "window-taken"
            self._trail.add(connection, kind, who=principal.who, hall=hall, window=window)

    def told(self, principal: Principal) -> Told:
        """What is kept of a session; `unknown-account` if it is over."""
        with self._store.reading(WHAT) as connection:
            row = connection.execute(select(SESSIONS).where(SESSIONS.c.hash == principal.secret)).first()
            if row is None:
                raise PeopleRefused("unknown-account", "this session is over; sign in again")
            account = account_of(connection, ACCOUNTS.c.id == row.account)
            return Told(account, row.until, row.hall, row.window)

    def find(self, hashes: Sequence[str]) -> dict[str, Held]:
        """Whose they are, of those hashes that are good now."""
        now = self._store.now()
        found = {}
        with self._store.reading(WHAT) as connection:
            for some in chunks(hashes):
                wanted = (
                    select(SESSIONS, ACCOUNTS.c.name)
                    .join(ACCOUNTS, ACCOUNTS.c.id == SESSIONS.c.account)
                    .where(SESSIONS.c.hash.in_(some), ACCOUNTS.c.active)
                    .where(SESSIONS.c.until > now, SESSIONS.c.seen > now - IDLE_SECONDS)
                )
                rows = connection.execute(wanted).all()
                grants = grants_of(connection, {row.account for row in rows})
                for row in rows:
                    mine = tuple(_at_window(grant, row.hall, row.window) for grant in grants[row.account])
                    holder = Principal(mine, Kind.ACCOUNT, str(row.account), row.name, row.hash)
                    found[row.hash] = Held(holder, row.seen, row.until, IDLE_SECONDS)
        return found

    def used(self, times: Mapping[str, float]) -> None:
        """Write down when each was used last (POSIX seconds)."""
        mine = SESSIONS.c.hash == bindparam("secret")
        account = select(SESSIONS.c.account).where(mine).scalar_subquery()
        seen = update(SESSIONS).where(mine).values(seen=bindparam("last"))
        there = update(ACCOUNTS).where(ACCOUNTS.c.id == account).values(seen=bindparam("last"))
        for some in chunks(list(times)):
            rows = [{"secret": secret, "last": times[secret]} for secret in some]
            with self._store.writing(WHAT) as connection:
                connection.execute(seen, rows)
                connection.execute(there, rows)


def _at_window(grant: Grant, hall: str | None, window: str | None) -> Grant:
    """A clerk is one at the window they have taken."""
    here = grant.role is Role.CLERK and grant.hall == hall
    return Grant(grant.role, grant.hall, window) if here else grant
