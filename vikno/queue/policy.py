"""Who calls whom: the seam between the rules of a hall and the art of choosing.

The hall knows what is allowed; a policy, handed in, knows what is best. It is asked for one window at one
instant, and sees the whole hall read-only: every line, every window, every record. So a simple rule looks
at the heads of a few lines, and an optimiser may weigh all windows against all waiting, keep its plan keyed
by `hall.seq`, and answer for the next window from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import msgspec

if TYPE_CHECKING:
    from vikno.queue.hall import Hall
    from vikno.queue.records import Ticket


class Why(msgspec.Struct, frozen=True, gc=False):
    """The reason for one choice, kept with the event and never computed again.

    `waiting` counts those the window could have called; `overtook` those of them who came earlier, the
    first few by number. `score` holds the parts a weighing policy adds up, `against` the same parts of the
    longest waiting of those overtaken; it is empty if nobody was.
    """

    policy: str
    rule: str
    waited_minutes: float = 0.0
    waiting: int = 0
    overtook: int = 0
    overtook_numbers: tuple[str, ...] = ()
    score: dict[str, float] = {}
    against: dict[str, float] = {}


OVERTOOK_NAMED = 5
"""How many of those overtaken a reason names; it counts them all."""


def why_overtaking(hall: Hall, window: str, ticket: Ticket, at: float, **reason: Any) -> Why:
    """The reason for calling `ticket` before others of the window's skills who came earlier."""
    lines = hall.lines_at[window]
    entry = (ticket.place, ticket.id)
    earliest = sorted(e for line in lines for e in line.earliest(entry, OVERTOOK_NAMED))[:OVERTOOK_NAMED]
    return Why(
        waited_minutes=(at - ticket.issued) / 60,
        waiting=sum(map(len, lines)),
        overtook=sum(line.earlier(entry) for line in lines),
        overtook_numbers=tuple(hall.tickets[other].number for _, other in earliest),
        **reason,
    )


class Choice(msgspec.Struct, frozen=True, gc=False):
    """The ticket to call, or none, and why."""

    ticket: str | None
    why: Why


class Policy(Protocol):
    """Chooses for a freed window."""

    name: str

    priority_first: bool
    """Whether a line goes by priority before place, which is what visitors are told and more time is."""

    def choose(self, hall: Hall, window: str, at: float) -> Choice:
        """Whom `window` calls at `at` (POSIX seconds). The ticket must wait for a skill of the window.

        `why.overtook` must be true: the hall looks for whom a call overtook only if it is not 0.
        """
        ...


@runtime_checkable
class Prepares(Protocol):
    """A policy that has something to work out beforehand, so that no clerk waits for it."""

    def prepare(self, hall: Hall, at: float) -> None:
        """Get ready for choices from `at` on. To be called when the plan has changed, and now and then."""
        ...


def prepare(policy: Policy, hall: Hall, at: float) -> None:
    """Let the policy get ready, if it has anything to prepare."""
    if isinstance(policy, Prepares):
        policy.prepare(hall, at)
