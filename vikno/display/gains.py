"""What a proposed policy would gain, in a sentence and in the shape that a page draws."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from babel.numbers import format_decimal

from vikno.display.catalog import translate

Json = dict[str, Any]

WHOLE_MINUTES_FROM = 10.0
"""From here on a tenth of a minute says nothing to anybody."""


def sentence(gain: Json, language: str) -> str:
    """What would be different: for the people of the days left out if there are any, else on such days."""
    recorded = gain["recorded"]
    figure = (recorded or gain["drawn"])["figures"]["wait_mean"]
    now, ratio = figure["present"]["value"], figure["ratio"]
    if now is None or ratio["low"] is None or ratio["high"] is None:
        return translate(language, "What it would gain cannot be told.")
    low, high, present = (
        _minutes(now * times, now, language) for times in (ratio["low"], ratio["high"], 1.0)
    )
    words = {"low": low, "high": high, "now": present}
    if recorded and low == high:
        return translate(
            language,
            "With the same people the mean wait would have been about {low} minutes instead of {now}.",
            **words,
        )
    if recorded:
        return translate(
            language,
            "With the same people the mean wait would have been {low} to {high} minutes instead of {now}.",
            **words,
        )
    if low == high:
        return translate(
            language,
            "On days like these the mean wait would be about {low} minutes instead of {now}.",
            **words,
        )
    return translate(
        language,
        "On days like these the mean wait would be {low} to {high} minutes instead of {now}.",
        **words,
    )


def view(
    proposal: Json, language: str, instant: Callable[[float], str], present: str, changed: float
) -> Json:
    """A proposal (api/proposals.py) as the API tells it; its sentence in `language`.

    `present` is the policy in force, `changed` when it was last changed (POSIX seconds).
    """
    gain = proposal["gain"]
    days, left_out = proposal["days"], proposal["left_out"]
    return {
        "id": proposal["id"],
        "made": instant(proposal["made"]),
        "asked": proposal["asked"],
        "state": proposal["state"],
        "role": proposal["role"],
        "decided": None if proposal["decided"] is None else instant(proposal["decided"]),
        "days": {"first": days[0], "last": days[-1], "count": len(days)} if days else None,
        "left_out": {"first": left_out[0], "last": left_out[-1], "count": len(left_out)}
        if left_out
        else None,
        "reason": proposal["reason"],
        "detail": proposal["detail"],
        "sentence": sentence(gain, language) if gain else None,
        "gain": gain,
        "outdated": bool(gain) and (gain["present"] != present or proposal["made"] < changed),
    }


def _minutes(minutes: float, now: float, language: str) -> str:
    whole = now >= WHOLE_MINUTES_FROM
    return str(format_decimal(max(minutes, 0.0), "0" if whole else "0.0", locale=language.replace("-", "_")))
