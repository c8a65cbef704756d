"""A small hall, the roster file of a week in it, and two rosters: one without anybody at noon, one with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

HALL = """
format = 1
[hall]
id = "small"
name = { en = "Small" }
opens = "08:00"
closes = "16:00"
[[services]]
id = "quick"
prefix = "A"
name = { en = "Quick" }
target_minutes = 5
arrivals = [["08:00", 24.0]]
service = { distribution = "exponential", mean = 4.0 }
[[services]]
id = "slow"
prefix = "B"
name = { en = "Slow" }
arrivals = [["08:00", 5.0]]
service = { distribution = "exponential", mean = 12.0 }
[[windows]]
id = "q"
count = 2
skills = { quick = 1.0 }
[[windows]]
id = "s"
skills = { slow = 1.0 }
"""

ROSTER = """
format = 1
[roster]
id = "week"
start = 2026-11-02
days = 7
closed = ["sat", "sun"]
hall = "hall.toml"
present = "present.json"
[[breaks]]
id = "lunch"
minutes = 60
usual = "12:00"
[[shifts]]
id = "whole"
from = "08:00"
to = "16:00"
breaks = ["lunch"]
[[contracts]]
id = "full"
[[people]]
id = "anna"
contract = "full"
skills = { quick = 1.0 }
[[people]]
id = "borys"
contract = "full"
skills = { quick = 0.9 }
[[people]]
id = "vira"
contract = "full"
skills = { slow = 1.0 }
[[cover]]
skill = "quick"
from = "08:00"
to = "16:00"
need = 1
"""

OPEN_DAYS = range(5)
NOON = ["12:00", "13:00"]


class Week(NamedTuple):
    """Files of it; the present roster is named by the roster file, the proposed one beside it."""

    file: Path
    hall: Path
    present: Path
    proposed: Path


def week(folder: Path) -> Week:
    """Written into a folder."""
    (folder / "hall.toml").write_text(HALL)
    (folder / "week.toml").write_text(ROSTER)
    lunches = {"anna": NOON, "borys": ["13:00", "14:00"], "vira": NOON}
    for name, breaks in (("present", dict.fromkeys(lunches, NOON)), ("proposed", lunches)):
        rows = [
            {"staff": person, "day": day, "shift": "whole", "breaks": [breaks[person]]}
            for person in lunches
            for day in OPEN_DAYS
        ]
        (folder / f"{name}.json").write_text(json.dumps({"assignments": rows}))
    return Week(*(folder / name for name in ("week.toml", "hall.toml", "present.json", "proposed.json")))
