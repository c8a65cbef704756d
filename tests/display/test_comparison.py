"""What trying a plan has shown, in a sentence: never surer than its interval, in every language."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from vikno.display import catalog
from vikno.display.comparison import ALSO, also, found
from vikno.display.report.words import Words

EN, UK = Words("en"), Words("uk")


class Estimate(NamedTuple):
    """As the simulation's."""

    value: float | None
    low: float | None
    high: float | None


class Difference(NamedTuple):
    """As the simulation's."""

    difference: Estimate
    ratio: Estimate


NOT_KNOWN = Estimate(None, None, None)


def sentence(
    difference: Estimate | None,
    base: Estimate,
    other: Estimate | None = None,
    words: Words = EN,
    first: str = "today",
) -> str:
    figures = [{"wait_mean": one} for one in (base, other) if one is not None]
    return found(
        words, [first, "b"], figures, None if difference is None else Difference(difference, NOT_KNOWN)
    )


BASE, OTHER = Estimate(13.14, 12.0, 14.2), Estimate(8.9, 8.2, 9.6)


def test_a_proved_gain_is_told_with_its_interval() -> None:
    assert sentence(Estimate(-4.24, -5.3, -3.1), BASE, OTHER) == (
        "Plan B shortens the mean wait by 4.2 min (3.1 to 5.3) compared with today’s plan: "
        "8.9 instead of 13.1 min."
    )


def test_a_proved_loss_is_told_as_one() -> None:
    assert sentence(Estimate(4.24, 3.1, 5.3), OTHER, BASE, first="a") == (
        "Plan B lengthens the mean wait by 4.2 min (3.1 to 5.3) compared with plan A: "
        "13.1 instead of 8.9 min."
    )


def test_ukrainian_writes_a_comma() -> None:
    told = sentence(Estimate(-4.24, -5.3, -3.1), BASE, OTHER, UK)
    assert told.startswith("План Б скорочує середнє очікування на 4,2 хв (від 3,1 до 5,3)")
    assert told.endswith("8,9 замість 13,1 хв.")


@pytest.mark.parametrize(("low", "high"), [(-0.5, 1.2), (0.0, 1.2), (-0.5, 0.0)])
def test_what_the_interval_leaves_open_is_not_proved(low: float, high: float) -> None:
    told = sentence(Estimate(0.2, low, high), BASE, OTHER)
    assert told == (
        "No difference in the mean wait is proved: 13.1 and 8.9 min; "
        f"it lies between {abs(low):.1f} min less and {high:.1f} min more."
    )


def test_what_never_differs_is_alike() -> None:
    told = sentence(Estimate(0.0, 0.0, 0.0), BASE, BASE)
    assert told == "Both plans are alike: visitors wait 13.1 min on average with either."


def test_one_day_compares_nothing() -> None:
    assert "one day is too few" in sentence(Estimate(-4.0, None, None), BASE, OTHER)


@pytest.mark.parametrize(("base", "other"), [(NOT_KNOWN, OTHER), (BASE, NOT_KNOWN)])
def test_nobody_called_is_no_wait(base: Estimate, other: Estimate) -> None:
    assert "nobody was called" in sentence(NOT_KNOWN, base, other)


def test_one_plan_is_told_alone() -> None:
    assert sentence(None, BASE) == "Today’s plan: visitors wait 13.1 min on average (12.0 to 14.2)."
    assert "nobody was called" in sentence(None, NOT_KNOWN)


def pairs(name: str, difference: Estimate) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Figures of two plans of which only one figure differs."""
    quiet = Difference(Estimate(0.0, -1.0, 1.0), NOT_KNOWN)
    base = dict.fromkeys(ALSO, Estimate(0.5, 0.4, 0.6))
    other = base | {name: Estimate(0.75, 0.7, 0.8)}
    return [base, other], dict.fromkeys(ALSO, quiet) | {name: Difference(difference, NOT_KNOWN)}


def test_only_what_differs_for_sure_is_told_beside() -> None:
    figures, differences = pairs("within_target", Estimate(0.25, 0.1, 0.4))
    assert also(EN, figures, differences) == ["Called within the target: 75% instead of 50%."]
    figures, differences = pairs("within_target", Estimate(0.25, -0.1, 0.4))
    assert also(EN, figures, differences) == []


def test_a_sure_difference_that_nobody_would_see_is_left_out() -> None:
    figures, differences = pairs("within_target", Estimate(0.001, 0.0005, 0.0015))
    figures[1]["within_target"] = Estimate(0.501, 0.5, 0.502)
    assert also(EN, figures, differences) == []


def test_every_sentence_is_translated() -> None:
    known = catalog.read_messages(catalog.LOCALES / "uk.po", "uk")
    assert not [told for told in ALSO.values() if told not in known]
