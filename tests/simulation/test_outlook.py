"""What people are told of their wait is what theory says, never gets shorter for more people, and holds."""

from __future__ import annotations

import math
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test
from msgspec.structs import replace
from scipy.stats import binom, gamma

from benchmarks.waits import told
from tests.queue.test_model import HallAgainstNaiveHall
from tests.simulation.halls import MIXED, constant, exponential, hall, one_line, service, window, windows
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import Distribution, HallPlan
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned, learned_of
from vikno.scheduler.table import optimized_table
from vikno.simulation.day import draw_day
from vikno.simulation.outlook.durations import ATOMS, remaining, table_of, under_way
from vikno.simulation.outlook.moment import Moment, Post, Standing, last_waits, moment_of
from vikno.simulation.outlook.outlook import Outlook
from vikno.simulation.outlook.truing import Told, Truing
from vikno.simulation.outlook.waits import Range, Waits
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin

POLICIES = ("fifo", "priority", "index", "optimized")
NOON = 720.0
RUNS = 4_000
RELATIVE = 0.06
"""Of quantiles: 4,000 runs, and the doubt of the durations, which widens a range a little."""


def line(count: int, name: str = "visit") -> tuple[Standing, ...]:
    return tuple(Standing(f"t{n}", (name,), 600.0 - n, 600.0 - n) for n in range(count))


def at_noon(plan: HallPlan, standing: tuple[Standing, ...], *posts: Post, came: int | None = None) -> Moment:
    return Moment(NOON, (plan.closes - NOON) * 60.0, came, standing, posts)


def foresee(
    plan: HallPlan, now: Moment, policy: str | Learned = "fifo", runs: int = RUNS, seed: int = 1
) -> Waits:
    return Outlook(plan, policy_named(policy)).foresee(now, runs, np.random.default_rng(seed))


def given(told: Range | None) -> Range:
    assert told is not None
    return told


def values(told: Range | None) -> list[float]:
    return list(msgspec.structs.astuple(given(told)))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_delay_of_the_nth_in_a_line_is_erlang(policy: str) -> None:
    """M/M/s, all at work: the n-th is called with the n-th end of a visit, however long these have lasted."""
    count, mean, waiting = 5, 10.0, 12
    plan = one_line(count, 0.4, mean)
    posts = [Post(open=True, services=("visit",), busy=240.0 * n) for n in range(count)]
    waits = foresee(plan, at_noon(plan, line(waiting), *posts), policy)
    asked = [(n + 1, waits.tickets[f"t{n}"]) for n in range(waiting)]
    for place, found in [*asked, (waiting + 1, waits.services["visit"])]:
        erlang = gamma(place, scale=mean / count).ppf([0.1, 0.5, 0.9])
        assert values(found) == pytest.approx(erlang, rel=RELATIVE, abs=0.1)


