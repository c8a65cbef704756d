"""A history tells what happened: every journal, whatever clerks and visitors did in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from msgspec.structs import replace

from tests.queue.scene import Scene
from tests.queue.test_model import HallAgainstNaiveHall
from tests.simulation.any_hall import any_hall
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.journal.database import open_database, sqlite_url
from vikno.queue.journal.journal import Journal, Record
from vikno.queue.lifecycle import TicketState
from vikno.queue.plan import HallPlan
from vikno.queue.records import WindowState
from vikno.scheduler import policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.history import Ending, RecordedDay, Spell, Visit, read_history
from vikno.simulation.journals import NotInJournal, recorded_days
from vikno.simulation.record import NOWHERE, DayRecord, Outcome
from vikno.simulation.recorded import DayOfTwoPlans, as_record
from vikno.simulation.twin import SIMULATED_LIMITS, Twin

DAYS = 4
FIRST = date(2026, 3, 26)
"""The clocks change on the third day after it."""

LEGS = DayRecord._fields[:9]
ROUNDING = 1e-6
"""Minutes: instants are POSIX seconds, 1e-7 s apart as floats, and added up."""


def journal_of(plan: HallPlan, folder: Path) -> list[DayRecord]:
    """A simulated hall lives some days and writes a journal to the disk; what the twin says of them."""
    engine = open_database(sqlite_url(folder))
    journal, records = Journal(engine, plan.id), []
    journal.epoch()
    hall = Hall(policy_named("fifo"), SIMULATED_LIMITS)
    journal.append([Record(hall.do(c.AdoptPlan(0.0, plan)))])
    for day in range(DAYS):
        written: list[Record] = []
        visitors = draw_day(plan, 1, day)
        on = FIRST + timedelta(days=day)
        twin = Twin(hall, visitors, on, lambda _command, events, to=written: to.append(Record(events)))  # type: ignore[misc]
        records.append(twin.run())
        journal.append(written)
    journal.close()
    engine.dispose()
    return records


def in_the_journal(record: DayRecord) -> DayRecord:
    """In order, and without those whom a full hall refused: they got no ticket."""
    order = np.lexsort((record.number, record.visit))
    order = order[record.outcome[order] != Outcome.BLOCKED]
    legs = {name: getattr(record, name)[order] for name in LEGS}
    legs["visit"] = np.unique(legs["visit"], return_inverse=True)[1]
    return record._replace(**legs)


@pytest.mark.parametrize("seed", range(6))
def test_the_journal_of_a_twin_tells_what_the_twin_told(seed: int, tmp_path: Path) -> None:
    plan = any_hall(seed)
    records = journal_of(plan, tmp_path)
    days = recorded_days(tmp_path, plan.id)
    assert [day.date for day in days] == [str(FIRST + timedelta(days=day)) for day in range(DAYS)]
    for day, record in zip(days, records, strict=True):
        assert day.whole
        told, lived = in_the_journal(as_record(day)), in_the_journal(record)
        for name in DayRecord._fields:
            np.testing.assert_allclose(
                getattr(told, name), getattr(lived, name), rtol=0, atol=ROUNDING, err_msg=name
            )


class HistoryOfAnyHall(HallAgainstNaiveHall):
    """Whatever people do, the history of the day ends as the hall itself does."""

    def teardown(self) -> None:
        if not hasattr(self, "twins"):
            return
        hall = self.twins.hall
        days = read_history(e.decode(text) for text in self.twins.journal)
        assert hall.day is not None
        assert days[-1].date == hall.day.date
        visits = {visit.ticket: visit for visit in days[-1].visits}
        midnight = hall.day.opens - days[-1].opens * 60
        today = [ticket for ticket in hall.tickets.values() if ticket.issued >= midnight]
        assert set(visits) == {ticket.id for ticket in today}
        for ticket in today:
            self.as_the_hall_has_it(visits[ticket.id], ticket.state, ticket.service, ticket.window)
            assert visits[ticket.id].priority == ticket.priority
        for day in days:
            self.in_order(day)
        ended = midnight + days[-1].ended * 60
        at_work = [window for window in hall.windows.values() if window.state is WindowState.OPEN]
        staffed = [window.id for window in at_work if midnight <= window.since < ended]
        assert set(staffed) <= {window for window, spans in days[-1].staffed.items() if spans}

    @staticmethod
    def as_the_hall_has_it(visit: Visit, state: TicketState, service: str, window: str | None) -> None:
        last = visit.spells[-1]
        assert last.service == service
        if state in {TicketState.WAITING, TicketState.CALLED, TicketState.SERVING}:
            assert last.ending is Ending.OPEN
            assert last.waiting == (state is TicketState.WAITING)
            assert (last.started is not None or last.called is None) == (state is TicketState.SERVING) or (
                state is TicketState.WAITING
            )
            assert last.window == (None if state is TicketState.WAITING else window)
        else:
            assert last.ending.value == state.value

    @staticmethod
    def in_order(day: RecordedDay) -> None:
        """No spell ends before it begins, none begins before the one before it ended, none has no end."""
        for visit in day.visits:
            at = visit.issued
            for spell in visit.spells:
                steps = [spell.joined, spell.called, spell.started, spell.ended]
                for step in [step for step in steps if step is not None]:
                    assert step >= at
                    at = step
        for spans in day.staffed.values():
            edges = [edge for span in spans for edge in span]
            assert edges == sorted(edges)


@pytest.mark.timeout(300)
def test_whatever_people_do_the_history_ends_as_the_hall_does() -> None:
    run_state_machine_as_test(
        HistoryOfAnyHall,
        settings=settings(
            max_examples=200,
            stateful_step_count=40,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# Scenes ------------------------------------------------------------------------------------------------


@pytest.fixture
def scene(plan: HallPlan) -> Scene:
    """Nine o'clock; the window is open since five minutes, and so is the day."""
    scene = Scene(plan, "2026-11-20 00:00")
    scene.comes("2026-11-20 08:55")
    scene.do(c.OpenWindow, "w-1")
    scene.comes("2026-11-20 09:00")
    return scene


