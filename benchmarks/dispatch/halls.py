"""The halls that policies are held against. They differ in what makes choosing hard.

`load` is work brought in over work that can be done: visitors times their mean duration at a window of
factor 1, over the minutes that windows are staffed. So `examples/mixed.toml` is at 0.85 as it stands.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace

from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import Distribution, HallPlan, Service, Visits, WindowPlan
from vikno.scheduler.workload import mean_work, staffed_minutes

LOADS = (0.75, 0.85, 0.92)

EXAMPLES = Path(__file__).parents[2] / "examples"
HERE = Path(__file__).parent

OPENS, CLOSES = 8 * 60, 18 * 60

DAY_SHAPE = (0.55, 1.1, 1.3, 1.1, 0.75, 0.75, 1.0, 1.0, 0.85, 0.55)
"""Visitors by hour over their mean: a late morning and a smaller afternoon, as in most offices."""

MORNING_SHAPE = (2.6, 2.2, 1.4, 0.9, 0.7, 0.6, 0.5, 0.45, 0.4, 0.25)
"""Most come at opening and the hall spends the day behind them."""


def halls() -> dict[str, HallPlan]:
    """Every hall by its name, as it stands."""
    return {
        "mixed": read_hall_file(EXAMPLES / "mixed.toml"),
        "specialists": specialists(),
        "two-speeds": two_speeds(),
        "big": big(),
        "morning": morning(),
        "targowek": read_hall_file(HERE / "targowek.toml"),
        "ochota": read_hall_file(HERE / "ochota.toml"),
    }


def at_load(plan: HallPlan, load: float) -> HallPlan:
    """The same hall with as many visitors as make this load."""
    return scaled(plan, load * float(staffed_minutes(plan).sum()) / float(mean_work(plan).sum()))


def scaled(plan: HallPlan, factor: float) -> HallPlan:
    """Every rate of arrival times `factor`."""

    def times(rates: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
        return tuple((minute, rate * factor) for minute, rate in rates)

    return replace(
        plan,
        services=tuple(replace(s, arrivals=times(s.arrivals)) for s in plan.services),
        visits=tuple(Visits(v.services, times(v.arrivals)) for v in plan.visits),
    )


def specialists() -> HallPlan:
    """Two rare services that only three of eleven windows know, among generalists who know all the rest."""
    services = {
        "papers": (5.0, 0.6, 15, 30.0),
        "residence": (9.0, 0.6, 20, 16.0),
        "benefits": (14.0, 0.5, 20, 9.0),
        "land": (26.0, 0.6, 30, 2.4),
        "probate": (35.0, 0.5, 30, 1.5),
    }
    common = {"papers": 1.0, "residence": 1.0, "benefits": 1.0}
    windows = {f"g-{n}": {k: v * (0.85 + 0.05 * (n % 7)) for k, v in common.items()} for n in range(8)}
    windows["s-1"] = common | {"land": 0.9, "probate": 1.1}
    windows["s-2"] = {"papers": 0.9, "residence": 1.1, "land": 1.0}
    windows["s-3"] = {"benefits": 0.9, "probate": 0.9}
    return _hall("specialists", services, windows, DAY_SHAPE)


def two_speeds() -> HallPlan:
    """One quick service and one slow, and windows that know both or one of them."""
    services = {"collect": (2.5, 0.5, 10, 60.0), "apply": (32.0, 0.6, 30, 7.0)}
    windows = {f"b-{n}": {"collect": 0.9 + 0.06 * n, "apply": 1.1 - 0.05 * n} for n in range(4)}
    windows |= {"q-1": {"collect": 1.0}, "l-1": {"apply": 1.0}, "l-2": {"apply": 0.9}}
    return _hall("two-speeds", services, windows, DAY_SHAPE)


def big() -> HallPlan:
    """Sixteen services, thirty-six windows, three to six skills each at their own pace."""
    services = {
        f"s-{n:02}": (3.0 + 2.1 * n, 0.4 + 0.03 * (n % 10), 10 + 5 * (n // 4), 60.0 / (3.0 + 2.1 * n))
        for n in range(16)
    }
    windows = {
        f"w-{w:02}": {
            f"s-{(w * 5 + 3 * k * (1 + w % 3)) % 16:02}": 0.7 + 0.1 * ((w * 7 + k * 5) % 8)
            for k in range(3 + w % 4)
        }
        for w in range(36)
    }
    return _hall("big", services, windows, DAY_SHAPE)


def morning() -> HallPlan:
    """Half of the day's visitors in its first two hours; lunch breaks by turns; some windows end early."""
    services = {
        "passport": (12.0, 0.5, 20, 20.0),
        "pickup": (4.0, 0.5, 10, 30.0),
        "vehicle": (18.0, 0.6, 30, 9.0),
        "business": (22.0, 0.6, 30, 4.0),
    }
    windows = {
        "w-1": {"passport": 0.9, "pickup": 1.0},
        "w-2": {"passport": 1.0, "pickup": 0.8},
        "w-3": {"passport": 1.1, "vehicle": 1.0},
        "w-4": {"vehicle": 0.8, "business": 1.2},
        "w-5": {"business": 0.8, "passport": 1.0},
        "w-6": {"pickup": 1.0, "vehicle": 1.1},
        "w-7": {"passport": 1.0, "pickup": 1.0, "vehicle": 1.0, "business": 1.0},
        "w-8": {"pickup": 0.9, "passport": 0.8, "business": 1.1},
        "w-9": {"vehicle": 0.9, "pickup": 1.2},
        "w-10": {"passport": 1.2, "pickup": 0.9},
    }
    plan = _hall("morning", services, windows, MORNING_SHAPE)
    lunches = {w.id: 12 * 60 + 30 * (n % 4) for n, w in enumerate(plan.windows)}
    hours = {
        w.id: ((OPENS, lunches[w.id]), (lunches[w.id] + 30, CLOSES if n % 5 else CLOSES - 120))
        for n, w in enumerate(plan.windows)
    }
    return replace(plan, windows=tuple(replace(w, open=hours[w.id]) for w in plan.windows))


Kinds = dict[str, tuple[float, float, int, float]]
"""Service -> mean minutes, coefficient of variation, target, visitors an hour at the day's mean."""


def _hall(
    name: str, services: Kinds, windows: dict[str, dict[str, float]], shape: tuple[float, ...]
) -> HallPlan:
    return HallPlan(
        id=name,
        name={"en": name},
        time_zone="Europe/Kyiv",
        languages=("en",),
        opens=OPENS,
        closes=CLOSES,
        services=tuple(
            Service(
                id=service,
                prefix=chr(65 + place),
                name={"en": service},
                target_minutes=target,
                arrivals=tuple((OPENS + 60 * hour, rate * part) for hour, part in enumerate(shape)),
                service=((OPENS, Distribution("lognormal", mean=mean, cv=cv)),),
            )
            for place, (service, (mean, cv, target, rate)) in enumerate(services.items())
        ),
        windows=tuple(
            WindowPlan(id=window, label=window, skills=skills) for window, skills in windows.items()
        ),
    )
