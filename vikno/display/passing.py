"""Who went before a waiting visitor: how many, why the last of them, and how many may.

The hall counts them (vikno/queue/line.py); the reason is the one stored with the ticket that was called.
"""

from __future__ import annotations

from typing import Any

from vikno.queue.hall import Hall
from vikno.queue.records import Ticket

UNBOUND = "fifo"
"""The one policy that lets nobody pass and so needs no limit, which its visitors would only wonder at."""


def passing(hall: Hall, ticket: Ticket) -> dict[str, Any]:
    """As docs/api.md has it; `most` is None where there is no limit that anybody could reach."""
    count = hall.overtaken(ticket.id)
    most = hall.plan.overtaken_max
    bounded = hall.policy.name != UNBOUND and most < hall.limits.tickets_a_day_max
    rule = last_rule(hall, ticket) if count else None
    return {"count": count, "rule": rule, "most": most if bounded else None}


def last_rule(hall: Hall, ticket: Ticket) -> str | None:
    """The rule by which the last of those who came later was called before a waiting ticket.

    None if it cannot be told any more: who goes on to another line is no longer known to have been at a
    window where this ticket could have been served.
    """
    windows = hall.plan.skilled[ticket.service]
    entry, since = (ticket.place, ticket.id), ticket.since
    rule, latest = None, since
    for other in hall.tickets.values():
        called, why = other.called, other.why
        later = called is not None and called > latest and (other.place, other.id) > entry
        if later and other.window in windows and why is not None:
            rule, latest = why.rule, called or latest
    return rule
