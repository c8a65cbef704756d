"""Refuses colours that cannot be read.

A city sets its own colours in a short style sheet (static/css/tokens.css says how). Whether white on its
favourite yellow can be read is not a matter of taste: WCAG 2.2 gives the ratio of luminances a reader needs,
4.5 for words and 3 for the edges of what is pressed. A hall screen is read from far, by everybody, against
the light of the windows: there it is 7, and 7 as well where a visitor asks for high contrast.

Run it as `python -m vikno.display.contrast city.css`.
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal, TypeAlias

from msgspec import Struct

TOKENS: Final = Path(__file__).parent / "static" / "css" / "tokens.css"
BAD_INPUT: Final = 2

WORDS: Final = 4.5  # WCAG 2.2, 1.4.3
SHAPES: Final = 3.0  # WCAG 2.2, 1.4.11: edges and signs
FAR: Final = 7.0  # WCAG 2.2, 1.4.6, which is ours for hall screens and for high contrast

# sRGB to linear light and to luminance, as WCAG 2.2 defines them.
LINEAR_BELOW: Final = 0.04045
LUMINANCE: Final = (0.2126, 0.7152, 0.0722)
FLARE: Final = 0.05

Mood: TypeAlias = Literal["light", "dark", "high contrast, light", "high contrast, dark"]
MOODS: Final[tuple[Mood, ...]] = ("light", "dark", "high contrast, light", "high contrast, dark")
Palette: TypeAlias = dict[str, str]

ROOT: Final = ":root"
MORE: Final = 'html[data-contrast="more"]'

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_BLOCK = re.compile(r"([^{}]+)\{([^{}]*)\}")
_TOKEN = re.compile(r"--([a-z-]+)\s*:\s*([^;]+);")
_PAIR = re.compile(r"var\(--if-light,\s*(#[0-9a-fA-F]{6})\)\s+var\(--if-dark,\s*(#[0-9a-fA-F]{6})\)")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class ColourError(Exception):
    """A colour that is not written as this check reads it; the message says how to write it."""


class Rule(Struct, frozen=True):
    """Two tokens that meet on some page, and the ratio they need there."""

    fore: str
    back: str
    least: float
    moods: tuple[Mood, ...] = MOODS


class Refusal(Struct, frozen=True):
    """A rule that is broken in one mood."""

    rule: Rule
    mood: Mood
    found: float

    def __str__(self) -> str:
        """One line that names both colours, the ratio found and the ratio needed."""
        pair = f"--{self.rule.fore} on --{self.rule.back}"
        return f"{self.mood}: {pair} has {self.found:.2f}, needs {least(self.rule, self.mood)}"


def _meet(fores: str, backs: str, ratio: float, moods: tuple[Mood, ...] = MOODS) -> Iterator[Rule]:
    for fore in fores.split():
        for back in backs.split():
            yield Rule(fore, back, ratio, moods)


RULES: Final[tuple[Rule, ...]] = (
    # the hall screen
    *_meet("ink ink-quiet stale", "ground surface", FAR),
    *_meet("called-ink", "called called-bright", FAR),
    *_meet("late-ink", "late", FAR),
    *_meet("accent-ink", "accent", FAR),
    *_meet("called", "ground", FAR, ("dark", "high contrast, dark")),
    # every page
    *_meet("ink ink-quiet stale", "sunken", WORDS),
    *_meet("ink", "accent-quiet late-quiet waiting-quiet", WORDS),
    *_meet("accent", "ground surface accent-quiet", WORDS),
    *_meet("waiting", "ground surface waiting-quiet", WORDS),
    *_meet("late", "ground surface late-quiet", WORDS),
    *_meet("edge", "ground surface", SHAPES),
    *_meet("focus", "focus-around ground surface", SHAPES),
)


def refusals(*sheets: str) -> list[Refusal]:
    """What cannot be read where these style sheets are loaded in this order; empty if all can."""
    palettes = read_palettes(sheets)
    found = []
    for rule in RULES:
        for mood in rule.moods:
            ratio = contrast(palettes[mood][rule.fore], palettes[mood][rule.back])
            if ratio < least(rule, mood):
                found.append(Refusal(rule, mood, ratio))
    return found


def least(rule: Rule, mood: Mood) -> float:
    """The ratio a rule needs: words in high contrast need more."""
    return FAR if mood.startswith("high") and rule.least == WORDS else rule.least


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + FLARE) / (dark + FLARE)


def read_palettes(sheets: Iterable[str]) -> dict[Mood, Palette]:
    """The colours of each mood. ColourError names what is missing or written otherwise."""
    named = {name for rule in RULES for name in (rule.fore, rule.back)}
    usual: dict[str, tuple[str, str]] = {}
    more: dict[str, tuple[str, str]] = {}
    for sheet in sheets:
        for selector, body in _BLOCK.findall(_COMMENT.sub("", sheet)):
            for name, value in _TOKEN.findall(body):
                if name in named:
                    _where(selector.strip(), usual, more)[name] = _light_and_dark(name, value.strip())
    missing = sorted(named - usual.keys())
    if missing:
        raise ColourError(f"no colour is given for --{missing[0]}")
    high = usual | more
    return {
        "light": {name: light for name, (light, _) in usual.items()},
        "dark": {name: dark for name, (_, dark) in usual.items()},
        "high contrast, light": {name: light for name, (light, _) in high.items()},
        "high contrast, dark": {name: dark for name, (_, dark) in high.items()},
    }


def _where(
    selector: str, usual: dict[str, tuple[str, str]], more: dict[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    if selector == ROOT:
        return usual
    if selector == MORE:
        return more
    raise ColourError(f"colours are set in {ROOT} or {MORE}, not in {selector}")


def _light_and_dark(name: str, value: str) -> tuple[str, str]:
    if both := _PAIR.fullmatch(value):
        return both[1], both[2]
    if _COLOUR.fullmatch(value):
        return value, value
    raise ColourError(
        f"--{name}: {value} is not read here; write #rrggbb, "
        "or var(--if-light, #rrggbb) var(--if-dark, #rrggbb)"
    )


def _luminance(colour: str) -> float:
    parts = (int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5))
    return sum(weight * _linear(part) for weight, part in zip(LUMINANCE, parts, strict=True))


def _linear(part: float) -> float:
    return part / 12.92 if part <= LINEAR_BELOW else float(((part + 0.055) / 1.055) ** 2.4)


def main(arguments: list[str]) -> int:
    """Check our colours with the style sheets named after them; 2 if something cannot be read."""
    try:
        found = refusals(*(Path(name).read_text(encoding="utf-8") for name in [str(TOKENS), *arguments]))
    except (ColourError, OSError) as error:
        sys.stderr.write(f"contrast: {error}\n")
        return BAD_INPUT
    for refusal in found:
        sys.stderr.write(f"contrast: {refusal}\n")
    return BAD_INPUT if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