def day_of(scene: Scene, number: int = -1) -> RecordedDay:
    return read_history(scene.events)[number]


def spells_of(scene: Scene, number: int = -1) -> tuple[Spell, ...]:
    return day_of(scene, number).visits[0].spells


def act(scene: Scene, *steps: type[c.Command], after: float = 60.0) -> None:
    """The window does these, a minute after one another."""
    for step in steps:
        scene.do(step, "w-1", after=after)


def about(*minutes: float) -> object:
    """Minutes after nine."""
    return pytest.approx([540 + minute for minute in minutes])


def times(spell: Spell) -> list[float | None]:
    return [spell.joined, spell.called, spell.started, spell.ended]


def test_a_visit_in_order(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    (spell,) = spells_of(scene)
    assert times(spell) == about(0, 1, 2, 3)
    assert (spell.window, spell.ending) == ("w-1", Ending.SERVED)


@pytest.mark.parametrize("step", [c.FinishService, c.MissVisitor, c.ParkVisitor], ids=lambda s: s.__name__)
def test_a_step_that_was_taken_back_never_happened(scene: Scene, step: type[c.Command]) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext)
    if step is c.FinishService:
        act(scene, c.StartService)
    act(scene, step)
    act(scene, c.UndoStep, after=4)
    before = spells_of(scene)
    assert [spell.ending for spell in before] == [Ending.OPEN]
    if step is not c.FinishService:
        act(scene, c.StartService)
    act(scene, c.FinishService)
    (spell,) = spells_of(scene)
    assert spell.called == 541
    assert spell.ending is Ending.SERVED


def test_a_call_that_was_taken_back_leaves_the_visitor_waiting(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext)
    act(scene, c.UndoStep, after=3)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    (spell,) = spells_of(scene)
    assert times(spell) == pytest.approx([540, 542.05, 543.05, 544.05])


def test_who_is_parked_begins_a_new_spell_with_the_same_service(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService, c.ParkVisitor)
    scene.do(c.UnparkVisitor, "w-1", "t", after=60)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    first, second = spells_of(scene)
    assert (first.ending, first.ended) == (Ending.PARKED, 543)
    assert times(second) == about(4, 5, 6, 7)


def test_who_is_called_while_parked_did_not_wait(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService, c.ParkVisitor)
    scene.do(c.CallChosen, "w-1", "t", after=60)
    act(scene, c.StartService, c.FinishService)
    assert times(spells_of(scene)[1]) == [None, 544, 545, 546]


def test_who_is_sent_on_waits_again_for_the_other_service(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService)
    scene.do(c.TransferVisitor, "w-1", "residence", after=60)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    first, second = spells_of(scene)
    assert (first.service, first.ending) == ("passport", Ending.TRANSFERRED)
    assert (second.service, second.ending) == ("residence", Ending.SERVED)
    assert times(second) == about(3, 4, 5, 6)


def test_a_second_service_goes_on_here_or_elsewhere(scene: Scene) -> None:
    scene.issue("t", "passport", "pickup", "residence", after=0)
    act(scene, c.CallNext, c.StartService, c.FinishService, c.FinishService)
    first, here, elsewhere = spells_of(scene)
    assert first.service == "passport"
    assert (here.service, here.window, here.called, here.window_from) == ("residence", "w-1", None, 543)
    assert (elsewhere.service, elsewhere.joined, elsewhere.window) == ("pickup", 544, None)


