"""How functions are compiled, and where what is compiled is kept.

Compiling takes many seconds, so it is done once: what is compiled is kept where NUMBA_CACHE_DIR says, else
beside the source, else, where that cannot be written, in the user's cache folder. Where nothing can be
written each process compiles anew. To see whether a source has changed Numba looks only at the file of the
function that is called; therefore the name under which it is kept tells all sources of this folder.

Every function gets bundles of arrays that its caller holds until it returns. So references are not counted
in here (`_nrt`): each count is an atomic instruction, and there would be dozens for each visitor.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kept(function: F) -> F:
    """Called from Python: compiled at the first call and kept. Other threads go on meanwhile."""
    function.__qualname__ = f"{function.__name__}_{_sources():08x}"
    try:
        return _njit(function, cache=True)
    except RuntimeError:  # there is no place to keep it
        return _njit(function)


def allocating(function: F) -> F:
    """Called from compiled code; makes arrays."""
    return _njit(function)


def compiled(function: F) -> F:
    """Called from compiled code; makes no arrays."""
    return _njit(function, _nrt=False)


def inlined(function: F) -> F:
    """Called so often that it becomes a part of its caller; makes no arrays."""
    return _njit(function, _nrt=False, forceinline=True)


def _njit(function: F, **options: Any) -> F:
    """Without a check of every division, which would be there to raise an error."""
    return cast("F", njit(nogil=True, error_model="numpy", **options)(function))


def _sources() -> int:
    """A number that is another one when any file of this folder is."""
    number = 0
    for path in sorted(Path(__file__).parent.glob("*.py")):
        number = zlib.crc32(path.read_bytes(), number)
    return number
