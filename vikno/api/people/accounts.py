"""Accounts: people with a name to sign in by, and what they are to which hall.

An account is made by somebody who may, and chooses its password through a one-time link (keys.py). Whatever
changes what an account may do ends its sessions and links in the same transaction: whoever is signed in with
rights they have lost, or not gained yet, signs in anew, and a link that was kept gives nobody the new ones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from vikno.api.access import ANY_HALL, EVERYWHERE, GRANTED_BY, PEOPLE, Grant, Principal, Role
from vikno.api.people.store import PeopleRefused, Store
from vikno.api.trail import Trail
from vikno.queue.journal.tables import AccountRow, GrantRow, SessionRow, SignInKeyRow

ACCOUNTS = AccountRow.__table__  # type: ignore[attr-defined]
GRANTS = GrantRow.__table__  # type: ignore[attr-defined]
SESSIONS = SessionRow.__table__  # type: ignore[attr-defined]
KEYS = SignInKeyRow.__table__  # type: ignore[attr-defined]

WHAT = "accounts"
NAME = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")
"""Letters that cannot be mistaken for one another; an address of e-mail is a name too."""

LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*")
"""What is shown as it was typed: nothing in it steers a terminal, breaks a line or turns its direction."""

DISPLAY_NAME_LENGTH_MAX = 200

FIRST = Grant(Role.ADMIN, ANY_HALL)
"""What the first account may do, and somebody always."""


class Account(msgspec.Struct, frozen=True):
    """Somebody who signs in; `seen` in POSIX seconds."""

    id: int
    name: str
    display_name: str
    language: str
    grants: tuple[Grant, ...]
    active: bool
    seen: float | None


class Accounts:
    """The accounts of a database."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def all(self) -> list[Account]:
        """All of them, by name."""
        with self._store.reading(WHAT) as connection:
            rows = connection.execute(select(ACCOUNTS).order_by(ACCOUNTS.c.name)).all()
            return _with_grants(connection, rows)

    def get(self, number: int) -> Account:
        """One; `unknown-account` if there is none."""
        with self._store.reading(WHAT) as connection:
            return account_of(connection, ACCOUNTS.c.id == number)

    def named(self, name: str) -> Account:
        """The one that is called so; `unknown-account` if none is."""
        with self._store.reading(WHAT) as connection:
            return account_of(connection, ACCOUNTS.c.name == proper(name))

    def any(self) -> bool:
        """Whether there is one."""
        with self._store.reading(WHAT) as connection:
            return any_account(connection)

    def add(
        self, name: str, display_name: str, language: str, grants: Collection[Grant], *, who: str
    ) -> Account:
        """A new account without a password. 409 if the name is taken."""
        with self._store.writing(WHAT) as connection:
            number = insert_account(connection, name, display_name, language, self._store.now())
            connection.execute(delete(GRANTS).where(GRANTS.c.account == number))
            insert_grants(connection, number, grants)
            self._tell(connection, "account-made", who, number, grants, rights=told_grants(grants))
            return account_of(connection, ACCOUNTS.c.id == number)

    def of_subject(self, subject: str, name: str) -> Account | None:
        """Whose subject at an OpenID provider it is; the first time, that of the account of this name."""
        with self._store.writing(WHAT) as connection:
            free = (ACCOUNTS.c.name == proper(name)) & ACCOUNTS.c.subject.is_(None)
            known = exists(select(ACCOUNTS.c.id).where(ACCOUNTS.c.subject == subject))
            connection.execute(update(ACCOUNTS).where(free, ~known).values(subject=subject))
            rows = connection.execute(select(ACCOUNTS).where(ACCOUNTS.c.subject == subject)).all()
            return _with_grants(connection, rows)[0] if rows else None

    def change(
        self, number: int, changes: dict[str, Any], *, who: str, forget_password: bool = False
    ) -> Account:
        """Other values for `display_name`, `language`, `active` or `grants`.

        `last-admin` if nobody would be left who may do everything. `forget_password`: it opens nothing more.
        """
        plain = {key: value for key, value in changes.items() if key != "grants"}
        with self._store.writing(WHAT) as connection:
            mine = ACCOUNTS.c.id == number
            # An update of nothing first: from here on nobody else changes this account.
            connection.execute(update(ACCOUNTS).where(mine).values(id=number))
            before = account_of(connection, mine)
            if plain:
                connection.execute(update(ACCOUNTS).where(mine).values(**plain))
            if forget_password:
                connection.execute(update(ACCOUNTS).where(mine).values(password=None))
            if "grants" in changes:
                connection.execute(delete(GRANTS).where(GRANTS.c.account == number))
                insert_grants(connection, number, changes["grants"])
            after = account_of(connection, mine)
            if before.active and FIRST in before.grants:
                _keep_an_administrator(connection)
            others = set(after.grants) != set(before.grants)
            if others or not after.active:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.account == number))
            if others:
                # Whoever made a link could give the rights there were, and perhaps not these.
                connection.execute(delete(KEYS).where(KEYS.c.account == number))
            told: dict[str, Any] = {key: changes[key] for key in sorted(plain)}
            if "grants" in changes:
                told["rights"] = told_grants(after.grants)
            about = {*before.grants, *after.grants}
            self._tell(connection, "account-changed", who, number, about, **told)
            return after

    def sign_out(self, number: int, *, who: str) -> None:
        """End all sessions of an account."""
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.account == number))
            grants = account_of(connection, ACCOUNTS.c.id == number).grants
            self._tell(connection, "signed-out-everywhere", who, number, grants)

    def _tell(
        self,
        connection: Connection,
        kind: str,
        who: str,
        number: int,
        grants: Iterable[Grant],
        **detail: Any,
    ) -> None:
        """In the trail of each hall that the account has to do with; once, without one, if with none."""
        name = connection.scalar(select(ACCOUNTS.c.name).where(ACCOUNTS.c.id == number))
        halls: set[str | None] = {grant.hall for grant in grants if grant.hall != ANY_HALL}
        for hall in sorted(halls, key=str) or [None]:
            self._trail.add(connection, kind, who=who, hall=hall, account=name, **detail)


