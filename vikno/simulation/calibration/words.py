"""What a calibrated hall file says about its own numbers: how sure each is, and on how much it rests."""

from __future__ import annotations

from collections.abc import Sequence

from vikno.simulation.calibration.result import Finding

DIGITS = 4
"""Significant digits of a number in the file: a visitor in ten thousand."""


def rounded(value: float) -> float:
    """The number as the file writes it."""
    return float(f"{value:.{DIGITS}g}")


def number(value: float) -> str:
    """A number as a comment writes it."""
    return f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"  # noqa: PLR2004  (no exponents)


def told(finding: Finding, unit: str = "") -> str:
    """A number with its interval, for example "15.8 minutes (15.1 to 16.5)"."""
    value = "not known" if finding.value is None else number(finding.value)
    if finding.low is None and finding.high is None:
        between = "how sure is not known"
    elif finding.high is None:
        between = f"at least {number(finding.low or 0.0)}"
    else:
        between = f"{number(finding.low or 0.0)} to {number(finding.high)}"
    return f"{value}{f' {unit}' if unit else ''} ({between})"


def clock(minutes: float) -> str:
    """A time of the day."""
    whole = round(minutes)
    return f"{whole // 60:02}:{whole % 60:02}"


def count(number: int, one: str, many: str = "") -> str:
    """For example "1 day", "3 days"."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def listed(items: Sequence[str], most: int = 6) -> str:
    """A list that does not run on for ever."""
    if len(items) <= most:
        return ", ".join(items)
    return f"{', '.join(items[:most])} and {len(items) - most} more"