def test_a_repeated_call_is_the_same_call(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.Recall, c.Recall, c.MissVisitor)
    (spell,) = spells_of(scene)
    assert times(spell) == [540, 541, None, 544]
    assert spell.ending is Ending.NO_SHOW


def test_who_takes_leaving_back_has_waited_all_the_time(scene: Scene) -> None:
    scene.issue("t", after=0)
    scene.do(c.Leave, "t", after=60)
    assert spells_of(scene)[0].ending is Ending.LEFT
    scene.do(c.ReturnToLine, "t", after=30)
    act(scene, c.CallNext)
    (spell,) = spells_of(scene)
    assert (spell.joined, spell.called) == (540, 542.5)


def test_who_leaves_after_the_call_was_called(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext)
    scene.do(c.Leave, "t", after=60)
    (spell,) = spells_of(scene)
    assert (spell.called, spell.ended, spell.ending) == (541, 542, Ending.LEFT)
    scene.do(c.ReturnToLine, "t", after=60)
    assert spells_of(scene)[1].joined == 543


def test_moving_back_and_another_priority_change_no_times(scene: Scene) -> None:
    for ticket in ("t", "u", "v"):
        scene.issue(ticket, after=0)
    scene.do(c.MoveBack, "t", 1, after=60)
    scene.do(c.ChangePriority, "t", 5)
    visit = day_of(scene).visits[0]
    assert visit.spells[0].joined == 540
    assert visit.spells[0].waiting
    assert visit.priority == 5


# Windows and days --------------------------------------------------------------------------------------


def test_breaks_are_not_staffed(scene: Scene) -> None:
    scene.do(c.PauseWindow, "w-1", after=3600)
    scene.do(c.OpenWindow, "w-1", after=1800)
    scene.do(c.CloseWindow, "w-1", after=3600)
    assert day_of(scene).staffed["w-1"] == ((535, 600), (630, 690))


def test_a_window_closed_by_mistake_was_never_closed(scene: Scene) -> None:
    scene.do(c.CloseWindow, "w-1", after=600)
    scene.do(c.UndoStep, "w-1", after=2)
    scene.do(c.CloseWindow, "w-1", after=3600)
    (span,) = day_of(scene).staffed["w-1"]
    assert span == pytest.approx((535, 550 + 60 + 2 / 60))


def test_a_cut_off_day_is_open_at_its_end_and_not_whole(scene: Scene) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService)
    scene.issue("u", after=120)
    day = day_of(scene)
    assert not day.whole
    assert day.ended == 544
    assert [(v.ending, v.spells[-1].ended) for v in day.visits] == [(Ending.OPEN, 544), (Ending.OPEN, 544)]
    assert day.staffed["w-1"] == ((535, 544),)


def test_who_is_forgotten_over_night_was_seen_until_the_last_sign_of_life(scene: Scene) -> None:
    scene.issue("served", after=0)
    act(scene, c.CallNext, c.StartService)
    scene.issue("waiting", after=60)
    scene.comes("2026-11-21 08:00")
    act(scene, c.FinishService)
    scene.do(c.CloseWindow, "w-1", after=60)
    first, second = read_history(scene.events)
    assert first.whole
    assert [(v.ending, v.spells[0].ended) for v in first.visits] == [
        (Ending.OPEN, 543),
        (Ending.UNSERVED, first.closes),
    ]
    assert first.staffed["w-1"] == ((535, 542),), "who forgot to close was there until the last press"
    assert second.visits == ()
    assert second.staffed["w-1"] == ((481, 482),), "since when, today's first press shows"


def test_who_is_sent_home_at_closing_waited_until_then(plan: HallPlan) -> None:
    scene = Scene(replace(plan, after_close="leave"), "2026-11-20 00:00")
    scene.comes("2026-11-20 15:30")
    scene.issue("t", after=0)
    scene.comes("2026-11-20 16:00")
    (spell,) = spells_of(scene)
    assert times(spell) == [930, None, None, 960]
    assert spell.ending is Ending.UNSERVED


def test_a_plan_adopted_in_the_night_is_the_next_days(scene: Scene, plan: HallPlan) -> None:
    scene.now += 24 * 3600
    later = replace(plan, opens=10 * 60, windows=plan.windows[:2], services=plan.services)
    scene.do(c.AdoptPlan, later)
    scene.passes(0)
    scene.comes("2026-11-21 11:00")
    first, second = read_history(scene.events)
    assert (first.plan, first.opens) == (plan, 480)
    assert (second.plan, second.opens) == (later, 600)


