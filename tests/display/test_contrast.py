"""What is written on our pages can be read, and a city cannot change that by mistake."""

import re
from pathlib import Path

import pytest

from vikno.display.contrast import FAR, RULES, TOKENS, ColourError, contrast, main, refusals

STYLES = TOKENS.parent
OURS = TOKENS.read_text(encoding="utf-8")
SET_IN_SCRIPTS = {"hero", "row", "below", "services"}


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#0000ff", "#ffffff", 8.59),
        ("#ff0000", "#ff0000", 1.0),
    ],
)
def test_the_ratio_is_that_of_wcag_whichever_colour_comes_first(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


def test_our_own_colours_can_be_read() -> None:
    assert [str(refusal) for refusal in refusals(OURS)] == []


def test_the_number_on_a_hall_screen_needs_seven_to_one() -> None:
    needed = {(rule.fore, rule.back): rule.least for rule in RULES}
    assert needed["ink", "surface"] == needed["stale", "surface"] == needed["called-ink", "called"] == FAR


def test_a_pale_accent_of_a_city_is_refused_by_name() -> None:
    found = [str(refusal) for refusal in refusals(OURS, ":root { --accent: #9fd3f5; }")]
    assert any(line.startswith("light: --accent on --ground has ") for line in found)


def test_a_city_may_set_one_colour_for_light_and_another_for_dark() -> None:
    city = ":root { --accent: var(--if-light, #6b1d5c) var(--if-dark, #f2b8e4); }"
    assert refusals(OURS, city) == []


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        (":root { --accent: teal; }", "--accent: teal is not read here"),
        (":root { --ink: rgb(0, 0, 0); }", "#rrggbb"),
        ("body { --ink: #000000; }", "not in body"),
        ('@media print { html[data-theme="dark"] { --ink: #000000; } }', "not in html"),
    ],
)
def test_a_colour_the_check_would_miss_is_an_error(sheet: str, told: str) -> None:
    with pytest.raises(ColourError, match=re.escape(told)):
        refusals(OURS, sheet)


def test_a_sheet_without_our_colours_is_told_what_is_missing() -> None:
    with pytest.raises(ColourError, match="no colour is given for --accent"):
        refusals("")


def test_the_command_says_what_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    city = tmp_path / "city.css"
    city.write_text(":root { --late: #ff9900; }", encoding="utf-8")
    assert main([]) == 0
    assert main([str(city)]) == 2
    assert "--late on --ground" in capsys.readouterr().err
    assert main([str(tmp_path / "nothing.css")]) == 2


def test_every_token_a_page_asks_for_is_given() -> None:
    given = set(re.findall(r"--([a-z0-9-]+)\s*:", OURS)) | SET_IN_SCRIPTS
    for sheet in STYLES.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        own = set(re.findall(r"--([a-z0-9-]+)\s*:", text))
        asked = set(re.findall(r"var\(--([a-z0-9-]+)", text))
        assert asked <= given | own, sheet.name
