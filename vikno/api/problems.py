"""Every error as an RFC 9457 problem document."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from vikno.api.access import NotAllowed, NotSignedIn
from vikno.api.experiments import ExperimentRefused
from vikno.api.guard.rates import SlowDown
from vikno.api.house import UnknownHall
from vikno.api.people.store import PeopleRefused
from vikno.api.proposals import ProposalRefused
from vikno.api.rosters import RosterRefused
from vikno.queue.errors import CommandRefused, JournalError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1

RESPONSES: dict[int | str, dict[str, Any]] = {
    kind: {
        "description": "A problem document (RFC 9457).",
        "content": {
            MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "type": {"type": "string"},
                        "title": {"type": "string"},
                        "status": {"type": "integer"},
                        "detail": {"type": "string", "description": "What was wrong, for people."},
                        "code": {"type": "string", "description": "What was wrong, for programs."},
                        "field": {"type": "string", "description": "The part of the call at fault."},
                    },
                    "required": ["type", "title", "status", "detail", "code"],
                    "additionalProperties": False,
                }
            }
        },
    }
    for kind in ("4XX", "503")
}
"""How the description of the interface tells of errors."""

NOT_THERE = frozenset({"unknown-language", "unknown-ticket", "unknown-window"})
NEVER_RIGHT = frozenset(
    {
        "bad-key",
        "bad-places",
        "bad-priority",
        "key-reused",
        "no-service",
        "service-twice",
        "too-many-services",
        "unknown-service",
    }
)

ROSTER_STATUS = {
    "unknown-roster": HTTPStatus.NOT_FOUND,
    "bad-roster": HTTPStatus.UNPROCESSABLE_ENTITY,
    "key-reused": HTTPStatus.UNPROCESSABLE_ENTITY,
}
"""Of a roster that is refused; 409 for the rest, which other people or other changes can make right."""

PEOPLE_STATUS = {
    "wrong-sign-in": HTTPStatus.UNAUTHORIZED,
    **dict.fromkeys(("slow-down", "too-many-tries", "too-many-pairings"), HTTPStatus.TOO_MANY_REQUESTS),
    **dict.fromkeys(
        ("authorization_pending", "slow_down", "expired_token", "access_denied"), HTTPStatus.BAD_REQUEST
    ),
    **dict.fromkeys(
        ("unknown-account", "unknown-code", "unknown-device", "unknown-provider", "wrong-key"),
        HTTPStatus.NOT_FOUND,
    ),
    **dict.fromkeys(("name-taken", "last-admin"), HTTPStatus.CONFLICT),
}
"""Of what cannot be done with people and devices; 422 for the rest, which can never be right."""


def problem(
    status: int, code: str, detail: str, *, field: str = "", headers: dict[str, str] | None = None
) -> Response:
    """A problem document as an answer."""
    body = problem_document(status, code, detail, field=field)
    return Response(msgspec.json.encode(body), status, headers=headers, media_type=MEDIA_TYPE)


def problem_document(status: int, code: str, detail: str, *, field: str = "") -> dict[str, Any]:
    """A problem document; `code` is for programs, `detail` for people."""
    body: dict[str, Any] = {
        "type": f"urn:vikno:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if field:
        body["field"] = field
    return body


def refusal_status(code: str) -> int:
    """409 for what the rules refuse now, 422 for what can never be right, 404 for what is not there."""
    if code in NOT_THERE:
        return HTTPStatus.NOT_FOUND
    return HTTPStatus.UNPROCESSABLE_ENTITY if code in NEVER_RIGHT else HTTPStatus.CONFLICT


def experiment_status(code: str) -> int:
    """429 for too much at once, 503 for what may work soon, 422 for what can never be right."""
    if code == "too-many-experiments":
        return HTTPStatus.TOO_MANY_REQUESTS
    soon = code in {"laboratory-lost", "journal-unavailable"}
    return HTTPStatus.SERVICE_UNAVAILABLE if soon else HTTPStatus.UNPROCESSABLE_ENTITY


def install(app: FastAPI) -> None:
    """Have `app` answer errors with problem documents."""
    _install_refusals(app)
    _install_others(app)


def _install_refusals(app: FastAPI) -> None:
    """What is refused by rules."""

    @app.exception_handler(CommandRefused)
    async def refused(_request: Request, error: CommandRefused) -> Response:
        return problem(refusal_status(error.code), error.code, error.detail, field=error.field)

    @app.exception_handler(ExperimentRefused)
    async def no_experiment(_request: Request, error: ExperimentRefused) -> Response:
        return problem(experiment_status(error.code), error.code, error.detail, field=error.field)

    @app.exception_handler(RosterRefused)
    async def no_roster(_request: Request, error: RosterRefused) -> Response:
        status = ROSTER_STATUS.get(error.code, HTTPStatus.CONFLICT)
        return problem(status, error.code, error.detail, field=error.field)

    @app.exception_handler(PeopleRefused)
    async def no_people(_request: Request, error: PeopleRefused) -> Response:
        status = PEOPLE_STATUS.get(error.code, HTTPStatus.UNPROCESSABLE_ENTITY)
        headers = {}
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            headers["Retry-After"] = str(math.ceil(error.retry_seconds))
        elif status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        return problem(status, error.code, error.detail, field=error.field, headers=headers)

    @app.exception_handler(ProposalRefused)
    async def no_proposal(_request: Request, error: ProposalRefused) -> Response:
        status = HTTPStatus.NOT_FOUND if error.code == "unknown-proposal" else HTTPStatus.CONFLICT
        return problem(status, error.code, error.detail)


def _install_others(app: FastAPI) -> None:
    """Who may not, what is not there, what cannot be read."""

    @app.exception_handler(NotSignedIn)
    async def not_signed_in(_request: Request, error: NotSignedIn) -> Response:
        return problem(401, "not-signed-in", str(error), headers={"WWW-Authenticate": "Bearer"})

    @app.exception_handler(NotAllowed)
    async def not_allowed(_request: Request, error: NotAllowed) -> Response:
        return problem(403, "not-allowed", str(error))

    @app.exception_handler(SlowDown)
    async def slow_down(_request: Request, error: SlowDown) -> Response:
        return problem(429, "slow-down", str(error), headers={"Retry-After": str(error.seconds)})

    @app.exception_handler(UnknownHall)
    async def unknown_hall(_request: Request, error: UnknownHall) -> Response:
        return problem(404, "unknown-hall", str(error))

    @app.exception_handler(JournalError)
    async def journal(_request: Request, error: JournalError) -> Response:
        log.warning("refused: %s", error)
        return problem(503, "journal-unavailable", str(error), headers={"Retry-After": str(RETRY_SECONDS)})

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        if first["type"] == "json_invalid":
            return problem(
                422, "invalid", f"body: not JSON at character {first['loc'][-1]}: {first['ctx']['error']}"
            )
        field = ".".join(str(part) for part in first["loc"] if part != "body")
        return problem(422, "invalid", f"{field or 'body'}: {first['msg']}", field=field)

    @app.exception_handler(Exception)
    async def broken(_request: Request, _error: Exception) -> Response:
        # What it was stands in the log, and is nobody else's business.
        return problem(500, "broken", "the server made a mistake; it is written down")

    @app.exception_handler(HTTPException)
    async def other(_request: Request, error: HTTPException) -> Response:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))
