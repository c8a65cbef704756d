"""What there is to say about a hall file from snapshots: beside each number, and where none reaches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from vikno.simulation.calibration.busyness import busyness_shape
from vikno.simulation.calibration.result import Finding
from vikno.simulation.calibration.snapshot_plan import service_id, windows_of
from vikno.simulation.calibration.snapshot_rates import visitors_of
from vikno.simulation.calibration.snapshot_sight import Sight
from vikno.simulation.calibration.throughput import CV_MAX
from vikno.simulation.calibration.words import clock, count, listed, number, told

LAG_SHARE = 0.02
"""Of the changes of a display: with fewer contradictions the numbers are exact."""

FOREIGN_SHARE = 0.05
"""Of the snapshots; fewer are slips."""

ORDER_RATIO = 2.0
"""Queues of the same windows wait alike if served in order of arrival; not if one waits twice as long."""

ORDER_VISITORS_A_DAY_MIN = 10.0
"""A mean wait of fewer is chance."""


def comments_of(sight: Sight, left_out: Sequence[str], unknown: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Paragraphs by section of the hall file."""
    days = sight.history.days
    came = sum(visitors_of(flow) for queue in sight.queues for flow in sight.history.flows[queue])
    watched = f"{count(len(days), 'day')} from {days[0].date} to {days[-1].date}"
    visitors = count(round(came), "visitor")
    said = {
        "": (
            f"Calibrated from queue snapshots of office {sight.office.name}: {watched}, {visitors}.",
            "In brackets behind a number: its 95% interval, if days to come are like those seen.",
            *(f"Left out: {item}" for item in left_out),
            *(f"Not known: {item}" for item in unknown),
            "",
        ),
        "hall": (
            "The snapshots tell no time zone, no target, and names in one language only: complete them.",
        ),
        "demand": (_demand(sight.shape),),
    }
    for desk, took in zip(sight.desks, sight.took, strict=True):
        for queue, means in zip(desk.queues, took.means, strict=True):
            said[f"services.{service_id(sight.office.queues[queue])}"] = (
                _arrivals(sight, queue),
                _durations(sight, means, took.cv),
                f"Wait on average, from line and arrivals: {number(sight.waits[queue])} minutes.",
            )
    for kind, windows in windows_of(sight):
        said[f"windows.{windows[0].id}"] = (_windows(sight, kind),)
    return said


def _arrivals(sight: Sight, queue: int) -> str:
    rates = sight.rates[queue]
    ends = [*(start for start, _ in rates[1:]), sight.chosen.closes]
    parts = [
        f"{clock(start)} to {clock(end)} {told(rate)}" for (start, rate), end in zip(rates, ends, strict=True)
    ]
    flows = sight.history.flows[queue]
    came = count(round(sum(map(visitors_of, flows))), "visitor")
    return f"{came} on {count(len(flows), 'day')}. Visitors an hour: {'; '.join(parts)}."


def _durations(sight: Sight, means: Sequence[Finding], cv: Finding) -> str:
    parts = [
        f"from {clock(start)} {told(mean)}"
        for (start, _), mean in zip(pairwise(sight.parts), means, strict=True)
    ]
    calls = count(sum(mean.seen for mean in means), "ticket")
    cut = "" if (cv.value or 0.0) <= CV_MAX else f", set to {number(CV_MAX)}"
    return (
        f"Minutes a ticket takes, by when its visitor came: {'; '.join(parts)}; cv of these windows' tickets "
        f"{told(cv)}{cut}. From {calls} called while windows were busy."
    )


def _windows(sight: Sight, kind: int) -> str:
    by_day = sight.ordinary[kind].by_day
    letters = _letters(sight, sorted(sight.kinds.queues[kind]))
    return (
        f"Windows for {letters}: {number(float(np.mean(by_day)))} open on average, "
        f"{number(min(by_day))} to {number(max(by_day))} by day."
    )


def _demand(shape: Finding) -> str:
    days = count(shape.seen, "day")
    if shape.low is None:
        return f"Busyness: {days} cannot tell how much days differ."
    if shape.value is None:
        return f"Busyness: {days} do not differ beyond chance; the shape is at least {number(shape.low)}."
    return f"Busyness from {days}: shape {told(shape)}."


def _letters(sight: Sight, queues: Iterable[int]) -> str:
    """Queues by their letter; those that share a letter by their id too."""
    names = []
    for queue in queues:
        told_ = sight.office.queues[queue]
        alone = sum(other.letter == told_.letter for other in sight.office.queues) == 1
        names.append(
            told_.letter if alone and told_.letter else f"{told_.letter or 'no letter'} ({told_.id})"
        )
    return listed(names, len(names))


def left_out_of(sight: Sight) -> Iterator[str]:
    """What was not used, and why."""
    yield from sight.chosen.left_out
    judged = sight.judged
    idle = tuple(queue for queue in judged.used if queue not in sight.queues)
    for queues, reason in (
        (judged.dead, "dead displays; their numbers never changed"),
        (judged.never_used, "never an open window, never anybody waiting"),
        (judged.too_few, "less than a visitor a day"),
        (judged.no_window + idle, "people waiting, but no open window"),
    ):
        if queues:
            yield f"{count(len(queues), 'queue')}, {_letters(sight, queues)}: {reason}."
    yield from _without_visitors(sight)
    yield from _unsigned(sight)
    yield from _numbers(sight)
    for gap in sight.chosen.gaps:
        yield f"{gap}: no snapshots; that day's visitors count in its total, not in the rates of these hours."


