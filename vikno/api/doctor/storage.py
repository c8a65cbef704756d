"""Where the rows lie: a folder and its disk for SQLite, and whether a commit there is a promise."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from vikno.api.doctor.finding import Finding, bad, look, ok
from vikno.queue.journal.database import FILE_NAME

FREE_BYTES_MIN, FREE_BYTES_GOOD = 200 << 20, 2 << 30
"""A busy hall writes some 3 MB a day: less than two months is bad, less than two years worth a look."""

FAR = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "9p", "afs", "ceph"})
"""File systems of other machines: SQLite's log needs memory that all its readers share."""

PASSING = frozenset({"tmpfs", "ramfs"})


def folder(data: Path) -> Iterator[Finding]:
    """Every check of a data folder."""
    place = data.resolve()
    while not place.exists():
        place = place.parent
    yield _disk(place)
    yield _file_system(place)
    if data.exists():
        yield _rights(data)


def _disk(place: Path) -> Finding:
    free = shutil.disk_usage(place).free
    found = f"{free / (1 << 30):.1f} GB free at {place}"
    if free < FREE_BYTES_MIN:
        return bad("disk", found, "make room: a full disk refuses every command")
    if free < FREE_BYTES_GOOD:
        return look("disk", found, "make room before it is full")
    return ok("disk", found)


def _file_system(place: Path) -> Finding:
    kind = _kind(place)
    if kind in FAR:
        return bad("file system", kind, "keep the data on a disk of this machine, or use PostgreSQL")
    if kind in PASSING:
        return bad("file system", f"{kind}, which is lost with the power", "keep the data on a disk")
    return ok("file system", kind)


def _kind(place: Path) -> str:
    """The file system that a folder lies on, as the system tells it."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        where, what = line.split()[1:3]
        where = where.encode().decode("unicode_escape")
        if place.is_relative_to(where) and len(where) >= len(best):
            best, kind = where, what
    return kind


def _rights(data: Path) -> Finding:
    """Notes, hashes of tokens and identifiers of tickets lie there."""
    for path in (data, *sorted(data.glob(f"{FILE_NAME}*"))):
        mode = path.stat().st_mode
        if data.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO) == 0:
            break  # whoever cannot enter the folder cannot read the files in it
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            found = f"others may read {path} ({stat.filemode(mode)})"
            return bad("rights", found, f"chmod 700 {data}")
    if not os.access(data, os.W_OK | os.X_OK):
        return bad("rights", f"{data} cannot be written by this user", "run as the user of the server")
    return ok("rights", f"only this user reads {data}")
