"""`vikno tune`: the dispatch of one hall, learned by living days of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vikno.api.cli_options import DEFAULT_SEED, HallFile, Seed
from vikno.api.cli_terminal import INTERRUPTED, interruptible, progress_line, say, screen
from vikno.api.files import check_places, put
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.simulation.tuning.budget import Budget
    from vikno.simulation.tuning.tune import Tuned

DEFAULT_SECONDS = 60.0
SECONDS_LEAST, SECONDS_MAX = 5.0, 7 * 24 * 3600.0
"""Less does not even judge what is there; more than a week nobody waits."""
ROUNDS_MAX = 1_000_000


def tune(
    hall: HallFile,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE|-", help="Write the policy, as JSON; - prints it.")
    ],
    seconds: Annotated[
        float | None,
        typer.Option(
            help="How long it may take in all.",
            min=SECONDS_LEAST,
            max=SECONDS_MAX,
            show_default=f"{DEFAULT_SECONDS:g}",
        ),
    ] = None,
    rounds: Annotated[
        int | None,
        typer.Option(
            help="Instead of seconds: how many rounds of search. Same seed, same rounds, same file.",
            min=0,
            max=ROUNDS_MAX,
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
) -> None:
    """Learn who should be called next in this hall, and write a policy that --policy takes.

    The policy is tried on days that it was not learned from. If it is not surely better than index there, the
    better of index and optimized is written. Ctrl-C ends the search; what is found by then is tried and
    written. A second Ctrl-C ends at once, and nothing is written.
    """
    begun = time.monotonic()
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415  (quick --help)

    if seconds is not None and rounds is not None:
        raise ViknoError("--rounds: is instead of --seconds; leave out one of the two")
    check_places({"--out": out}, {"HALL.toml": hall})
    from vikno.simulation.tuning.tune import budget_of  # noqa: PLC0415

    limit = (seconds or DEFAULT_SECONDS) if rounds is None else None
    budget = budget_of(limit, rounds, time.monotonic, begun)
    tuned = _tune(read_hall_file(hall), seed, budget)
    _write(tuned, out)
    if tuned.interrupted:
        raise typer.Exit(INTERRUPTED)


def _tune(plan: HallPlan, seed: int, budget: Budget) -> Tuned:
    from vikno.simulation.executors import processors  # noqa: PLC0415
    from vikno.simulation.tuning.tune import tune as learn  # noqa: PLC0415

    with (
        ThreadPoolExecutor(processors()) as executor,
        interruptible() as interrupted,
        _progress(budget) as show,
    ):
        return learn(plan, seed, budget, executor, tell=show, cancelled=interrupted)


def _write(tuned: Tuned, out: str) -> None:
    from vikno.scheduler.learned import write_learned  # noqa: PLC0415

    text = write_learned(tuned.learned)
    if not put("--out", out, text):
        _show(tuned)
    if tuned.chosen != "learned":
        say(f"nothing found is surely better than what is there; the policy written is {tuned.chosen}")
    if tuned.interrupted:
        say(f"interrupted after {tuned.learned.told['rounds']} rounds; what was found by then is written")


def _show(tuned: Tuned) -> None:
    """What it gained at the hall's own load."""
    from rich.table import Table  # noqa: PLC0415

    told = tuned.learned.told
    here = told["by_load"]["1"]
    console = screen()
    console.print(
        f"{tuned.learned.hall}: {told['rounds']} rounds, {told['days']} days; tried on {here['days']} others"
    )
    table = Table("waits over those of", "mean", "95th percentile", "longest")
    for name, ratios in here["ratio_to"].items():
        longest = ratios["wait_max"]
        shown = "–" if longest is None else f"{longest:.2f}"
        table.add_row(name, _shown(ratios["wait_mean"]), _shown(ratios["wait_p95"]), shown)
    console.print(table)
    table = Table("service", "within target", "under fifo", "points more")
    for service, shares in told["within_target"].items():
        table.add_row(service, *(_shown(shares[key], 100, 1) for key in ("learned", "fifo", "difference")))
    console.print(table)


def _shown(estimate: dict[str, float | None], times: float = 1.0, decimals: int = 3) -> str:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    if value is None:
        return "–"
    if low is None or high is None:
        return f"{times * value:.{decimals}f}"
    low, high = times * low, times * high
    return f"{times * value:.{decimals}f} ({low:.{decimals}f} to {high:.{decimals}f})"


@contextmanager
def _progress(budget: Budget) -> Iterator[Callable[[Any], None]]:
    """A line with the time or the rounds that are done and what is gained so far."""
    with progress_line("looking for a start", budget.seconds or budget.rounds, clock=True) as line:
        yield lambda standing: line(
            completed=standing.seconds if budget.rounds is None else standing.rounds,
            description=f"round {standing.rounds}, waits over those of fifo: "
            f"mean {standing.mean:.2f}, 95th percentile {standing.p95:.2f}",
        )
