"""Each test that docs/security.md names exists, and each row of its table names one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)`")
DEFINED = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)


def rows() -> list[str]:
    """Of the table of the standard's items."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.split("| item | how | shown by |\n|---|---|---|\n", 1)[1].split("\n\n", 1)[0]
    return table.splitlines()


def test_every_row_names_tests_that_exist() -> None:
    files = (ROOT / "tests").rglob("test_*.py")
    defined = {name for file in files for name in DEFINED.findall(file.read_text(encoding="utf-8"))}
    assert len(rows()) > 30
    for row in rows():
        named = NAMED.findall(row)
        assert named, row
        assert set(named) <= defined, set(named) - defined


def test_every_file_it_speaks_of_exists() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    paths = re.findall(r"`((?:vikno|tests)/[\w/]+\.py)`", text) + re.findall(r"\]\(([\w.]+\.md)\)", text)
    assert len(paths) > 5
    for path in paths:
        assert (ROOT / path).exists() or (ROOT / "docs" / path).exists(), path
