"""The machine: Python, time zones, the voice, the parts of the pages, memory."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vikno import display
from vikno.api.doctor.finding import Finding, bad, look, ok

PYTHON_MIN = (3, 11)
MEMORY_BYTES_MIN = 1 << 30
"""A server and the process that foresees waits take some 400 MB; a what-if page takes as much again."""

VENDOR = Path(display.__file__).parent / "static" / "vendor"
FONTS_MIN = 4
"""Inter in four parts, by alphabet."""

SCRIPTS = ("preact.js", "hooks.js", "signals.js", "signals-core.js", "htm.js")


def machine(zones: list[str]) -> Iterator[Finding]:
    """Every check of the machine; `zones` are those of the hall files."""
    yield _python()
    yield _memory()
    yield from (_zone(zone) for zone in zones or ["Europe/Kyiv"])
    yield _voice()
    yield _parts()


def _python() -> Finding:
    version = platform.python_version()
    if sys.version_info < PYTHON_MIN:
        return bad("Python", version, "Vikno needs 3.11 or newer")
    return ok("Python", version)


def _memory() -> Finding:
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    found = f"{there / (1 << 30):.1f} GB"
    if there < MEMORY_BYTES_MIN:
        return look("memory", found, "1 GB is the least with which waits are foreseen and plans tried")
    return ok("memory", found)


def _zone(name: str) -> Finding:
    try:
        ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return bad("time zones", f"{name} is not known", "install tzdata")
    return ok("time zones", f"{name} is known")


def _voice() -> Finding:
    program = shutil.which("espeak-ng")
    if program is None:
        return look("voice", "espeak-ng is not there, calls are shown but not spoken", "install espeak-ng")
    return ok("voice", program)


def _parts() -> Finding:
    missing = [name for name in (*SCRIPTS, "inter.css", "VERSIONS.json") if not (VENDOR / name).is_file()]
    if missing or len(list(VENDOR.glob("*.woff2"))) < FONTS_MIN:
        what = ", ".join(missing) or "fonts"
        return bad("pages", f"{what} not there", "run `make setup`, or install the wheel again")
    versions = json.loads((VENDOR / "VERSIONS.json").read_text(encoding="utf-8"))
    return ok("pages", f"scripts and fonts are there, Preact {versions['preact']}")
