"""Changing a plan: each change does what it says and nothing else, and what comes of it is a hall."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.api.trying import remove, tried_hall
from vikno.queue.errors import HallFileError
from vikno.queue.hallfile import parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.scheduler.workload import visitors_a_day
from vikno.simulation.changes import CHANGES, changed_plan

PLAN = parse_hall(tried_hall())
CLOCK = st.integers(0, 24 * 60 - 1).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")
SKILLS = st.dictionaries(
    st.sampled_from(list(PLAN.service)), st.floats(0.01, 100.0, allow_subnormal=False), min_size=1
)
WINDOWS = st.sampled_from([*PLAN.window, "w-5", "w-6"])
HOURS = st.lists(CLOCK, min_size=2, max_size=6, unique=True).map(
    lambda times: [list(pair) for pair in zip(*[iter(sorted(times))] * 2, strict=False)]
)
CHANGE = st.one_of(
    st.fixed_dictionaries(
        {"change": st.just("add-window"), "window": WINDOWS, "skills": SKILLS}, optional={"open": HOURS}
    ),
    st.fixed_dictionaries({"change": st.just("remove-window"), "window": WINDOWS}),
    st.fixed_dictionaries({"change": st.just("set-hours"), "window": WINDOWS, "open": HOURS}),
    st.fixed_dictionaries({"change": st.just("set-skills"), "window": WINDOWS, "skills": SKILLS}),
    st.fixed_dictionaries(
        {"change": st.just("set-demand"), "percent": st.floats(0, 1_000)},
        optional={"services": st.sampled_from([list(visits.services) for visits in PLAN.demand])},
    ),
)


@given(st.lists(CHANGE, max_size=6))
def test_a_changed_plan_is_a_hall_or_is_refused_by_the_field_at_fault(changes: list[dict[str, Any]]) -> None:
    try:
        plan = changed_plan(PLAN, changes)
    except HallFileError as error:
        assert error.field.startswith(("changes[", "services[", "windows"))  # noqa: PT017
        return
    assert parse_hall(write_hall(plan)) == plan


@given(
    st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3))
)
def test_what_is_no_list_of_changes_is_refused(nonsense: Any) -> None:
    if nonsense != []:
        with pytest.raises(HallFileError, match=r"^changed plan: changes"):
            changed_plan(PLAN, nonsense)


def test_nothing_changed_is_the_plan_itself() -> None:
    assert changed_plan(PLAN, []) is PLAN


def test_a_window_that_is_added_and_taken_away_leaves_no_trace() -> None:
    added = {"change": "add-window", "window": "w-5", "skills": {"passport": 1.0}}
    assert changed_plan(PLAN, [added, remove("w-5")]) == PLAN


def test_changes_to_different_windows_may_come_in_any_order() -> None:
    changes = [
        {"change": "set-hours", "window": "w-1", "open": [["08:00", "12:00"]]},
        {"change": "set-skills", "window": "w-2", "skills": {"passport": 2.0}},
        remove("w-3"),
    ]
    made = [changed_plan(PLAN, order) for order in permutations(changes)]
    assert all(plan == made[0] for plan in made)


def test_a_label_stays_with_its_window_when_another_goes() -> None:
    plan = changed_plan(PLAN, [remove("w-1")])
    assert {window.id: window.label for window in plan.windows} == {"w-2": "2", "w-3": "3", "w-4": "4"}


@given(st.floats(0, 1_000))
def test_percent_of_all_visitors_scales_every_kind_alike(percent: float) -> None:
    plan = changed_plan(PLAN, [{"change": "set-demand", "percent": percent}])
    for kind, today in zip(plan.demand, PLAN.demand, strict=True):
        assert visitors_a_day(plan, kind) == pytest.approx(
            visitors_a_day(PLAN, today) * percent / 100, abs=1e-4
        )


def test_percent_of_one_kind_leaves_the_others_as_they_were() -> None:
    services = ["passport", "residence"]
    plan = changed_plan(PLAN, [{"change": "set-demand", "services": services, "percent": 300}])
    assert plan.services == PLAN.services
    assert visitors_a_day(plan, plan.visits[0]) == 3 * visitors_a_day(PLAN, PLAN.visits[0])


def test_every_change_is_tried_here() -> None:
    tried = {"add-window", "remove-window", "set-hours", "set-skills", "set-demand"}
    assert tried == CHANGES.keys()
