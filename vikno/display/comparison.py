"""What trying a plan has shown, in a sentence that a town council can read.

It names the difference and its interval, and where the interval holds both "less" and "more" it says that
nothing is proved: an experiment that cannot tell is told as one. What else differs for sure follows, one
short sentence each; what does not is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from vikno.display.report.figures import BY_KEY
from vikno.display.report.results import Difference, Estimate
from vikno.display.report.sentences import LESS, MORE, UNCLEAR, UNKNOWN, verdict
from vikno.display.report.words import Words

Figures = Mapping[str, Any]
"""An `Estimate` by the name of its figure."""


def t(msgid: str) -> str:
    """Marks a sentence for the translators; it is translated when it is shown."""
    return msgid


PLANS: Final = {
    "today": t("today’s plan"),
    "a": t("plan A"),
    "b": t("plan B"),
    "roster-present": t("the present roster"),
    "roster-proposed": t("the proposed roster"),
}
COMPARED: Final = {
    "today": t("compared with today’s plan"),
    "a": t("compared with plan A"),
    "roster-present": t("compared with the present roster"),
}

ONE: Final = t("{plan}: visitors wait {mean} min on average {range}.")
NOBODY: Final = t("{plan}: nobody was called, so there is no wait to tell.")
NOBODY_AT_ALL: Final = t("With both plans nobody was called: there is no wait to compare.")
NOTHING_TO_COMPARE: Final = t("With one of the plans nobody was called: there is no wait to compare.")
ALIKE: Final = t("Both plans are alike: visitors wait {base} min on average with either.")
MEAN_WAIT: Final = {
    LESS: t(
        "{plan} shortens the mean wait by {minutes} min {range} {compared}: {other} instead of {base} min."
    ),
    MORE: t(
        "{plan} lengthens the mean wait by {minutes} min {range} {compared}: {other} instead of {base} min."
    ),
    UNCLEAR: t(
        "No difference in the mean wait is proved: {base} and {other} min; "
        "it lies between {low} min less and {high} min more."
    ),
    UNKNOWN: t("Visitors wait {base} and {other} min on average; one day is too few to compare them."),
}
ALSO: Final = {
    "wait_p95": t("One in twenty waits longer than {other} instead of {base} min."),
    "within_target": t("Called within the target: {other} instead of {base}."),
    "left": t("Leave without service: {other} instead of {base} visitors a day."),
    "overtime_minutes": t("Work after hours: {other} instead of {base} min a day, all windows together."),
}


def found(words: Words, plans: Sequence[str], figures: Sequence[Figures], mean: Difference | None) -> str:
    """The sentence: the mean wait of one plan, or how that of the second differs from the first's."""
    waits = [one["wait_mean"] for one in figures]
    said = _one(words, plans[0], waits[0]) if mean is None else _both(words, plans, waits, mean.difference)
    return said[:1].upper() + said[1:]


def also(words: Words, figures: Sequence[Figures], differences: Mapping[str, Difference]) -> list[str]:
    """What else differs for sure, and enough to be seen in rounded numbers."""
    base, other = figures
    told = []
    for name, sentence in ALSO.items():
        numbers = _number(words, base[name], name), _number(words, other[name], name)
        if verdict(differences[name].difference) in {LESS, MORE} and numbers[0] != numbers[1]:
            told.append(words.t(sentence, base=numbers[0], other=numbers[1]))
    return told


def plan_name(words: Words, plan: str) -> str:
    """What a plan is called: today's, A or B."""
    return words.t(PLANS[plan])


def _one(words: Words, plan: str, wait: Estimate) -> str:
    if wait.value is None:
        return words.t(NOBODY, plan=plan_name(words, plan))
    told = {"mean": words.number(wait.value, "minutes"), "range": _range(words, wait)}
    return words.t(ONE, plan=plan_name(words, plan), **told)


def _both(words: Words, plans: Sequence[str], waits: Sequence[Estimate], difference: Estimate) -> str:
    base, other = waits
    if base.value is None and other.value is None:
        return words.t(NOBODY_AT_ALL)
    if base.value is None or other.value is None:
        return words.t(NOTHING_TO_COMPARE)
    told = {"base": words.number(base.value, "minutes"), "other": words.number(other.value, "minutes")}
    if difference.low is None or difference.high is None or difference.value is None:
        return words.t(MEAN_WAIT[UNKNOWN], **told)
    if difference.low == difference.high == 0:
        return words.t(ALIKE, **told)
    which = verdict(difference)
    ends = [abs(difference.low), abs(difference.high)]
    size = Size(abs(difference.value), min(ends), max(ends))
    return words.t(
        MEAN_WAIT[which],
        plan=plan_name(words, plans[1]),
        compared=words.t(COMPARED[plans[0]]),
        minutes=words.number(size.value, "minutes"),
        range=_range(words, size),
        low=words.number(ends[0], "minutes"),
        high=words.number(ends[1], "minutes"),
        **told,
    )


class Size(NamedTuple):
    """How large a difference is, without its sign, which the sentence says in words."""

    value: float
    low: float
    high: float


def _range(words: Words, estimate: Estimate) -> str:
    """The interval with as many decimals as the number before it."""
    if estimate.low is None or estimate.high is None:
        return words.interval(estimate, "minutes")
    low, high = (words.number(end, "minutes") for end in (estimate.low, estimate.high))
    return f"({words.t('{low} to {high}', low=low, high=high)})"


def _number(words: Words, estimate: Estimate, figure: str) -> str:
    kind = BY_KEY[figure].kind
    return words.number(estimate.value or 0.0, kind, 0 if kind == "share" else 1)
