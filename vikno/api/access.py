"""Who may do what: one table, from which every door and the test of every door are made. Default deny.

A bearer token says role, hall and window. A visitor's token is the ticket's own identifier, which only they
and the staff know.
"""

from __future__ import annotations

import hashlib
import secrets
from enum import StrEnum

import msgspec
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from vikno.queue.errors import JournalUnavailable, ViknoError
from vikno.queue.journal.tables import TokenRow

TOKENS = TokenRow.__table__  # type: ignore[attr-defined]
ANY_HALL = "*"
TOKEN_BYTES = 24


class Role(StrEnum):
    """What somebody or something is to a hall."""

    KIOSK = "kiosk"
    SCREEN = "screen"
    CLERK = "clerk"
    MANAGER = "manager"
    ADMIN = "admin"
    VISITOR = "visitor"


class Action(StrEnum):
    """What the doors let somebody do."""

    SEE_BOARD = "see the board"
    SEE_HALL = "see the hall as staff"
    SEE_TICKET = "see a ticket"
    ISSUE = "issue a ticket"
    MANAGE_TICKET = "let a ticket leave, return or have more time"
    PRIORITISE = "change a priority"
    WORK = "work at a window"
    SPEAK = "have a call spoken"
    EXPERIMENT = "try another plan"
    ROSTER = "plan who works when"
    DECIDE = "decide by which policy the hall calls"
    AUDIT = "see why calls were made and how true told waits were"


_STAFF = frozenset({Action.SEE_BOARD, Action.SEE_HALL, Action.SEE_TICKET, Action.WORK})
_ALL = frozenset(Action)

RIGHTS: dict[Role, frozenset[Action]] = {
    Role.KIOSK: frozenset({Action.SEE_BOARD, Action.SEE_TICKET, Action.ISSUE}),
    Role.SCREEN: frozenset({Action.SEE_BOARD, Action.SPEAK}),
    Role.CLERK: _STAFF,
    Role.MANAGER: _ALL,
    Role.ADMIN: _ALL,
    Role.VISITOR: frozenset({Action.SEE_BOARD, Action.SEE_TICKET, Action.MANAGE_TICKET}),
}

TOKEN_ROLES = tuple(role for role in Role if role is not Role.VISITOR)


class NotSignedIn(ViknoError):
    """There is no valid token."""


class NotAllowed(ViknoError):
    """The token does not allow this."""


class BadToken(ViknoError):
    """A token cannot be made like this."""


class Principal(msgspec.Struct, frozen=True):
    """Whoever holds a token: a role in a hall, perhaps at one window, perhaps with one ticket."""

    role: Role
    hall: str
    window: str | None = None
    ticket: str | None = None

    def check(
        self, action: Action, hall: str, *, window: str | None = None, ticket: str | None = None
    ) -> None:
        """`NotAllowed` unless the table, the hall, the window and the ticket all agree."""
        if action not in RIGHTS[self.role]:
            raise NotAllowed(f"a {self.role} token may not {action}")
        if self.hall not in {hall, ANY_HALL}:
            raise NotAllowed(f"this token is for hall {self.hall}")
        if self.role is Role.CLERK and window is not None and window != self.window:
            raise NotAllowed(f"this token is for window {self.window}")
        if self.role is Role.VISITOR and ticket is not None and ticket != self.ticket:
            raise NotAllowed("this token is for another ticket")

    @property
    def staff(self) -> bool:
        """Whether they see the hall as staff do."""
        return Action.SEE_HALL in RIGHTS[self.role]


class Tokens:
    """The tokens of a database. Only hashes are kept: who reads the table holds no token."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._known: dict[str, Principal] = {}

    def issue(self, principal: Principal) -> str:
        """A new token, told once."""
        check_token(principal)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = {
            "hash": _hash(token),
            "role": principal.role.value,
            "hall": principal.hall,
            "window": principal.window,
        }
        with self.engine.begin() as connection:
            connection.execute(insert(TOKENS).values(**row))
        return token

    def lend(self, principal: Principal) -> str:
        """A token that lives only as long as this process."""
        token = secrets.token_urlsafe(TOKEN_BYTES)
        self._known[_hash(token)] = principal
        return token

    def known(self, token: str) -> Principal | None:
        """The holder, if this process has met the token before."""
        return self._known.get(_hash(token))

    def look_up(self, token: str) -> Principal | None:
        """The holder as the database says. Blocks; run it in a thread."""
        try:
            with self.engine.connect() as connection:
                row = connection.execute(select(TOKENS).where(TOKENS.c.hash == _hash(token))).first()
        except DBAPIError as error:
            raise JournalUnavailable(f"tokens cannot be read now ({error.orig}); try again") from error
        if row is None:
            return None
        principal = Principal(Role(row.role), row.hall, row.window)
        self._known[row.hash] = principal
        return principal


def check_token(principal: Principal) -> None:
    """`BadToken` if such a token makes no sense."""
    if principal.role is Role.CLERK and not principal.window:
        raise BadToken("--window: a clerk's token is for one window; name it")
    if principal.role is not Role.CLERK and principal.window:
        raise BadToken(
            f"--window: only a clerk's token is for one window; leave it out for a {principal.role}"
        )
    if principal.hall == ANY_HALL and principal.role is not Role.ADMIN:
        raise BadToken(
            f"--hall: only an admin's token may be for every hall; name one for a {principal.role}"
        )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
