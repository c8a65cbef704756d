"""What each plot says, in words a manager understands, computed from the numbers and no surer than they are.

A peak is told as the times that cannot be told from the highest point, not as the one cell where chance
put it; a difference between policies only where its interval leaves zero out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from vikno.display.report.figures import Kind, t
from vikno.display.report.peaks import Peak, Point, find_peak, point
from vikno.display.report.results import Case, Curve, Difference, Estimate, cell_minutes
from vikno.display.report.words import Words

DAYS_FOR_ONE_IN_TEN: Final = 10
"""From fewer days nobody knows what one day in ten looks like."""

NAMED_MAX: Final = 3
"""So many windows may be named in a sentence."""

HARDLY_ANYBODY: Final = 0.05
"""People waiting on average: what rounds to none."""


def wait_by_time(words: Words, case: Case) -> str:
    """How long visitors wait, and who waits longest."""
    mean: Estimate = case.figures["wait_mean"]
    if mean.value is None:
        return words.t("Nobody was called, so there is no wait to show.")
    said = words.t("A visitor waits {value} minutes on average {range}.", **_told(words, mean, "minutes"))
    peak = find_peak(case.waits)
    if peak is None or not case.waits.value[peak.at]:
        return said
    told = _told(words, point(case.waits, peak.at), "minutes")
    if peak.stretches:
        told["when"] = _when(words, case.waits, peak)
        longest = words.t(
            "The longest waits are of those who come {when}: up to {value} minutes on average {range}.",
            **told,
        )
    else:
        longest = words.t(
            "No time of arrival clearly has the longest waits: {value} minutes at most {range}.", **told
        )
    return f"{said} {longest}"


def waiting_by_time(words: Words, case: Case) -> str:
    """When the line is longest, and how long on a bad day."""
    curve = case.waiting
    peak = find_peak(curve)
    if peak is None or curve.value[peak.at] < HARDLY_ANYBODY:
        return words.t("Hardly anybody waits at any time of the day.")
    told = _told(words, point(curve, peak.at), "count")
    if peak.stretches:
        told["when"] = _when(words, curve, peak)
        said = words.t(
            "The line is longest {when}: up to {value} people wait then on average {range}.", **told
        )
    else:
        said = words.t("No time of day clearly has the longest line: {value} people at most {range}.", **told)
    if case.days < DAYS_FOR_ONE_IN_TEN:
        return said
    many = words.number(float(curve.day_high[peak.at]), "count", 0)
    return f"{said} {words.t('On one day in ten it is {many} or more.', many=many)}"


def occupancy(words: Words, case: Case, labels: Mapping[str, str]) -> str:
    """How busy the windows are, and which of them most and least. `labels` by window id."""
    whole: Estimate = case.figures["occupancy"]
    if whole.value is None:
        return words.t("No window was staffed.")
    said = words.t("Staffed windows are busy {value} of their time {range}.", **_told(words, whole, "share"))
    each: list[tuple[str, Estimate]] = [
        (labels[window], figures["occupancy"])
        for window, figures in case.figures["windows"].items()
        if figures["occupancy"].value is not None
    ]
    if len(each) < 2:  # noqa: PLR2004  (one is not busier than itself)
        return said
    each.sort(key=lambda one: one[1].value or 0.0)
    if _alike(each[0][1], each[-1][1]):
        return f"{said} {words.t('No window is clearly busier than another.')}"
    return f"{said} {_extreme(words, BUSIEST, each[::-1])} {_extreme(words, IDLEST, each)}"


def distribution(words: Words, case: Case, targets: Sequence[float]) -> str:
    """How many are called in time, and how long the unlucky wait. `targets`: all there are, in minutes."""
    within: Estimate = case.figures["within_target"]
    half, unlucky = case.figures["wait_p50"], case.figures["wait_p95"]
    if within.value is None or half.value is None:
        return words.t("Nobody was called, so there is no wait to show.")
    told = _told(words, within, "share")
    if len(targets) == 1:
        target = words.number(targets[0], "minutes", 0 if float(targets[0]).is_integer() else 1)
        said = words.t(
            "{value} are called within the target of {target} minutes {range}.", target=target, **told
        )
    else:
        said = words.t("{value} are called within the target of their service {range}.", **told)
    middle = words.t("Half wait {value} minutes or less {range}.", **_told(words, half, "minutes"))
    tail = words.t("One in twenty waits {value} minutes or more {range}.", **_told(words, unlucky, "minutes"))
    if not case.histogram.beyond:
        return f"{said} {middle} {tail}"
    share = words.number(case.histogram.beyond, "share")
    return f"{said} {middle} {tail} {words.t('{share} wait longer than the plot reaches.', share=share)}"


def fairness(words: Words, case: Case) -> str:
    """How many watched others go first, how often, and how evenly the windows work."""
    share, mean, most, spread = (
        case.figures[key]
        for key in ("overtaken_share", "overtakes_mean", "overtakes_max", "occupancy_spread")
    )
    if share.value is None:
        return words.t("Nobody was called, so nobody was overtaken.")
    if not most.value:
        said = words.t("Nobody was overtaken by somebody who came later.")
    else:
        said = words.t(
            "{value} of those called were overtaken by somebody who came later {range}: "
            "{mean} times on average over all, and nobody more than {most} times.",
            mean=words.number(mean.value or 0.0, "count"),
            most=words.number(most.value, "count", 0),
            **_told(words, share, "share"),
        )
    if spread.value is None or len(case.figures["windows"]) < 2:  # noqa: PLR2004  (one is not spread)
        return said
    points = Point(*(None if end is None else 100 * end for end in (spread.value, spread.low, spread.high)))
    told = words.t(
        "The standard deviation of the occupancy over windows is {value} percentage points {range}.",
        **_told(words, points, "minutes"),
    )
    return f"{said} {told}"


def comparison(words: Words, case: Case, first: Case) -> str:
    """How a policy differs from the first: in the mean wait, the longest waits and the target."""
    names = {"policy": case.name, "first": first.name}
    if _same(case.differences):
        return words.t(
            "Under {policy} these days go as they do under {first}: every figure is the same.", **names
        )
    said = [
        _difference(words, case.differences["wait_mean"], "minutes", MEAN_WAIT, names),
        _difference(words, case.differences["wait_p95"], "minutes", LONG_WAITS, names),
        _difference(words, case.differences["within_target"], "share", IN_TARGET, names),
    ]
    return " ".join(said)


LESS, MORE, UNCLEAR, UNKNOWN = "less", "more", "unclear", "unknown"

MEAN_WAIT: Final = {
    LESS: t("Under {policy} a visitor waits {value} minutes less on average than under {first} {range}."),
    MORE: t("Under {policy} a visitor waits {value} minutes longer on average than under {first} {range}."),
    UNCLEAR: t("Under {policy} the mean wait does not clearly differ from that under {first} {range}."),
    UNKNOWN: t("Whether the mean wait differs between {policy} and {first} cannot be told from these days."),
}
LONG_WAITS: Final = {
    LESS: t("The wait that one in twenty exceeds is {value} minutes shorter {range}."),
    MORE: t("The wait that one in twenty exceeds is {value} minutes longer {range}."),
    UNCLEAR: t("For the wait that one in twenty exceeds, no clear difference is shown {range}."),
    UNKNOWN: t("For the wait that one in twenty exceeds, it cannot be told."),
}
IN_TARGET: Final = {
    LESS: t("Fewer are called within the target, by {value} percentage points {range}."),
    MORE: t("More are called within the target, by {value} percentage points {range}."),
    UNCLEAR: t("For the share called within the target, no clear difference is shown {range}."),
    UNKNOWN: t("For the share called within the target, it cannot be told."),
}
BUSIEST: Final = (
    t("Busiest is window {window}, {value} {range}."),
    t("Busiest is window {window}, {value} {range}; not clearly less busy: {others}."),
)
IDLEST: Final = (
    t("Least busy is window {window}, {value} {range}."),
    t("Least busy is window {window}, {value} {range}; not clearly busier: {others}."),
)
EITHER_WAY: Final = {
    "minutes": t("(from {low} minutes less to {high} minutes more)"),
    "share": t("(from {low} percentage points less to {high} more)"),
}


def verdict(difference: Estimate) -> str:
    """LESS or MORE only if the interval leaves zero out."""
    if difference.value is None or difference.low is None or difference.high is None:
        return UNKNOWN
    if difference.high < 0:
        return LESS
    return MORE if difference.low > 0 else UNCLEAR


def _difference(
    words: Words, found: Difference, kind: Kind, said: Mapping[str, str], names: Mapping[str, str]
) -> str:
    told = verdict(found.difference)
    return words.t(said[told], **names, **_sizes(words, found.difference, kind, told))


def _sizes(words: Words, difference: Estimate, kind: Kind, told: str) -> dict[str, str]:
    """The size of a difference without its sign, which the sentence says in words."""
    if difference.value is None or difference.low is None or difference.high is None:
        return {}
    scale = 100.0 if kind == "share" else 1.0
    ends = abs(scale * difference.low), abs(scale * difference.high)
    if told == UNCLEAR:
        low, high = (words.number(end, "minutes") for end in ends)
        return {"range": words.t(EITHER_WAY[kind], low=low, high=high)}
    return _told(words, Point(abs(scale * difference.value), min(ends), max(ends)), "minutes")


def _told(words: Words, estimate: Estimate, kind: Kind) -> dict[str, str]:
    return {"value": words.value(estimate, kind), "range": words.interval(estimate, kind)}


def _when(words: Words, curve: Curve, peak: Peak) -> str:
    """The stretches of a peak, as times of day."""
    step = cell_minutes(curve)
    stretches = [
        words.t(
            "between {start} and {end}",
            start=words.clock(curve.minutes[first]),
            end=words.clock(curve.minutes[last] + step),
        )
        for first, last in peak.stretches
    ]
    *others, last_one = stretches
    return words.t("{some} or {last}", some=", ".join(others), last=last_one) if others else last_one


def _extreme(words: Words, said: tuple[str, str], each: Sequence[tuple[str, Estimate]]) -> str:
    """The first of `each` window, and those that its interval does not tell from it."""
    (window, estimate), *rest = each
    others = [label for label, other in rest if _alike(estimate, other)]
    told = {"window": window, "others": _named(words, others), **_told(words, estimate, "share")}
    return words.t(said[bool(others)], **told)


def _named(words: Words, labels: Sequence[str]) -> str:
    """Windows by name; of many, only some."""
    shown = ", ".join(words.t("window {window}", window=label) for label in labels[:NAMED_MAX])
    rest = len(labels) - NAMED_MAX
    return words.t("{windows} and {n} more", windows=shown, n=rest) if rest > 0 else shown


def _alike(one: Estimate, other: Estimate) -> bool:
    """Whether the intervals of two estimates meet, or are not known."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return True
    return one.low <= other.high and other.low <= one.high


def _same(differences: Mapping[str, Difference]) -> bool:
    """Whether two policies did the very same: whatever is known of their differences is 0."""
    known = {
        end
        for found in differences.values()
        for end in (found.difference.value, found.difference.low, found.difference.high)
        if end is not None
    }
    return known == {0.0}
