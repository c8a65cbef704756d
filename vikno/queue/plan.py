"""What a hall is made of: its services, its windows, its hours, and what a simulation needs to know.

A `HallPlan` is the checked content of a hall file. It is plain data: it goes into the journal as a whole
whenever it changes, so that a journal explains itself years later without the file.
"""

from __future__ import annotations

from functools import cached_property

import msgspec

Text = dict[str, str]
"""One text in several languages: language code -> words."""


OVERTAKEN_MAX = 20
"""By how many later comers a visitor may be overtaken unless the hall file says otherwise.

Over seven halls at three loads the default policy loses nothing by it (at 10 half a hundredth of its gain, at
5 two), and no visitor of any policy is passed more often (docs/dispatch.md).
"""

WAITED_MAX_MINUTES: float | None = None
"""No age is set unless the hall file sets one: on a day when everybody waits longer, an age that all have
reached makes every policy first in, first out, just when weighing is worth most."""


class Distribution(msgspec.Struct, frozen=True, omit_defaults=True):
    """A duration in minutes. Which fields count depends on `distribution` (interfaces of the hall file).

    `zero` (patience only) is the share of visitors who leave at once if they must wait.
    """

    distribution: str
    mean: float | None = None
    cv: float | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[float, ...] = ()
    zero: float = 0.0

    @property
    def mean_minutes(self) -> float:
        """The mean, whatever the shape; without the share of `zero`."""
        if self.distribution == "uniform":
            return ((self.low or 0.0) + (self.high or 0.0)) / 2
        if self.distribution == "empirical":
            return sum(self.values) / len(self.values)
        return self.mean or 0.0


Timed = tuple[tuple[int, Distribution], ...]
"""Distributions by time of arrival: (minutes after midnight from which it holds, distribution)."""


class Service(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing visitors come for. Rates are visitors per hour from a minute of the day on."""

    id: str
    prefix: str
    name: Text
    target_minutes: float
    priority: int = 0
    arrivals: tuple[tuple[int, float], ...] = ()
    service: Timed = ()
    patience: Timed = ()
    no_show: float = 0.0
    no_show_minutes: float = 1.0


class Visits(msgspec.Struct, frozen=True):
    """One kind of visit: its services, one after the other on one ticket, and how many come for it.

    Rates are visitors per hour from a minute of the day on.
    """

    services: tuple[str, ...]
    arrivals: tuple[tuple[int, float], ...]


class WindowPlan(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """One window. `skills`: service -> factor on its duration here; `open`: periods in minutes of the day."""

    id: str
    label: str
    skills: dict[str, float]
    open: tuple[tuple[int, int], ...] = ()

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The services this window can give, in the order of the file."""
        return tuple(self.skills)


class HallPlan(msgspec.Struct, frozen=True, omit_defaults=True, dict=True):
    """A whole hall. `opens` and `closes` are minutes after local midnight.

    `overtaken_max` and `waited_max_minutes` are the bound on starvation that every policy obeys.
    """

    id: str
    name: Text
    time_zone: str
    languages: tuple[str, ...]
    opens: int
    closes: int
    services: tuple[Service, ...]
    windows: tuple[WindowPlan, ...]
    after_close: str = "serve"
    waiting_places: int | None = None
    target_minutes: float = 20.0
    busyness_shape: float | None = None
    visits: tuple[Visits, ...] = ()
    overtaken_max: int = OVERTAKEN_MAX
    waited_max_minutes: float | None = WAITED_MAX_MINUTES

    @cached_property
    def service(self) -> dict[str, Service]:
        """Services by id."""
        return {service.id: service for service in self.services}

    @cached_property
    def window(self) -> dict[str, WindowPlan]:
        """Windows by id, in the order of the file."""
        return {window.id: window for window in self.windows}

    @cached_property
    def demand(self) -> tuple[Visits, ...]:
        """Every kind of visit: those for each single service, then those for several."""
        return (*(Visits((service.id,), service.arrivals) for service in self.services), *self.visits)

    @cached_property
    def skilled(self) -> dict[str, tuple[str, ...]]:
        """The windows that can give each service, in the order of the file."""
        return {
            service.id: tuple(window.id for window in self.windows if service.id in window.skills)
            for service in self.services
        }