@pytest.mark.parametrize("policy", POLICIES)
def test_one_window_and_constant_durations_are_known_to_the_second(
    policy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vikno.simulation.outlook.outlook.MEAN_DOUBT", 0.0)
    plan = hall([service("visit", constant(7.0), 0.05)], window("w", ("visit",)), closes=1_440)
    waits = foresee(
        plan, at_noon(plan, line(4), Post(open=True, services=("visit",), busy=120.0)), policy, 50
    )
    for place in range(4):
        assert values(waits.tickets[f"t{place}"]) == pytest.approx([5.0 + 7 * place] * 3)
    assert values(waits.services["visit"]) == pytest.approx([33.0] * 3)


@pytest.mark.parametrize(("waiting", "minutes"), [(1, [5.0]), (2, [0.0, 5.0])])
def test_a_window_that_stays_free_for_a_quicker_one_is_foreseen(
    waiting: int, minutes: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One waits the five minutes, for they save ten; of two the first goes to the slow window at once."""
    monkeypatch.setattr("vikno.simulation.outlook.outlook.MEAN_DOUBT", 0.0)
    desks = window("quick", {"visit": 1.0}), window("slow", {"visit": 2.0})
    plan = hall([service("visit", constant(10.0), 0.01)], *desks, closes=1_440)
    patient = learned_of(plan, optimized_table(plan)._replace(hold=np.ones(1)), {})
    posts = Post(open=True, services=("visit",), busy=300.0), Post(open=True)
    waits = foresee(plan, at_noon(plan, line(waiting), *posts), patient, 20)
    found = [values(waits.tickets[f"t{place}"]) for place in range(waiting)]
    assert found == [pytest.approx([expected] * 3) for expected in minutes]
    empty = foresee(plan, at_noon(plan, (), *posts), patient, 20)
    assert values(empty.services["visit"]) == pytest.approx([5.0] * 3)


def test_a_free_window_means_no_wait_and_asking_disturbs_nobody() -> None:
    """With a shadow of every service in the hall, those who wait are told what they would be without."""
    names = ("a", "b", "c")
    takes = exponential(10.0)
    plan = hall([service(n, takes, 0.01) for n in names], window("w", names), closes=1_440)
    alone = hall([service("a", takes, 0.01)], window("w", ("a",)), closes=1_440)
    free = foresee(plan, at_noon(plan, (), Post(open=True)), runs=50)
    assert [given(free.services[n]).p90 for n in names] == [0.0] * 3
    busy = Post(open=True, services=("a",), busy=60.0)
    waits, other = (foresee(p, at_noon(p, line(3, "a"), busy)) for p in (plan, alone))
    for ticket, found in waits.tickets.items():
        assert given(found).p50 == pytest.approx(given(other.tickets[ticket]).p50, rel=2 * RELATIVE)


@pytest.mark.parametrize("policy", POLICIES)
def test_one_more_waiting_shortens_nobodys_wait(policy: str) -> None:
    plan = hall(
        [service("visit", Distribution("gamma", mean=8.0, cv=0.7), 0.05)],
        *windows(3, "visit"),
        closes=1_440,
    )
    posts = [Post(open=True, services=("visit",), busy=60.0)] * 3
    before: Waits | None = None
    for count in range(1, 25, 4):
        waits = foresee(plan, at_noon(plan, line(count), *posts), policy, 300)
        if before is not None:
            for asked, old in before.tickets.items():
                pairs = zip(values(waits.tickets[asked]), values(old), strict=True)
                assert all(now >= then - 1e-9 for now, then in pairs)
            assert given(waits.services["visit"]).p50 > given(before.services["visit"]).p50
        before = waits


@pytest.mark.parametrize(("policy", "first"), [("fifo", "t0"), ("priority", "t2"), ("index", "t2")])
def test_a_ticket_with_priority_goes_first_where_the_policy_lets_it(policy: str, first: str) -> None:
    plan = hall([service("visit", constant(10.0), 0.01)], window("w", ("visit",)), closes=1_440)
    early, middle, late = line(3)
    favoured = msgspec.structs.replace(late, priority=1)
    waits = foresee(plan, at_noon(plan, (early, middle, favoured), Post(open=True)), policy, 20)
    assert [ticket for ticket, found in waits.tickets.items() if given(found).p90 == 0.0] == [first]


def test_who_was_overtaken_as_often_as_the_hall_allows_goes_next() -> None:
    """Without the bound the quick service would go first: its visitor is further on the way to the target."""
    services = [
        service("slow", constant(30.0), 0.01, target_minutes=200.0),
        service("quick", constant(2.0), 0.01, target_minutes=2.0),
    ]
    plan = hall(services, window("w", ("slow", "quick")), closes=1_440, overtaken_max=3)
    for overtaken, first in ((2, "quick"), (3, "slow")):
        standing = (
            Standing("slow", ("slow",), 300.0, 300.0, overtaken=overtaken),
            Standing("quick", ("quick",), 200.0, 200.0),
        )
        waits = foresee(plan, at_noon(plan, standing, Post(open=True)), "index", 20)
        assert given(waits.tickets[first]).p90 == 0.0
        assert sum(given(found).p10 > 0 for found in waits.tickets.values()) == 1


def test_who_might_leave_is_told_how_long_they_wait_if_they_stay() -> None:
    """The first in line stays or goes; the patience of others is what empties the line before the last."""
    patience = exponential(5.0)
    plan = hall(
        [service("visit", exponential(10.0), 0.05, patience=patience)], window("w", ("visit",)), closes=1_440
    )
    waits = foresee(plan, at_noon(plan, line(6), Post(open=True, services=("visit",), busy=0.0)))
    assert given(waits.tickets["t0"]).p50 == pytest.approx(10 * math.log(2), rel=0.1)
    assert given(waits.tickets["t5"]).p50 < 25.0  # without patience 57 minutes


# Windows ----------------------------------------------------------------------------------------------------


def late_hall() -> HallPlan:
    return hall(
        [service("visit", constant(600.0), 0.01)],
        window("w-1", ("visit",), (0, 1_440)),
        window("w-2", ("visit",), (0, 700), (780, 1_440)),
        closes=1_440,
    )


@pytest.mark.parametrize(
    ("post", "minutes"),
    [
        (Post(open=True), 0.0),
        (Post(open=False, away=300.0), 5.0),
        (Post(open=False, away=960.0), 60.0),
        (Post(open=False), 60.0),
    ],
    ids=["there", "five minutes late", "absent", "not yet seen today"],
)
def test_a_window_that_is_missed_comes_soon_or_is_not_counted(post: Post, minutes: float) -> None:
    """The other window comes back from its break at one o'clock, as planned."""
    plan = late_hall()
    waits = foresee(plan, at_noon(plan, line(1), post, Post(open=False, away=1_200.0)), runs=20)
    assert given(waits.tickets["t0"]).p50 == pytest.approx(minutes, abs=0.01)


def test_a_window_that_stays_to_its_end_serves_nobody_after_it() -> None:
    plan = hall(
        [service("visit", constant(10.0), 0.01)],
        window("w-1", ("visit",), (0, 735)),
        window("w-2", ("visit",), (800, 1_440)),
        closes=1_440,
    )
    waits = foresee(plan, at_noon(plan, line(3), Post(open=True), Post(open=False)), runs=20)
    assert [round(given(waits.tickets[f"t{n}"]).p50) for n in range(3)] == [0, 10, 80]


def test_who_will_not_be_called_today_is_told_no_time() -> None:
    plan = hall(
        [service("visit", constant(60.0), 0.01)], window("w", ("visit",)), closes=800, after_close="leave"
    )
    waits = foresee(plan, at_noon(plan, line(4), Post(open=True)), runs=20)
    assert [waits.tickets[f"t{n}"] is None for n in range(4)] == [False, False, True, True]
    assert waits.services == {"visit": None}


def test_a_hall_without_history_does_not_know_yet() -> None:
    """A window that also gives an unknown service makes the known one unknown; others stay as they are."""
    known, unknown = service("known", exponential(5.0), 0.1), service("new", None, 0.1)
    plan = hall(
        [known, unknown, service("apart", exponential(5.0), 0.1)],
        window("w", ("known", "new")),
        window("x", ("apart",)),
        closes=1_440,
    )
    waits = foresee(plan, at_noon(plan, line(2, "known"), Post(open=True), Post(open=True)), runs=20)
    assert set(waits.tickets.values()) == {None}
    assert [name for name, found in waits.services.items() if found is None] == ["known", "new"]
    silent = hall([service("visit", exponential(5.0))], window("w", ("visit",)), closes=1_440)
    assert foresee(silent, at_noon(silent, line(1), Post(open=True)), runs=20).tickets == {"t0": None}


# Tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "family",
    [
        exponential(8.0),
        Distribution("gamma", mean=8.0, cv=0.6),
        Distribution("lognormal", mean=8.0, cv=0.9),
        Distribution("uniform", low=2.0, high=9.0),
        constant(4.0),
        Distribution("empirical", values=(3.0, 5.0, 30.0)),
        exponential(8.0, zero=0.25),
    ],
    ids=lambda family: f"{family.distribution} {family.zero}",
)
def test_a_table_has_its_mean_and_what_is_left_lies_beyond_what_has_passed(family: Distribution) -> None:
    table, rng = table_of(family), np.random.default_rng(1)
    mean = family.mean_minutes * (1 - family.zero)
    assert len(table) == ATOMS
    assert table.mean() == pytest.approx(mean, rel=0.02)
    assert (np.diff(table) >= 0).all()
    passed = np.full(20_000, 3.5)
    beyond = table[table > 3.5]
    assert remaining(table, passed, rng).mean() == pytest.approx(beyond.mean() - 3.5, rel=0.05)
    expected = (table**2).mean() / (2 * table.mean())
    assert under_way(table, 20_000, rng).mean() == pytest.approx(expected, rel=0.05)


# A live hall ------------------------------------------------------------------------------------------------


def lived(plan: HallPlan, policy: str, until: float) -> Hall:
    """A hall in the middle of a simulated day, `until` seconds after opening."""
    events = list(Hall(policy_named(policy), SIMULATED_LIMITS).do(c.AdoptPlan(0.0, plan)))
    other = Hall(policy_named(policy), SIMULATED_LIMITS)
    other.apply(events)
    Twin(other, draw_day(plan, 3, 0), SIMULATED_DATE, lambda _, happened: events.extend(happened)).run()
    found = Hall(policy_named(policy), SIMULATED_LIMITS)
    for event in events:
        if found.day is not None and event.at > found.day.opens + until:
            break
        found.apply((event,))
    return found


def test_another_process_sees_the_same() -> None:
    plan = read_hall_file(MIXED)
    found = lived(plan, "optimized", 3 * 3_600.0)
    at = found.at + 1.0
    outlook = Outlook(plan, policy_named("optimized"))
    here = outlook.look(found, at, 60, np.random.default_rng(5))
    moment = msgspec.msgpack.decode(msgspec.msgpack.encode(moment_of(found, at)), type=Moment)
    assert len(here.tickets) == found.waiting > 0
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        there = pool.submit(outlook.foresee, moment, 60, np.random.default_rng(5)).result()
    assert there == here


def test_the_last_wait_is_that_of_the_one_called_last() -> None:
    found = lived(read_hall_file(MIXED), "fifo", 3 * 3_600.0)
    for name, minutes in last_waits(found).items():
        of = [t for t in found.tickets.values() if t.services[0] == name and t.first_called is not None]
        last = max(of, key=lambda ticket: ticket.first_called or 0.0)
        assert minutes == pytest.approx(((last.first_called or 0.0) - last.issued) / 60)


class Foreseen(HallAgainstNaiveHall):
    """Whatever people do, everyone who waits gets a range or None, and so does everyone about to come."""

    seen_plan: HallPlan | None = None
    outlook: Outlook

    @invariant()
    def everybody_is_answered(self) -> None:
        if not hasattr(self, "twins"):
            return
        real = self.twins.hall
        if real.plan != self.seen_plan:
            self.seen_plan = real.plan
            self.outlook = Outlook(_told_of(real.plan), policy_named(real.policy.name))
        now = moment_of(real, self.twins.now)
        if now is None:
            return
        waits = self.outlook.foresee(now, 8, np.random.default_rng(1))
        assert waits.tickets.keys() == {ticket.id for ticket in real.tickets.values() if ticket.waiting}
        assert waits.services.keys() == real.services.keys()
        for told_range in (*waits.tickets.values(), *waits.services.values()):
            if told_range is not None:
                assert 0 <= told_range.p10 <= told_range.p50 <= told_range.p90 < math.inf


def _told_of(plan: HallPlan) -> HallPlan:
    """The same hall with durations and visitors."""
    takes, comes = ((0, exponential(8.0)),), ((0, 6.0),)
    return replace(plan, services=tuple(replace(s, service=takes, arrivals=comes) for s in plan.services))


def test_every_state_that_a_hall_can_reach_has_an_answer() -> None:
    run_state_machine_as_test(
        Foreseen,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


# Coverage ---------------------------------------------------------------------------------------------------


def test_eight_in_ten_are_called_within_their_range() -> None:
    """On days after the twenty that the hall was calibrated on.

    Those who wait together are no witnesses apart: about one in twenty counts as one.
    """
    found = told(read_hall_file(MIXED), "fifo", 6, runs=100)
    held = sum(one.held for one in found)
    low, high = binom.ppf([0.001, 0.999], len(found) // 20, 0.8) * 20 / len(found)
    assert len(found) > 1_000
    assert low <= held / len(found) <= high


# Truing -----------------------------------------------------------------------------------------------------


def test_what_comes_true_is_told_as_it_is() -> None:
    rng, truing = np.random.default_rng(1), Truing()
    for _ in range(400):
        middle = rng.uniform(5, 30)
        p10, p90 = middle * math.exp(-0.4), middle * math.exp(0.4)
        waited = middle * math.exp(rng.normal(0, 0.4 / 1.2816))
        truing.learn(Told("visit", Range(p10, middle, p90), float(rng.uniform(0, 40))), waited)
    plain = Range(13.4, 20.0, 29.8)
    shown = given(truing.true(Waits({"t": plain}, {"visit": plain}), {"t": "visit"}, {}).tickets["t"])
    assert values(shown) == pytest.approx(values(plain), rel=0.2)


@pytest.mark.parametrize("slow", [0.6, 1.6])
def test_a_hall_that_is_slower_than_its_file_is_soon_told_so(slow: float) -> None:
    rng, truing = np.random.default_rng(1), Truing()
    for _ in range(150):
        middle = rng.uniform(10, 30)
        truing.learn(Told("visit", Range(0.8 * middle, middle, 1.2 * middle), None), slow * middle)
    plain = Range(16.0, 20.0, 24.0)
    shown = given(truing.true(Waits({}, {"visit": plain}), {}, {}).services["visit"])
    assert shown.p50 == pytest.approx(slow * 20.0, rel=0.15)
    assert shown.p10 < shown.p50 < shown.p90


def test_what_was_learned_can_be_kept() -> None:
    truing = Truing()
    truing.learn(Told("visit", Range(1.0, 5.0, 12.0), 9.0), 14.0)
    assert msgspec.json.decode(msgspec.json.encode(truing), type=Truing) == truing
