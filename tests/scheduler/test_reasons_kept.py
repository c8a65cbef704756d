"""A call is never judged again: a journal gives the same reasons under whatever policy it is folded."""

from __future__ import annotations

import pytest

from tests.simulation.halls import MIXED
from vikno.queue import commands as c
from vikno.queue.events import Event, TicketCalled, decode, encode
from vikno.queue.hall import Hall
from vikno.queue.hallfile import read_hall_file
from vikno.scheduler import POLICIES, policy_named
from vikno.simulation.day import draw_day
from vikno.simulation.twin import SIMULATED_DATE, SIMULATED_LIMITS, Twin


def a_day(policy: str) -> tuple[Hall, list[Event]]:
    """A hall at the end of a simulated day, and its journal."""
    plan = read_hall_file(MIXED)
    hall = Hall(policy_named(policy), SIMULATED_LIMITS)
    journal: list[Event] = []
    journal += hall.do(c.AdoptPlan(0.0, plan))
    Twin(hall, draw_day(plan, 1, 0), SIMULATED_DATE, lambda _command, events: journal.extend(events)).run()
    return hall, journal


@pytest.mark.parametrize("policy", ["index", "optimized"])
def test_a_journal_gives_its_reasons_under_any_policy(policy: str) -> None:
    hall, journal = a_day(policy)
    overtaking = [event for event in journal if isinstance(event, TicketCalled) and event.why.overtook]
    assert len(overtaking) > len(journal) / 100
    texts = [encode(event) for event in journal]
    for other in POLICIES:
        folded = Hall(policy_named(other), SIMULATED_LIMITS)
        folded.apply(decode(text) for text in texts)
        assert folded.fingerprint() == hall.fingerprint()
        assert {t.id: t.why for t in folded.tickets.values()} == {t.id: t.why for t in hall.tickets.values()}
