"""What a person at a terminal sees of an experiment: how far it is, and in the end a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rich.table import Table

from vikno.api.cli_terminal import progress_line, screen
from vikno.display.report.figures import BY_KEY, FIGURES
from vikno.simulation.estimates import Estimate
from vikno.simulation.experiment import Experiment
from vikno.simulation.experiment import Progress as Standing
from vikno.simulation.proving import Pair
from vikno.simulation.replay_results import Replayed
from vikno.simulation.summary import Difference, compare
from vikno.simulation.trial.trial import Trial

FINE_BELOW = 10.0
"""Numbers below it are told with two decimals, others with one."""
UNKNOWN = "–"
OF_SERVICES = ("arrived", "wait_mean", "wait_p95", "within_target")
OF_WINDOWS = ("served", "occupancy")
TRIAL_COLUMNS = ("present", "proposed", "proposed over present")
TRIAL_NAMES = {
    "waiting_minutes": "All waits together, min a day",
    "not_called": "Never called, visitors a day",
    "staffed_minutes": "At windows, min a day",
}
"""Of what only a trial tells."""


@contextmanager
def progress(days: int) -> Iterator[Callable[[Standing], None]]:
    """A line with the days that are done and the mean wait, its interval narrowing."""
    with progress_line("", days, clock=True, counted="days") as line:

        def show(standing: Standing) -> None:
            waits = ", ".join(f"{name} {_narrowing(mean)}" for name, mean in standing.wait_mean.items())
            line(completed=standing.days, description=f"mean wait: {waits}")

        yield show


def show_results(experiment: Experiment, warning: str | None) -> None:
    """The figures of the hall under each policy, how policies differ, its services and windows; on stdout."""
    console = screen()
    figures = {name: summary.figures() for name, summary in experiment.summaries.items()}
    hall = experiment.scenarios[0].plan.id
    console.print(f"{hall}: {experiment.days} days, seed {experiment.seed}; (95% interval)", markup=False)
    if warning:
        console.print(warning, style="bold", markup=False)
    whole = _table("", *figures)
    for figure in FIGURES:
        whole.add_row(
            _named(figure.key), *(_shown(figure.key, found[figure.key]) for found in figures.values())
        )
    console.print(whole)
    if len(figures) > 1:
        console.print(_differences(experiment))
    console.print(_parts("Service", figures, "services", OF_SERVICES))
    console.print(_parts("Window", figures, "windows", OF_WINDOWS))


def show_replay(hall: str, day: str, found: Replayed) -> None:
    """What happened, what would have, and the difference, a row for each figure; on stdout."""
    console = screen()
    console.print(f"{hall}, {day}: {found.lives} lives of the day; (95 of 100 lives)", markup=False)
    happened = any(value is not None for value in found.recorded.values())
    lived = _table("", *["as recorded"] * happened, *found.lived)
    for key, value in found.recorded.items():
        share = BY_KEY[key].kind == "share"
        cells = [UNKNOWN if value is None else _number(value, share=share)] if happened else []
        lived.add_row(_named(key), *cells, *(_shown(key, figures[key]) for figures in found.lived.values()))
    console.print(lived)
    if found.differences:
        first = next(iter(found.lived))
        less = _table("", *(f"{name} less {first}" for name in found.differences))
        for key in found.recorded:
            less.add_row(_named(key), *(_shown(key, each[key]) for each in found.differences.values()))
        console.print(less)


def show_trial(trial: Trial, sentences: Sequence[str], days: int) -> None:
    """A row for each figure under both rosters, then for each service; on stdout."""
    console = screen()
    for sentence in sentences:
        console.print(sentence, style="bold", markup=False)
    console.print(
        f"{days} days, lived {trial.lives} times under both, seed {trial.seed}; (95% interval)", markup=False
    )
    table = _table("", *TRIAL_COLUMNS)
    for key, pair in trial.figures.items():
        table.add_row(TRIAL_NAMES.get(key) or _named(key), *_paired(key, pair))
    console.print(table)
    table = _table("Service", "", *TRIAL_COLUMNS)
    for service, figures in trial.services.items():
        for key, pair in figures.items():
            table.add_row(service, _named(key), *_paired(key, pair))
    console.print(table)


def _paired(key: str, pair: Pair) -> tuple[str, str, str]:
    kept = "" if key in TRIAL_NAMES else key
    return _shown(kept, pair.present), _shown(kept, pair.proposed), _shown("", pair.ratio)


def _differences(experiment: Experiment) -> Table:
    """Each policy against the first, day by day."""
    (first, base), *others = experiment.summaries.items()
    found = {name: compare(summary, base) for name, summary in others}
    titles = (title for name in found for title in (f"{name} less {first}", f"{name} over {first}"))
    table = _table("", *titles)
    for key in next(iter(found.values())):
        table.add_row(_named(key), *(cell for each in found.values() for cell in _told(key, each[key])))
    return table


def _parts(title: str, figures: Mapping[str, Any], part: str, keys: tuple[str, ...]) -> Table:
    """A row for each service or window under each policy."""
    table = _table(title, "Policy", *map(_named, keys))
    first = next(iter(figures.values()))
    for id_ in first[part]:
        for policy, found in figures.items():
            table.add_row(id_, policy, *(_shown(key, found[part][id_][key]) for key in keys))
    return table


def _table(first: str, *titles: str) -> Table:
    table = Table(first, box=None, header_style="bold", padding=(0, 2, 0, 0))
    for title in titles:
        table.add_column(title, justify="left" if title == "Policy" else "right")
    return table


def _named(key: str) -> str:
    figure = BY_KEY[key]
    return f"{figure.name}, min" if figure.kind == "minutes" else figure.name


def _told(key: str, found: Difference) -> tuple[str, str]:
    return _shown(key, found.difference), _shown("", found.ratio)


def _shown(key: str, estimate: Estimate) -> str:
    """The number with its interval; shares in percent."""
    if estimate.value is None:
        return UNKNOWN
    share = bool(key) and BY_KEY[key].kind == "share"
    value, *ends = (
        None if number is None else _number(number, share=share)
        for number in (estimate.value, estimate.low, estimate.high)
    )
    return f"{value} ({ends[0]} to {ends[1]})" if None not in ends else f"{value} ({UNKNOWN})"


def _number(number: float, *, share: bool) -> str:
    if share:
        return f"{100 * number:.1f}%"
    return f"{number:.2f}" if abs(number) < FINE_BELOW else f"{number:.1f}"


def _narrowing(mean: Estimate) -> str:
    if mean.value is None:
        return UNKNOWN
    half = mean.half_width
    return f"{mean.value:.2f} min" if half is None else f"{mean.value:.2f} ±{half:.2f} min"
