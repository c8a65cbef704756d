"""Work done in other processes comes back the same, costs them little, and leaves nobody behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.simulation.running import SEED, experiment, found, scenarios
from vikno.simulation.executors import Processes, WorkersLost, processors
from vikno.simulation.experiment import Experiment, simulate_days

DAYS = 60
SECONDS_MAX = 60.0
NEEDLESS = {
    "distributed",
    "fastapi",
    "jinja2",
    "matplotlib",
    "pandas",
    "pyarrow",
    "rich",
    "sqlalchemy",
    "typer",
}
IMPORTED = "{name.partition('.')[0] for name in __import__('sys').modules}"
PARENT = """
import os, sys, time
from vikno.simulation.executors import Processes
if __name__ == "__main__":
    crew = Processes(2)
    print(*{crew.submit(os.getpid).result() for _ in range(20)}, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def two() -> Iterator[Processes]:
    with Processes(2) as crew:
        yield crew


def test_two_processes_find_what_one_finds(two: Processes) -> None:
    assert found(experiment(DAYS, two)) == found(experiment(DAYS))


def test_several_experiments_can_share_the_processes(two: Processes) -> None:
    """Two that go on in turns, as two pages do that look at one hall."""
    both = [Experiment(scenarios(policy), SEED) for policy in ("fifo", "priority")]
    for _ in zip(*(each.run(two, DAYS) for each in both), strict=True):
        pass
    together = experiment(DAYS).summaries
    for each in both:
        for name, summary in each.summaries.items():
            assert summary.figures() == together[name].figures()


def test_a_worker_imports_only_what_a_day_needs(two: Processes) -> None:
    two.submit(simulate_days, scenarios(), SEED, range(2)).result()
    imported = set().union(*(two.submit(eval, IMPORTED).result() for _ in range(20)))
    assert "simpy" in imported
    assert not imported & NEEDLESS


def test_an_error_of_the_work_comes_back(two: Processes) -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        two.submit(int, "x").result()


def test_workers_that_die_are_missed_in_words() -> None:
    with Processes(2) as crew:
        with pytest.raises(WorkersLost, match="a worker process died before its work was done"):
            crew.submit(os._exit, 9).result(SECONDS_MAX)
        with pytest.raises(WorkersLost):
            crew.submit(int)


def test_closing_leaves_no_process() -> None:
    with Processes(2) as crew:
        workers = [psutil.Process(pid) for pid in {crew.submit(os.getpid).result() for _ in range(20)}]
        left = [crew.submit(simulate_days, scenarios(), SEED, range(5)) for _ in range(40)]
        left[0].result()
    _gone, alive = psutil.wait_procs(workers, SECONDS_MAX)
    assert workers
    assert not alive


def test_workers_do_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    with subprocess.Popen(
        [sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
        parent.kill()
    _gone, alive = psutil.wait_procs(workers, SECONDS_MAX)
    assert workers
    assert not alive


def test_there_is_at_least_one_processor() -> None:
    assert 1 <= processors() <= (os.cpu_count() or 1)