def test_a_plan_adopted_in_the_day_changes_its_hours(scene: Scene, plan: HallPlan) -> None:
    scene.do(c.AdoptPlan, replace(plan, closes=14 * 60))
    day = day_of(scene)
    assert (day.opens, day.closes, day.plan.closes) == (480, 840, 840)


def test_a_day_that_the_server_slept_through_in_the_morning_is_not_whole(plan: HallPlan) -> None:
    scene = Scene(plan, "2026-11-20 10:15")
    scene.comes("2026-11-21 08:00")
    first, _ = read_history(scene.events)
    assert (first.began, first.whole) == (615, False)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_minutes_are_those_on_the_wall_when_clocks_change(plan: HallPlan, day: str) -> None:
    scene = Scene(plan, f"{day} 00:00")
    scene.comes(f"{day} 09:30")
    scene.issue("t", after=0)
    told = day_of(scene)
    assert (told.opens, told.closes, told.visits[0].issued) == (480, 960, 570)


def test_while_no_place_is_left_the_hall_is_full(plan: HallPlan) -> None:
    scene = Scene(replace(plan, waiting_places=2), "2026-11-20 00:00")
    scene.comes("2026-11-20 09:00")
    scene.do(c.OpenWindow, "w-1")
    scene.issue("t", after=0)
    scene.issue("u", after=60)
    act(scene, c.CallNext, after=300)
    scene.issue("v", after=60)
    scene.do(c.Leave, "v", after=120)
    assert day_of(scene).full == ((541, 546), (547, 549))


def test_a_gap_is_how_long_a_window_that_could_call_did_not(scene: Scene) -> None:
    scene.issue("t", after=0)
    scene.issue("u", after=0)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    act(scene, c.CallNext, after=90)
    act(scene, c.StartService, c.FinishService)
    scene.issue("v", after=600)
    act(scene, c.CallNext)
    assert day_of(scene).gaps == pytest.approx((1.5,))


# In the columns of a simulated day ----------------------------------------------------------------------


def test_a_real_visit_in_the_columns_of_a_simulated_one(scene: Scene) -> None:
    scene.issue("parked", "passport", after=0)
    act(scene, c.CallNext, c.StartService, c.ParkVisitor)
    scene.do(c.CallChosen, "w-1", "parked", after=60)
    act(scene, c.StartService)
    scene.do(c.TransferVisitor, "w-1", "pickup", after=60)
    scene.issue("left")
    act(scene, c.CallNext)
    scene.do(c.Leave, "left", after=60)
    record = as_record(day_of(scene))
    order = np.lexsort((record.number, record.visit))
    assert record.visit[order].tolist() == [0, 0, 1]
    assert record.number[order].tolist() == [0, 1, 0]
    assert record.service[order].tolist() == [0, 2, 0]
    assert record.outcome[order].tolist() == [Outcome.SERVED, Outcome.UNSERVED, Outcome.NO_SHOW]
    assert record.last[order].tolist() == [False, True, True]
    assert record.window[order].tolist() == [0, NOWHERE, 0]
    called, ended = record.called[order], record.ended[order]
    assert (called[0], ended[0]) == (541, 546), "from the first call to the end, parking included"
    assert math.isnan(called[1])
    assert record.serving[0] == pytest.approx(2 + 2 + 1), "parking does not take the window"


def test_a_day_of_two_plans_is_refused_in_one_line(scene: Scene, plan: HallPlan) -> None:
    scene.issue("t", after=0)
    act(scene, c.CallNext, c.StartService, c.FinishService)
    scene.do(c.CloseWindow, "w-1")
    windows = (replace(plan.windows[1], skills={s.id: 1.0 for s in plan.services}),)
    scene.do(c.AdoptPlan, replace(plan, windows=windows))
    with pytest.raises(DayOfTwoPlans, match="window 'w-1' was given up during the day"):
        as_record(day_of(scene))


# Journals on the disk -----------------------------------------------------------------------------------


def test_what_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(NotInJournal, match=r"^--journal: .* has no vikno.sqlite3"):
        recorded_days(tmp_path, "hall")
    journal_of(any_hall(1), tmp_path)
    with pytest.raises(NotInJournal, match="no hall 'other' in the journal; choose one of hall"):
        recorded_days(tmp_path, "other")
    (tmp_path / "vikno.sqlite3").write_text("This is no database, however long it may be. " * 200)
    for beside in ("vikno.sqlite3-wal", "vikno.sqlite3-shm"):
        (tmp_path / beside).unlink(missing_ok=True)
    with pytest.raises(NotInJournal, match="is no journal"):
        recorded_days(tmp_path, "hall")


def test_an_empty_journal_has_no_days() -> None:
    none: Sequence[e.Event] = ()
    assert read_history(none) == []
