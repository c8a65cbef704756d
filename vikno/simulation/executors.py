"""Where the work of an experiment is done: here, in processes of this machine, or on a cluster.

One seam, that of `concurrent.futures`: hand over a function with its arguments, come back for the result.
Nothing distributed is home-made: processes are Python's own pool, a cluster is Dask's.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures import Executor as Workers
from concurrent.futures.process import BrokenProcessPool
from importlib.metadata import version
from multiprocessing import get_context, parent_process
from typing import Any, Protocol, Self

from vikno.queue.errors import ViknoError

IN_FLIGHT_A_WORKER = 4
"""Pieces handed over ahead for each worker: results are taken in order, so while the slowest is waited for
the others need something to do. What is ahead is what memory holds besides the results."""

CONNECT_SECONDS = 10
"""A scheduler that has not answered by then, or has no worker, is not there."""

ADDRESS = re.compile(r"(?:(?:tcp|tls)://)?[^\s/:]+:\d{1,5}")

LOST = "{} died before its work was done; often the memory was full"


class WorkersLost(ViknoError):
    """Work was handed over and cannot come back: its process died, or the cluster is gone."""


class SchedulerError(ViknoError):
    """There is no cluster at this address that could do the work."""


class Work(Protocol):
    """What was handed over."""

    def result(self, timeout: float | None = None) -> Any:
        """What came of it; `TimeoutError` if it is not done in so many seconds."""

    def cancel(self) -> object:
        """Do not start it if it has not been."""


class Executor(Protocol):
    """Something that works. `in_flight`: pieces it is given ahead, so that memory is bounded."""

    in_flight: int

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Work:
        """Hand over a piece of work."""


class Here:
    """In this process, one piece at a time, when its result is asked for."""

    in_flight = 1

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Work:
        return _Asked(task, arguments)

    def close(self) -> None:
        """Nothing is left to be ended."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Asked:
    def __init__(self, task: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._task, self._arguments = task, arguments

    def result(self, timeout: float | None = None) -> Any:  # noqa: ARG002  (it cannot be left half-done)
        return self._task(*self._arguments)

    def cancel(self) -> object:
        return None


class Processes:
    """So many processes of this machine, until closed.

    They are spawned: a fork would copy whatever threads and locks this process has. A Ctrl-C at the terminal
    reaches the whole group of processes and is for this one only, so they are born with it blocked.
    """

    def __init__(self, count: int) -> None:
        self.in_flight = IN_FLIGHT_A_WORKER * count
        self._pool = ProcessPoolExecutor(count, mp_context=get_context("spawn"), initializer=_end_with_parent)

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Work:
        held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # it may start another process
        try:
            return _hand_over(self._pool, "a worker process", task, arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)

    def close(self) -> None:
        """End the processes, once each has done what it is at."""
        self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cluster:
    """The workers of the Dask scheduler at `address`, until closed.

    A worker that dies has its work done by another. `SchedulerError` says what is wrong with the address.
    """

    def __init__(self, address: str) -> None:
        from distributed import Client  # noqa: PLC0415  (heavy)

        if not ADDRESS.fullmatch(address):
            raise SchedulerError(
                f"--scheduler: {address!r} is no address of a scheduler; give for example tcp://127.0.0.1:8786"
            )
        try:
            self._client: Any = Client(  # type: ignore[no-untyped-call]
                address, timeout=CONNECT_SECONDS, set_as_default=False
            )
        except (OSError, TimeoutError) as error:
            raise SchedulerError(
                f"--scheduler: no Dask scheduler answers at {address!r}; start one with `dask scheduler`, "
                f"or correct the address"
            ) from error
        self._address = address
        try:
            self.in_flight = IN_FLIGHT_A_WORKER * self._ready()
        except BaseException:
            self.close()
            raise
        self._workers: Workers = self._client.get_executor(pure=False)  # type: ignore[no-untyped-call]

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Work:
        return _hand_over(self._workers, f"the Dask cluster at {self._address}", task, arguments)

    def close(self) -> None:
        """Leave the cluster to others."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self) -> int:
        """How many threads the workers have, all of this version of Vikno."""
        address = self._address
        try:
            self._client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError as error:
            raise SchedulerError(
                f"--scheduler: the scheduler at {address!r} has no workers; "
                f"start some with `dask worker {address}`"
            ) from error
        here = version("vikno")
        for worker, there in self._client.run(version, "vikno", on_error="return").items():
            if there != here:
                found = "no Vikno" if isinstance(there, Exception) else f"version {there}"
                raise SchedulerError(
                    f"--scheduler: the worker at {worker} has {found}; install version {here} of Vikno there"
                )
        return sum(self._client.nthreads().values())


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _hand_over(workers: Workers, who: str, task: Callable[..., Any], arguments: tuple[Any, ...]) -> Work:
    try:
        return _HandedOver(workers.submit(task, *arguments), who)
    except BrokenProcessPool as error:
        raise WorkersLost(LOST.format(who)) from error


class _HandedOver:
    """`who` works on it; that is said when they are lost."""

    def __init__(self, future: Future[Any], who: str) -> None:
        self._future, self._who = future, who

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._future.result(timeout)
        except (BrokenProcessPool, CancelledError) as error:
            raise WorkersLost(LOST.format(self._who)) from error

    def cancel(self) -> object:
        return self._future.cancel()


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for work for ever."""
    parent = parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
