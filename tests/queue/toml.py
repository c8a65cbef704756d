"""Writing a table as TOML, for tests that break hall files: plain, inline, nothing pretty."""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Any


def to_toml(table: dict[str, Any]) -> str:
    """One line for each key; tables inside are inline tables."""
    return "\n".join(f"{_text(key)} = {_value(value)}" for key, value in table.items())


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    # Python and TOML write numbers alike: nan and inf too.
    return _text(value) if isinstance(value, str) else repr(value).replace("T", "t").replace("F", "f")
