"""How long a clerk waits for the choice: one freed window, and ten at once, in a full hall."""

from __future__ import annotations

import time

import numpy as np

from benchmarks.harness import Row
from vikno.queue import commands as c
from vikno.queue.hall import Hall
from vikno.queue.plan import Distribution, HallPlan, Service, WindowPlan
from vikno.queue.state import Limits
from vikno.scheduler import policy_named
from vikno.scheduler.learned import Learned, learned_of
from vikno.scheduler.table import optimized_table

WINDOWS, WAITING, SERVICES, SKILLS = 50, 1_000, 40, 12
TOGETHER = 10
CALLS = 2_000
ONE_MILLISECONDS, TEN_MILLISECONDS = 2.0, 10.0
DAY = 24 * 60


def full_plan() -> HallPlan:
    """Every window knows `SKILLS` of the services, each at its own pace."""
    rng = np.random.default_rng(1)
    services = tuple(
        Service(
            id=f"s-{number}",
            prefix="A",
            name={"en": f"s-{number}"},
            target_minutes=10.0 + 5 * (number % 5),
            arrivals=((0, 10.0),),
            service=((0, Distribution("lognormal", mean=4.0 + number % 20, cv=0.5)),),
        )
        for number in range(SERVICES)
    )
    windows = tuple(
        WindowPlan(
            id=f"w-{number}",
            label=str(number),
            skills={
                f"s-{service}": float(rng.uniform(0.7, 1.4))
                for service in sorted(rng.choice(SERVICES, SKILLS, replace=False))
            },
        )
        for number in range(WINDOWS)
    )
    return HallPlan("full", {"en": "Full"}, "UTC", ("en",), 0, DAY, services, windows)


def holding() -> Learned:
    """A learned policy that looks at all busy windows before it gives somebody to a slower one."""
    plan = full_plan()
    return learned_of(plan, optimized_table(plan)._replace(hold=np.ones(SERVICES)), {})


def full_hall(policy: str | Learned) -> Hall:
    """All windows serve somebody, and everybody else waits, some for long."""
    hall = Hall(policy_named(policy), Limits(waiting_max=10 * WAITING))
    hall.do(c.AdoptPlan(0.0, full_plan()))
    hall.do(c.BeginDay(0.0))
    for number in range(WAITING + WINDOWS):
        hall.do(c.IssueTicket(60.0 + 6 * number, f"{number:06}", (f"s-{number * 7 % SERVICES}",)))
    for window in hall.plan.windows:
        hall.do(c.OpenWindow(60.0 + 6 * (WAITING + WINDOWS), window.id))
        hall.do(c.CallNext(hall.at, window.id))
    return hall


def seconds_of_choices(policy: str | Learned) -> tuple[list[float], list[float]]:
    """Of single calls, and of `TOGETHER` windows one after the other, each deciding on the hall before it."""
    hall = full_hall(policy)
    at, ticket = hall.at, WAITING + WINDOWS
    windows = [window.id for window in hall.plan.windows]
    single, together = [], []
    for round_ in range(CALLS // TOGETHER):
        spent = []
        chosen = [windows[(round_ * TOGETHER + n) % WINDOWS] for n in range(TOGETHER)]
        for window in chosen:  # as many come as will be called: the hall stays full
            at += 1.0
            if hall.windows[window].ticket is not None:
                hall.do(c.FinishService(at, window))
                hall.do(c.IssueTicket(at, f"{ticket:06}", (f"s-{ticket * 7 % SERVICES}",)))
                ticket += 1
        for window in chosen:
            began = time.perf_counter()
            events = hall.decide(c.CallNext(at, window))
            spent.append(time.perf_counter() - began)
            hall.apply(events)
        single += spent
        together.append(sum(spent))
    return single, together


def measure() -> list[Row]:
    """Decisions of the default policy and of a learned one, whichever takes longer, reasons included."""
    every = [seconds_of_choices(policy) for policy in ("optimized", holding())]
    single, together = (1_000 * max(np.quantile(s, 0.99) for s in kind) for kind in zip(*every, strict=True))
    what = f"{WINDOWS} windows, {WAITING:,} waiting, {SERVICES} services, p99"
    return [
        Row(
            f"choice for one freed window, {what}",
            f"{single:.2f} ms",
            f"at most {ONE_MILLISECONDS:g} ms",
            bool(single <= ONE_MILLISECONDS),
        ),
        Row(
            f"choice for {TOGETHER} windows at once, {what}",
            f"{together:.2f} ms",
            f"at most {TEN_MILLISECONDS:g} ms",
            bool(together <= TEN_MILLISECONDS),
        ),
    ]


if __name__ == "__main__":
    print(*measure(), sep="\n")
