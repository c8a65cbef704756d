"""Little's law on every run: minutes of people waiting are counted alike in the hall and in the record.

The check itself is in `lived`, which the other tests of the twin run their days by as well. Here are halls
with everything switched on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from tests.simulation.halls import MIXED, WOLA, exponential, hall, service, window
from tests.simulation.watching import lived, waits
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import Distribution, Visits
from vikno.simulation.day import draw_day
from vikno.simulation.record import Outcome
from vikno.simulation.summary import WAITING
from vikno.simulation.tally import CELL_MINUTES, tally

DAYS = 5
LUNCH, BACK, CLOSES = 120, 150, 300

EVERYTHING = hall(
    [
        service("passport", Distribution("lognormal", mean=9.0, cv=0.8), 0.4, no_show=0.1, priority=1),
        service("pickup", exponential(3.0), 0.5, patience=exponential(12.0, zero=0.2)),
        service("land", Distribution("gamma", mean=14.0, cv=0.5), 0.1, patience=exponential(40.0)),
    ],
    window("w-1", {"passport": 0.9, "pickup": 1.2}, (0, LUNCH), (BACK, CLOSES)),
    window("w-2", {"passport": 1.3, "land": 0.8}),
    window("w-3", {"pickup": 0.7}, (30, CLOSES)),
    window("w-4", {"land": 1.0, "pickup": 1.0, "passport": 1.0}, (0, 200)),
    closes=CLOSES,
    waiting_places=25,
    busyness_shape=5.0,
    visits=(
        Visits(("passport", "pickup"), ((0, 8.0),)),
        Visits(("land", "passport", "pickup"), ((60, 4.0),)),
    ),
)


@pytest.mark.parametrize("policy", ["fifo", "priority"])
@pytest.mark.parametrize("after_close", ["serve", "leave"])
def test_a_hall_with_everything(after_close: str, policy: str) -> None:
    plan = replace(EVERYTHING, after_close=after_close)
    records = [lived(plan, draw_day(plan, 1, day), policy) for day in range(DAYS)]
    seen = {Outcome(code) for record in records for code in np.unique(record.outcome)}
    sent_home = set() if after_close == "serve" else {Outcome.UNSERVED}
    assert seen == {Outcome.SERVED, Outcome.NO_SHOW, Outcome.LEFT, Outcome.BLOCKED} | sent_home
    assert any((record.number == 2).any() for record in records), "somebody came for three services"
    assert sum(record.overtime.sum() for record in records) > 0


@pytest.mark.parametrize("seed", range(40))
def test_halls_drawn_by_lot(seed: int) -> None:
    plan = any_hall(seed)
    for day in range(2):
        lived(plan, draw_day(plan, seed, day), ["fifo", "priority"][day])


@pytest.mark.parametrize("file", [MIXED, WOLA], ids=lambda file: file.stem)
def test_halls_of_the_examples(file: Path) -> None:
    plan = read_hall_file(file)
    for day in range(DAYS):
        lived(plan, draw_day(plan, 1, day))


@pytest.mark.parametrize("seed", range(10))
def test_the_curve_of_people_waiting_adds_up_to_the_same_minutes(seed: int) -> None:
    plan = any_hall(seed)
    record = lived(plan, draw_day(plan, seed, 0))
    waiting = tally(plan, record).cells[WAITING]
    assert waiting.sum() * CELL_MINUTES == pytest.approx(waits(record).sum())
