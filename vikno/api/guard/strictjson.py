"""JSON that means the same to everybody who reads it (RFC 8259, section 4; I-JSON, RFC 7493).

Readers differ over a name that comes twice, over NaN and infinity, over half a surrogate pair and over a NUL
inside a text, which PostgreSQL cannot keep. What passes one reader and breaks the next is how errors become
holes, so none of it comes in.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from vikno.queue.errors import ViknoError

NUMBER_LETTERS_MAX = 400
"""The longest way to write a number that a float can hold; Python reads whole ones of some thousand."""


class NotStrict(ViknoError):
    """What stands there is not JSON, or not JSON of one meaning."""


def read(body: bytes) -> Any:
    """What stands in a JSON text; `NotStrict` says what is wrong with it."""
    try:
        value = _READER.decode(body.decode())
        if b"\\u" in body:
            for text in _texts(value):
                _check_text(text)
    except UnicodeDecodeError as error:
        raise NotStrict(f"not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise NotStrict(f"not JSON at character {error.pos}: {error.msg}") from None
    except RecursionError:
        raise NotStrict("tables within tables without end") from None
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise NotStrict("a name comes twice in one table; say it once")
    return table


def _no_number(word: str) -> NoReturn:
    message = f"{word} is no number; leave it out"
    raise NotStrict(message)


def _finite(written: str) -> float:
    value = float(written)
    if not math.isfinite(value):
        raise NotStrict("a number is too large")
    return value


def _whole(written: str) -> int:
    if len(written) > NUMBER_LETTERS_MAX:
        raise NotStrict("a number is too long")
    return int(written)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value, names too; a stack, as the value may be deeper than Python's own."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one


def _check_text(text: str) -> None:
    if "\0" in text:
        raise NotStrict("a text holds a NUL character; leave it out")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise NotStrict("a text holds half a surrogate pair; write the letter itself")


_READER = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite, parse_int=_whole
)
