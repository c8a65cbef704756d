"""A report is made of whatever was simulated: of nothing, of one day, of many policies, of no wait at all."""

from __future__ import annotations

import re

import pytest

from tests.display.report.reading import Report
from tests.simulation.halls import constant, exponential, hall, service, windows
from vikno.api.report import render_report
from vikno.queue.plan import HallPlan
from vikno.simulation.executors import Here
from vikno.simulation.experiment import Experiment, Scenario

EMPTY = hall([service("passport", exponential(5.0))], *windows(2, "passport"))
QUIET = hall([service("passport", constant(0.01), 0.01)], *windows(1, "passport"))
USUAL = hall([service("passport", exponential(5.0), 0.15)], *windows(1, "passport"))

pytestmark = pytest.mark.filterwarnings("error")


def report(plan: HallPlan, days: int, policies: int = 1, language: str = "en") -> Report:
    names = ["fifo" if place % 2 == 0 else "priority" for place in range(policies)]
    scenarios = [Scenario(f"{place} {name}", plan, name) for place, name in enumerate(names)]
    experiment = Experiment(scenarios, 1)
    for _ in experiment.run(Here(), days):
        pass
    return Report(render_report(plan, experiment.summaries, 1, "vikno simulate hall.toml", language))


@pytest.mark.parametrize(
    ("plan", "days", "policies", "language"),
    [
        (EMPTY, 3, 1, "en"),
        (EMPTY, 2, 2, "uk"),
        (QUIET, 4, 1, "uk"),
        (USUAL, 1, 1, "uk"),
        (USUAL, 1, 2, "en"),
        (USUAL, 3, 6, "en"),
    ],
)
def test_there_is_a_report(plan: HallPlan, days: int, policies: int, language: str) -> None:
    made = report(plan, days, policies, language)
    words = re.findall(r"[\w%]+", made.text + " ".join(str(attrs) for _, attrs in made.elements))
    assert not {"nan", "inf", "NaN", "Infinity"}.intersection(words)
    assert len(made.ids) == len(set(made.ids))


def test_nobody_came_and_no_wait_is_told() -> None:
    text = report(EMPTY, 3).text
    assert "Nobody was called, so there is no wait to show." in text
    assert "Hardly anybody waits at any time of the day." in text


def test_one_day_is_said_to_be_only_one() -> None:
    text = report(USUAL, 1).text
    assert "What 1 simulated day of this hall shows." in text
    assert "One day does not tell how much days differ" in text


def test_the_target_is_seen_even_where_nobody_waits_that_long() -> None:
    assert re.search(r">target 20 min</text>", report(QUIET, 4).html)


def test_policies_that_do_the_same_are_told_in_one_sentence() -> None:
    made = report(USUAL, 3, 2)
    assert "Under 1 priority these days go as they do under 0 fifo: every figure is the same." in made.text
    assert "clear difference is shown" not in made.text
