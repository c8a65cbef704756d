"""Why somebody was called, in a sentence.

A reason is stored with its call and only worded here: nothing is computed again, so a journal gives the same
words years later. The sentence for staff names numbers and figures; the one for a visitor names nobody else.
Pages with scripts word reasons by static/js/reasons.js, from the same messages; a test in the browser holds
that both say the same. The first clause tells what spoke for the one called, the second what did not speak
for the longest waiting of those who had come earlier.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from babel.numbers import format_decimal

from vikno.display import catalog
from vikno.queue.policy import Why

TENTH: Final = Decimal("0.1")
"""Rates are told to a tenth of a visitor an hour: 6, 7.5."""

FIRST: Final = {
    "longest-waiting": "{number} first: has waited longest of all this window serves, {n} min.",
    "highest-priority": "{number} first: has priority, and has waited {n} min.",
    "chosen-by-clerk": "{number} first: chosen by the clerk after waiting {n} min.",
    "nearest-target": "{number} first: nearest to its target after waiting {n} min.",
    "shortest-here": "{number} first: takes little time at this window, {rate} an hour.",
    "best-here": "{number} first: this window suits it best.",
    "earlier-left": "{number} first: who came earlier is served quicker at a window that is soon free.",
    "overtaken-enough": "{number} first: as many who came later have gone before as the hall allows.",
    "waited-enough": "{number} first: has waited {n} min, so nobody who came later goes before.",
    "nobody-waiting": "Nobody is waiting for this window.",
    "better-window": "Nobody yet: another free window is better for those who wait.",
    "longer-free": "Nobody yet: another window has been free for longer.",
    "quicker-soon": "Nobody yet: a quicker window for those who wait is soon free.",
}
"""The first clause by rule; a rule of a later version has `BY_RULE`."""

BY_RULE: Final = "{number} first: chosen by the hall's rule after waiting {n} min."
OVERTAKEN: Final = "{number} first: {n} who came later have gone before; the hall allows no more."

EARLIER: Final = {
    "nearest-target": ("pressure", "{other} came earlier, but is further from the target."),
    "shortest-here": ("rate", "{other} came earlier, but takes longer here: {rate} an hour."),
    "best-here": ("fit", "{other} came earlier, but is better served at other windows."),
}
"""The second clause, with the part of the score it speaks of: said only where the figures bear it out."""

OVERTOOK: Final = "Goes before {n} people who came earlier: {numbers}."

TO_VISITORS: Final = {
    "longest-waiting": "The last one had waited longest for that window.",
    "highest-priority": "The last one has priority.",
    "chosen-by-clerk": "The last one was called by the clerk in person.",
    "nearest-target": "The last one had waited long for what they came for.",
    "shortest-here": "The last one takes little time at that window.",
    "best-here": "The last one went to the window that suits them best; other windows suit you better.",
    "earlier-left": "The last one could go: for those who came earlier a quicker window is soon free.",
    "overtaken-enough": "The last one had been passed too often already.",
    "waited-enough": "The last one had waited very long.",
}
"""Why somebody went before the visitor who reads it."""

PASSED: Final = "{n} visitors who came later were called first."
PASSED_MOST: Final = "At most {n} visitors who came later go before you; then it is your turn."
PASSED_NEVER: Final = "Nobody who came later goes before you here."
PASSED_ENOUGH: Final = "You are now among the first to be called."


def sentence(why: Why, language: str, number: str = "") -> str:
    """The reason for staff: one clause or two. `number` is that of the ticket called, if one was."""

    def t(msgid: str, **params: object) -> str:
        return catalog.translate(language, msgid, **params)

    return " ".join(filter(None, (_first(why, number, language, t), _earlier(why, language, t))))


def _first(why: Why, number: str, language: str, t: Callable[..., str]) -> str:
    minutes = math.floor(why.waited_minutes + 0.5)
    overtaken = why.score.get("overtaken")
    if why.rule == "overtaken-enough" and overtaken is not None:
        return t(OVERTAKEN, number=number, n=round(overtaken))
    if why.rule == "better-window" and why.overtook_numbers:
        numbers = ", ".join(why.overtook_numbers)
        return t("Nobody yet: another free window is better for {numbers}.", numbers=numbers)
    rate = figure(why.score.get("rate"), language)
    return t(FIRST.get(why.rule, BY_RULE), number=number, n=minutes, rate=rate)


def _earlier(why: Why, language: str, t: Callable[..., str]) -> str:
    if why.overtook <= 0:
        return ""
    part, words = EARLIER.get(why.rule, ("", ""))
    if why.overtook_numbers and why.against.get(part, 0.0) < why.score.get(part, 0.0) and why.against:
        rate = figure(why.against.get("rate"), language)
        return t(words, other=why.overtook_numbers[0], rate=rate)
    left_out = why.overtook - len(why.overtook_numbers)
    numbers = ", ".join(why.overtook_numbers) + (f" +{left_out}" if left_out else "")
    return t(OVERTOOK, n=why.overtook, numbers=numbers)


def to_visitor(passed: Mapping[str, Any] | None, language: str) -> list[str]:
    """What a waiting visitor is told of those who went before; `passed` has the shape of docs/api.md."""
    if not passed or not passed["count"]:
        return []
    told = [catalog.translate(language, PASSED, n=passed["count"])]
    if passed["rule"] in TO_VISITORS:
        told.append(catalog.translate(language, TO_VISITORS[passed["rule"]]))
    if passed["most"] is not None and passed["count"] >= passed["most"]:
        return [*told, catalog.translate(language, PASSED_ENOUGH)]
    return [*told, *limit(passed, language)]


def limit(passed: Mapping[str, Any] | None, language: str) -> list[str]:
    """How many may go before a visitor, if the hall sets a limit."""
    if not passed or passed["most"] is None:
        return []
    most = passed["most"]
    return [catalog.translate(language, PASSED_MOST if most else PASSED_NEVER, n=most)]


def figure(value: float | None, language: str) -> str:
    """A number to a tenth, as the language writes it."""
    if value is None:
        return "–"
    return format_decimal(Decimal(repr(value)).quantize(TENTH, ROUND_HALF_UP), "#,##0.#", locale=language)
