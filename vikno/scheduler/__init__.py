"""Who serves whom next: the policies a hall can be given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vikno.queue.errors import ViknoError
from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler.bound import Bounded
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.index import WeightedIndex, index_policy, optimized_policy
from vikno.scheduler.learned import LEARNED, Learned, read_learned
from vikno.scheduler.priority import Priority

POLICIES: dict[str, Callable[[], Policy]] = {
    "fifo": Fifo,
    "priority": lambda: Bounded(Priority()),
    "index": lambda: Bounded(index_policy()),
    "optimized": lambda: Bounded(optimized_policy()),
}
"""Every policy by the name that the command line and the journal use. Fifo is its own bound."""

FILE_ENDING = ".json"


class UnknownPolicy(ViknoError):
    """There is no policy of this name."""


def policy_named(name: str | Learned) -> Policy:
    """A fresh policy, by its name, from a file that `vikno tune` wrote, or from what was read of one.

    `UnknownPolicy` names those there are.
    """
    found = read_policy(name) if isinstance(name, str) else name
    if isinstance(found, Learned):
        return Bounded(WeightedIndex(LEARNED, found.table_of))
    return POLICIES[found]()


def read_policy(name: str, plan: HallPlan | None = None) -> str | Learned:
    """The name, if it is known; what the file says, if it is one; of the hall of `plan`, if that is given."""
    if name in POLICIES:
        return name
    if not (name.endswith(FILE_ENDING) or Path(name).is_file()):
        raise UnknownPolicy(
            f"--policy: there is no policy {name!r}; choose one of {', '.join(POLICIES)},"
            " or a file written by vikno tune"
        )
    learned = read_learned(name)
    if plan is not None:
        learned.check_hall(plan, name)
    return learned
