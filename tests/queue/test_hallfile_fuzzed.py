"""Ten thousand broken hall files, a hundred thousand in the long run: each is read, or refused in one line.

Real files are broken on three levels: as bytes, line by line, and value by value.
"""

from __future__ import annotations

import random
import re
from functools import partial
from pathlib import Path

import pytest

from tests.conftest import SMALL_HALL
from tests.fuzzing import NASTY_TEXTS, fuzz, scrambled
from vikno.queue.errors import HallFileError
from vikno.queue.hallfile import read_hall_file
from vikno.queue.plan import HallPlan

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "hall-file.md").read_text(encoding="utf-8")
REAL = [
    SMALL_HALL.encode(),
    re.findall(r"```toml\n(.*?)```", DOCUMENT, re.DOTALL)[0].encode(),
]
FILES = 10_000
"""Cases of `make test`, which has ninety thousand stream messages besides."""

VALUE = re.compile(rb"(?<== )[^\n]+")
LINE_MAX = 400


def with_other_lines(rng: random.Random, good: bytes) -> bytes:
    """Lines lost, doubled, moved, or taken from another file."""
    lines = good.split(b"\n")
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(lines))
        match rng.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[rng.randrange(len(lines))])
            case 2:
                lines.insert(rng.randrange(len(lines)), lines.pop(at))
            case _:
                lines.insert(at, rng.choice(rng.choice(REAL).split(b"\n")))
        lines = lines or [b""]
    return b"\n".join(lines)


def with_other_values(rng: random.Random, good: bytes) -> bytes:
    """A value is replaced by a nasty one, bare or as a text, or by that of another field."""
    spots = list(VALUE.finditer(good))
    spot, other = rng.choice(spots), rng.choice(spots)
    nasty = rng.choice(NASTY_TEXTS)
    new = rng.choice((nasty, b'"' + nasty + b'"', b"[" + nasty + b"]", other[0], other[0][:-1], b""))
    return good[: spot.start()] + new + good[spot.end() :]


def in_one_line(error: HallFileError, file: str) -> bool:
    """Whether it says file, field, problem and remedy, and fits a terminal."""
    text = str(error)
    whole = text == f"{file}: {error.field}: {error.problem}; {error.remedy}"
    return (
        whole
        and all((error.field, error.problem, error.remedy))
        and len(text.splitlines()) == 1
        and len(text) < LINE_MAX + len(file)
    )


def check_file(file: Path, rng: random.Random) -> bool:
    good = rng.choice(REAL)
    kind = rng.random()
    if kind < 0.02:
        broken = rng.randbytes(rng.randrange(60))
    else:
        broken = rng.choice((scrambled, with_other_lines, with_other_values))(rng, good)
    file.write_bytes(broken)
    try:
        plan = read_hall_file(file)
    except HallFileError as error:
        if not in_one_line(error, str(file)):
            raise
        return True
    assert isinstance(plan, HallPlan)
    return False


def test_a_broken_hall_file_is_read_or_refused_in_one_line(tmp_path: Path) -> None:
    fuzz(FILES, 0, partial(check_file, tmp_path / "hall.toml"))


@pytest.mark.soak
def test_a_hundred_thousand_broken_hall_files_leave_nothing_behind(tmp_path: Path) -> None:
    fuzz(10 * FILES, FILES, partial(check_file, tmp_path / "hall.toml"))
