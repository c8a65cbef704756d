"""How long a visitor will wait, as a range, from how fast the line moves when it has to.

Only time under pressure counts: from when somebody waits and every window that could take them is busy,
until nobody waits. An idle hour says nothing about how fast a full hall will be. Calls are counted against
window-minutes, so that a window that opens or closes changes the outlook at once, and both counts fade
with `MEMORY_MINUTES`, so that the outlook follows the day.

Before anything was seen, the durations of the hall file stand for `PRIOR_CALLS` calls. If calls come as a
Poisson process whose rate has such a Gamma belief (k calls in b window-minutes), then the window-minutes
until the (n + 1)-th call are beta prime distributed: (n + 1) b / k times an F variable with 2(n + 1) and 2k
degrees of freedom. The range runs from its median to its 90th percentile and widens by itself where little
was seen. Where no window works, or neither file nor day tell a pace, nothing is said: "not known yet" is
honest, a guess is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from vikno.queue.hall import Hall
from vikno.queue.plan import HallPlan, Timed
from vikno.queue.records import Window, WindowState

Range = tuple[int, int]
"""Minutes: the median rounded down to five, the 90th percentile rounded up to five."""

MEMORY_MINUTES = 60.0
"""How fast what was seen fades: long enough to count, short enough to follow the day."""

PRIOR_CALLS = 3.0
"""How many calls the hall file's durations are worth."""

CALLS_MIN = 3.0
"""What must be known, seen or from the file, before anything is said."""

STEP_MINUTES = 5
WAIT_MINUTES_MAX = 240
"""Beyond four hours a range says nothing that a person can use."""

NORMAL_P90 = 1.2816
"""The 90th percentile of the standard normal distribution."""


class Outlook:
    """One service's line: what was seen of it, fading, and how it has been since `at` (POSIX seconds)."""

    __slots__ = ("at", "calls", "idle", "pressed", "waiting", "window_minutes", "windows")

    def __init__(self) -> None:
        self.at = 0.0
        self.calls = 0.0
        self.window_minutes = 0.0
        self.waiting = 0
        self.windows = 0
        self.idle = 0
        self.pressed = False

    def advance(self, at: float, *, called: bool = False) -> None:
        """The line was as it is until `at`; there, perhaps, somebody was called."""
        minutes = max(0.0, at - self.at) / 60
        fade = math.exp(-minutes / MEMORY_MINUTES)
        self.calls *= fade
        self.window_minutes *= fade
        if self.pressed:
            self.window_minutes += self.windows * MEMORY_MINUTES * (1 - fade)  # the faded integral
            self.calls += called
        self.at = max(self.at, at)

    def judge(self) -> None:
        """Whether the line is under pressure from now on."""
        if self.waiting == 0:
            self.pressed = False
        elif self.windows and self.idle <= 0:
            self.pressed = True


