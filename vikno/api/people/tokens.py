"""Fixed tokens: made at the command line, for programs and for devices that cannot be paired.

Each has a number by which it is listed and revoked (`vikno tokens`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from sqlalchemy import insert, select, update

from vikno.api.access import ANY_HALL, EVERYWHERE, Grant, Kind, Principal, Role
from vikno.api.people.store import Held, Store, chunks, hashed, new_secret
from vikno.api.trail import COMMAND_LINE, Trail
from vikno.queue.errors import ViknoError
from vikno.queue.journal.tables import TokenRow

TOKENS = TokenRow.__table__  # type: ignore[attr-defined]
WHAT = "tokens"
ROLES = tuple(role for role in Role if role is not Role.VISITOR)


class BadToken(ViknoError):
    """A token cannot be made, or revoked, like this."""


class Token(msgspec.Struct, frozen=True):
    """What is known of a token; times in POSIX seconds, `made` 0 if it is older than this list."""

    id: int
    role: Role
    hall: str
    window: str | None
    made: float
    revoked: float | None


class Tokens:
    """The fixed tokens of a database."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def issue(self, grant: Grant, *, who: str = COMMAND_LINE) -> str:
        """A new token, told once."""
        check_token(grant)
        token = new_secret()
        row = {"hash": hashed(token), "role": grant.role.value, "hall": grant.hall, "window": grant.window}
        with self._store.writing(WHAT) as connection:
            key = connection.execute(
                insert(TOKENS).values(made=self._store.now(), **row)
            ).inserted_primary_key
            assert key is not None
            told = {"token": key[0], "role": grant.role.value, "window": grant.window}
            self._trail.add(connection, "token-made", who=who, hall=grant.hall, **told)
        return token

    def all(self) -> list[Token]:
        """All of them, the oldest first."""
        with self._store.reading(WHAT) as connection:
            return [
                Token(row.id, Role(row.role), row.hall, row.window, row.made, row.revoked)
                for row in connection.execute(select(TOKENS).order_by(TOKENS.c.id))
            ]

    def revoke(self, number: int, *, who: str = COMMAND_LINE) -> None:
        """From now on it is worth nothing. `BadToken` if there is no such token, or not any more."""
        mine = TOKENS.c.id == number
        with self._store.writing(WHAT) as connection:
            gone = connection.execute(
                update(TOKENS).where(mine, TOKENS.c.revoked.is_(None)).values(revoked=self._store.now())
            )
            if not gone.rowcount:
                raise BadToken(
                    f"--revoke: there is no valid token {number}; `vikno tokens` lists those there are"
                )
            hall = connection.scalar(select(TOKENS.c.hall).where(mine))
            self._trail.add(connection, "token-revoked", who=who, hall=hall, token=number)

    def find(self, hashes: Sequence[str]) -> dict[str, Held]:
        """Whose they are, of those hashes that are good now."""
        found = {}
        with self._store.reading(WHAT) as connection:
            for some in chunks(hashes):
                wanted = select(TOKENS).where(TOKENS.c.hash.in_(some), TOKENS.c.revoked.is_(None))
                for row in connection.execute(wanted):
                    grant = Grant(Role(row.role), row.hall, row.window)
                    holder = Principal((grant,), Kind.TOKEN, str(row.id), secret=row.hash)
                    found[row.hash] = Held(holder, self._store.now())
        return found

    def used(self, times: Mapping[str, float]) -> None:
        """Nobody asks when a fixed token was used last."""


def check_token(grant: Grant) -> None:
    """`BadToken` if such a token makes no sense."""
    if grant.role is Role.CLERK and not grant.window:
        raise BadToken("--window: a clerk's token is for one window; name it")
    if grant.role is not Role.CLERK and grant.window:
        raise BadToken(f"--window: only a clerk's token is for one window; leave it out for a {grant.role}")
    if grant.role is Role.MONITOR and grant.hall != ANY_HALL:
        raise BadToken(f'--hall: a monitor watches the server and no hall; give "{ANY_HALL}"')
    if grant.hall == ANY_HALL and grant.role not in EVERYWHERE:
        roles = ", ".join(sorted(EVERYWHERE))
        raise BadToken(f"--hall: only a token of {roles} may be for every hall; name one for a {grant.role}")
