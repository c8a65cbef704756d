"""The same experiment on a real Dask cluster: processes with a scheduler between, on this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from tests.simulation.running import SEED, experiment, found, scenarios
from vikno.simulation import executors
from vikno.simulation.executors import Cluster, SchedulerError, WorkersLost
from vikno.simulation.experiment import Experiment

DAYS = 160
"""Enough batches that some are under way, some done and some not begun when the worker is killed."""

FREE_PORT = "127.0.0.1:0"
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "mixed.toml")
SIMULATE = (sys.executable, "-m", "vikno.api.cli", "simulate", EXAMPLE, "--days", "12", "--json", "-")


def running(workers: int, *, processes: bool) -> AbstractContextManager[Any]:
    """A cluster on free ports of the loopback, without dashboard."""
    from distributed import LocalCluster  # noqa: PLC0415  (heavy)

    found: AbstractContextManager[Any] = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=workers,
        threads_per_worker=1,
        processes=processes,
        host="127.0.0.1",
        protocol="tcp",
        dashboard_address=FREE_PORT,
        worker_dashboard_address=FREE_PORT,
        scheduler_kwargs={"dashboard": False},
    )
    return found


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with running(2, processes=True) as found:
        yield found


def test_a_cluster_finds_what_one_process_finds_though_a_worker_is_killed(cluster: Any) -> None:
    started, killed = Experiment(scenarios(), SEED), False
    with Cluster(cluster.scheduler_address) as crew:
        for _ in started.run(crew, DAYS):
            if not killed:
                os.kill(cluster.workers[0].pid, signal.SIGKILL)
                killed = True
    assert started.days == DAYS
    assert found(started) == found(experiment(DAYS))


def test_the_command_prints_the_same_bytes_from_a_cluster(cluster: Any) -> None:
    alone, together = (
        subprocess.run([*SIMULATE, *more], capture_output=True, timeout=120, check=False)
        for more in (["--workers", "1"], ["--scheduler", cluster.scheduler_address])
    )
    assert (alone.returncode, alone.stderr) == (0, b"")
    assert together.returncode == 0
    assert together.stdout == alone.stdout


def test_a_cancelled_experiment_leaves_the_cluster_to_others(cluster: Any) -> None:
    started = Experiment(scenarios(), SEED)
    with Cluster(cluster.scheduler_address) as crew:
        for _ in started.run(crew, 5_000, cancelled=lambda: started.days >= 30):
            pass
        assert found(started) == found(experiment(30))
        assert crew.submit(int, "7").result(60) == 7


def test_no_scheduler_at_an_address_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever calls is refused
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SchedulerError, match=f"--scheduler: no Dask scheduler answers at '{address}'"):
            Cluster(address)


@pytest.mark.parametrize("address", ["", "nonsense", "http://127.0.0.1:80", "127.0.0.1", "tcp://:8786"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(SchedulerError, match="is no address of a scheduler; give for example tcp://"):
        Cluster(address)


def test_a_scheduler_without_workers_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "CONNECT_SECONDS", 1)
    with (
        running(0, processes=False) as empty,
        pytest.raises(SchedulerError, match="has no workers; start some with `dask worker tcp://"),
    ):
        Cluster(empty.scheduler_address)


def test_a_cluster_that_goes_away_is_missed_in_words() -> None:
    started = Experiment(scenarios(), SEED)
    with running(1, processes=False) as short, Cluster(short.scheduler_address) as crew:
        days = started.run(crew, 5_000)
        next(days)
        short.close()
        with pytest.raises(WorkersLost, match="the Dask cluster at"):
            list(days)
    assert 0 < started.days < 5_000
