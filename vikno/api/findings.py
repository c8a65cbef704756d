"""What an experiment tells: its summaries as the messages that a page draws, a sentence and two sheets.

While it runs, a message has the few figures that plans are compared by and the courses over the day: what
a person watches narrow. At the end it has everything, and the sheets, so that a download asks nobody again.
"""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import numpy as np

from vikno.api.orders import Ending, Order, Trial
from vikno.display import comparison, sheets
from vikno.display.report.words import Words
from vikno.simulation.estimates import UNKNOWN
from vikno.simulation.experiment import Experiment
from vikno.simulation.summary import Curve, Difference, Figures, Summary, compare

Message = dict[str, Any]
Differences = dict[str, Difference]

DIGITS = 6
"""Of a minute or a person: finer than any interval, and short enough for page, CSV and workbook to hold the
very same number (a workbook has 15 digits)."""


class Findings:
    """Tells what `experiment` has found so far of what was ordered."""

    def __init__(self, order: Order, experiment: Experiment) -> None:
        self._order = order
        self._experiment = experiment

    def progress(self) -> Message:
        """What is known so far, without what takes long to calculate."""
        return self._message("progress", full=False)

    def result(self, ending: Ending) -> Message:
        """Everything."""
        message = self._message("result", full=True)
        message["ended"] = ending.value
        service = {one.id: one.name for trial in self._order.trials for one in trial.plan.services}
        message["sheets"] = {
            "csv": _packed(sheets.csv_sheet(message)),
            "xlsx": {
                language: _packed(sheets.xlsx_sheet(message, Words(language), service))
                for language in self._order.languages
            },
        }
        return message

    def _message(self, kind: str, *, full: bool) -> Message:
        trials, summaries = self._order.trials, list(self._experiment.summaries.values())
        figures = [summary.figures() if full else _compared(summary) for summary in summaries]
        differences = compare(*reversed(summaries)) if len(summaries) > 1 else None
        every = [Words(language) for language in self._order.languages]
        return {
            "type": kind,
            "days": self._experiment.days,
            "of": self._order.days,
            "seed": self._order.seed,
            "scenarios": [_scenario(*three) for three in zip(trials, summaries, figures, strict=True)],
            "differences": _plain(differences),
            "sentence": {words.language: self._sentence(words, figures, differences) for words in every},
            "also": {
                words.language: comparison.also(words, figures, differences) if differences else []
                for words in every
            },
        }

    def _sentence(self, words: Words, figures: list[Figures], differences: Differences | None) -> str:
        names = [trial.name for trial in self._order.trials]
        return comparison.found(words, names, figures, differences["wait_mean"] if differences else None)


def _scenario(trial: Trial, summary: Summary, figures: Figures) -> Message:
    return {
        "plan": trial.name,
        "policy": trial.rule,
        "changes": trial.changes,
        "figures": _plain(figures),
        "waits": _curve(summary.waits_by_time()),
        "waiting": _curve(summary.waiting_by_time()),
        "overloaded": summary.overloaded() is not None,
    }


def _compared(summary: Summary) -> Figures:
    """The figures that plans are compared by."""
    linear = summary.linear().items()
    return {name: UNKNOWN if known is None else known.estimate() for name, known in linear}


def _plain(found: Any) -> Any:
    """Estimates, in whatever they stand, as JSON has them."""
    if isinstance(found, msgspec.Struct):
        return _plain(msgspec.structs.asdict(found))
    if isinstance(found, dict):
        return {name: _plain(one) for name, one in found.items()}
    return round(float(found), DIGITS) if isinstance(found, float) else found


def _curve(curve: Curve) -> Message:
    """What is not known is null."""
    return {
        name: [None if np.isnan(x) else round(float(x), DIGITS) for x in getattr(curve, name)]
        for name in curve.__struct_fields__
    }


def _packed(sheet: bytes) -> str:
    return base64.b64encode(sheet).decode()
