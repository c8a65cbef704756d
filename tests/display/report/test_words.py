"""Numbers are written as the language does, and no more exactly than they are known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vikno.display.report.figures import Kind
from vikno.display.report.peaks import Point
from vikno.display.report.words import MINUS, Words, decimals_of

ENGLISH, UKRAINIAN = Words("en"), Words("uk")
NUMBERS = st.floats(-1e5, 1e5)


def read(shown: str) -> float:
    """An English number read back."""
    return float(shown.replace(",", "").replace(MINUS, "-").removesuffix("%"))


@given(NUMBERS, st.integers(0, 2))
def test_a_number_is_shown_to_half_its_last_decimal(value: float, decimals: int) -> None:
    assert read(ENGLISH.number(value, "minutes", decimals)) == pytest.approx(
        value, abs=0.5001 * 10.0**-decimals
    )


@given(st.floats(0, 1), st.integers(0, 1))
def test_a_share_is_shown_in_percent(share: float, decimals: int) -> None:
    assert read(ENGLISH.number(share, "share", decimals)) == pytest.approx(
        100 * share, abs=0.5001 * 10.0**-decimals
    )


@pytest.mark.parametrize("value", [-0.0, -0.04, 0.04])
def test_nothing_has_no_sign(value: float) -> None:
    assert ENGLISH.number(value, "minutes") == "0.0"


def test_each_language_writes_numbers_its_own_way() -> None:
    assert ENGLISH.number(1234.56, "count") == "1,234.6"
    assert UKRAINIAN.number(1234.56, "count") == "1\N{NO-BREAK SPACE}234,6"
    assert (ENGLISH.number(0.614, "share"), UKRAINIAN.number(0.614, "share")) == ("61.4%", "61,4%")


@pytest.mark.parametrize(
    ("estimate", "kind", "decimals"),
    [
        (Point(13.4, 12.0, 14.8), "minutes", 0),
        (Point(13.4, 13.3, 13.5), "minutes", 1),
        (Point(3.4, 2.0, 4.8), "minutes", 1),
        (Point(0.87, 0.85, 0.89), "share", 0),
        (Point(0.874, 0.872, 0.876), "share", 1),
        (Point(13.4, None, None), "minutes", 0),
        (Point(None, None, None), "minutes", 0),
    ],
)
def test_a_sentence_has_as_many_decimals_as_its_interval_bears(
    estimate: Point, kind: Kind, decimals: int
) -> None:
    assert decimals_of(estimate, kind) == decimals


def test_a_value_and_its_interval_are_equally_exact() -> None:
    estimate = Point(13.4, 12.2, 14.6)
    assert (ENGLISH.value(estimate, "minutes"), ENGLISH.interval(estimate, "minutes")) == ("13", "(12 to 15)")
    assert UKRAINIAN.interval(estimate, "minutes") == "(від 12 до 15)"


def test_what_cannot_be_known_is_said() -> None:
    assert ENGLISH.interval(Point(3.0, None, None), "minutes") == "(how sure this is cannot be told)"
    assert ENGLISH.value(Point(None, None, None), "minutes") == "–"


def test_hours_go_on_after_midnight() -> None:
    assert [ENGLISH.clock(minute) for minute in (0, 690, 1439.6, 1500)] == [
        "00:00",
        "11:30",
        "24:00",
        "25:00",
    ]


def test_a_name_is_given_in_english_or_whatever_there_is() -> None:
    assert UKRAINIAN.pick({"en": "Passport", "uk": "Паспорт"}) == "Паспорт"
    assert UKRAINIAN.pick({"pl": "Paszport", "en": "Passport"}) == "Passport"
    assert UKRAINIAN.pick({"pl": "Paszport"}) == "Paszport"
