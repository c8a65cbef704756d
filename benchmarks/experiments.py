"""Experiments on this machine: what a second core brings, and what memory ten thousand days need.

Ten thousand days take minutes, so `make bench` runs two shorter experiments and draws the line through them:
each day adds the same few kilobytes. `python -m benchmarks.experiments 10000` runs and measures them all.
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import subprocess
import sys
import time
from pathlib import Path

import psutil

from benchmarks.halls import VISITORS_A_DAY, busy_plan
from benchmarks.harness import ROOT, Row, data_folder
from vikno.queue.hallwriter import write_hall
from vikno.simulation.executors import Executor, Here, Processes
from vikno.simulation.experiment import Experiment, Scenario

SEED = 1
WORKERS = 2

ROUNDS = 5
DAYS_A_ROUND = 200
"""Twenty batches: what the last one leaves a worker idle is a small part."""

WARM_UP_DAYS = 40
SECOND_CORE_REACH = 1.8

MANY_DAYS = 10_000
FEW, MORE = 500, 2_500
"""Days of the two experiments from which the memory of `MANY_DAYS` is foretold."""

MEGABYTES_MAX = 500.0
LOOK_SECONDS = 0.1


def days_a_second(executor: Executor, days: int) -> float:
    """A whole experiment, its intervals counted after each batch as they are for a person who watches."""
    gc.collect()
    gc.freeze()
    began = time.perf_counter()
    experiment = Experiment([Scenario("fifo", busy_plan(), "fifo")], SEED)
    for _ in experiment.run(executor, days):
        pass
    seconds = time.perf_counter() - began
    gc.unfreeze()
    return days / seconds


def second_core() -> Row:
    """One worker and two in turns; one works in this process, as the command line has it."""
    one, two = [], []
    with Here() as alone, Processes(WORKERS) as both:
        for executor in (alone, both):
            days_a_second(executor, WARM_UP_DAYS)
        for _ in range(ROUNDS):
            one.append(days_a_second(alone, DAYS_A_ROUND))
            two.append(days_a_second(both, DAYS_A_ROUND))
    ratio = statistics.median(b / a for a, b in zip(one, two, strict=True))
    rates = f"{statistics.median(two):.0f}/s against {statistics.median(one):.0f}/s"
    return Row(
        f"days/s of {VISITORS_A_DAY} visitors with two workers against one",
        f"{ratio:.2f} times ({rates})",
        f"at least {SECOND_CORE_REACH} times",
        ratio >= SECOND_CORE_REACH,
    )


def peak_megabytes(days: int) -> float:
    """`vikno simulate` over so many days: the peaks of its process and of each worker, added up."""
    with data_folder() as folder:
        hall = folder / "hall.toml"
        hall.write_text(write_hall(busy_plan()), encoding="utf-8")
        command = [sys.executable, "-m", "vikno.api.cli", "simulate", str(hall), "--policy", "fifo"]
        command += ["--days", str(days), "--workers", str(WORKERS), "--json", str(folder / "out.json")]
        process = psutil.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
        peaks: dict[int, int] = {}
        while process.poll() is None:
            for one in (process, *process.children(recursive=True)):
                with contextlib.suppress(OSError, ValueError):
                    peaks[one.pid] = _peak_kilobytes(one.pid)
            time.sleep(LOOK_SECONDS)
        assert process.returncode == 0, process.returncode
    return sum(peaks.values()) / 1024


def _peak_kilobytes(pid: int) -> int:
    """The most that was resident at once, which Linux remembers; `ValueError` once the process has ended."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.partition("VmHWM:")[2].partition("kB")[0])


def memory() -> Row:
    """Two experiments and the line through them."""
    few, more = peak_megabytes(FEW), peak_megabytes(MORE)
    a_day = (more - few) / (MORE - FEW)
    many = more + a_day * (MANY_DAYS - MORE)
    return Row(
        f"memory of {MANY_DAYS:,} days of {VISITORS_A_DAY} visitors, two workers, all processes",
        f"{many:.0f} MB (drawn from {few:.0f} MB for {FEW:,} and {more:.0f} MB for {MORE:,} days)",
        f"at most {MEGABYTES_MAX:.0f} MB",
        many <= MEGABYTES_MAX,
    )


def measure() -> list[Row]:
    """Both."""
    return [second_core(), memory()]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(f"{peak_megabytes(int(sys.argv[1])):.0f} MB")
    else:
        print(*measure(), sep="\n")
