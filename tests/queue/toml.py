"""Writing a table as TOML, for tests that break hall files: plain, inline, nothing pretty."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time
from typing import Any


def to_toml(table: dict[str, Any]) -> str:
    """One line for each key; tables inside are inline tables."""
    return "\n".join(f"{_text(key)} = {_value(value)}" for key, value in table.items())


def _text(text: str) -> str:
    """JSON's strings are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_value(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return _text(value)
