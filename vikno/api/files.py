"""Files that are whole or not there: written beside their place, then put into it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from vikno.queue.errors import ViknoError


class OutputError(ViknoError):
    """A file cannot be written: which option named it, why, and what would be right."""


def check_place(option: str, path: Path) -> None:
    """Refuse a place where nothing can be written, before any work is done."""
    folder = path.resolve().parent
    if path.is_dir():
        raise OutputError(f"{option}: {path} is a folder; name a file in it")
    if not folder.is_dir():
        raise OutputError(f"{option}: there is no folder {folder}; make it, or name a file in another")
    if not os.access(folder, os.W_OK):
        raise OutputError(f"{option}: the folder {folder} cannot be written to; name a file in another")


def write_whole(option: str, path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` fill a file beside `path`, then let it take that name; a device is written to as it is."""
    place = path.resolve()
    device = place.exists() and not place.is_file()
    beside = place if device else place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        write(beside)
        if not device:
            beside.replace(place)
    except OSError as error:
        raise OutputError(
            f"{option}: {path} cannot be written ({error.strerror or error}); name another file"
        ) from None
    finally:
        if not device:
            beside.unlink(missing_ok=True)