def insert_account(connection: Connection, name: str, display_name: str, language: str, at: float) -> int:
    """The number of a new account, which may do nothing yet."""
    row = {"name": checked_name(name), "display_name": display_name.strip(), "language": language}
    try:
        key = connection.execute(insert(ACCOUNTS).values(active=True, made=at, **row)).inserted_primary_key
    except IntegrityError:
        raise PeopleRefused(
            "name-taken", f"name: there is an account {row['name']!r} already; choose another", field="name"
        ) from None
    assert key is not None
    return int(key[0])


def any_account(connection: Connection) -> bool:
    """Whether there is one."""
    return bool(connection.scalar(select(exists(select(ACCOUNTS.c.id)))))


def account_of(connection: Connection, which: Any) -> Account:
    """One account; `unknown-account` if there is none."""
    rows = connection.execute(select(ACCOUNTS).where(which)).all()
    if not rows:
        raise PeopleRefused("unknown-account", "there is no such account")
    return _with_grants(connection, rows)[0]


def grants_of(connection: Connection, numbers: Collection[int]) -> dict[int, list[Grant]]:
    """What each of these accounts is to which hall."""
    found: dict[int, list[Grant]] = defaultdict(list)
    wanted = select(GRANTS).where(GRANTS.c.account.in_(numbers)).order_by(GRANTS.c.hall, GRANTS.c.role)
    for row in connection.execute(wanted):
        found[row.account].append(Grant(Role(row.role), row.hall))
    return found


def may_grant(principal: Principal, grants: Iterable[Grant]) -> bool:
    """Whether they may give and take all of these."""
    return all(any(_may_give(mine, grant) for mine in principal.grants) for grant in grants)


def _may_give(mine: Grant, grant: Grant) -> bool:
    return mine.covers(grant.hall) and grant.role in GRANTED_BY.get(mine.role, frozenset())


def checked_grants(grants: Collection[Grant], halls: Collection[str]) -> tuple[Grant, ...]:
    """Each once, in the halls of this server; `bad-grant` says what cannot be."""
    for grant in grants:
        if grant.role not in PEOPLE:
            _bad_grant(f"{grant.role} is nothing that a person is; choose one of {', '.join(sorted(PEOPLE))}")
        if grant.hall == ANY_HALL and grant.role not in EVERYWHERE:
            _bad_grant(f"a {grant.role} is one in a hall; name it in the place of {ANY_HALL}")
        if grant.hall != ANY_HALL and grant.hall not in halls:
            _bad_grant(f"this server has no hall {grant.hall!r}; it has {', '.join(sorted(halls))}")
    return tuple(dict.fromkeys(grants))


def only_hall(grants: Iterable[Grant]) -> str | None:
    """The hall that somebody belongs to, so that its auditor is told of them; None if there are several."""
    halls = {grant.hall for grant in grants}
    return halls.pop() if len(halls) == 1 and ANY_HALL not in halls else None


def told_grants(grants: Iterable[Grant]) -> list[str]:
    """As the trail tells them."""
    return sorted(f"{grant.role} of {grant.hall}" for grant in grants)


def proper(name: str) -> str:
    """A name as it is kept: large and small letters are the same."""
    return name.strip().lower()


def is_line(text: str) -> bool:
    """Whether people see something, and it is one line."""
    return bool(text.strip()) and LINE.fullmatch(text) is not None


def checked_name(name: str) -> str:
    """`bad-name` unless somebody can be called so."""
    found = proper(name)
    if not NAME.fullmatch(found):
        raise PeopleRefused(
            "bad-name",
            "name: use 1 to 100 of a-z, 0-9 and . _ @ + -, a letter or digit first",
            field="name",
        )
    return found


def _bad_grant(detail: str) -> None:
    raise PeopleRefused("bad-grant", f"grants: {detail}", field="grants")


def _with_grants(connection: Connection, rows: Collection[Row[Any]]) -> list[Account]:
    grants = grants_of(connection, [row.id for row in rows])
    return [
        Account(
            row.id,
            row.name,
            row.display_name,
            row.language,
            tuple(grants[row.id]),
            bool(row.active),
            row.seen,
        )
        for row in rows
    ]


def insert_grants(connection: Connection, number: int, grants: Iterable[Grant]) -> None:
    """What an account may do from now on, each once."""
    rows = [
        {"account": number, "role": grant.role.value, "hall": grant.hall} for grant in dict.fromkeys(grants)
    ]
    if rows:
        connection.execute(insert(GRANTS), rows)


def _keep_an_administrator(connection: Connection) -> None:
    """`last-admin` if there is none. Those there are are held on to: two cannot remove each other at once."""
    administrators = (
        select(ACCOUNTS.c.id)
        .join(GRANTS, GRANTS.c.account == ACCOUNTS.c.id)
        .where(ACCOUNTS.c.active, GRANTS.c.role == FIRST.role.value, GRANTS.c.hall == FIRST.hall)
        .with_for_update(of=ACCOUNTS)
    )
    if connection.execute(administrators).first() is None:
        raise PeopleRefused(
            "last-admin",
            "nobody would be left who may do everything; make somebody else an admin of * first",
        )
