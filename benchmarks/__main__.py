"""`make bench`: every figure, as a table; with `--write` also into docs/benchmarks.md."""

from __future__ import annotations

import json
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console
from rich.table import Table

from benchmarks import (
    comeback,
    durable,
    forecast,
    http,
    kernel,
    postgres,
    restart,
    screens,
    staffing,
    stalled,
    twin,
    waits,
)
from benchmarks.dispatch import measure as dispatch
from benchmarks.harness import ROOT, Row
from benchmarks.promise import measure as promise
from benchmarks.rosters import measure as rosters

MICROSECONDS_MAX = 20.0
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def rules() -> list[Row]:
    """The figure that pytest-benchmark takes."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        code = pytest.main(
            [
                "-q",
                "-p",
                "no:cacheprovider",
                str(ROOT / "benchmarks" / "test_hall.py"),
                f"--benchmark-json={result}",
            ]
        )
        assert code == 0, code
        median = json.loads(result.read_text())["benchmarks"][0]["extra_info"]["microseconds_a_command"]
    what = "decide + apply, 50 windows, 1,000 waiting, without the policy's choice, median"
    return [Row(what, f"{median:.1f} microseconds", "at most 20 microseconds", median <= MICROSECONDS_MAX)]


PARTS: dict[str, Callable[[], list[Row]]] = {
    "durable": durable.measure,
    "http": http.measure,
    "postgres": postgres.measure,
    "screens": screens.measure,
    "stalled": stalled.measure,
    "comeback": comeback.measure,
    "rules": rules,
    "restart": restart.measure,
    "twin": twin.measure,
    "kernel": kernel.measure,
    "waits": waits.measure,
    "dispatch": dispatch.measure,
    "promise": promise.measure,
    "forecast": forecast.measure,
    "staffing": staffing.measure,
    "rosters": rosters.measure,
}


def main(arguments: list[str]) -> None:
    """Measure the parts named, or all."""
    names = [name for name in arguments if name in PARTS] or list(PARTS)
    rows = [row for name in names for row in PARTS[name]()]
    table = Table("what", "measured", "reach", "reached")
    for row in rows:
        table.add_row(row.what, row.measured, row.reach, "yes" if row.reached else "NO")
    Console(width=160).print(table)
    if "--write" in arguments:
        write(rows)


def write(rows: list[Row]) -> None:
    """Put the table where the documentation has its figures."""
    head, _, rest = DOCUMENT.read_text().partition(BEGIN)
    tail = rest.partition(END)[2]
    lines = ["| what | measured | reach | reached |", "|---|---|---|---|"]
    lines += [
        f"| {row.what} | {row.measured} | {row.reach} | {'yes' if row.reached else 'no'} |" for row in rows
    ]
    machine = f"{psutil.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"
    DOCUMENT.write_text(f"{head}{BEGIN}\nMeasured on {machine}.\n\n" + "\n".join(lines) + f"\n{END}{tail}")


if __name__ == "__main__":
    main(sys.argv[1:])
