"""Everything that can go wrong, as one small tree.

Each error is one sentence that says what was wrong, where, and what would be right. Doors turn them
into problem documents, the command line into one line on standard error; nobody else words errors.
"""

from __future__ import annotations


class ViknoError(Exception):
    """The root: catch this to catch everything Vikno raises on purpose."""


class CommandRefused(ViknoError):
    """The hall's rules do not allow this command now; nothing has changed.

    `code` is for programs, `detail` for people, `field` names the part of the command at fault, if one is.
    """

    def __init__(self, code: str, detail: str, *, field: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class HallFileError(ViknoError):
    """A hall file that cannot be used: which file, which field, why, and what would be right."""

    def __init__(self, file: str, field: str, problem: str, remedy: str) -> None:
        super().__init__(f"{file}: {field}: {problem}; {remedy}")
        self.file = file
        self.field = field
        self.problem = problem
        self.remedy = remedy


class JournalError(ViknoError):
    """The journal cannot be read or written."""


class JournalUnavailable(JournalError):
    """The disk is full, the database is locked or gone: nothing was written, try again."""


class JournalCorrupt(JournalError):
    """A row does not follow from the one before it: the journal was changed or damaged."""


class JournalConflict(JournalError):
    """Another process has written this step of the hall already: fold again, then decide again."""