def _without_visitors(sight: Sight) -> Iterator[str]:
    """Windows that serve none of the queues of the file."""
    for kind, queues in enumerate(sight.kinds.queues):
        mean = float(np.mean([table[:, kind].mean() for table in sight.kinds.open if len(table)]))
        if kind not in sight.ordinary and mean >= 0.1:  # noqa: PLR2004  (under an hour a day)
            yield f"{number(mean)} windows on average that serve only {_letters(sight, sorted(queues))}."


def _unsigned(sight: Sight) -> Iterator[str]:
    by_days: dict[tuple[str, ...], list[int]] = {}
    for queue in sight.queues:
        nights = zip(sight.history.days, sight.unsigned, strict=True)
        days = tuple(str(day.date) for day, left in nights if queue in left)
        if 0 < len(days) < len(sight.unsigned):
            by_days.setdefault(days, []).append(queue)
    for days, queues in by_days.items():
        yield (
            f"the windows of {_letters(sight, queues)} on {listed(days)}: they stood open in the evening; "
            "windows and durations are those of the other days."
        )


def _numbers(sight: Sight) -> Iterator[str]:
    """Numbers on display that were not believed."""
    for queues in sight.history.shared:
        yield (
            f"the numbers of {_letters(sight, queues)} as counts of their own visitors: they come from one "
            "counter; what it tells beyond the lines is divided by how often each showed a new number."
        )
    jumps, foreign, lag = (list[str]() for _ in range(3))
    for queue in sight.queues:
        flows, tracks = sight.history.flows[queue], sight.history.tracks[queue]
        name = _letters(sight, [queue])
        jumped = sum(flow.jumps for flow in flows)
        others = sum(day.foreign for day in tracks) / sum(len(day.minutes) for day in tracks)
        against = sum(flow.contradictions for flow in flows) / max(sum(flow.moves for flow in flows), 1)
        jumps += [f"{name} ({jumped})"] * (jumped > 0)
        foreign += [f"{name} ({others:.0%} of the snapshots)"] * (others > FOREIGN_SHARE)
        lag += [f"{name} ({against:.0%} of the changes)"] * (against > LAG_SHARE)
    if jumps:
        yield f"jumps of a counter, too large to be visitors: {listed(jumps, len(jumps))}."
    if foreign:
        yield f"numbers with the letter of another queue: {listed(foreign, len(foreign))}."
    if lag:
        yield (
            f"numbers that contradict the line, because the display lags: {listed(lag, len(lag))}. The line "
            "is trusted, and visitors it did not see are spread between new numbers."
        )


def unknown_of(sight: Sight) -> Iterator[str]:
    """What snapshots cannot tell, and what a hall file cannot say."""
    yield (
        "who had left, and who did not come when called. They count as waiting until their number comes up, "
        "and their tickets as short visits, here as on the display."
    )
    yield "how windows and people differ: all windows are equally quick."
    yield "when within a few minutes somebody came, and who stood at the door before the first snapshot."
    yield "which tickets belong to one visitor: each is a visitor of its own."
    yield from _never_signed_off(sight)
    yield from _out_of_order(sight)
    yield from _days_differ(sight)


def _never_signed_off(sight: Sight) -> Iterator[str]:
    queues = [queue for queue in sight.queues if all(queue in left for left in sight.unsigned)]
    if queues:
        yield (
            f"how many windows {_letters(sight, queues)} had: they stood open every evening. Windows and "
            "durations are too large by the same factor."
        )


def _out_of_order(sight: Sight) -> Iterator[str]:
    days = len(sight.history.days)
    for desk in sight.desks:
        waits = {
            queue: sight.waits[queue]
            for queue in desk.queues
            if sight.history.visits[queue] >= ORDER_VISITORS_A_DAY_MIN * days
        }
        if waits and max(waits.values()) > ORDER_RATIO * min(waits.values()):
            told_ = [f"{_letters(sight, [queue])} {number(wait)}" for queue, wait in waits.items()]
            yield (
                f"in which order windows serve: at those of {_letters(sight, desk.queues)} some wait longer "
                f"than others (minutes: {', '.join(told_)}), so they are not called in order of arrival."
            )


def _days_differ(sight: Sight) -> Iterator[str]:
    """The file has the same windows every day, and one factor for all services."""
    days = len(sight.history.days)
    if days == 1:
        yield "how days differ: one day was seen."
        return
    spread: list[float] = []
    for ordinary in sight.ordinary.values():
        mean = float(np.mean(ordinary.by_day))
        if mean and len(ordinary.by_day) > 1:
            spread.append(float(np.std(ordinary.by_day, ddof=1)) / mean)
    if spread:
        yield (
            "how to simulate windows that change from day to day: from one day to another the hours of one "
            f"kind of window vary by {np.median(spread):.0%}; in the file they are the same every day."
        )
    shapes = [
        busyness_shape(np.array([visitors_of(flow) for flow in sight.history.flows[queue]]), np.ones(days))
        for queue in sight.queues
    ]
    beyond = [1 / np.sqrt(shape.value) if shape.value else 0.0 for shape in shapes if shape.low is not None]
    if beyond:
        yield (
            "how to simulate a day that is busy for one service only: beyond chance the visitors of one vary "
            f"by {np.median(beyond):.0%} from day to day; the file has one factor for all."
        )
