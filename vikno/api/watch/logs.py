"""What a server writes on standard error: sentences for people, or one JSON object a line for programs.

Ours, the web server's and the libraries' lines all go one way, so that none has another form. What a line
says is chosen where it is written; nothing is filtered here, because what must stay secret must not be said.
"""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from enum import StrEnum
from typing import TextIO

TEXT_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FIELDS = {"levelname": "level", "name": "logger"}
LIBRARIES = ("uvicorn", "uvicorn.error", "uvicorn.access", "websockets", "sqlalchemy", "asyncio")


request_id: ContextVar[str] = ContextVar("request_id", default="")
"""That of the request which is being answered, for every line that is logged meanwhile."""


class Log(StrEnum):
    """How it is written."""

    TEXT = "text"
    JSON = "json"


def configure(form: Log, stream: TextIO | None = None) -> None:
    """Have every logger of this process write to `stream`, standard error if none is given.

    As text only what needs somebody's attention; as JSON each request too.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_json() if form is Log.JSON else logging.Formatter(TEXT_FORMAT))
    handler.addFilter(_name_request)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("vikno").setLevel(logging.INFO if form is Log.JSON else logging.WARNING)
    for name in LIBRARIES:  # whatever they have set up for themselves
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True


def _json() -> logging.Formatter:
    from pythonjsonlogger.msgspec import MsgspecFormatter  # noqa: PLC0415  (only who wants it pays for it)

    return MsgspecFormatter(["levelname", "name", "message"], timestamp="at", rename_fields=FIELDS)


def _name_request(record: logging.LogRecord) -> bool:
    """Which request a line is about."""
    if name := request_id.get():
        record.request = name
    return True
