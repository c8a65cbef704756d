"""What sets of skills there are: people who can do what a window can do.

The windows of a hall file stand for the people at them. Windows with the same skills and factors make one
profile. How many of a profile there are does not bound how many are needed; it is told beside it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vikno.queue.plan import HallPlan, WindowPlan


class Profile(NamedTuple):
    """`id` is that of the first window of the kind, of which there are `windows`; `skills`: with factors."""

    id: str
    skills: dict[str, float]
    windows: int


def profiles_of(plan: HallPlan) -> tuple[Profile, ...]:
    """In the order of the file."""
    found: dict[tuple[tuple[str, float], ...], Profile] = {}
    for window in plan.windows:
        key = tuple(sorted(window.skills.items()))
        known = found.get(key) or Profile(window.id, window.skills, 0)
        found[key] = known._replace(windows=known.windows + 1)
    return tuple(found.values())


def able(plan: HallPlan, profiles: tuple[Profile, ...]) -> NDArray[np.bool_]:
    """Shape (profiles, services)."""
    return np.array([[service.id in profile.skills for service in plan.services] for profile in profiles])


def groups_of(can: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """The services that help each other out, directly or by others: places of each group."""
    shared = can.T.astype(np.int64) @ can.astype(np.int64) > 0
    left, found = set(range(can.shape[1])), []
    while left:
        group, edge = set(), {min(left)}
        while edge:
            group |= edge
            edge = {int(other) for one in edge for other in np.flatnonzero(shared[one])} - group
        left -= group
        found.append(np.array(sorted(group), np.int64))
    return found


def windows_of(
    profiles: tuple[Profile, ...], people: NDArray[np.int64], starts: list[int], minutes: int
) -> tuple[WindowPlan, ...]:
    """Windows staffed by `people`, shape (quarters, profiles), in quarters that begin at `starts`.

    The last to come is the first to go.
    """
    found: list[WindowPlan] = []
    for number, profile in enumerate(profiles):
        for level in range(int(people[:, number].max(initial=0))):
            there = np.concatenate([[False], people[:, number] > level, [False]])
            edges = np.flatnonzero(np.diff(there.astype(np.int64))).reshape(-1, 2)
            periods = tuple((starts[first], starts[last - 1] + minutes) for first, last in edges.tolist())
            label = str(len(found) + 1)
            found.append(WindowPlan(f"{profile.id}-{level + 1}", label, profile.skills, periods))
    return tuple(found)