class Pace:
    """The outlook of every line of a hall, kept up event by event."""

    def __init__(self, plan: HallPlan) -> None:
        self._plan = plan
        self._outlooks = {service.id: Outlook() for service in plan.services}
        self._status = {window.id: (0, 0) for window in plan.windows}
        self._lines = {window.id: 0 for window in plan.windows}

    @classmethod
    def of(cls, hall: Hall, plan: HallPlan) -> Pace:
        """The pace of a hall that was just folded.

        From the tickets of its day, as if its windows had been as they are now; more than one waiting
        counts as pressure.
        """
        pace = cls(plan)
        for window in hall.windows.values():
            pace.saw(hall, 0.0, (), window)
        for at, service, joins, called in sorted(_moves(hall)):
            outlook = pace._outlooks.get(service)
            if outlook is not None:
                outlook.advance(at, called=called)
                outlook.waiting += joins
                outlook.pressed = outlook.waiting > 1 or (outlook.pressed and outlook.waiting > 0)
        for outlook in pace._outlooks.values():
            outlook.waiting = 0
        pace.saw(hall, hall.at, hall.lines)
        return pace

    def saw(
        self,
        hall: Hall,
        at: float,
        services: Iterable[str],
        window: Window | None = None,
        called: str | None = None,
    ) -> None:
        """At `at` these services and this window changed; `called`: the service of a called visitor."""
        touched = dict.fromkeys(service for service in services if service in self._outlooks)
        opened = freed = 0
        if window is not None and window.id in self._status:
            before, after = self._status[window.id], _status(window)
            opened, freed = after[0] - before[0], after[1] - before[1]
            self._status[window.id] = after
        skills = self._plan.window[window.id].services if window is not None and (opened or freed) else ()
        for service in touched | dict.fromkeys(skills):
            self._outlooks[service].advance(at, called=service == called)
        for service in skills:
            self._outlooks[service].windows += opened
            self._outlooks[service].idle += freed
        for service in touched:
            self._count(service, len(hall.lines[service]))
        for service in touched | dict.fromkeys(skills):
            self._outlooks[service].judge()

    def _count(self, service: str, waiting: int) -> None:
        outlook = self._outlooks[service]
        change = (waiting > 0) - (outlook.waiting > 0)
        outlook.waiting = waiting
        if change:
            for window in self._plan.skilled[service]:
                self._lines[window] += change

    def wait(self, service: str, ahead: int, at: float) -> Range | None:
        """Minutes until somebody with `ahead` visitors before them is called; None if it is not known."""
        outlook = self._outlooks[service]
        if outlook.windows <= 0:
            return None
        if ahead < outlook.idle:
            return 0, STEP_MINUTES
        outlook.advance(at)
        calls, minutes = outlook.calls, outlook.window_minutes
        guess = self._guess(service, at)
        if guess is not None:
            calls, minutes = calls + PRIOR_CALLS, minutes + PRIOR_CALLS * guess
        if calls < CALLS_MIN or minutes <= 0.0:
            return None
        middle, upper = (q * minutes / outlook.windows for q in _quantiles(ahead + 1, calls))
        low, high = (
            STEP_MINUTES * math.floor(middle / STEP_MINUTES),
            STEP_MINUTES * math.ceil(upper / STEP_MINUTES),
        )
        return None if low > WAIT_MINUTES_MAX else (low, max(high, low + STEP_MINUTES))

    def _guess(self, service: str, at: float) -> float | None:
        """Window-minutes a call should take by the hall file; a window divides itself among its lines."""
        duration = _mean_at(self._plan, self._plan.service[service].service, at)
        if duration is None:
            return None
        own = self._outlooks[service].waiting > 0
        rate, windows = 0.0, 0
        for window in self._plan.skilled[service]:
            if self._status[window][0]:
                factor = self._plan.window[window].skills[service]
                rate += 1 / (duration * factor * (1 + self._lines[window] - own))
                windows += 1
        return windows / rate


def _status(window: Window) -> tuple[int, int]:
    """Whether it works, and whether it does so without a visitor."""
    works = window.state is WindowState.OPEN
    return int(works), int(works and window.ticket is None)


def _moves(hall: Hall) -> Iterator[tuple[float, str, int, bool]]:
    """When each visitor of the day joined their first line (+1) and left it (-1), and whether called."""
    for ticket in hall.tickets.values():
        yield ticket.issued, ticket.services[0], 1, False
        if ticket.first_called is not None:
            yield ticket.first_called, ticket.services[0], -1, True
        elif not ticket.waiting:
            yield ticket.since, ticket.services[0], -1, False


def _mean_at(plan: HallPlan, timed: Timed, at: float) -> float | None:
    """The mean duration in minutes of who arrives now, by the hall file; None if it does not say, or zero."""
    if not timed:
        return None
    local = datetime.fromtimestamp(at, ZoneInfo(plan.time_zone))
    minute = local.hour * 60 + local.minute
    now = [distribution for start, distribution in timed if start <= minute] or [timed[0][1]]
    return now[-1].mean_minutes or None


def _quantiles(needed: float, seen: float) -> tuple[float, float]:
    """Median and 90th percentile of a beta prime variable, by Fisher's z approximation of the F distribution.

    R. A. Fisher (1924): half the logarithm of F(a, b) is nearly normal with mean (1/b - 1/a) / 2 and
    variance (1/a + 1/b) / 2.
    """
    a, b = 2.0 * needed, 2.0 * seen
    middle = (1 / b - 1 / a) / 2
    deviation = math.sqrt((1 / a + 1 / b) / 2)
    scale = needed / seen
    return scale * math.exp(2 * middle), scale * math.exp(2 * (middle + NORMAL_P90 * deviation))
