"""A server and a laboratory that does not do as it should: every run ends, and the next one can be run."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable

import pytest

from tests.api.trying import tried_hall
from vikno.api.experiments import Asked, ExperimentRefused, Experiments
from vikno.api.orders import Trial
from vikno.queue.hallfile import parse_hall

ASKED = Asked((Trial("today", parse_hall(tried_hall()), "fifo", ()),), seed=1, days=1, until=None)
PATIENCE_SECONDS = 20.0
SILENT = "import sys; sys.stdin.read()"
NONSENSE = "print('hello', flush=True); import sys; sys.stdin.read()"
CUT_OFF = "print('{', end='', flush=True)"
ENDLESS = "import sys\nwhile True: sys.stdout.write('x' * 65536)"
BROKEN = (
    "import sys, json\n"
    "for line in sys.stdin:\n"
    "    print(json.dumps({'run': json.loads(line)['run'], 'message': None, 'last': True}), flush=True)\n"
)

FIRST_ONLY = BROKEN.replace("    print", "    if json.loads(line)['run'] == 1: print")

Make = Callable[..., Experiments]


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[Experiments] = []

    def experiments(program: str, **seconds: float) -> Experiments:
        made.append(Experiments((sys.executable, "-c", program), **seconds))
        return made[-1]

    yield experiments
    for one in made:
        await one.stop()


async def run(experiments: Experiments) -> tuple[bool, list[bytes]]:
    """Whether a run was complete, and what was told."""
    told: list[bytes] = []
    begun = await experiments.begin("tried", ASKED, ("en",), told.append)
    await asyncio.wait_for(begun.ended, PATIENCE_SECONDS)
    return begun.complete, told


@pytest.mark.parametrize("program", [NONSENSE, CUT_OFF, ENDLESS, BROKEN, ""])
async def test_a_laboratory_that_cannot_be_understood_ends_its_runs_untold(make: Make, program: str) -> None:
    experiments = make(program)
    assert await run(experiments) == (False, [])
    assert await run(experiments) == (False, []), "and again"


async def test_a_run_that_never_ends_is_ended(make: Make) -> None:
    assert await run(make(SILENT, longest=0.1, stuck=0.1)) == (False, [])


async def test_a_run_that_does_not_heed_a_cancel_is_ended(make: Make) -> None:
    experiments = make(SILENT, stuck=0.1)
    begun = await experiments.begin("tried", ASKED, ("en",), lambda _message: None)
    experiments.cancel(begun)
    await asyncio.wait_for(begun.ended, PATIENCE_SECONDS)
    assert not begun.complete


async def test_an_idle_laboratory_is_ended_and_comes_again(make: Make) -> None:
    experiments = make(BROKEN, idle=0.0)
    for _ in range(2):
        await run(experiments)
        assert experiments._laboratory is not None
        await asyncio.wait_for(experiments._laboratory.wait(), PATIENCE_SECONDS)


async def test_a_laboratory_with_work_is_not_idle(make: Make) -> None:
    experiments = make(FIRST_ONLY, idle=0.05)
    await run(experiments)
    begun = await experiments.begin("tried", ASKED, ("en",), lambda _message: None)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(begun.ended), 0.5)


async def test_a_program_that_is_not_there_is_a_clear_refusal() -> None:
    experiments = Experiments(("/nowhere/python",))
    with pytest.raises(ExperimentRefused, match="the laboratory cannot be started"):
        await experiments.begin("tried", ASKED, ("en",), lambda _message: None)
    await experiments.stop()


async def test_stopping_ends_what_runs(make: Make) -> None:
    experiments = make(SILENT)
    begun = await experiments.begin("tried", ASKED, ("en",), lambda _message: None)
    await experiments.stop()
    assert begun.ended.done()
    assert not begun.complete
