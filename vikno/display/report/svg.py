"""A drawing of matplotlib as a guest in a page: small, in the page's colours and type, the same every time.

matplotlib writes an SVG file for itself: fixed colours, its own font, names of its own. In a page that is
light or dark, and holds a dozen drawings, each must take its colours from the style sheet and keep its names
apart from the others'. Colours are handed to matplotlib as marks nobody would paint with, and each mark is
written as the colour it stands for.
"""

from __future__ import annotations

import io
import re
from typing import Final
from xml.etree import ElementTree as ET

from matplotlib import rc_context
from matplotlib.figure import Figure

SETTINGS: Final = {
    "svg.fonttype": "none",  # words stay words: to be searched, read aloud, copied
    "svg.hashsalt": "vikno",
    "text.parse_math": False,  # a name with a $ in it is no formula
    "font.size": 12.0,  # all words are of one size, which report.css gives them
    "axes.linewidth": 0.8,
    "hatch.linewidth": 0.6,
}
"""What a drawing needs, set while it is made and written, and then as it was before."""

COLOURS: Final = (
    "surface",
    "line",
    "edge",
    "ink",
    "ink-quiet",
    "late",
    *(f"series-{number}" for number in range(1, 6)),
)
"""The page's colours that a drawing may use, by their names in the style sheet."""

PAINT: Final = {name: f"#0102{number:02x}" for number, name in enumerate(COLOURS, 1)}
"""Colour of the page -> the mark that matplotlib is given for it."""

SERIES: Final = tuple(name for name in COLOURS if name.startswith("series-"))

_MARK = re.compile("|".join(PAINT.values()))
_NAME = {mark: name for name, mark in PAINT.items()}
_FRACTION = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"url\(#([^)]+)\)")
_SPACES = re.compile(r"\s+")
_NO_TURN = re.compile(r"^rotate\(-?0 ")


def inline(figure: Figure, name: str, label: str) -> str:
    """`figure` as an `<svg>` element. `name` is unique in the page; `label` says what is seen."""
    written = io.StringIO()
    with rc_context(SETTINGS):  # type: ignore[arg-type]
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    root = ET.fromstring(written.getvalue())  # noqa: S314  (matplotlib has just written it)
    _undress(root)
    _rename(root, name)
    box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update({"class": "plot", "viewBox": box, "role": "img", "aria-label": label})
    return _MARK.sub(lambda mark: f"var(--{_NAME[mark[0]]})", ET.tostring(root, encoding="unicode"))


def _undress(element: ET.Element) -> None:
    """Takes off what a file needs and a page does not: name spaces, metadata, styles, fonts, white space."""
    element.tag = element.tag.rpartition("}")[2]
    for child in list(element):
        if child.tag.endswith(("}metadata", "}style")) or callable(child.tag):
            element.remove(child)
        else:
            _undress(child)
            child.tail = None
            if child.tag in {"g", "defs"} and not len(child):
                element.remove(child)
    if element.tag != "text":
        element.text = None
    for key in list(element.attrib):
        value = _FRACTION.sub(lambda found: f"{float(found[0]):.2f}", element.attrib.pop(key))
        value = _SPACES.sub(" ", value).strip()
        if key == "style":
            value = ";".join(part for part in value.split("; ") if not part.startswith("font-"))
        if not (key == "transform" and _NO_TURN.match(value)):
            element.attrib[key.rpartition("}")[2]] = value


def _rename(root: ET.Element, name: str) -> None:
    """Names stay only where something refers to them, and are told apart from other drawings'."""
    used: dict[str, str] = {}

    def new(old: str) -> str:
        return used.setdefault(old, f"{name}-{len(used) + 1}")

    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "href":
                element.attrib[key] = f"#{new(value.removeprefix('#'))}"
            elif "url(#" in value:
                element.attrib[key] = _REFERENCE.sub(lambda found: f"url(#{new(found[1])})", value)
    for element in root.iter():
        old = element.attrib.pop("id", None)
        if old in used:
            element.attrib["id"] = used[old]
