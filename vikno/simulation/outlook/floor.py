"""The hall with a shadow of every service: somebody who would take a ticket now, for each of them at once.

A shadow service has the windows, weights and head start of its original, and one visitor, who joins now and
is gone in no time when called: so long would a newcomer wait, and nobody else waits longer for it. The kernel
calls a shadow only when nobody is before them in the line of the original, and nobody who came later.
"""

from __future__ import annotations

import math

import numpy as np

from vikno.queue.plan import HallPlan
from vikno.queue.policy import Policy
from vikno.scheduler.bound import Bounded
from vikno.scheduler.priority import Priority
from vikno.scheduler.table import PRIORITY_SECONDS
from vikno.simulation.fastforward.days import plain_rule, rule_of
from vikno.simulation.fastforward.floor import NO_LIMIT, floor_of
from vikno.simulation.fastforward.kernel import Floor, Rule
from vikno.simulation.record import SECONDS_A_MINUTE

CLASS_SECONDS = 1e7
"""`priority` as weights: a class is worth four months of waiting, so a higher one always goes first."""


def shadowed_floor(plan: HallPlan) -> Floor:
    """The plan's floor with S shadow services behind its S services."""
    floor, services = floor_of(plan), len(plan.services)
    able = [np.split(floor.able, floor.able_from[1:-1])[w] for w in range(len(plan.windows))]
    both = [np.concatenate([own, own + services]) for own in able]
    starts = np.concatenate([[0], np.cumsum([len(own) for own in both])])
    skilled_from = np.concatenate([floor.skilled_from, floor.skilled_from[1:] + len(floor.skilled)])
    return floor._replace(
        factor=np.ascontiguousarray(np.tile(floor.factor, 2)),
        able=np.concatenate(both) if both else floor.able,
        able_from=starts.astype(np.int64),
        skilled=np.tile(floor.skilled, 2),
        skilled_from=skilled_from.astype(np.int64),
        no_show_seconds=np.concatenate([floor.no_show_seconds, np.zeros(services)]),
        places=floor.places if floor.places == NO_LIMIT else floor.places + services,
    )


def shadowed_rule(plan: HallPlan, policy: Policy) -> Rule:
    """The policy as the kernel's arrays, shadows too. `priority` is a table of weights as well."""
    if isinstance(policy, Bounded) and isinstance(policy.policy, Priority):
        return _shadowed(_priority_rule(plan))
    rule = rule_of(plan, policy)
    return rule if rule.fifo else _shadowed(rule)


def class_seconds(policy: Policy) -> float:
    """What a level of a ticket's priority is worth in time waited."""
    if isinstance(policy, Bounded):
        return CLASS_SECONDS if isinstance(policy.policy, Priority) else PRIORITY_SECONDS
    return 0.0


def _priority_rule(plan: HallPlan) -> Rule:
    windows, services = len(plan.windows), len(plan.services)
    age = plan.waited_max_minutes
    return plain_rule(windows, services)._replace(
        head_start=np.array([service.priority * CLASS_SECONDS for service in plan.services]),
        overtaken_max=plan.overtaken_max,
        waited_max_seconds=math.inf if age is None else age * SECONDS_A_MINUTE,
    )


def _shadowed(rule: Rule) -> Rule:
    return rule._replace(
        weight=np.ascontiguousarray(np.tile(rule.weight, 2)),
        head_start=np.tile(rule.head_start, 2),
        curve=np.tile(rule.curve, 2),
        urgency=np.tile(rule.urgency, 2),
        urgent_from=np.tile(rule.urgent_from, 2),
        target=np.tile(rule.target, 2),
        hold=np.tile(rule.hold, 2),
        level=np.ascontiguousarray(np.tile(rule.level, 2)),
        seconds=np.ascontiguousarray(np.tile(rule.seconds, 2)),
        shadows_from=len(rule.curve),
    )
