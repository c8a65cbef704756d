"""The hall knows no clock, no chance, no disk and no network; and the five folders import one way.

Read from the source, not from what happens to be loaded: an import inside a function counts too.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "vikno"
PURE = sorted(path for path in (PACKAGE / "queue").rglob("*.py") if "journal" not in path.parts)

ALLOWED = {
    "__future__",
    "bisect",
    "collections",
    "datetime",  # to turn an instant that is handed in into a local date, never to ask what time it is
    "difflib",
    "enum",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "msgspec",
    "re",
    "reprlib",
    "textwrap",
    "tomllib",
    "typing",
    "vikno.queue",
    "zoneinfo",
}
"""What the pure hall may import; whatever else it wants comes in as an argument."""

ALLOWED_IN = {"hallfile.py": {"pathlib"}}
"""The one door of the folder that opens a file: reading the hall file, before there is a hall."""

CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}

MAY_IMPORT: dict[str, set[str]] = {
    "queue": set(),
    "scheduler": {"queue"},
    "simulation": {"queue", "scheduler"},
    "display": {"queue"},
    "api": {"queue", "scheduler", "simulation", "display"},
}
"""The five folders, and whom each may know."""

WORKER = ("vikno.simulation.experiment", "vikno.simulation.twin")
"""What a worker process of an experiment loads before it lives its first day."""

HEAVY = {
    "alembic",
    "distributed",
    "fastapi",
    "matplotlib",
    "pandas",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "sqlalchemy",
    "starlette",
    "typer",
    "xlsxwriter",
}
"""Each would cost every worker tens of megabytes, and the start of an experiment seconds."""


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are by full name"
            module = node.module or ""
            # `from vikno.queue import events` names a module by its second half.
            yield from (f"{module}.{alias.name}" for alias in node.names)


def is_within(name: str, modules: set[str]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)


def test_there_is_something_to_look_at() -> None:
    assert {"hall.py", "decisions.py", "effects.py", "policy.py"} <= {path.name for path in PURE}


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_the_hall_imports_nothing_of_the_outside(path: Path) -> None:
    allowed = ALLOWED | ALLOWED_IN.get(path.name, set())
    foreign = [name for name in imports(path) if not is_within(name, allowed)]
    assert not foreign
    assert not [name for name in imports(path) if is_within(name, {"vikno.queue.journal"})]


@pytest.mark.parametrize("path", PURE, ids=lambda path: path.name)
def test_the_hall_asks_no_clock_and_opens_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                asks = called.attr in CLOCKS and isinstance(called.value, ast.Name)
                assert not asks, f"{path.name}:{node.lineno} asks a clock"
            elif isinstance(called, ast.Name):
                assert called.id not in {"open", "input", "print", "exec", "eval", "__import__", "id", "hash"}


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_between_the_folders_point_one_way(folder: str) -> None:
    known = {f"vikno.{name}" for name in MAY_IMPORT[folder] | {folder}}
    for path in (PACKAGE / folder).rglob("*.py"):
        ours = [name for name in imports(path) if is_within(name, {"vikno"})]
        strange = [name for name in ours if not is_within(name, known) and name != "vikno.__version__"]
        assert not strange, f"{path.relative_to(PACKAGE)} may not import {strange}"


def test_a_worker_of_an_experiment_loads_nothing_heavy() -> None:
    program = f"import sys, {', '.join(WORKER)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    names = set(loaded.stdout.split())
    assert names >= set(WORKER)
    assert not names & HEAVY


def test_the_package_has_these_folders_and_no_other() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert folders <= set(MAY_IMPORT)
