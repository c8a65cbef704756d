"""`vikno simulate`: days of a hall file under one policy or several, with an interval on every number."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from vikno.api.cli_options import DEFAULT_SEED, HallFile, JsonPlace, Seed
from vikno.api.cli_outputs import DEFAULT_LANGUAGE, Outputs
from vikno.api.cli_terminal import INTERRUPTED, interruptible, say
from vikno.api.defaults import DEFAULT_POLICY
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from vikno.queue.plan import HallPlan
    from vikno.scheduler.learned import Learned
    from vikno.simulation.executors import Cluster, Here, Processes
    from vikno.simulation.experiment import Experiment

DEFAULT_DAYS = 200
DAYS_UNTIL = 10_000
"""Most days that --until may take if --days does not say: then something varies too much to wait for."""
DAYS_MAX = 100_000
"""Their waits still fit into the memory of a small machine."""
WORKERS_MAX = 1_000
FAILED = 1
UNTIL = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*(?:min)?")


class NamesInARow(TyperCommand):
    """A command that reads `--policy fifo priority` as `--policy fifo --policy priority`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spread: list[str] = []
        in_row = False
        for word in args:
            follows = bool(spread) and spread[-1] == "--policy"
            if word.startswith("-"):
                in_row = word == "--policy"
            elif in_row and not follows:
                in_row = not word.endswith(".toml")
                spread += ["--policy"] * in_row
            spread.append(word)
        return super().parse_args(ctx, spread)


def simulate(  # noqa: PLR0917  (typer passes them by name)
    hall: HallFile,
    policy: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME...",
            help="Who is called next: fifo, priority, index, optimized, or a file that vikno tune wrote;"
            " several are compared on the same days.",
            show_default=DEFAULT_POLICY,
        ),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option(
            help="How many independent days; with --until, at most.",
            min=1,
            max=DAYS_MAX,
            show_default=f"{DEFAULT_DAYS}; with --until {DAYS_UNTIL}",
        ),
    ] = None,
    seed: Seed = DEFAULT_SEED,
    until: Annotated[
        str | None,
        typer.Option(
            metavar="MINUTES", help="Stop once the mean wait is known to so many minutes, as 0.5min."
        ),
    ] = None,
    json: JsonPlace = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with plots and tables.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="The language of the report.", show_default=DEFAULT_LANGUAGE)
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write a row for each policy, day and service, to .csv, .parquet, .feather or .arrow.",
        ),
    ] = None,
    window_table: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a row for each policy, day and window.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes of this machine.", min=1, max=WORKERS_MAX, show_default="the processors there are"
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use the cluster of this Dask scheduler, as tcp://HOST:8786."),
    ] = None,
) -> None:
    """Simulate independent days of a hall and tell what to expect, with 95% intervals.

    Without --json and --report the figures are shown as a table. Ctrl-C keeps the days that are complete.
    """
    from vikno.queue.hallfile import read_hall_file  # noqa: PLC0415  (quick --help)
    from vikno.simulation.experiment import Experiment, Scenario  # noqa: PLC0415

    plan = read_hall_file(hall)
    policies = policies_of(policy or [DEFAULT_POLICY], plan)
    minutes = None if until is None else _minutes(until)
    inputs = {"HALL.toml": hall} | {f"--policy {name}": name for name in policies}
    outputs = Outputs(json, report, language, (table, window_table), inputs)
    experiment = Experiment([Scenario(name, plan, one) for name, one in policies.items()], seed)
    most = days or (DEFAULT_DAYS if minutes is None else DAYS_UNTIL)
    with _executor(workers, scheduler, most) as executor:
        warning = next(iter(experiment.summaries.values())).overloaded()
        if warning:
            say(warning)
        code = _run(experiment, executor, most, minutes)
        if experiment.days:
            outputs.write(experiment, warning, _command(hall, list(policies), experiment))
    if code:
        raise typer.Exit(code)


def policies_of(names: list[str], plan: HallPlan) -> dict[str, str | Learned]:
    """What each name stands for; a file is read once, here, and then goes wherever days are simulated."""
    from vikno.scheduler import read_policy  # noqa: PLC0415

    found: dict[str, str | Learned] = {}
    for name in names:
        if name in found:
            raise ViknoError(f"--policy: {name!r} is named twice; name each policy once")
        found[name] = read_policy(name, plan)
    return found


def _minutes(until: str) -> float:
    found = UNTIL.fullmatch(until.strip())
    minutes = float(found[1]) if found else 0.0
    if not minutes:
        raise ViknoError(f"--until: {until!r} is no time above 0; give minutes, for example 0.5min")
    return minutes


def _executor(workers: int | None, scheduler: str | None, days: int) -> Here | Processes | Cluster:
    """As few processes as have something to do; a cluster if there is one."""
    from vikno.simulation.executors import Cluster, Here, Processes, processors  # noqa: PLC0415
    from vikno.simulation.experiment import BATCH_DAYS  # noqa: PLC0415

    if scheduler is not None:
        if workers is not None:
            raise ViknoError("--workers: is for this machine; leave it out where --scheduler names a cluster")
        return Cluster(scheduler)
    count = min(workers or processors(), -(-days // BATCH_DAYS))
    return Here() if count == 1 else Processes(count)


def _run(experiment: Experiment, executor: Any, days: int, until: float | None) -> int:
    """Live the days; the exit code, after a line on what kept it from being all of them."""
    from vikno.api.cli_screen import progress  # noqa: PLC0415
    from vikno.simulation.executors import WorkersLost  # noqa: PLC0415

    with interruptible() as interrupted:
        try:
            with progress(days) as show:
                for standing in experiment.run(executor, days, until=until, cancelled=interrupted):
                    show(standing)
        except WorkersLost as error:
            if not experiment.days:
                raise
            say(f"{error}; {_complete(experiment, days)}")
            return FAILED
        if interrupted() and experiment.days < days:
            say(f"interrupted; {_complete(experiment, days)}")
            return INTERRUPTED
    if until is not None and not experiment.precise(until):
        say(f"--until: {until:g} min is not reached after {days} days; allow more with --days")
    return 0


def _complete(experiment: Experiment, days: int) -> str:
    if not experiment.days:
        return "no day was complete, so nothing is written"
    return f"{experiment.days} of {days} days are complete, and the results are of these"


def _command(hall: Path, names: list[str], experiment: Experiment) -> str:
    """The command that repeats these very numbers."""
    policies = " ".join(f"--policy {shlex.quote(name)}" for name in names)
    return (
        f"vikno simulate {shlex.quote(str(hall))} {policies} "
        f"--days {experiment.days} --seed {experiment.seed}"
    )
