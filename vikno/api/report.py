"""The report of an experiment: the simulation's summaries handed to the page that shows them.

Imported only when a report is asked for: drawing needs matplotlib, which takes a second to load.
"""

from __future__ import annotations

from collections.abc import Mapping

from vikno.display.report.render import render
from vikno.display.report.results import read_cases
from vikno.queue.plan import HallPlan
from vikno.simulation.summary import Summary, compare


def render_report(
    hall: HallPlan, summaries: Mapping[str, Summary], seed: int, command: str, language: str = "en"
) -> str:
    """One self-contained HTML page. `summaries` by policy; the first is what the others are held against.

    `command` is shown as the way to make these numbers again.
    """
    return render(hall, read_cases(summaries, compare), seed, command, language)
