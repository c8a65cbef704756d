"""Truing: what was told is held against what came, and what is told next learns from it.

A hall is never quite as its file says: clerks tire, tickets are called in vain, a window does something else.
Then all the simulated days are too quick, or too slow, alike. The remedy is an old one: look back. Two things
are known of the past hour: what newcomers were told and how long they then waited, and the wait of the one
called last (the delay of the last to enter service: R. Ibrahim, W. Whitt, "Real-time delay estimation based
on delay history", M&SOM 11, 2009). With e what the outlook says, l that last wait and y the truth,

    log((y + c) / (e + c)) = bias + weight x log((l + c) / (e + c))

is fitted for every service, by least squares that forgets, and is drawn to the hall's and this to nothing at
all: as long as the outlook comes true, bias and weight stay near 0 and it is told as it is. The range is
widened or narrowed until eight in ten lie in it (I. Gibbs, E. Candès, "Adaptive conformal inference under
distribution shift", NeurIPS 2021).
"""

from __future__ import annotations

import math

import msgspec

from vikno.simulation.outlook.waits import Range, Waits

SLACK_MINUTES = 6.0
"""c: so much more or less is no error worth learning from."""

HALL_DOUBT, SERVICE_DOUBT = 20.0, 10.0
"""Visitors: how many it takes to move the hall from nothing, and a service from its hall, half the way."""

FORGET = 60.0
"""Visitors after whom what was learned has faded to a third."""

ERROR_MAX = 1.5
"""On the scale of logarithms: one who waited ten times as long is a story of their own."""

RANGE_MINUTES_MIN = 2.0
"""Who was told "at once" teaches nothing of how wide a range should be."""

COVERED = 0.8
WIDTH_STEP = 0.02
WIDTH_MIN, WIDTH_MAX = 0.8, 3.0
"""How fast the width of the range follows, and how far, as a factor on the scale of logarithms."""


class Told(msgspec.Struct, frozen=True):
    """What the outlook said to a newcomer, as it was, and the last wait (None: nobody was called yet)."""

    service: str
    range: Range
    last: float | None


class Fit(msgspec.Struct):
    """Sums of the least squares: x x' as (1 1, 1 l, l l), and x y."""

    ones: float = 0.0
    mixed: float = 0.0
    squares: float = 0.0
    errors: float = 0.0
    mixed_errors: float = 0.0
    width: float = 1.0

    def learn(self, lag: float, error: float) -> None:
        """One visitor more, all others a little less."""
        keep = 1 - 1 / FORGET
        self.ones = self.ones * keep + 1
        self.mixed = self.mixed * keep + lag
        self.squares = self.squares * keep + lag * lag
        self.errors = self.errors * keep + error
        self.mixed_errors = self.mixed_errors * keep + lag * error

    def solve(self, doubt: float, prior: tuple[float, float]) -> tuple[float, float]:
        """Bias and weight, drawn to the prior (ridge regression)."""
        a, b, d = self.ones + doubt, self.mixed, self.squares + doubt
        p, q = self.errors + doubt * prior[0], self.mixed_errors + doubt * prior[1]
        determinant = a * d - b * b
        return (d * p - b * q) / determinant, (a * q - b * p) / determinant


class Truing(msgspec.Struct):
    """What one hall has learned; goes with it from day to day."""

    hall: Fit = msgspec.field(default_factory=Fit)
    services: dict[str, Fit] = {}

    def learn(self, told: Told, waited: float) -> None:
        """Somebody who was told this was called after so many minutes."""
        own = self.services.setdefault(told.service, Fit())
        shown = _shown(told.range, self.shift(told), own.width)
        if shown.p90 - shown.p10 >= RANGE_MINUTES_MIN:
            inside = shown.p10 <= waited <= shown.p90
            step = -WIDTH_STEP * (1 - COVERED) if inside else WIDTH_STEP * COVERED
            own.width = min(max(own.width + step, WIDTH_MIN), WIDTH_MAX)
        error = _log(waited) - _log(told.range.p50)
        error = min(max(error, -ERROR_MAX), ERROR_MAX)
        for fit in (self.hall, own):
            fit.learn(_lag(told), error)

    def shift(self, told: Told) -> float:
        """What is to be added on the scale of logarithms."""
        hall = self.hall.solve(HALL_DOUBT, (0.0, 0.0))
        bias, weight = self.services.get(told.service, Fit()).solve(SERVICE_DOUBT, hall)
        return bias + weight * _lag(told)

    def true(self, waits: Waits, line: dict[str, str], last: dict[str, float]) -> Waits:
        """The waits as they are shown. `line`: the service of each ticket; `last`: the last wait by service.

        A line moves as one: what is learned of its newcomers holds for all who stand in it.
        """
        shift, width = {}, {}
        for service, newcomer in waits.services.items():
            if newcomer is not None:
                shift[service] = self.shift(Told(service, newcomer, last.get(service)))
                width[service] = self.services.get(service, Fit()).width

        def shown(service: str, told: Range | None) -> Range | None:
            if told is None or service not in shift:
                return told
            return _shown(told, shift[service], width[service])

        return Waits(
            {ticket: shown(line[ticket], told) for ticket, told in waits.tickets.items()},
            {service: shown(service, told) for service, told in waits.services.items()},
        )


def _log(minutes: float) -> float:
    return math.log(minutes + SLACK_MINUTES)


def _lag(told: Told) -> float:
    return 0.0 if told.last is None else _log(told.last) - _log(told.range.p50)


def _shown(told: Range, shift: float, width: float) -> Range:
    """Moved and widened about the middle, on the scale of logarithms."""
    middle = _log(told.p50) + shift

    def of(minutes: float) -> float:
        spread = (_log(minutes) - _log(told.p50)) * width
        return max(math.exp(middle + spread) - SLACK_MINUTES, 0.0)

    return Range(*map(of, (told.p10, told.p50, told.p90)))
