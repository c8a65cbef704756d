"""Two lessons that may be worth more than each for itself.

Two kinds are raced. The best singles with any other that did not fall behind early: most pairs worth having
are two good lessons. And chains, which a look at single lessons never finds: somebody busy learns what people
wait for, and somebody with time learns what the busy one does. Alone the first would only move the line and
the second only lighten a line that hardly waits.

There are people x skills x people of chains. They are ordered by what they could carry at most: minutes
waited for the service, times the minutes of work that could move (what the busy one works, or what the
other has free, whichever is less).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.simulation.training.ground import Lessons
from vikno.simulation.training.skills import Skill, people_of

BEAM = 6
"""Best singles that are tried with all others."""
PARTNERS_MAX = 60
CHAINS_MAX = 240
"""With the pairs of the beam a race of half a minute at a hall of 26 windows."""


def together(singles: Sequence[Skill], chains: Sequence[Lessons]) -> list[Lessons]:
    """The pairs to race: of `singles`, the best first, and chains; each once."""
    found = {
        _pair(best, other): None
        for best, other in product(singles[:BEAM], singles[:PARTNERS_MAX])
        if best != other
    }
    return list(found | dict.fromkeys(chains))


def chains(
    halls: Sequence[HallPlan],
    lacking: Sequence[Skill],
    waited: Mapping[str, float],
    worked: Mapping[str, float],
    free: Mapping[str, float],
) -> list[Lessons]:
    """The most promising chains.

    `waited`: minutes by service; `worked`, `free`: minutes of each person serving and idle, all of the same
    days.
    """
    people = people_of(halls)
    carried: dict[Lessons, float] = {}
    for wanted, handed in product(lacking, lacking):
        if wanted.person != handed.person and handed.service in people[wanted.person]:
            moved = min(worked[wanted.person], free[handed.person])
            carried[_pair(wanted, handed)] = waited[wanted.service] * moved
    promising = [pair for pair, minutes in carried.items() if minutes > 0]
    order = np.argsort([-carried[pair] for pair in promising], kind="stable")
    return [promising[place] for place in order[:CHAINS_MAX].tolist()]


def _pair(one: Skill, other: Skill) -> Lessons:
    return (one, other) if one < other else (other, one)
