"""The weighted index policies call the highest score, leave a newcomer to a better window, and say why."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.queue.scene import Scene
from vikno.queue import commands as c
from vikno.queue import events as e
from vikno.queue.hall import Hall
from vikno.queue.plan import Distribution, HallPlan, Service, WindowPlan
from vikno.queue.policy import prepare
from vikno.queue.records import Ticket, Window, WindowState
from vikno.scheduler.absence import ABSENT_SECONDS
from vikno.scheduler.bound import Bounded
from vikno.scheduler.index import WeightedIndex
from vikno.scheduler.table import (
    EVERYBODY,
    HOLD_AGE_SECONDS,
    NOT_ALIKE,
    PRIORITY_SECONDS,
    SOON_SECONDS,
    SUITS_ALIKE,
    YIELD_SECONDS,
    Table,
    expected_seconds,
    index_table,
    levels,
    optimized_table,
)


def holding_table(plan: HallPlan, absent: frozenset[str] = EVERYBODY) -> Table:
    """As `optimized`, and a window that would be done with somebody sooner is waited for."""
    return optimized_table(plan, absent)._replace(hold=np.ones(len(plan.services)))


TABLES: dict[str, Callable[[HallPlan, frozenset[str]], Table]] = {
    "index": index_table,
    "optimized": optimized_table,
    "holding": holding_table,
}
OVERTAKING = {"nearest-target", "shortest-here", "best-here", "highest-priority", "earlier-left"}


def plan_of(factors: dict[str, dict[str, float]], **minutes: float) -> HallPlan:
    """Services of these mean durations, twelve visitors an hour each; never bound."""
    services = tuple(
        Service(
            id=name,
            prefix=name[0].upper(),
            name={"en": name},
            target_minutes=10.0 + 10 * place,
            arrivals=((480, 12.0),),
            service=((480, Distribution("exponential", mean=mean)),),
        )
        for place, (name, mean) in enumerate(minutes.items())
    )
    windows = tuple(WindowPlan(id=name, label=name, skills=skills) for name, skills in factors.items())
    hall = HallPlan("h", {"en": "Hall"}, "UTC", ("en",), 480, 1080, services, windows)
    return replace(hall, overtaken_max=10_000)


PLAN = plan_of(
    {
        "w-1": {"papers": 1.0, "cars": 1.2},
        "w-2": {"papers": 0.8, "land": 1.0},
        "w-3": {"papers": 1.5, "cars": 0.7, "land": 2.0},
    },
    papers=5.0,
    cars=15.0,
    land=30.0,
)
PLACE = {service.id: number for number, service in enumerate(PLAN.services)}
ROW = {window.id: number for number, window in enumerate(PLAN.windows)}
SKILLS = {window.id: window.services for window in PLAN.windows}

visitors = st.lists(
    st.tuples(
        st.sampled_from(sorted(PLACE)),
        st.sampled_from((0, 0, 0, 1, -1)),
        st.sampled_from((0.0, 1.0, 60.0, 900.0)),
    ),
    max_size=20,
)


def free(window: Window) -> bool:
    return window.state is WindowState.OPEN and window.ticket is None


def scene_of(plan: HallPlan, policy: str) -> Scene:
    """In the morning, under the table of this name, within no bound."""
    scene = Scene(plan, "2026-11-20 08:00")
    scene.hall.policy = WeightedIndex(policy, TABLES[policy])
    return scene


def is_left(policy: str, hall: Hall, window: str, ticket: Ticket, at: float) -> bool:
    """Whether a better window should be free so soon that it is worth waiting for, by the table alone."""
    table, service = TABLES[policy](PLAN, EVERYBODY), PLACE[ticket.service]
    suits, column = levels(table)[:, service], expected_seconds(table)
    waiting = sum(other.waiting and other.service == ticket.service for other in hall.tickets.values())
    for name, busy in hall.windows.items():
        if busy.ticket is None or suits[ROW[name]] <= suits[ROW[window]]:
            continue
        visit = column[ROW[name], PLACE[hall.tickets[busy.ticket].service]]
        left = max(busy.since + visit - at, SOON_SECONDS)
        saved = column[ROW[window], service] - column[ROW[name], service]
        if waiting * left < table.hold[service] * saved:
            return at - ticket.place < HOLD_AGE_SECONDS
    return False


def score(policy: str, window: str, ticket: Ticket, at: float) -> float:
    table, service = TABLES[policy](PLAN, EVERYBODY), PLACE[ticket.service]
    waited = at - ticket.place
    age = waited + ticket.priority * PRIORITY_SECONDS
    pressure = age * (1 + table.curve[service] * max(age, 0)) + table.head_start[service]
    if table.urgent_from[service] <= waited <= table.target[service]:
        pressure += table.urgency[service]
    return float(table.weight[ROW[window], service] * pressure)


@settings(max_examples=150, deadline=None)
@given(
    policy=st.sampled_from(sorted(TABLES)),
    come=visitors,
    calls=st.lists(
        st.tuples(st.sampled_from(sorted(SKILLS)), st.sampled_from((0.0, 5.0, 300.0))), max_size=15
    ),
    opened=st.sets(st.sampled_from(sorted(SKILLS))),
)
def test_the_call_is_the_highest_score_of_those_who_are_first(
    policy: str, come: list[tuple[str, int, float]], calls: list[tuple[str, float]], opened: set[str]
) -> None:
    """By brute force over everybody who waits, from the table alone."""
    scene = scene_of(PLAN, policy)
    for window in sorted(opened):
        scene.do(c.OpenWindow, window)
    for number, (service, priority, after) in enumerate(come):
        scene.issue(f"t{number:02}", service, priority=priority, after=after)
    for window, after in calls:
        scene.passes(after)
        scene.do(c.OpenWindow, window)
        hall, at = scene.hall, scene.now
        suits = levels(TABLES[policy](PLAN, EVERYBODY))
        could, waiting_here = [], 0
        for ticket in hall.tickets.values():
            if not ticket.waiting or ticket.service not in SKILLS[window]:
                continue
            waiting_here += 1
            column, mine = suits[:, PLACE[ticket.service]], hall.windows[window]
            better = [
                w
                for w, other in hall.windows.items()
                if free(other)
                and ticket.service in SKILLS[w]
                and (column[ROW[w]], mine.since) > (column[ROW[window]], other.since)
            ]
            in_line = sum(t.waiting and t.service == ticket.service for t in hall.tickets.values())
            if at - ticket.place >= YIELD_SECONDS or len(better) < in_line:
                could.append(ticket)
        (event,) = scene.do(c.CallNext, window)
        here = [ticket for ticket in could if not is_left(policy, hall, window, ticket, at)]
        if not here:
            assert isinstance(event, e.NobodyCalled)
            left = {"better-window", "longer-free"} if waiting_here else {"nobody-waiting"}
            assert event.why.rule in ({"quicker-soon"} if could else left)
            continue
        assert isinstance(event, e.TicketCalled)
        called = hall.tickets[event.ticket]
        # Of one service and priority the earlier goes before the later: only the first are weighed.
        first = [
            one
            for one in here
            if all(
                (one.place, one.id) <= (other.place, other.id)
                for other in here
                if (one.service, one.priority) == (other.service, other.priority)
            )
        ]
        assert called.id in {one.id for one in first}
        highest = max(score(policy, window, t, at) for t in first)
        assert score(policy, window, called, at) == pytest.approx(highest)
        why = event.why
        assert why.policy == policy
        assert (why.overtook > 0) == (why.rule in OVERTAKING)
        assert bool(why.against) == (why.overtook > 0)
        assert why.score["score"] == pytest.approx(highest)
        scene.do(c.MissVisitor, window)


def test_a_newcomer_is_left_to_the_better_window_for_some_seconds() -> None:
    scene = Scene(PLAN, policy="optimized")
    scene.do(c.OpenWindow, "w-2")
    scene.do(c.OpenWindow, "w-3")
    scene.issue("a", "papers")
    (nobody,) = scene.do(c.CallNext, "w-3", after=YIELD_SECONDS / 2)
    assert isinstance(nobody, e.NobodyCalled)
    assert nobody.why.rule == "better-window"
    (called,) = scene.do(c.CallNext, "w-3", after=YIELD_SECONDS / 2)
    assert isinstance(called, e.TicketCalled)


def test_of_windows_that_suit_alike_the_one_that_has_been_free_longest_takes_the_newcomer() -> None:
    plan = plan_of({"first": {"papers": 1.0}, "second": {"papers": 1.01}}, papers=5.0)
    scene = Scene(plan, policy="optimized")
    scene.do(c.OpenWindow, "second")
    scene.do(c.OpenWindow, "first", after=60)
    scene.issue("a", "papers")
    (nobody,) = scene.do(c.CallNext, "first")
    assert isinstance(nobody, e.NobodyCalled)
    assert nobody.why.rule == "longer-free"
    assert nobody.why.waiting == 1
    (called,) = scene.do(c.CallNext, "second")
    assert isinstance(called, e.TicketCalled)
    scene.do(c.FinishService, "second", after=300)
    scene.issue("b", "papers")
    (nobody,) = scene.do(c.CallNext, "second")
    assert isinstance(nobody, e.NobodyCalled)
    (called,) = scene.do(c.CallNext, "first")
    assert isinstance(called, e.TicketCalled)


def test_nobody_is_left_where_more_wait_than_windows_that_could_take_them() -> None:
    plan = plan_of({"first": {"papers": 1.0}, "second": {"papers": 1.0}}, papers=5.0)
    scene = Scene(plan, policy="optimized")
    scene.do(c.OpenWindow, "second")
    scene.do(c.OpenWindow, "first", after=60)
    for ticket in "abcde":
        scene.issue(ticket, "papers")
    (called,) = scene.do(c.CallNext, "first")
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "a"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([NOT_ALIKE, SUITS_ALIKE]))
def test_levels_put_windows_into_one_order(seed: int, factor: float) -> None:
    """The best is at 0, nobody above it, and who weighs more is never below who weighs less."""
    rng = np.random.default_rng(seed)
    weight = rng.choice([0.0, 1.0, 1.1, 1.3, 7.0], (6, 3)) * np.exp(rng.normal(0, 2, 3))
    column = np.zeros(3)
    table = Table(weight, column, column, column, column, weight, weight, column, factor, column)
    found = levels(table)
    assert (found <= 0).all()
    for level, row in zip(found.T, weight.T, strict=True):
        assert level.max() == 0
        order = np.argsort(row)
        assert (np.diff(level[order]) >= 0).all()
        alike = row >= row.max() / factor
        assert (level[alike] == 0).all()
        assert not row.any() or (level[~alike] < 0).all()


def test_a_better_window_that_is_busy_is_not_waited_for() -> None:
    scene = Scene(PLAN, policy="optimized")
    for window in ("w-2", "w-3"):
        scene.do(c.OpenWindow, window)
    scene.issue("a", "papers")
    scene.do(c.CallNext, "w-2")
    scene.issue("b", "papers")
    (called,) = scene.do(c.CallNext, "w-3")
    assert isinstance(called, e.TicketCalled)


SLOW = plan_of({"quick": {"papers": 1.0}, "slow": {"papers": 2.0, "land": 1.0}}, papers=10.0, land=30.0)


def slow_scene(*others: str) -> Scene:
    """The quick window has been serving somebody since now, and one more waits for papers."""
    scene = scene_of(SLOW, "holding")
    for window in ("quick", "slow"):
        scene.do(c.OpenWindow, window)
    scene.issue("a", "papers")
    scene.do(c.CallNext, "quick")
    for number, service in enumerate(("papers", *others)):
        scene.issue(f"b{number}", service)
    return scene


def test_a_quicker_window_is_waited_for_while_it_would_be_done_sooner() -> None:
    """It should be free in ten minutes and takes ten less: the slow one waits as soon as it is nine."""
    scene = slow_scene()
    (nobody,) = scene.do(c.CallNext, "slow", after=60)
    assert isinstance(nobody, e.NobodyCalled)
    assert nobody.why.rule == "quicker-soon"
    assert nobody.why.overtook == 0


def test_two_who_wait_are_too_many_to_wait_for_one_window() -> None:
    (called,) = slow_scene("papers").do(c.CallNext, "slow", after=60)
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "b0"


def test_nobody_waits_for_a_quicker_window_for_ever() -> None:
    """Its visitor stays on and on."""
    scene = slow_scene()
    (nobody,) = scene.do(c.CallNext, "slow", after=HOLD_AGE_SECONDS - 1)
    assert isinstance(nobody, e.NobodyCalled)
    (called,) = scene.do(c.CallNext, "slow", after=1)
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "b0"


def test_who_came_earlier_is_left_to_the_quicker_window_and_the_reason_says_so() -> None:
    scene = slow_scene()
    scene.issue("b1", "land", after=500)
    (called,) = scene.do(c.CallNext, "slow")
    assert isinstance(called, e.TicketCalled)
    assert (called.ticket, called.why.rule) == ("b1", "earlier-left")
    assert called.why.overtook_numbers == (scene.hall.tickets["b0"].number,)
    assert called.why.against["score"] > called.why.score["score"]


def test_who_was_overtaken_enough_is_left_to_nobody() -> None:
    scene = slow_scene()
    scene.hall.policy = Bounded(scene.hall.policy)
    assert isinstance(scene.do(c.CallNext, "slow", after=60)[0], e.NobodyCalled)
    scene.do(c.AdoptPlan, replace(SLOW, overtaken_max=0))
    (called,) = scene.do(c.CallNext, "slow")
    assert isinstance(called, e.TicketCalled)
    assert called.why.rule == "overtaken-enough"


def test_one_who_knows_what_few_know_is_kept_for_it() -> None:
    """Both wait as long; anybody can do papers, only this window land."""
    plan = plan_of(
        {**{f"g-{n}": {"papers": 1.0} for n in range(3)}, "expert": {"papers": 1.0, "land": 1.0}},
        papers=5.0,
        land=5.0,
    )
    alike = replace(plan, services=tuple(replace(s, target_minutes=20.0) for s in plan.services))
    scene = Scene(alike, policy="optimized")
    scene.issue("p", "papers")
    scene.issue("l", "land")
    scene.do(c.OpenWindow, "expert")
    (called,) = scene.do(c.CallNext, "expert", after=600)
    assert isinstance(called, e.TicketCalled)
    assert called.ticket == "l"
    assert (called.why.rule, called.why.overtook_numbers) == ("best-here", ("P1",))
    assert called.why.score["fit"] > called.why.against["fit"]


def test_who_is_absent_is_not_counted_on() -> None:
    """With the expert ill, the generalist who knows land a little is the right window for it."""
    plan = plan_of(
        {"expert": {"land": 1.0}, "other": {"land": 4.0, "papers": 1.0}, "g": {"papers": 1.0}},
        papers=2.0,
        land=2.0,
    )
    everybody = optimized_table(plan)
    without = optimized_table(plan, frozenset({"expert"}))
    assert everybody.fit[1, 1] < 1
    assert without.fit[1, 1] == 1

    scene = Scene(plan, "2026-11-20 08:00", policy="optimized")
    for window in ("other", "g"):
        scene.do(c.OpenWindow, window)
    scene.issue("l", "land")
    scene.issue("p", "papers")

    def fit_of_land() -> float:
        (called,) = scene.do(c.CallNext, "other", after=60)
        assert isinstance(called, e.TicketCalled)
        parts = [called.why.score, called.why.against]
        fit = next(part["fit"] for part in parts if part.get("rate") == pytest.approx(60 / 8))
        scene.do(c.UndoStep, "other")
        return fit

    prepare(scene.hall.policy, scene.hall, scene.now)
    assert fit_of_land() == everybody.fit[1, 1]
    scene.passes(ABSENT_SECONDS)
    prepare(scene.hall.policy, scene.hall, scene.now)
    assert fit_of_land() == 1
    scene.do(c.OpenWindow, "expert")
    prepare(scene.hall.policy, scene.hall, scene.now)
    assert fit_of_land() == everybody.fit[1, 1]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_tables_are_numbers_for_every_hall(data: st.DataObject) -> None:
    """Nobody staffed, nobody coming, full and overfull: weights are finite and not negative."""
    services = data.draw(st.integers(1, 5))
    windows = data.draw(st.integers(1, 6))
    factors = {
        f"w-{w}": {
            f"s-{s}": data.draw(st.sampled_from((0.3, 1.0, 1.7)))
            for s in data.draw(st.sets(st.integers(0, services - 1), min_size=1))
        }
        for w in range(windows)
    }
    plan = plan_of(
        factors, **{f"s-{s}": data.draw(st.sampled_from((0.5, 10.0, 90.0))) for s in range(services)}
    )
    rates = [data.draw(st.sampled_from((0.0, 3.0, 400.0))) for _ in plan.services]
    plan = replace(
        plan,
        services=tuple(
            replace(s, arrivals=((480, r),) if r else ()) for s, r in zip(plan.services, rates, strict=True)
        ),
    )
    absent = frozenset(data.draw(st.sets(st.sampled_from(sorted(factors)))))
    for table_of in TABLES.values():
        table = table_of(plan, absent)
        able = np.array([[s.id in w.skills for s in plan.services] for w in plan.windows])
        assert np.isfinite(table.weight).all()
        assert (table.weight[able] > 0).all()
        assert (table.weight[~able] == 0).all()
        assert np.isfinite(table.head_start).all()
        assert ((table.fit >= 0) & (table.fit <= 1)).all()
