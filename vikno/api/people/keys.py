"""One-time links: how an account gets its first password, or another one when it was forgotten.

The key stands in the fragment of the link, which no server sees and no log keeps. It works once, for three
days. The link of an empty server makes the first administrator.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from vikno.api.people.accounts import (
    ACCOUNTS,
    FIRST,
    KEYS,
    SESSIONS,
    Account,
    account_of,
    any_account,
    insert_account,
    insert_grants,
    only_hall,
)
from vikno.api.people.sessions import Opened, Sessions
from vikno.api.people.store import PeopleRefused, Store, hashed, new_secret
from vikno.api.trail import Trail

WHAT = "one-time links"
KEY_SECONDS = 72 * 3_600.0
"""From Friday to Monday."""


def link(base: str, key: str) -> str:
    """The address to be handed over; `base` is that of the server, with a slash at its end."""
    return f"{base}sign-in#key={key}"


class Keys:
    """The one-time links of a database."""

    def __init__(self, store: Store, trail: Trail, sessions: Sessions) -> None:
        self._store = store
        self._trail = trail
        self._sessions = sessions

    def first(self) -> str | None:
        """A key for the first administrator; None if there is an account."""
        with self._store.reading(WHAT) as connection:
            if any_account(connection):
                return None
        key = new_secret()
        with self._store.writing(WHAT) as connection:
            self._insert(connection, key, None)
        return key

    def make(self, account: int, *, who: str) -> str:
        """A key for an account; those it had before work no more."""
        key = new_secret()
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(KEYS).where(KEYS.c.account == account))
            self._insert(connection, key, account)
            told = account_of(connection, ACCOUNTS.c.id == account)
            hall = only_hall(told.grants)
            self._trail.add(connection, "link-made", who=who, hall=hall, account=told.name)
        return key

    def owner(self, key: str) -> str:
        """The name of the account it is for, empty for the first. `wrong-key` if it is good no more."""
        with self._store.reading(WHAT) as connection:
            row = connection.execute(select(KEYS).where(self._good(key))).first()
            if row is None:
                raise _wrong_key()
            if row.account is None:
                return ""
            return account_of(connection, (ACCOUNTS.c.id == row.account) & ACCOUNTS.c.active).name

    def use(self, key: str, name: str, password_hash: str) -> tuple[Account, Opened]:
        """Set the password and sign in; `name` is that of the first account, if it is this that is made."""
        with self._store.writing(WHAT) as connection:
            number, kind = self._taken(connection, key), "password-set"
            if number is None:
                number, kind = self._first(connection, key, name), "first-account"
            mine = ACCOUNTS.c.id == number
            connection.execute(update(ACCOUNTS).where(mine).values(password=password_hash))
            account = account_of(connection, mine & ACCOUNTS.c.active)
            connection.execute(delete(SESSIONS).where(SESSIONS.c.account == number))
            opened = self._sessions.open(connection, number)
            hall = only_hall(account.grants)
            self._trail.add(connection, kind, who=f"account:{account.name}", hall=hall)
            return account, opened

    def _taken(self, connection: Connection, key: str) -> int | None:
        """Whose key it was; None if it is no account's. Of two who use it at once, one finds it gone."""
        theirs = self._good(key) & KEYS.c.account.is_not(None)
        number: int | None = connection.scalar(delete(KEYS).where(theirs).returning(KEYS.c.account))
        return number

    def _first(self, connection: Connection, key: str, name: str) -> int:
        """The first account, if this key still makes it. All such keys go at once, so only one does."""
        good = KEYS.c.account.is_(None) & (KEYS.c.until > self._store.now())
        keys = connection.scalars(delete(KEYS).where(good).returning(KEYS.c.hash)).all()
        if hashed(key) not in keys or any_account(connection):
            raise _wrong_key()
        number = insert_account(connection, name, name, "", self._store.now())
        insert_grants(connection, number, [FIRST])
        return number

    def _insert(self, connection: Connection, key: str, account: int | None) -> None:
        now = self._store.now()
        connection.execute(delete(KEYS).where(KEYS.c.until <= now))
        row = {"hash": hashed(key), "account": account, "until": now + KEY_SECONDS}
        connection.execute(insert(KEYS).values(**row))

    def _good(self, key: str) -> ColumnElement[bool]:
        good: ColumnElement[bool] = (KEYS.c.hash == hashed(key)) & (KEYS.c.until > self._store.now())
        return good


def _wrong_key() -> PeopleRefused:
    return PeopleRefused(
        "wrong-key", "key: this link was used already, or is too old; ask for a new one", field="key"
    )
