"""A hall of which everything is known is watched through its displays, and must be found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.simulation.calibration.displays import OFFICE, shown_days, write_file
from vikno.queue.hallfile import parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.queue.plan import HallPlan
from vikno.simulation.calibration.result import Calibration, Finding
from vikno.simulation.calibration.snapshots import calibrate_snapshots

DAYS = 8
SEEDS = range(16)

HALL = """
format = 1
[hall]
id = "known"
name = { en = "Known" }
opens = "08:00"
closes = "16:00"

[[services]]
id = "a"
prefix = "A"
name = { en = "Long lines" }
arrivals = [["08:00", 10.0], ["09:30", 15.0], ["13:00", 11.0]]
service = { distribution = "lognormal", mean = 12.0, cv = 0.6 }

[[services]]
id = "b"
prefix = "B"
name = { en = "Short visits at shared windows" }
arrivals = [["08:00", 6.0]]
service = { distribution = "lognormal", mean = 5.0, cv = 0.6 }

[[services]]
id = "c"
prefix = "C"
name = { en = "Long visits at shared windows" }
arrivals = [["08:00", 4.0]]
service = { distribution = "gamma", mean = 14.0, cv = 0.6 }

[[services]]
id = "d"
prefix = "D"
name = { en = "Few wait" }
arrivals = [["08:00", 5.0]]
service = { distribution = "gamma", mean = 7.0, cv = 0.8 }

[[windows]]
id = "a"
count = 2
skills = { a = 1.0 }

[[windows]]
id = "late"
skills = { a = 1.0 }
open = [["08:30", "16:00"]]

[[windows]]
id = "both"
skills = { b = 1.0, c = 1.0 }

[[windows]]
id = "morning"
skills = { b = 1.0, c = 1.0 }
open = [["08:15", "12:00"], ["12:30", "16:00"]]

[[windows]]
id = "d"
skills = { d = 1.0 }
open = [["08:00", "15:45"]]

