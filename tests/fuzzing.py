"""Breaking good input, case by case: each has a number of its own, so that a failure can be had again.

A mutator takes a random source and something good and gives back something that is mostly not. What a test
then demands is the same everywhere: it is read, or it is refused in the one way there is, and memory stays
where it was.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Sequence

import psutil

MEGABYTE = 1_000_000
GROWTH_BYTES_MAX = 8 * MEGABYTE
"""What a process may gain over the last nine tenths of a run: the allocator's own habits, no leak of a byte
a case, which over the long run would be more."""

Check = Callable[[random.Random], bool]
"""Tries one case and says whether it was refused, as it should be; raises if it was anything else."""

NASTY_TEXTS: Sequence[bytes] = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\\u0000",
    b"\\ud800",
    b"NaN",
    b"-inf",
    b"1e999",
    b"9" * 400,
    b"-0",
    b"true",
    b"null",
    b"[]",
    b"{}",
    b"[[[[",
    b"}}}}",
    b'"',
    b"'''",
    b'"""',
    b"\n",
    b"\r\n",
    b"1979-05-27T07:32:00Z",
    b"24:00",
    "паспорт\u202e".encode(),
    b"a" * 300,
)


def fuzz(count: int, begin: int, check: Check) -> None:
    """Run `check` on `count` cases, the first of which is `begin`. Some must be read and many refused.

    A case that breaks says its number; `again` runs it by itself.
    """
    process = psutil.Process()
    before, refused = 0, 0
    for number in range(begin, begin + count):
        if number == begin + count // 10:
            gc.collect()
            before = process.memory_info().rss
        refused += again(number, check)
    gc.collect()
    assert count / 4 <= refused < count, f"{refused} of {count} refused: these cases do not try much"
    assert process.memory_info().rss - before <= GROWTH_BYTES_MAX


def again(number: int, check: Check) -> bool:
    """One case by its number; whether it was refused."""
    try:
        return check(random.Random(number))  # noqa: S311  (nothing is kept secret by it)
    except Exception as error:
        raise AssertionError(f"case {number} breaks: {error!r}") from error


def scrambled(rng: random.Random, good: bytes, *, most: int = 4) -> bytes:
    """Good bytes with one to `most` wounds: changed, lost, doubled, moved or put in."""
    data = bytearray(good)
    for _ in range(rng.randint(1, most)):
        at, end = sorted((rng.randrange(len(data) + 1), rng.randrange(len(data) + 1)))
        end = min(end, at + 64)
        match rng.randrange(7):
            case 0 if data:
                data[at - 1] ^= 1 << rng.randrange(8)
            case 1:
                data[at:at] = rng.randbytes(rng.randrange(1, 6))
            case 2:
                del data[at:end]
            case 3:
                data[at:at] = data[at:end]
            case 4:
                data[at:end] = rng.choice(NASTY_TEXTS)
            case 5:
                part = bytes(data[at:end])
                del data[at:end]
                place = rng.randrange(len(data) + 1)
                data[place:place] = part
            case _:
                del data[at:]
    return bytes(data)
