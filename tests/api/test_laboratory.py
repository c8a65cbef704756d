"""The laboratory without its process: how runs end, and what is said of them."""

from __future__ import annotations

import io
from queue import SimpleQueue
from typing import Any

import msgspec
import pytest

from tests.api.trying import remove, tried_hall
from vikno.api.laboratory import Laboratory, speaker, work
from vikno.api.orders import BROKEN, Answer, Cancel, Order, Trial
from vikno.queue.hallfile import parse_hall
from vikno.simulation.changes import changed_plan
from vikno.simulation.executors import Executor, Here

PLAN = parse_hall(tried_hall())
CHANGES = [remove("w-4")]
TRIALS = (
    Trial("today", PLAN, "fifo", ()),
    Trial("b", changed_plan(PLAN, CHANGES), "fifo", tuple(CHANGES)),
)
SECONDS_MAX = 60.0


def order(**changes: Any) -> Order:
    usual: dict[str, Any] = {
        "run": 1,
        "trials": TRIALS,
        "seed": 1,
        "days": 20,
        "until": None,
        "seconds": SECONDS_MAX,
        "languages": ("uk", "en"),
    }
    return Order(**usual | changes)


def run(order: Order, executor: Executor | None = None) -> list[Any]:
    """Everything that is said of a run."""
    said: SimpleQueue[Answer] = SimpleQueue()
    Laboratory(executor or Here(), said.put).begin(order)
    answers = [said.get(timeout=SECONDS_MAX)]
    while not answers[-1].last:
        answers.append(said.get(timeout=SECONDS_MAX))
    assert {answer.run for answer in answers} == {order.run}
    return [msgspec.json.decode(answer.message) for answer in answers]


def test_the_last_message_is_the_result_of_all_days() -> None:
    *before, last = run(order())
    assert {message["type"] for message in before} <= {"progress"}
    assert (last["type"], last["ended"], last["days"]) == ("result", "done", 20)
    assert last["sheets"]["xlsx"].keys() == {"uk", "en"}


def test_a_run_out_of_time_ends_with_the_days_it_has() -> None:
    [last] = run(order(seconds=0.0))
    assert (last["ended"], last["days"]) == ("time", 0)
    assert all(scenario["figures"]["wait_mean"]["value"] is None for scenario in last["scenarios"])


def test_a_run_says_that_it_was_precise_enough() -> None:
    last = run(order(days=1_000, until=5.0))[-1]
    assert last["ended"] == "precise"


class Broken(Here):
    """Loses what it is given."""

    def submit(self, *_: Any) -> Any:
        raise RuntimeError("lost")


def test_a_run_that_breaks_is_said(caplog: pytest.LogCaptureFixture) -> None:
    assert run(order(), Broken()) == [msgspec.json.decode(BROKEN)]
    assert "an experiment broke" in caplog.text


def test_orders_come_a_line_each_and_answers_go_a_line_each() -> None:
    lines = [order(run=7, days=1), Cancel(7), Cancel(8), order(run=9, days=1)]
    orders = io.BytesIO(b"".join(msgspec.json.encode(line) + b"\n" for line in lines))
    said: SimpleQueue[Answer] = SimpleQueue()
    output = io.BytesIO()
    tell = speaker(output)

    def heard(answer: Answer) -> None:
        tell(answer)
        said.put(answer)

    work(orders, Laboratory(Here(), heard))
    ended: set[int] = set()
    while ended < {7, 9}:
        answer = said.get(timeout=SECONDS_MAX)
        ended |= {answer.run} if answer.last else set()
    told = [msgspec.json.decode(line, type=Answer) for line in output.getvalue().splitlines()]
    assert {answer.run for answer in told if answer.last} == {7, 9}
