"""From recorded days to a hall file: what is used, what is not, and what is said about it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.simulation.any_hall import any_hall
from tests.simulation.calibration.days import recorded, served, visit, waited
from tests.simulation.calibration.truth import events_of, lived, true_hall
from tests.simulation.halls import constant, exponential, hall, service, window
from vikno.queue.hallfile import parse_hall
from vikno.queue.hallwriter import write_hall
from vikno.simulation.calibration.journal import calibrate_days
from vikno.simulation.calibration.result import Calibration
from vikno.simulation.history import Ending, RecordedDay, read_history
from vikno.simulation.journals import NotInJournal

PLAN = hall(
    [
        service("a", constant(5.0), patience=exponential(30.0, zero=0.2), no_show=0.1),
        service("b", constant(7.0), 0.1, patience=exponential(12.0), no_show=0.2, no_show_minutes=3.0),
    ],
    window("w", {"a": 1.0, "b": 1.5}),
    window("v", {"b": 2.0}),
    closes=240,
    waiting_places=9,
)
OPEN = {"w": ((0.0, 240.0),)}


def day(number: int, **more: object) -> RecordedDay:
    """Ten visitors, of whom the last leaves; nobody for service b."""
    come = [visit(served("a", 10 * n, 10 * n + n, 10 * n + n + 4 + n % 3)) for n in range(9)]
    left = visit(waited("a", 100, 130, Ending.LEFT), priority=1)
    return recorded(PLAN, *come, left, number=number, **{"staffed": OPEN, **more})  # type: ignore[arg-type]


def calibrated(*days: RecordedDay) -> Calibration:
    found = calibrate_days(days)
    assert parse_hall(write_hall(found.plan, found.comments)) == found.plan
    return found


def said(found: Calibration) -> str:
    """The hall file, its comments on one line."""
    return " ".join(write_hall(found.plan, found.comments).replace("\n#", "").split())


@pytest.mark.parametrize("seed", range(5))
def test_whatever_the_hall_the_file_can_be_read(seed: int) -> None:
    plan = any_hall(seed)
    found = calibrated(*lived(plan, seed, 3))
    assert {window.id for window in found.plan.windows} <= set(plan.window)
    assert [s.id for s in found.plan.services] == [s.id for s in plan.services]
    kept = "id", "name", "opens", "closes", "after_close", "waiting_places", "target_minutes"
    assert all(getattr(found.plan, name) == getattr(plan, name) for name in kept)


def test_what_was_seen_stands_in_the_file_and_beside_it() -> None:
    found = calibrated(*map(day, range(3)))
    (one,) = found.plan.service["a"].patience
    assert one[1].mean == pytest.approx(found.estimates["services.a.patience.mean"].value, rel=1e-3)
    for name, finding in found.estimates.items():
        if finding.value is not None and finding.low is not None:
            assert finding.low <= finding.value, name
            assert finding.high is None or finding.value <= finding.high, name
    text = write_hall(found.plan, found.comments)
    assert (
        "# Calibrated from the journal of hall hall: 3 days from 2026-11-02 to 2026-11-04, 30 visits." in text
    )
    assert "0 left at once, 3 later" in text
    assert "No-shows: 0 of 27 first calls" in text


def test_what_was_not_seen_stays_as_it_was_planned() -> None:
    found = calibrated(*map(day, range(3)))
    b, planned = found.plan.service["b"], PLAN.service["b"]
    assert b.arrivals == ()
    assert (b.service, b.patience, b.no_show) == (planned.service, planned.patience, planned.no_show)
    assert b.no_show_minutes == 3.0
    assert found.plan.window["w"].skills["b"] == 1.5
    assert any("how long b takes" in item for item in found.unknown)


def test_where_nobody_left_nobody_leaves() -> None:
    patient = replace(day(0), visits=day(0).visits[:-1])
    found = calibrated(patient, patient)
    assert found.plan.service["a"].patience == ()
    assert "nobody leaves. The mean is at least" in said(found)


def test_a_window_that_was_never_opened_is_left_out_and_named() -> None:
    found = calibrated(*map(day, range(2)))
    assert [window.id for window in found.plan.windows] == ["w"]
    assert "window v. Opened on 0 of 2 whole days." in found.left_out


def test_days_on_which_nothing_happened_are_left_out_and_named() -> None:
    closed = recorded(PLAN, number=6)
    tickets_alone = day(5, staffed={})
    a_button_tried = recorded(PLAN, number=7, staffed={"w": ((0.0, 2.0),)})
    found = calibrated(day(4), tickets_alone, closed, a_button_tried, day(8))
    assert found.days == ("2026-11-06", "2026-11-10")
    closed_on = "2026-11-07, 2026-11-08, 2026-11-09"
    assert found.left_out[0] == f"3 days on which nobody worked, or nobody came ({closed_on})."
    ((_, rate),) = [
        (name, e) for name, e in found.estimates.items() if name.startswith("services.a.arrivals")
    ][:1]
    assert rate.seen == 20


def test_a_day_that_is_cut_off_is_used_as_far_as_it_goes_and_named() -> None:
    found = calibrated(day(0), day(1, ended=135.0), day(2, began=5.0))
    assert found.left_out[:2] == (
        "2026-11-03 after 02:15: the journal does not tell of it.",
        "2026-11-04 before 00:05: the journal does not tell of it.",
    )
    assert sum(e.seen for name, e in found.estimates.items() if name.startswith("services.a.arr")) == 30


def test_what_cannot_be_known_is_said() -> None:
    found = calibrated(day(0, gaps=(0.5, 1.5, 1.0), full=((60.0, 90.0),)), day(1))
    unknown = " ".join(found.unknown)
    assert "who left without telling anybody" in unknown
    assert "who sat at a window" in unknown
    assert "what clerks do between two visitors while others wait, 1 minutes" in unknown
    assert "30 minutes in all" in unknown
    assert "2 visitors with a priority of their own" in unknown
    quick = " ".join(calibrated(day(0, gaps=(0.0, 0.01)), day(1)).unknown)
    assert "between two visitors" not in quick


def test_without_a_whole_day_there_is_nothing_to_calibrate() -> None:
    with pytest.raises(NotInJournal, match="no whole day with a window open from 2026-11-02 to 2026-11-03"):
        calibrate_days([day(0, ended=135.0), recorded(PLAN, number=1)])
    with pytest.raises(NotInJournal, match="no whole Sunday with"):
        calibrate_days([day(0)], [6])


def test_two_days_say_that_they_cannot_tell_how_much_days_differ() -> None:
    found = calibrated(day(0), day(1))
    assert found.plan.busyness_shape is None
    assert "2 days cannot tell" in said(found)


def test_days_of_the_week_are_compared_once_there_are_enough() -> None:
    found = calibrated(*map(day, range(21)))
    assert "Monday 1.00, Tuesday 1.00" in said(found)


def test_the_plan_is_that_of_the_last_day() -> None:
    plan = true_hall(1)
    changed = replace(plan, services=plan.services[1:], visits=(), windows=plan.windows[1:])
    changed = replace(
        changed,
        windows=tuple(
            replace(w, skills={s: f for s, f in w.skills.items() if s != "passport"}) for w in changed.windows
        ),
    )
    days = read_history(events_of(plan, 1, 3))
    later = [
        replace(d, date=f"2026-12-0{n + 1}") for n, d in enumerate(read_history(events_of(changed, 2, 2)))
    ]
    found = calibrated(*days, *later)
    assert [s.id for s in found.plan.services] == ["residence", "collection"]
    assert any("that the plan no longer has" in item for item in found.left_out)
