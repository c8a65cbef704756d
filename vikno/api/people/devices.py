"""Screens and kiosks, paired as televisions are (RFC 8628): eight letters on the screen, typed by somebody.

A device asks for a pairing, shows its letters and polls; whoever may, types them on their own page and says
which hall it stands in. Then the device gets its token, once; only a hash is kept. Letters are without
vowels, so that they spell nothing, and without those that look alike.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from vikno.api.access import ANY_HALL, Grant, Kind, Principal, Role
from vikno.api.people.store import Held, PeopleRefused, Store, chunks, hashed, new_secret
from vikno.api.trail import Trail
from vikno.queue.journal.tables import DeviceRow, PairingRow

DEVICES = DeviceRow.__table__  # type: ignore[attr-defined]
PAIRINGS = PairingRow.__table__  # type: ignore[attr-defined]
WHAT = "devices"

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LETTERS_SHOWN = 8
"""20 to the 8th are 26 thousand million: within the tries they have, nobody guesses one (RFC 8628, 6.1)."""

PAIRING_SECONDS = 600.0
POLL_SECONDS = 5.0
"""How long a device waits between two questions, and how much longer after it asked too soon."""

EARLY_SECONDS = 0.5
"""A question that is early by so little was delayed less on its way than the one before it."""

PENDING_MAX = 500
"""Devices that show letters at once; nobody signs in for it, so their number must end somewhere."""

SILENT_SECONDS = 60.0
"""Whoever has not asked for so long gives the place up when places are wanted: a device that shows letters
asks all the time, and to keep all places without one takes eight questions a second for ever."""

OVER = "expired_token"
"""What a device hears whose pairing is over, or never was (RFC 8628, 3.5)."""


class Device(msgspec.Struct, frozen=True):
    """A paired device; times in POSIX seconds."""

    id: int
    name: str
    kind: str
    hall: str
    made: float
    seen: float | None
    revoked: float | None


class Pairing(msgspec.Struct, frozen=True):
    """What a device that wants to be paired is told."""

    device_code: str
    user_code: str


class Paired(msgspec.Struct, frozen=True):
    """What it is told once somebody has typed its letters."""

    access_token: str
    device: Device


class Devices:
    """The devices of a database."""

    def __init__(self, store: Store, trail: Trail) -> None:
        self._store = store
        self._trail = trail

    def ask(self, kind: Role) -> Pairing:
        """Begin a pairing. `too-many-pairings` if very many devices wait already."""
        code = new_secret()
        letters = "".join(secrets.choice(LETTERS) for _ in range(LETTERS_SHOWN))
        now = self._store.now()
        row = {"hash": hashed(code), "user_code": letters, "kind": kind.value, "interval": POLL_SECONDS}
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(PAIRINGS).where(PAIRINGS.c.until <= now))
            if _pending(connection) >= PENDING_MAX:
                asked = func.coalesce(PAIRINGS.c.polled, PAIRINGS.c.until - PAIRING_SECONDS)
                silent = PAIRINGS.c.device.is_(None) & (asked <= now - SILENT_SECONDS)
                connection.execute(delete(PAIRINGS).where(silent))
            if _pending(connection) >= PENDING_MAX:
                raise PeopleRefused(
                    "too-many-pairings",
                    "very many devices wait to be paired; try again in some minutes",
                    retry_seconds=POLL_SECONDS,
                )
            connection.execute(insert(PAIRINGS).values(until=now + PAIRING_SECONDS, **row))
        return Pairing(code, letters)

    def let_in(self, letters: str, hall: str, name: str, *, who: str) -> Device:
        """Whoever may has typed the letters. `unknown-code` if no device shows them now."""
        now = self._store.now()
        with self._store.writing(WHAT) as connection:
            shown = (PAIRINGS.c.user_code == letters) & (PAIRINGS.c.until > now) & PAIRINGS.c.device.is_(None)
            # Written first, so that two people who type the same letters do not both get a device.
            if not connection.execute(update(PAIRINGS).where(shown).values(device=0)).rowcount:
                raise PeopleRefused(
                    "unknown-code",
                    "user_code: no device shows these letters now; look again, they change every ten minutes",
                    field="user_code",
                )
            mine = PAIRINGS.c.user_code == letters
            kind = connection.scalar(select(PAIRINGS.c.kind).where(mine))
            row = {"name": name, "kind": kind, "hall": hall, "made": now}
            key = connection.execute(insert(DEVICES).values(**row)).inserted_primary_key
            assert key is not None
            connection.execute(update(PAIRINGS).where(mine).values(device=key[0]))
            told = {"device": key[0], "name": name, "device_kind": kind}
            self._trail.add(connection, "device-paired", who=who, hall=hall, **told)
            return _get(connection, key[0])

    def fetch(self, device_code: str) -> Paired:
        """The device asks whether it was let in; the refusals are those of RFC 8628, 3.5."""
        now = self._store.now()
        mine = PAIRINGS.c.hash == hashed(device_code)
        token = new_secret()
        refusal = ""
        with self._store.writing(WHAT) as connection:
            connection.execute(delete(PAIRINGS).where(PAIRINGS.c.until <= now))
            row = connection.execute(select(PAIRINGS).where(mine).with_for_update()).first()
            if row is None:
                refusal = OVER
            elif row.polled is not None and now - row.polled < row.interval - EARLY_SECONDS:
                refusal = "slow_down"
                longer = row.interval + POLL_SECONDS
                connection.execute(update(PAIRINGS).where(mine).values(polled=now, interval=longer))
            elif row.device is None:
                refusal = "authorization_pending"
                connection.execute(update(PAIRINGS).where(mine).values(polled=now))
            else:
                connection.execute(delete(PAIRINGS).where(mine))
                fresh = (DEVICES.c.id == row.device) & DEVICES.c.revoked.is_(None)
                first = update(DEVICES).where(fresh, DEVICES.c.hash.is_(None)).values(hash=hashed(token))
                if connection.execute(first).rowcount:
                    return Paired(token, _get(connection, row.device))
                refusal = "access_denied"
        raise PeopleRefused(refusal, REFUSALS[refusal])

    def all(self, halls: frozenset[str]) -> list[Device]:
        """Those of these halls (`ANY_HALL`: all), the newest first."""
        wanted = select(DEVICES).order_by(DEVICES.c.id.desc())
        if ANY_HALL not in halls:
            wanted = wanted.where(DEVICES.c.hall.in_(sorted(halls)))
        with self._store.reading(WHAT) as connection:
            return [_device(row) for row in connection.execute(wanted)]

    def get(self, number: int) -> Device:
        """One; `unknown-device` if there is none."""
        with self._store.reading(WHAT) as connection:
            return _get(connection, number)

    def revoke(self, number: int, *, who: str) -> None:
        """From now on it is let in no more. The same once more changes nothing."""
        mine = DEVICES.c.id == number
        with self._store.writing(WHAT) as connection:
            gone = update(DEVICES).where(mine, DEVICES.c.revoked.is_(None)).values(revoked=self._store.now())
            if connection.execute(gone).rowcount:
                device = _get(connection, number)
                told = {"device": number, "name": device.name}
                self._trail.add(connection, "device-revoked", who=who, hall=device.hall, **told)

    def find(self, hashes: Sequence[str]) -> dict[str, Held]:
        """Whose they are, of those hashes that are good now."""
        now = self._store.now()
        found = {}
        with self._store.reading(WHAT) as connection:
            for some in chunks(hashes):
                wanted = select(DEVICES).where(DEVICES.c.hash.in_(some), DEVICES.c.revoked.is_(None))
                for row in connection.execute(wanted):
                    grant = Grant(Role(row.kind), row.hall)
                    holder = Principal((grant,), Kind.DEVICE, str(row.id), secret=row.hash)
                    found[row.hash] = Held(holder, now)
        return found

    def used(self, times: Mapping[str, float]) -> None:
        """Write down when each was used last (POSIX seconds)."""
        seen = update(DEVICES).where(DEVICES.c.hash == bindparam("secret")).values(seen=bindparam("last"))
        for some in chunks(list(times)):
            with self._store.writing(WHAT) as connection:
                connection.execute(seen, [{"secret": secret, "last": times[secret]} for secret in some])


REFUSALS = {
    "authorization_pending": "nobody has typed the letters yet; ask again",
    "slow_down": f"asked too soon; wait {POLL_SECONDS:g} seconds longer between questions from now on",
    OVER: "these letters are over; begin again",
    "access_denied": "this device was not let in",
}


def plain_letters(typed: str) -> str:
    """The letters as they are kept, however somebody typed them."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _pending(connection: Connection) -> int:
    return connection.execute(select(func.count()).select_from(PAIRINGS)).scalar_one()


def _get(connection: Connection, number: int) -> Device:
    row = connection.execute(select(DEVICES).where(DEVICES.c.id == number)).first()
    if row is None:
        raise PeopleRefused("unknown-device", "there is no such device")
    return _device(row)


def _device(row: Any) -> Device:
    return Device(row.id, row.name, row.kind, row.hall, row.made, row.seen, row.revoked)
