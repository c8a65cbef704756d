"""What a trial of two rosters has shown, in words; made from the JSON of `vikno prove`.

The sentences are those of plans that are tried (comparison.py): a difference and its interval, and where the
interval holds both "less" and "more", that nothing is proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from vikno.display.comparison import found
from vikno.display.report.sentences import LESS, MORE, verdict
from vikno.display.report.words import Words

Json = Mapping[str, Any]


def t(msgid: str) -> str:
    """Marks a sentence for the translators; it is translated when it is shown."""
    return msgid


PRESENT, PROPOSED = "roster-present", "roster-proposed"
"""Names of the two in comparison.py."""
NOT_CALLED: Final = {
    MORE: t("Go without being called: {other} instead of {base} visitors a day; their waits count in none."),
    LESS: t("Go without being called: {other} instead of {base} visitors a day."),
}


class Estimate(NamedTuple):
    """A number with its interval, as the JSON has it."""

    value: float | None
    low: float | None
    high: float | None


class Difference(NamedTuple):
    """How two estimates of the same days differ."""

    difference: Estimate
    ratio: Estimate


def sentences(trial: Json, language: str) -> list[str]:
    """The mean wait under both, then, if it surely differs, who went without being called."""
    words, figures = Words(language), trial["figures"]
    waits = [{"wait_mean": _estimate(figures["wait_mean"][when])} for when in ("present", "proposed")]
    told = [found(words, (PRESENT, PROPOSED), waits, _difference(figures["wait_mean"]))]
    pair = figures["not_called"]
    which = verdict(_estimate(pair["difference"]))
    if which in NOT_CALLED:
        base, other = (words.number(pair[when]["value"], "count") for when in ("present", "proposed"))
        told.append(words.t(NOT_CALLED[which], base=base, other=other))
    return told


def _difference(pair: Json) -> Difference:
    return Difference(_estimate(pair["difference"]), _estimate(pair["ratio"]))


def _estimate(told: Json) -> Estimate:
    return Estimate(told["value"], told["low"], told["high"])
