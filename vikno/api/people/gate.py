"""The gate: who is it? Answered from memory, and forgotten at once when it may have changed.

The first time somebody shows a token or cookie, the database is asked; from then on this process knows them.
When accounts, sessions, devices or tokens change, whoever changes them says so (`changed`), and the bell
tells every process. Whenever the bell says to look, the trail is looked at, in which every such change is
written: a ring that got lost delays and never loses, and what the command line changes is noticed too. Then
all that was known is forgotten, and the holders of open streams are looked up again; those who may not any
more are hung up on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Protocol

from vikno.api.access import Grant, Kind, Principal
from vikno.api.bell import ACCESS, LOOK, Bell
from vikno.api.people.store import Held, Source, Store, hashed, new_secret
from vikno.api.trail import Trail
from vikno.queue.errors import JournalError

log = logging.getLogger(__name__)

SEEN_SECONDS = 60.0
"""How often it is written down when somebody was last seen."""

SIGNED_OUT = 4401
"""The code with which a stream is hung up when its holder may listen no more (RFC 6455, private use)."""

LENT = "lent"
"""The identifier of whoever holds a token that was only lent."""


class Reader(Protocol):
    """An open stream."""

    def close(self, code: int, reason: str) -> None:
        """Say goodbye and hang up."""
        ...


class Gate:
    """Knows whom it has met. `bearers` are asked about tokens in turn, `sessions` about cookies."""

    def __init__(self, store: Store, trail: Trail, bearers: dict[Kind, Source], sessions: Source) -> None:
        self._store = store
        self._trail = trail
        self._bearers = bearers
        self._sources = bearers | {Kind.ACCOUNT: sessions}
        self._known: dict[str, Held] = {}
        self._lent: dict[str, Principal] = {}
        self._used: dict[str, tuple[Kind, float]] = {}
        self._open: dict[str, tuple[Principal, set[Reader]]] = {}
        self._forgotten = 0
        self._newest: Sequence[int] = ()
        self._written = 0.0
        self._changed = False
        self._wake = asyncio.Event()
        self._bell: Bell | None = None
        self._task: asyncio.Task[None] | None = None

    # Who is it -----------------------------------------------------------------------------------------

    def known(self, token: str) -> Principal | None:
        """The holder, if this process has met the token before."""
        secret = hashed(token)
        return self._met(secret) or self._lent.get(secret)

    async def bearer(self, token: str) -> Principal | None:
        """The holder of a token."""
        secret = hashed(token)
        found = self._met(secret) or self._lent.get(secret) or await self._look_up(secret, self._bearers)
        return None if found is None or found.kind is Kind.ACCOUNT else found

    async def session(self, cookie: str) -> Principal | None:
        """Whose session a cookie is."""
        secret = hashed(cookie)
        found = self._met(secret) or await self._look_up(secret, [Kind.ACCOUNT])
        return found if found is not None and found.kind is Kind.ACCOUNT else None

    def lend(self, grant: Grant) -> str:
        """A token that lives only as long as this process."""
        token = new_secret()
        self._lent[hashed(token)] = Principal((grant,), Kind.TOKEN, LENT)
        return token

    def _met(self, secret: str) -> Principal | None:
        held = self._known.get(secret)
        if held is None:
            return None
        now = self._store.now()
        if not held.good(now):
            # Another process may have seen them since; the database knows.
            del self._known[secret]
            return None
        held.seen = now
        self._used[secret] = held.principal.kind, now
        return held.principal

    async def _look_up(self, secret: str, kinds: Iterable[Kind]) -> Principal | None:
        while True:
            before = self._forgotten
            held = await self._find(secret, kinds)
            if before == self._forgotten:
                break
            # Meanwhile something was changed: this may be what was true before.
        if held is None:
            return None
        held.seen = self._store.now()
        self._used[secret] = held.principal.kind, held.seen
        self._known[secret] = held
        return held.principal

    async def _find(self, secret: str, kinds: Iterable[Kind]) -> Held | None:
        for kind in kinds:
            found = await asyncio.to_thread(self._sources[kind].find, [secret])
            if secret in found:
                return found[secret]
        return None

    # What becomes of it --------------------------------------------------------------------------------

    def watch(self, principal: Principal, reader: Reader) -> None:
        """Hang up on `reader` when its holder may listen no more."""
        if principal.secret:
            self._open.setdefault(principal.secret, (principal, set()))[1].add(reader)

    def leave(self, principal: Principal, reader: Reader) -> None:
        """The reader is gone."""
        _, readers = self._open.get(principal.secret, (principal, set()))
        readers.discard(reader)
        if not readers:
            self._open.pop(principal.secret, None)

    def changed(self) -> None:
        """This process has changed accounts, sessions, devices or tokens: forget, and tell every process."""
        self.forget()
        if self._bell is not None:
            self._bell.ring(ACCESS)

    def forget(self) -> None:
        """They were changed: ask the database again about everybody."""
        self._forgotten += 1
        self._known.clear()
        self._changed = True
        self._wake.set()

    async def start(self, bell: Bell) -> None:
        """Begin to watch."""
        self._newest = await asyncio.to_thread(self._trail.newest)
        self._bell = bell
        bell.listen(self._hear)
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, and write down who was seen."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            with contextlib.suppress(JournalError):
                await self._write()

    def _hear(self, payload: str) -> None:
        if payload == ACCESS:
            self.forget()
        elif payload == LOOK:
            self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._look()
            except JournalError as error:  # the bell will say to look again
                log.warning("who may still listen cannot be looked up: %s", error)
            except Exception:  # whatever it is, nobody may listen for ever because of it
                log.exception("who may still listen was not looked up")

    async def _look(self) -> None:
        newest = await asyncio.to_thread(self._trail.newest)
        if newest != self._newest:
            self._newest = newest
            self.forget()
        if self._changed:
            self._changed = False
            try:
                await self._look_again(list(self._open))
            except Exception:
                self._changed = True
                raise
        now = self._store.now()
        if ended := [secret for secret in self._open if self._ended(secret, now)]:
            await self._look_again(ended)
        if now - self._written >= SEEN_SECONDS:
            await self._write()

    def _ended(self, secret: str, now: float) -> bool:
        """Whether a session seems over by the clock; it may be in use in another process."""
        held = self._known.get(secret)
        return held is None or not held.good(now)

    async def _look_again(self, secrets: Sequence[str]) -> None:
        """Ask about the holders of open streams, and hang up on those who may not listen any more."""
        before = self._forgotten
        for kind, some in _by_kind(
            (self._open[secret][0].kind, secret) for secret in secrets if secret in self._open
        ):
            found = await asyncio.to_thread(self._sources[kind].find, some)
            if before == self._forgotten:
                self._known |= found
            for secret in some:
                if secret not in found and secret in self._open:
                    for reader in list(self._open[secret][1]):
                        reader.close(SIGNED_OUT, "signed out")

    async def _write(self) -> None:
        """When everybody was last seen; a device with an open stream is seen all the time."""
        now = self._written = self._store.now()
        used, self._used = self._used, {}
        used |= {
            secret: (Kind.DEVICE, now)
            for secret, (principal, _) in self._open.items()
            if principal.kind is Kind.DEVICE
        }
        for kind, some in _by_kind((kind, secret) for secret, (kind, _) in used.items()):
            await asyncio.to_thread(self._sources[kind].used, {secret: used[secret][1] for secret in some})


def _by_kind(pairs: Iterable[tuple[Kind, str]]) -> list[tuple[Kind, list[str]]]:
    ordered = sorted(pairs)
    return [(kind, [secret for _, secret in some]) for kind, some in groupby(ordered, itemgetter(0))]
