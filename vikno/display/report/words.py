"""Numbers and times as the reader's language writes them, and only as exact as they are.

A mean wait of 13.42 minutes whose interval is 12 to 15 is not known to a hundredth, and a report that prints
it so pretends. A sentence shows as many decimals as its interval bears; a table shows one, and carries the
exact number with it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Final

from babel.numbers import format_decimal, format_percent

from vikno.display import catalog
from vikno.display.report.figures import Kind
from vikno.display.report.results import Estimate

WHOLE_FROM: Final = 10.0
"""From here on a number in a sentence needs no decimal if its interval is wider than ...
(Smaller ones keep it: half a minute of three matters. So `1 minutes` is never said either.)"""

WHOLE_WIDTH: Final = 1.0
"""... this."""

MINUS: Final = "\N{MINUS SIGN}"
UNKNOWN: Final = "\N{EN DASH}"
"""Also what stands between the ends of an interval."""

MINUTES_AN_HOUR: Final = 60


class Words:
    """The words, numbers and times of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalog = catalog.load(language)
        self._locale = language.replace("-", "_")

    def t(self, msgid: str, **params: object) -> str:
        """The sentence `msgid` in this language."""
        return self._catalog.translate(msgid, params)

    def number(self, value: float, kind: Kind, decimals: int = 1) -> str:
        """A number of minutes or people, or a share in percent (of which 1.0 is 100%)."""
        form = "#,##0" + "." * (decimals > 0) + "0" * decimals
        write = format_decimal if kind != "share" else partial(format_percent)
        form += "%" * (kind == "share")
        # A value that rounds to zero has no sign.
        rounded = round(value, decimals + 2 * (kind == "share")) + 0.0
        return str(write(rounded, form, locale=self._locale)).replace("-", MINUS)

    def value(self, estimate: Estimate, kind: Kind) -> str:
        """The value, for a sentence: with the decimals that its interval bears."""
        if estimate.value is None:
            return UNKNOWN
        return self.number(estimate.value, kind, decimals_of(estimate, kind))

    def interval(self, estimate: Estimate, kind: Kind) -> str:
        """The interval, for a sentence, after its value: "(12 to 14)"; what it means if there is none."""
        if estimate.low is None or estimate.high is None:
            return self.t("(how sure this is cannot be told)")
        decimals = decimals_of(estimate, kind)
        low, high = (self.number(end, kind, decimals) for end in (estimate.low, estimate.high))
        return f"({self.t('{low} to {high}', low=low, high=high)})"

    def ends(self, estimate: Estimate, kind: Kind) -> str:
        """The interval below its value: "12 – 14"."""
        if estimate.low is None or estimate.high is None:
            return UNKNOWN
        decimals = decimals_of(estimate, kind)
        low, high = (self.number(end, kind, decimals) for end in (estimate.low, estimate.high))
        return f"{low} {UNKNOWN} {high}"

    def clock(self, minute: float) -> str:
        """A time of day, from minutes after midnight: "11:30"; past midnight the hours go on."""
        whole = round(minute)
        return f"{whole // MINUTES_AN_HOUR:02}:{whole % MINUTES_AN_HOUR:02}"

    def pick(self, names: dict[str, str]) -> str:
        """A name in this language, or in English, or in the first language it is given in."""
        return (
            names.get(self.language) or names.get(catalog.SOURCE_LANGUAGE) or next(iter(names.values()), "")
        )


def decimals_of(estimate: Estimate, kind: Kind) -> int:
    """How many decimals a sentence may show of an estimate: 0 or 1."""
    if estimate.value is None:
        return 0
    scale = 100.0 if kind == "share" else 1.0
    width = math.inf
    if estimate.low is not None and estimate.high is not None:
        width = scale * (estimate.high - estimate.low)
    large = kind == "share" or scale * abs(estimate.value) >= WHOLE_FROM
    return 0 if large and width >= WHOLE_WIDTH else 1
