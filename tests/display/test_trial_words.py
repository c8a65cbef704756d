"""What trials and training plans have shown, in words no surer than the numbers."""

from __future__ import annotations

from typing import Any

import pytest

from vikno.display.training import rows, sentence
from vikno.display.trials import sentences

Estimate = dict[str, float | None]


def estimate(value: float | None, half: float = 0.0) -> Estimate:
    if value is None:
        return {"value": None, "low": None, "high": None}
    return {"value": value, "low": value - half, "high": value + half}


def pair(present: float | None, proposed: float | None, half: float) -> dict[str, Estimate]:
    if present is None or proposed is None:
        nothing = estimate(None)
        known = {"present": estimate(present), "proposed": estimate(proposed)}
        return known | {"difference": nothing, "ratio": nothing}
    return {
        "present": estimate(present, 1.0),
        "proposed": estimate(proposed, 1.0),
        "difference": estimate(proposed - present, half),
        "ratio": estimate(1.0),
    }


def trial(present: float | None, proposed: float | None, half: float, went: float = 0.0) -> dict[str, Any]:
    return {
        "figures": {
            "wait_mean": pair(present, proposed, half),
            "not_called": pair(2.0, 2.0 + went, 0.5),
        }
    }


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (trial(12.0, 9.0, 1.0), "The proposed roster shortens the mean wait by 3"),
        (trial(9.0, 12.0, 1.0), "The proposed roster lengthens the mean wait by 3"),
        (trial(12.0, 11.5, 1.0), "No difference in the mean wait is proved"),
        (trial(12.0, 12.0, 0.0), "Both plans are alike"),
        (trial(None, 12.0, 1.0), "With one of the plans nobody was called"),
        (trial(None, None, 1.0), "With both plans nobody was called"),
    ],
)
def test_the_sentence_says_what_is_proved(found: dict[str, Any], words: str) -> None:
    (told,) = sentences(found, "en")
    assert words in told


@pytest.mark.parametrize(("went", "told"), [(3.0, True), (-1.5, True), (0.3, False)])
def test_who_goes_without_being_called_is_told_where_it_surely_differs(went: float, told: bool) -> None:
    words = sentences(trial(12.0, 9.0, 1.0, went), "en")
    assert any("Go without being called" in one for one in words) is told


def test_ukrainian_has_words_of_its_own() -> None:
    found = trial(12.0, 9.0, 1.0, went=3.0)
    for english, ukrainian in zip(sentences(found, "en"), sentences(found, "uk"), strict=True):
        assert english != ukrainian
        assert "roster" not in ukrainian
        assert "called" not in ukrainian


def gain(saved: float, half: float, *skills: str) -> dict[str, Any]:
    names = [{"person": "anna", "service": service, "factor": 1.0} for service in skills]
    found = {
        "skills": names,
        "hours": 40.0 * len(skills),
        "saved_minutes": estimate(saved, half),
        "saved_minutes_an_hour": estimate(saved / 40, half / 40),
        "sure": saved > half,
        "wait_mean": pair(9.0, 8.0, 0.5),
    }
    return found | ({"beyond_minutes": estimate(5.0, 9.0)} if len(skills) > 1 else {})


def plan(*gains: dict[str, Any]) -> dict[str, Any]:
    return {
        "waiting_minutes": estimate(4000.0),
        "wait_mean": estimate(9.0),
        "singles": [one for one in gains if len(one["skills"]) == 1],
        "pairs": [one for one in gains if len(one["skills"]) > 1],
    }


def test_the_first_that_is_sure_is_named_and_not_the_luckiest() -> None:
    told = sentence(plan(gain(300.0, 400.0, "land"), gain(200.0, 50.0, "tax"), gain(220.0, 50.0, "pass")))
    assert "anna learns tax: 200 (150 to 250) minutes a day" in told


def test_where_nothing_surely_helps_nothing_is_named() -> None:
    told = sentence(plan(gain(300.0, 400.0, "land"), gain(10.0, 50.0, "tax", "land")))
    assert told.endswith("no skill tried surely makes it less.")
    assert "learns" not in told


def test_a_line_that_is_not_sure_says_so() -> None:
    unsure, sure = rows(plan(gain(300.0, 400.0, "land"), gain(200.0, 50.0, "tax", "land")))
    assert unsure[2].endswith("(not sure)")
    assert not sure[2].endswith("(not sure)")
    assert (unsure[5], sure[5]) == ("–", "5 (-4 to 14)")
