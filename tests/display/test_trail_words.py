"""The words of the trail: every kind of entry there is has a sentence and belongs somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import vikno.display

SCRIPT = (Path(vikno.display.__file__).parent / "static" / "js" / "trailwords.js").read_text(encoding="utf-8")
DOCUMENT = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def kinds() -> set[str]:
    """Those that docs/api.md lists, which are those that are written (tests/api/test_documentation.py)."""
    [line] = re.findall(r"^Kinds: (.*?)\. ", DOCUMENT, re.MULTILINE)
    return set(re.findall(r"`([a-z-]+)`", line))


def part(name: str) -> str:
    """What stands in a constant of the script."""
    [found] = re.findall(rf"const {name} = \{{\n(.*?)^\}};", SCRIPT, re.DOTALL | re.MULTILINE)
    return str(found)


def test_every_kind_of_entry_has_a_sentence() -> None:
    assert set(re.findall(r'^  "?([a-z-]+)"?:', part("SENTENCES"), re.MULTILINE)) == kinds()


def test_every_kind_of_entry_can_be_chosen() -> None:
    chosen = set(re.findall(r'"([a-z-]+)"', part("KINDS"))) - {"sign-ins"}
    assert chosen == kinds()
