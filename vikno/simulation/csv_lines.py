"""The lines of a CSV file that people hand in: packed or plain, whatever program it comes from.

What keeps it from being read is told in one line, as the error of whoever reads it.
"""

from __future__ import annotations

import csv
import gzip
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from vikno.queue.errors import ViknoError

GZIP = b"\x1f\x8b"
LINES_MAX = 20_000_000
"""Ten years of a large hall, a row a ticket, or of an office with twenty queues; more is the wrong file."""


def csv_lines(path: Path, error: type[ViknoError]) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows that are not empty, each with the number of its line; `error` is what is raised."""
    try:
        with path.open("rb") as file:
            packed = file.read(len(GZIP)) == GZIP
        opener = gzip.open if packed else open
        with opener(path, "rt", encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text)
            for cells in reader:
                if reader.line_num > LINES_MAX:
                    raise error(f"{path}: has more than {LINES_MAX} lines; give fewer days")
                if cells:
                    yield reader.line_num, cells
    except UnicodeDecodeError as wrong:
        raise error(f"{path}: is not UTF-8 at byte {wrong.start}; save it as UTF-8") from None
    except csv.Error as wrong:
        raise error(f"{path}: line {reader.line_num}: {wrong}; save it as CSV") from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as wrong:
        raise error(f"{path}: is a damaged gzip file ({wrong}); fetch it again") from None
    except OSError as wrong:
        raise error(f"{path}: cannot be read ({wrong.strerror}); check the path") from None
