"""What is compiled is kept, and compiled anew when any source of its folder changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from vikno.simulation.fastforward import compiled

OUTER = """
from {folder}.compiled import kept
from {folder}.inner import inner

@kept
def outer(number: int) -> int:
    return inner(number) + 1
"""
INNER = """
from {folder}.compiled import inlined

@inlined
def inner(number: int) -> int:
    return number * {times}
"""
SHOW = "from {folder}.outer import outer; print(outer(5), sum(outer.stats.cache_hits.values()))"


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    source = Path(compiled.__file__).read_text()
    (folder / "compiled.py").write_text(source)
    (folder / "outer.py").write_text(OUTER.format(folder=folder.name))
    _inner(folder, 2)
    return folder


def _inner(folder: Path, times: int) -> None:
    (folder / "inner.py").write_text(INNER.format(folder=folder.name, times=times))


def _run(folder: Path, **environment: str) -> str:
    """What a process of its own makes of it, and how often it found it compiled."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW.format(folder=folder.name)],
        env=os.environ | environment,
        cwd=folder.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_it_is_compiled_once_and_when_what_it_calls_has_changed(tmp_path: Path) -> None:
    folder, cache = _folder(tmp_path), str(tmp_path / "cache")
    assert _run(folder, NUMBA_CACHE_DIR=cache) == "11 0"
    assert _run(folder, NUMBA_CACHE_DIR=cache) == "11 1"
    _inner(folder, 3)
    assert _run(folder, NUMBA_CACHE_DIR=cache) == "16 0"


def test_without_a_place_to_keep_it_it_runs_all_the_same(tmp_path: Path) -> None:
    """Only a source in an archive would have a place here, and this one is none."""
    assert _run(_folder(tmp_path), NUMBA_CACHE_LOCATOR_CLASSES="ZipCacheLocator") == "11 0"