[demand]
busyness_shape = 60.0
"""
SERVICES = {"a-0": "a", "b-1": "b", "c-2": "c", "d-3": "d"}


@pytest.fixture(scope="module")
def plan() -> HallPlan:
    return parse_hall(HALL)


@pytest.fixture(scope="module")
def found(plan: HallPlan, tmp_path_factory: pytest.TempPathFactory) -> list[Calibration]:
    """The same hall, calibrated from several samples of days."""
    folder = tmp_path_factory.mktemp("displays")
    return [
        calibrate_snapshots(write_file(folder / f"{seed}.csv.gz", shown_days(plan, seed, DAYS)), OFFICE)
        for seed in SEEDS
    ]


def durations(calibration: Calibration, service: str) -> list[Finding]:
    """The means of a service by part of the day."""
    return [
        finding
        for name, finding in calibration.estimates.items()
        if name.startswith(f"services.{service}.service[")
    ]


def rates(calibration: Calibration, service: str) -> list[tuple[int, int, Finding]]:
    """Start and end (minutes after midnight) of each rate."""
    section = f"services.{service}.arrivals["
    rows = [
        (int(name[len(section) :][:2]) * 60 + int(name[len(section) :][3:5]), finding)
        for name, finding in calibration.estimates.items()
        if name.startswith(section)
    ]
    ends = [*(start for start, _ in rows[1:]), calibration.plan.closes]
    return [(start, end, finding) for (start, finding), end in zip(rows, ends, strict=True)]


def true_rate(plan: HallPlan, service: str, start: int, end: int) -> float:
    """Visitors an hour on average between two minutes."""
    at = np.arange(start, end) + 0.5
    rows = plan.service[service].arrivals
    return float(np.mean([[rate for begin, rate in rows if begin <= minute][-1] for minute in at]))


def covers(finding: Finding, truth: float) -> bool:
    low = finding.low if finding.low is not None else -np.inf
    high = finding.high if finding.high is not None else np.inf
    return bool(low <= truth <= high)


def test_the_hours_and_all_days_are_found(found: list[Calibration]) -> None:
    for calibration in found:
        assert (calibration.plan.opens, calibration.plan.closes) == (480, 960)
        assert len(calibration.days) == DAYS


def test_windows_that_share_queues_are_told_from_those_that_do_not(found: list[Calibration]) -> None:
    for calibration in found:
        skills = {frozenset(window.skills) for window in calibration.plan.windows}
        assert skills == {frozenset({"a-0"}), frozenset({"b-1", "c-2"}), frozenset({"d-3"})}


def test_windows_are_staffed_as_many_hours_as_they_were(plan: HallPlan, found: list[Calibration]) -> None:
    def hours(of: HallPlan, service: str) -> float:
        return sum(
            end - start
            for window in of.windows
            if service in window.skills
            for start, end in window.open or ((of.opens, of.closes),)
        )

    for calibration in found:
        for service, true in SERVICES.items():
            assert hours(calibration.plan, service) == pytest.approx(hours(plan, true), abs=45)


def test_mean_durations_come_near_the_truth(plan: HallPlan, found: list[Calibration]) -> None:
    for service, true in SERVICES.items():
        truth = plan.service[true].service[0][1].mean_minutes
        means = [finding.value or 0.0 for calibration in found for finding in durations(calibration, service)]
        assert np.mean(means) == pytest.approx(truth, rel=0.12), service


def test_intervals_of_durations_hold_the_truth(plan: HallPlan, found: list[Calibration]) -> None:
    held = [
        covers(finding, plan.service[true].service[0][1].mean_minutes)
        for calibration in found
        for service, true in SERVICES.items()
        for finding in durations(calibration, service)
    ]
    assert 0.88 <= np.mean(held) <= 1.0


def test_intervals_are_narrower_where_more_was_seen(found: list[Calibration]) -> None:
    for calibration in found:
        often, seldom = (
            [(finding.high or 0.0) / (finding.low or 1.0) for finding in durations(calibration, service)]
            for service in ("a-0", "d-3")
        )
        assert np.mean(often) < np.mean(seldom)


def test_arrivals_come_near_the_truth_and_their_intervals_hold_it(
    plan: HallPlan, found: list[Calibration]
) -> None:
    rows = [
        (finding, true_rate(plan, true, start, end), end - start)
        for calibration in found
        for service, true in SERVICES.items()
        for start, end, finding in rates(calibration, service)
    ]
    weights = [minutes for _, _, minutes in rows]
    ratios = [(finding.value or 0.0) / truth for finding, truth, _ in rows]
    assert np.average(ratios, weights=weights) == pytest.approx(1.0, abs=0.05)
    held = [covers(finding, truth) for finding, truth, _ in rows]
    assert 0.85 <= np.average(held, weights=weights) <= 1.0


def test_the_busyness_of_days_is_found(found: list[Calibration]) -> None:
    held = [covers(calibration.estimates["demand.busyness_shape"], 60.0) for calibration in found]
    assert sum(held) >= len(held) - 2


def test_the_file_written_from_it_reads_back(found: list[Calibration]) -> None:
    for calibration in found:
        assert parse_hall(write_hall(calibration.plan, calibration.comments)) == calibration.plan


def test_every_service_and_kind_of_window_says_how_sure_it_is(found: list[Calibration]) -> None:
    for calibration in found:
        sections = set(calibration.comments)
        assert {f"services.{service.id}" for service in calibration.plan.services} <= sections
        assert any("95%" in paragraph for paragraph in calibration.comments[""])
        assert calibration.unknown


def test_one_day_gives_a_hall_that_claims_to_know_no_busyness(plan: HallPlan, tmp_path: Path) -> None:
    calibration = calibrate_snapshots(write_file(tmp_path / "one.csv", shown_days(plan, 1, 1)), OFFICE)
    assert calibration.plan.busyness_shape is None
    assert calibration.estimates["demand.busyness_shape"].low is None
    assert any("one day was seen" in item for item in calibration.unknown)
