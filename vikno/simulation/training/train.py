"""The training plan of a hall or a roster.

There are as many candidates as people times the services they do not know, and far more pairs; the best of
so many looks good by chance alone. So they are chosen and ordered on some days (`race`), and what is told of
them is measured on others, which nothing was chosen by: the gain of the first is its own and not its luck.
And all intervals that are told hold together (Bonferroni), so one surely above 0 is so however many stand in
the table.

A gain is minutes of waiting saved a day, of all visitors, also of those who leave before they are called.
The order is by what was saved an hour of training on the days of choosing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.scheduler.learned import Learned
from vikno.simulation.estimates import UNKNOWN, Estimate, Linear
from vikno.simulation.proving import Pair
from vikno.simulation.training import pairs
from vikno.simulation.training.ground import Ground, Lessons
from vikno.simulation.training.race import Race, Standing, Watch
from vikno.simulation.training.skills import Skill, missing
from vikno.simulation.trial.lived import Lived, Public
from vikno.simulation.trial.trial import FIGURES, pair

SKILL_HOURS = 40.0
"""To learn one service, if nothing else is said: a week beside somebody who knows it."""

SINGLES_TOLD, PAIRS_TOLD = 8, 5
"""A plan for one year has no more; every line more makes the intervals of all others wider."""

DAYS = 200
LIVES_MIN = 12
"""Of a long period: its days are no sample, its lives are, and from few of them no interval is narrow."""

TOLD = ("wait_mean", "wait_p95", "within_target", "not_called")

ONE, TWO, TELLING = "one", "two", "telling"
"""Stages of the search."""


class NothingToLearn(ViknoError):
    """Everybody knows everything that visitors come for, or nobody comes."""


class Gain(msgspec.Struct, frozen=True):
    """What one or two lessons are worth. `saved`: minutes of waiting a day; `saved_an_hour` of training.

    `sure`: surely above 0, together with all others that are told. `beyond`, of a pair: what it saves more
    than its two skills one by one. `figures`: `wait_mean`, `wait_p95`, `within_target` and `not_called`
    before and after.
    """

    skills: Lessons
    hours: float
    saved: Estimate
    saved_an_hour: Estimate
    sure: bool
    beyond: Estimate | None
    figures: dict[str, Pair]


class Training(msgspec.Struct, frozen=True):
    """The plan in the order of the race. `days` were lived to tell it; `tried`: candidates of one, of two.

    `waiting`: minutes a day that all visitors wait as it is; `wait_mean`: those called.
    """

    days: int
    seed: int
    tried: tuple[int, int]
    waiting: Estimate
    wait_mean: Estimate
    singles: tuple[Gain, ...]
    pairs: tuple[Gain, ...]
    interrupted: bool

    @property
    def gains(self) -> bool:
        """Whether anything told surely cuts the waiting."""
        return any(gain.sure for gain in self.singles + self.pairs)


def train(
    halls: Sequence[HallPlan],
    policy: str | Learned,
    seed: int,
    days: int = DAYS,
    *,
    hours: Mapping[str, float] | None = None,
    watch: Watch | None = None,
) -> Training:
    """Look for the lessons that cut the waiting most in a period of these halls, one for each of its days.

    `days`: how many are lived to tell each; a whole number of periods is taken, and no fewer than
    `LIVES_MIN`. `hours` by service.
    """
    lacking = missing(halls)
    if not lacking:
        raise NothingToLearn(
            "there is nothing to learn: everybody knows every service that visitors come for; "
            "take skills out of the file, or give services arrivals"
        )
    lives, watch = max(math.ceil(days / len(halls)), LIVES_MIN), watch or Watch()
    ground, public = Ground(halls, policy), Public(halls, seed, range(lives))
    cost = {skill: (hours or {}).get(skill.service, SKILL_HOURS) for skill in lacking}

    def hours_of(lessons: Lessons) -> float:
        return sum(cost[skill] for skill in lessons)

    race = Race(ground, seed, lives * len(halls), hours_of, watch)
    singles = race.run(ONE, [(skill,) for skill in lacking], max(SINGLES_TOLD, pairs.PARTNERS_MAX))
    teller = _Teller(ground, public)
    field = pairs.together([skill for (skill,) in singles], _chains(halls, lacking, teller.before))
    field = [] if watch.cancelled() else field
    two = race.run(TWO, field, PAIRS_TOLD)
    told = [*singles[:SINGLES_TOLD], *two]
    among = len(told) + len(two)
    watch.tell(Standing(TELLING, len(told), 0))
    gains = [teller.gain(lessons, hours_of(lessons), among) for lessons in told]
    return Training(
        days=lives * len(halls),
        seed=seed,
        tried=(len(lacking), len(field)),
        waiting=_estimate(FIGURES["waiting_minutes"](teller.before)),
        wait_mean=_estimate(FIGURES["wait_mean"](teller.before)),
        singles=tuple(gain for gain in gains if len(gain.skills) == 1),
        pairs=tuple(gain for gain in gains if len(gain.skills) > 1),
        interrupted=watch.cancelled(),
    )


class _Teller:
    """Measures gains on days that nothing was chosen by."""

    def __init__(self, ground: Ground, public: Public) -> None:
        self._ground, self._public = ground, public
        self._days = ground.as_it_is(public)
        self.before = ground.lived((), public, self._days)

    def gain(self, lessons: Lessons, hours: float, among: int) -> Gain:
        """Of one or two lessons; its intervals hold together with `among` in all."""
        after = self._ground.lived(lessons, self._public, self._days)
        saved = self._saved(after)
        estimate = saved.estimate(among)
        return Gain(
            skills=lessons,
            hours=hours,
            saved=estimate,
            saved_an_hour=Linear(saved.value / hours, saved.influence / hours).estimate(among),
            sure=estimate.low is not None and estimate.low > 0,
            beyond=self._beyond(lessons, saved).estimate(among) if len(lessons) > 1 else None,
            figures={name: pair(FIGURES[name], self.before, after, among=among) for name in TOLD},
        )

    def _beyond(self, lessons: Lessons, saved: Linear) -> Linear:
        for skill in lessons:
            saved = saved.less(self._saved(self._ground.lived((skill,), self._public, self._days)))
        return saved

    def _saved(self, after: Lived) -> Linear:
        """Minutes of waiting a day less than before."""
        here, there = (FIGURES["waiting_minutes"](lived) for lived in (self.before, after))
        assert here is not None
        assert there is not None
        return here.less(there)


def _chains(halls: Sequence[HallPlan], lacking: Sequence[Skill], before: Lived) -> list[Lessons]:
    waited = before.service_waited.sum(0)
    worked, free = before.serving.sum(0), (before.staffed - before.serving).sum(0)
    return pairs.chains(
        halls,
        lacking,
        {service.id: float(minutes) for service, minutes in zip(halls[0].services, waited, strict=True)},
        dict(zip(before.people, worked.tolist(), strict=True)),
        dict(zip(before.people, free.tolist(), strict=True)),
    )


def _estimate(found: Linear | None) -> Estimate:
    return UNKNOWN if found is None else found.estimate()
