"""What an experiment found, as plain data: the JSON of `vikno simulate`."""

from __future__ import annotations

from typing import Any

from vikno.simulation.estimates import Estimate
from vikno.simulation.experiment import Experiment
from vikno.simulation.summary import compare

DECIMALS = 6
"""Of a minute: far below what an experiment can tell, and far above the rounding of sums."""


def results(experiment: Experiment) -> dict[str, Any]:
    """Hall, days, seed and the figures of each scenario; with several, how each differs from the first."""
    base, *others = experiment.scenarios
    summaries = experiment.summaries
    found: dict[str, Any] = {
        "hall": base.plan.id,
        "days": experiment.days,
        "seed": experiment.seed,
        "policies": {name: _plain(summary.figures()) for name, summary in summaries.items()},
    }
    if others:
        found["compared"] = {
            scenario.name: {"to": base.name}
            | {
                figure: {"difference": _plain(found.difference), "ratio": _plain(found.ratio)}
                for figure, found in compare(summaries[scenario.name], summaries[base.name]).items()
            }
            for scenario in others
        }
    return found


def _plain(figures: Any) -> Any:
    """Estimates as tables of numbers, rounded, without a negative zero."""
    if isinstance(figures, Estimate):
        return {name: _rounded(getattr(figures, name)) for name in ("value", "low", "high")}
    return {name: _plain(value) for name, value in figures.items()}


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, DECIMALS) + 0.0
