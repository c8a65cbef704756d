"""Accounts, devices and the trail as the API tells them; times as ISO 8601 in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, overload

from vikno.api.people.accounts import Account
from vikno.api.people.devices import Device
from vikno.api.trail import Entry


@overload
def instant(at: float) -> str: ...
@overload
def instant(at: None) -> None: ...
def instant(at: float | None) -> str | None:
    """POSIX seconds as ISO 8601."""
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def account_view(account: Account) -> dict[str, Any]:
    """Who somebody is and what they may do."""
    return {
        "id": account.id,
        "name": account.name,
        "display_name": account.display_name,
        "language": account.language,
        "grants": [{"role": grant.role, "hall": grant.hall} for grant in account.grants],
        "active": account.active,
        "last_seen": instant(account.seen),
    }


def device_view(device: Device) -> dict[str, Any]:
    """What hangs or stands where."""
    return {
        "id": device.id,
        "name": device.name,
        "kind": device.kind,
        "hall": device.hall,
        "made": instant(device.made),
        "last_seen": instant(device.seen),
        "revoked": instant(device.revoked),
    }


def entry_view(entry: Entry) -> dict[str, Any]:
    """Who did what when."""
    return {
        "id": entry.id,
        "at": instant(entry.at),
        "who": entry.who,
        "kind": entry.kind,
        "hall": entry.hall,
        "detail": entry.detail,
    }
