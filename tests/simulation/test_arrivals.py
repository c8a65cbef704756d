"""Visitors come as the rates of the hall file say, or as the record of a day does."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan
from vikno.scheduler.workload import stretches
from vikno.simulation.arrivals import ArrivalsFileError, draw_arrivals, read_arrivals

EXAMPLES = Path(__file__).parents[2] / "examples"
DAYS = 1_000
DEVIATIONS = 5.0
RATES = {
    "passport": ((480, 12.0), (600, 30.0), (720, 0.0), (780, 6.0)),
    "residence": ((540, 20.0),),
    "pickup": (),
}


@pytest.fixture
def busy(plan: HallPlan) -> HallPlan:
    """The small hall, open from 8 to 16, with visitors."""
    services = tuple(replace(service, arrivals=RATES[service.id]) for service in plan.services)
    return replace(plan, services=services)


def test_a_rate_holds_until_the_next_one_or_until_the_hall_closes(busy: HallPlan) -> None:
    passport, residence, pickup = busy.demand
    assert list(stretches(busy, passport)) == [(480, 600, 12.0), (600, 720, 30.0), (780, 960, 6.0)]
    assert list(stretches(busy, residence)) == [(540, 960, 20.0)]
    assert list(stretches(busy, pickup)) == []


def test_nobody_comes_while_the_hall_is_closed(busy: HallPlan) -> None:
    early = replace(busy.demand[0], arrivals=((0, 5.0), (500, 7.0), (1000, 9.0)))
    assert list(stretches(busy, early)) == [(480, 500, 5.0), (500, 960, 7.0)]


def test_the_count_of_every_stretch_is_poisson_with_its_rate(busy: HallPlan) -> None:
    rng = np.random.default_rng(1)
    days = [draw_arrivals(busy, rng) for _ in range(DAYS)]
    for visits in busy.demand:
        for start, end, rate in stretches(busy, visits):
            expected = rate * (end - start) / 60
            minutes = [
                [a.minute for a in day if a.services == visits.services and start <= a.minute < end]
                for day in days
            ]
            counts = np.array([len(found) for found in minutes])
            assert abs(counts.mean() - expected) <= DEVIATIONS * math.sqrt(expected / DAYS)
            # Variance over mean of Poisson counts: nearly normal around 1 with this deviation.
            assert abs(counts.var(ddof=1) / counts.mean() - 1) <= DEVIATIONS * math.sqrt(2 / (DAYS - 1))
            middle, spread = (start + end) / 2, (end - start) / math.sqrt(12 * counts.sum())
            assert abs(np.concatenate(minutes).mean() - middle) <= DEVIATIONS * spread
    assert sum(a.services == ("passport",) and 720 <= a.minute < 780 for day in days for a in day) == 0


def test_a_day_is_in_order_of_time(busy: HallPlan) -> None:
    minutes = [arrival.minute for arrival in draw_arrivals(busy, np.random.default_rng(2))]
    assert minutes == sorted(minutes)


def test_a_busy_day_is_busy_for_every_service(busy: HallPlan) -> None:
    shape = 28.7
    rng = np.random.default_rng(3)
    days = [draw_arrivals(replace(busy, busyness_shape=shape), rng) for _ in range(DAYS)]
    totals = np.array([len(day) for day in days])
    mean = sum(rate * (end - start) / 60 for v in busy.demand for start, end, rate in stretches(busy, v))
    variance = mean + mean**2 / shape
    assert abs(totals.mean() - mean) <= DEVIATIONS * math.sqrt(variance / DAYS)
    squares = (totals - mean) ** 2
    assert abs(squares.mean() - variance) <= DEVIATIONS * squares.std() / math.sqrt(DAYS)
    passport = np.array([sum(a.services == ("passport",) for a in day) for day in days])
    assert np.corrcoef(passport, totals - passport)[0, 1] > 0.3, "independent without the factor"


def test_the_record_of_wola_is_read_whole() -> None:
    plan = read_hall_file(EXAMPLES / "wola.toml")
    arrivals = read_arrivals(EXAMPLES / "wola_day.csv", plan)
    lines = (EXAMPLES / "wola_day.csv").read_text().splitlines()[1:]
    assert len(arrivals) == len(lines)
    assert arrivals == sorted(arrivals)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", 'line 1: begin the file with the line "minute,service"'),
        (b"service,minute\n", 'line 1: begin the file with the line "minute,service"'),
        (b"minute,service\n490,passport,3\n", "line 2: has 3 fields; give minute and service"),
        (b"minute,service\n490,passport\n\n", "line 3: has 0 fields; give minute and service"),
        (b"minute,service\nnoon,passport\n", "line 2: minute: 'noon' is not a time when the hall is open"),
        (b"minute,service\nnan,passport\n", "line 2: minute: 'nan' is not a time"),
        (b"minute,service\n479.9,passport\n", "give minutes after midnight from 480 to below 960"),
        (b"minute,service\n960,passport\n", "line 2: minute: '960' is not a time"),
        (
            b"minute,service\n490,parcel\n",
            "'parcel' is not a service of this hall; use one of passport, residence",
        ),
        (b"minute,service\n490,\xff\n", "is not UTF-8 at byte 19; save it as UTF-8"),
        (b'minute,service\n490,"' + b"a" * 200_000 + b'"\n', "line 2: field larger than field limit"),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_in_one_line(
    content: bytes, complaint: str, plan: HallPlan, tmp_path: Path
) -> None:
    file = tmp_path / "day.csv"
    file.write_bytes(content)
    with pytest.raises(ArrivalsFileError) as refused:
        read_arrivals(file, plan)
    assert str(refused.value).startswith(f"{file}: ")
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_record_that_is_not_there_is_refused(plan: HallPlan, tmp_path: Path) -> None:
    with pytest.raises(ArrivalsFileError, match=r"absent.csv: cannot be read \(No such file"):
        read_arrivals(tmp_path / "absent.csv", plan)
