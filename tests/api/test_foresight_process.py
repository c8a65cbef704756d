"""A server and a forecaster that does not do as it should: every question ends, and the next can be asked."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from tests.api.foreseeing import foreseen_hall
from vikno.api.forecaster import Forecaster
from vikno.api.foresight import Foresight
from vikno.api.sights import Known, Look
from vikno.queue.hallfile import parse_hall
from vikno.simulation.outlook.moment import Moment, Post

PLAN = parse_hall(foreseen_hall())
MOMENT = Moment(600.0, 3600.0, 0, (), (Post(open=True), Post(open=False), Post(open=False)))
PATIENCE_SECONDS = 20.0
SILENT = "import sys; sys.stdin.read()"
NONSENSE = "print('hello', flush=True); import sys; sys.stdin.read()"
CUT_OFF = "print('{', end='', flush=True)"
ENDLESS = "import sys\nwhile True: sys.stdout.write('x' * 65536)"

Make = Callable[..., Foresight]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Foresight] = []

    def foresight(program: str, **seconds: float) -> Foresight:
        made.append(Foresight("fifo", (sys.executable, "-c", program), **({"again": 0.01} | seconds)))
        return made[-1]

    yield foresight
    for one in made:
        await one.stop()


@pytest.mark.parametrize("program", [NONSENSE, CUT_OFF, ENDLESS, ""])
async def test_a_process_that_cannot_be_understood_foresees_nothing(make: Make, program: str) -> None:
    foresight = make(program)
    for _ in range(2):
        assert await asyncio.wait_for(foresight.ask(PLAN, MOMENT), PATIENCE_SECONDS) is None


async def test_a_process_that_is_stuck_is_ended(make: Make) -> None:
    foresight = make(SILENT, stuck=0.1)
    assert await asyncio.wait_for(foresight.ask(PLAN, MOMENT), PATIENCE_SECONDS) is None
    assert foresight._process is not None
    await asyncio.wait_for(foresight._process.wait(), PATIENCE_SECONDS)


async def test_a_program_that_is_not_there_foresees_nothing() -> None:
    foresight = Foresight("fifo", ("/nowhere/vikno",), again=0.01)
    assert await foresight.ask(PLAN, MOMENT) is None
    await foresight.stop()


async def test_each_failure_in_a_row_doubles_the_pause(make: Make) -> None:
    foresight, loop = make("", again=0.05), asyncio.get_running_loop()
    pauses = []
    for _ in range(4):
        await foresight.ask(PLAN, MOMENT)
        pauses.append(foresight._not_before - loop.time())
    assert pauses[3] > 2 * pauses[1] > 0


def test_what_breaks_on_one_hall_is_told_as_not_known() -> None:
    forecaster = Forecaster(runs=8)
    assert forecaster.look(Look(1, PLAN.id, MOMENT)).waits is None, "it was never met"
    forecaster.meet(Known(PLAN, "fifo"))
    sight = forecaster.look(Look(2, PLAN.id, MOMENT))
    assert sight.number == 2
    assert sight.waits is not None
    assert sight.waits.services["passport"] is not None
