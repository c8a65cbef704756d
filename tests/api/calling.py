"""Commands called in this process as the entry point calls them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.api.simulating import Said
from vikno.api.cli import main


class Vikno:
    """Calls a command: its exit code, what it printed, what it said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capfd = monkeypatch, capfd

    def __call__(self, *words: str | Path) -> Said:
        self._monkeypatch.setattr(sys, "argv", ["vikno", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Said(int(str(ended.value.code)), *self._capfd.readouterr())
