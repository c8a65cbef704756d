"""Files that are whole or not there: written beside their place, then put into it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vikno.queue.errors import ViknoError


class OutputError(ViknoError):
    """A file cannot be written: which option named it, why, and what would be right."""


WORKBOOK_ENDING = ".xlsx"
STDOUT = "-"
"""Instead of a file: the screen, or whatever the output of the command is led to."""

Places = Mapping[str, Path | str | None]
"""By the option that names them; None was not given."""


def check_places(outputs: Places, inputs: Places) -> None:
    """Refuse outputs where nothing can be written, two in one place, and any that would replace an input.

    An input that is not there is none: the name of a policy is no file, unless there is one.
    """
    taken = {
        path.resolve(): f"what {option} reads"
        for option, path in _paths(inputs).items()
        if os.path.exists(path)  # noqa: PTH110  (no file has a name that is too long; `Path` raises)
    }
    for option, path in _paths(outputs).items():
        check_place(option, path)
        other = taken.setdefault(path.resolve(), f"where {option} goes")
        if other != f"where {option} goes":
            raise OutputError(f"{option}: {path} is {other}; name another file")


def _paths(places: Places) -> dict[str, Path]:
    return {option: Path(place) for option, place in places.items() if place not in {None, STDOUT}}


def check_workbook(option: str, path: Path | None) -> None:
    """Refuse a name by which no office program knows a workbook."""
    if path is not None and path.suffix.lower() != WORKBOOK_ENDING:
        raise OutputError(f"{option}: {path} is no workbook; end its name with {WORKBOOK_ENDING}")


def check_place(option: str, path: Path) -> None:
    """Refuse a place where nothing can be written, before any work is done."""
    folder = path.resolve().parent
    if path.is_dir():
        raise OutputError(f"{option}: {path} is a folder; name a file in it")
    if not folder.is_dir():
        raise OutputError(f"{option}: there is no folder {folder}; make it, or name a file in another")
    if path.exists() and not path.is_file():
        return  # a device or a pipe is written to as it is
    check_folder(option, folder)


def check_folder(option: str, folder: Path) -> None:
    """Refuse a folder that takes no file; rights alone do not tell, so a file without a name is tried."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"{option}: the folder {folder} cannot be written to ({error.strerror or error}); "
            "name a file in another"
        ) from None


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


def json_text(content: Any) -> bytes:
    """As people read it."""
    import msgspec  # noqa: PLC0415  (quick --help)

    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"


def put(option: str, place: Path | str, content: bytes) -> bool:
    """Print it if `place` is `STDOUT`, else write it whole; whether the screen is taken by it."""
    if place == STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return True
    write_whole(option, Path(place), lambda path: path.write_bytes(content))
    return False
