"""`vikno simulate` in tests: called in this process where that is enough, else as a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from vikno.api.cli import main

PROGRAM = (sys.executable, "-m", "vikno.api.cli", "simulate")
EXAMPLE = str(Path(__file__).parents[2] / "examples" / "mixed.toml")


class Said(NamedTuple):
    """What the command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Simulate:
    """Calls the command as the entry point does."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *words: str | Path) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["vikno", "simulate", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(str(ended.value.code)), *self._capfd.readouterr())
