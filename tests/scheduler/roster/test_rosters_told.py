"""What docs/rosters.md and the examples say of rosters is so."""

from __future__ import annotations

import re
from pathlib import Path

from vikno.scheduler.roster.conflict import find_conflicts
from vikno.scheduler.roster.rosterfile import read_roster_file
from vikno.scheduler.roster.rules import HARD, SOFT

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "rosters.md").read_text(encoding="utf-8")


def rules_told(heading: str) -> list[str]:
    """The names in the first column of the table below a heading."""
    part = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \|", part, re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_every_rule_is_told_and_no_other() -> None:
    assert sorted(rules_told("Hard rules")) == sorted(HARD)
    assert rules_told("Soft rules") == list(SOFT)


def test_every_rule_has_a_sentence_of_its_own() -> None:
    for rule in (*HARD.values(), *SOFT.values()):
        assert (rule.__doc__ or "").strip().endswith(".")


def test_the_example_is_of_the_mixed_hall_and_can_be_kept() -> None:
    problem = read_roster_file(ROOT / "examples" / "mixed_roster.toml")
    assert (len(problem.people), problem.days, problem.time_zone) == (20, 28, "Europe/Kyiv")
    assert len({cover.skill for cover in problem.skill_cover}) == 8
    assert find_conflicts(problem) == ()
