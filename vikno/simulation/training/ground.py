"""Days lived with somebody trained, and what they save against the same days as they are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.training.skills import Skill
from vikno.simulation.trial.lived import DayLived, Lived, Numbers, Public, Staffed, period_of

Lessons = tuple[Skill, ...]
"""What is learned together: one skill or two."""


class Ground:
    """A period as it is worked: one hall for each of its days, under a policy."""

    def __init__(self, halls: Sequence[HallPlan], policy: str | Learned) -> None:
        self.halls, self._policy = tuple(halls), policy
        self._staffed: dict[tuple[int, Lessons], Staffed] = {}

    def saved(self, candidates: Sequence[Lessons], public: Public, days: Sequence[int]) -> Numbers:
        """Minutes of waiting saved by each, on each of these days in every life: (candidates, days x lives).

        Of all visitors, also of those who leave without a call: until they leave.
        """
        found = np.zeros((len(candidates), len(days), len(public.lives)))
        for column, day in enumerate(days):
            before = _waiting(self._live(day, (), public))
            for row, lessons in enumerate(candidates):
                if self._differs(day, lessons):
                    found[row, column] = before - _waiting(self._live(day, lessons, public))
        return found.reshape(len(candidates), -1)

    def lived(self, lessons: Lessons, public: Public, before: Sequence[DayLived]) -> Lived:
        """The whole period with these lessons. Days on which nobody trained works are as `before`."""
        return period_of(
            [
                self._live(day, lessons, public) if self._differs(day, lessons) else lived
                for day, lived in enumerate(before)
            ],
            public,
        )

    def as_it_is(self, public: Public) -> list[DayLived]:
        """Every day of the period with nobody trained."""
        return [self._live(day, (), public) for day in range(len(self.halls))]

    def _differs(self, day: int, lessons: Lessons) -> bool:
        return any(skill.person in self.halls[day].window for skill in lessons)

    def _live(self, day: int, lessons: Lessons, public: Public) -> DayLived:
        """Halls made ready are kept: pricing one's windows takes as long as a dozen of its days."""
        key = day, lessons
        if key not in self._staffed:
            self._staffed[key] = Staffed(trained(self.halls[day], lessons), self._policy)
        return self._staffed[key].live(public, day)


def trained(hall: HallPlan, lessons: Lessons) -> HallPlan:
    """The hall with these skills learned."""
    learned = {
        window.id: {skill.service: skill.factor for skill in lessons if skill.person == window.id}
        for window in hall.windows
    }
    return replace(
        hall,
        windows=tuple(
            replace(window, skills=window.skills | learned[window.id]) if learned[window.id] else window
            for window in hall.windows
        ),
    )


def _waiting(lived: DayLived) -> Numbers:
    """Minutes that all visitors waited, by life."""
    legs = lived.legs
    return np.bincount(legs.life, legs.wait, len(lived.serving)).astype(np.float64)
