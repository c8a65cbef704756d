"""A window is staffed in its hours, and after closing as the hall's rule says."""

from __future__ import annotations

import math

import pytest
from msgspec.structs import replace

from vikno.queue.plan import HallPlan, WindowPlan
from vikno.simulation.duty import Duty, duty

ALL_DAY = WindowPlan("w", "1", {"passport": 1.0})
WITH_BREAK = replace(ALL_DAY, open=((480, 720), (780, 1020)))
MORNING = replace(ALL_DAY, open=((540, 720),))
AFTER_CLOSING = replace(ALL_DAY, open=((1000, 1100),))


@pytest.mark.parametrize(
    ("window", "minute", "expected"),
    [
        (ALL_DAY, 470, Duty(staffed=False, until=480, again=True, overtime=False)),
        (ALL_DAY, 480, Duty(staffed=True, until=960, again=False, overtime=False)),
        (ALL_DAY, 960, Duty(staffed=False, until=math.inf, again=False, overtime=True)),
        (WITH_BREAK, 719.9, Duty(staffed=True, until=720, again=True, overtime=False)),
        (WITH_BREAK, 720, Duty(staffed=False, until=780, again=True, overtime=False)),
        (WITH_BREAK, 800, Duty(staffed=True, until=960, again=False, overtime=False)),
        (WITH_BREAK, 1000, Duty(staffed=False, until=math.inf, again=False, overtime=True)),
        (MORNING, 800, Duty(staffed=False, until=math.inf, again=False, overtime=False)),
        (AFTER_CLOSING, 1050, Duty(staffed=False, until=math.inf, again=False, overtime=False)),
    ],
)
def test_hours(plan: HallPlan, window: WindowPlan, minute: float, expected: Duty) -> None:
    assert duty(plan, window, minute) == expected


def test_nobody_stays_where_closing_sends_everybody_home(plan: HallPlan) -> None:
    assert not duty(replace(plan, after_close="leave"), ALL_DAY, 960).overtime
