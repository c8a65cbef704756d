"""Who serves whom next: the policies a hall can be given."""

from __future__ import annotations

from vikno.queue.errors import ViknoError
from vikno.queue.policy import Policy
from vikno.scheduler.fifo import Fifo
from vikno.scheduler.priority import Priority

POLICIES: dict[str, type[Policy]] = {"fifo": Fifo, "priority": Priority}
"""Every policy by the name that the command line and the journal use."""


class UnknownPolicy(ViknoError):
    """There is no policy of this name."""


def policy_named(name: str) -> Policy:
    """A fresh policy; `UnknownPolicy` names those there are."""
    if name not in POLICIES:
        raise UnknownPolicy(f"--policy: there is no policy {name!r}; choose one of {', '.join(POLICIES)}")
    return POLICIES[name]()
