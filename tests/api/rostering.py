"""A small roster for the hall that plans are tried on: four people, a week, what was agreed with them."""

from __future__ import annotations

import json
from typing import Any

FILE = """
format = 1
[roster]
id = "november"
start = 2026-11-23
days = 7
time_zone = "Etc/GMT"
closed = ["sat", "sun"]
present = "present.json"

[weights]
unfair = 10
change = 3

[[breaks]]
id = "lunch"
minutes = 30
between = ["11:00", "14:00"]
usual = "12:00"

[[shifts]]
id = "early"
from = "08:00"
to = "14:00"
breaks = ["lunch"]

[[shifts]]
id = "day"
from = "09:00"
to = "15:00"
breaks = ["lunch"]

[[shifts]]
id = "late"
from = "10:00"
to = "16:00"
breaks = ["lunch"]
unpopular = 1.0
not_followed_by = ["early"]

[[shifts]]
id = "long"
from = "09:00"
to = "16:00"
breaks = ["lunch"]

[[contracts]]
id = "full"
minutes_max = 1980
days_max = 5
shifts_max = { late = 2 }

[[people]]
id = "olena"
name = "Олена"
contract = "full"
skills = { passport = 1.0, residence = 1.0 }
days_off = [2026-11-27]

[[people]]
id = "ivan"
name = "Іван"
contract = "full"
skills = { passport = 1.0 }
load_past = 2.0

[[people]]
id = "maria"
name = "Марія"
contract = "full"
skills = { residence = 1.0 }

[[people]]
id = "taras"
name = "Тарас"
contract = "full"
skills = { passport = 1.1, residence = 1.0 }

[[wishes]]
person = "ivan"
days = [2026-11-24]
shift = "early"
weight = 7

[[cover]]
skill = "passport"
from = "08:00"
to = "16:00"
need = 2
[[cover]]
skill = "residence"
from = "09:00"
to = "15:00"
need = 1
"""

SHIFTS = {"olena": "early", "ivan": "day", "maria": "day"}
PRESENT: list[dict[str, Any]] = [
    {"staff": name, "day": day, "shift": shift, "breaks": [["12:00", "12:30"]]}
    for name, shift in SHIFTS.items()
    for day in range(4)
]
"""Monday to Thursday; Taras is free, and Friday is still to be planned."""


def nameless() -> str:
    """The file with people named by numbers, which read the same in every language."""
    text = FILE
    for number, name in enumerate(("Олена", "Іван", "Марія", "Тарас"), 1):
        text = text.replace(f'"{name}"', f'"{number}"')
    return text


def upload(version: int = 0, text: str = FILE) -> dict[str, Any]:
    """The body of an upload, with the roster in force."""
    return {"version": version, "file": text, "files": {"present.json": present()}}


def present() -> str:
    """The roster in force, as `vikno roster --json` writes one."""
    return json.dumps({"assignments": PRESENT})


def change(staff: str, day: int, shift: str | None, breaks: Any = None) -> dict[str, Any]:
    """One person's day as it shall be."""
    told = {"staff": staff, "day": day, "shift": shift}
    return told if breaks is None else told | {"breaks": breaks}
