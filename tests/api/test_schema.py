"""The interface is as it describes itself: thousands of calls made from its own description, by schemathesis.

Everybody asks for everything, right and wrong: each role by its token, an administrator by the cookie of a
session, a visitor by a ticket, and nobody. The server never fails, and no answer is other than the
description says. Managers and the signed-in administrator, who get furthest, ask the most.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.running import HALL, Server, bearer
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.people.registry import People
from vikno.api.people.sessions import COOKIE
from vikno.queue.journal.database import open_database, sqlite_url

MANY, FEW, SOAK = 8, 2, 300
"""Examples of each operation: of those who may do much, of the others, and in the long run."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SESSION, NOBODY = "administrator who is signed in", "nobody"
LAST = ("DELETE", "/api/v1/session")
"""After it nobody is signed in any more."""

WHO = (*Role, SESSION, NOBODY)
MODES = {
    "good": (True, GenerationMode.POSITIVE),
    "bad": (True, GenerationMode.NEGATIVE),
    "elsewhere": (False, GenerationMode.POSITIVE),
}
HERE = {"hall": HALL, "window": "w-1"}


@pytest.fixture(scope="module")
def described(server: Server) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}openapi.json")


@pytest.fixture(scope="module")
def headers(server: Server) -> Callable[[str], dict[str, str]]:
    """What somebody shows. All are let in once before anybody guesses, so nobody is shut out for that."""

    def of_role(role: Role) -> dict[str, str]:
        if role is Role.VISITOR:
            reception = bearer(server.token(Role.RECEPTIONIST))
            made = httpx.post(f"{server.api}/tickets", json={"services": ["passport"]}, headers=reception)
            return bearer(made.json()["ticket"]["id"])
        hall = ANY_HALL if role in {Role.ADMIN, Role.MONITOR} else HALL
        return bearer(server.token(role, "w-1" if role is Role.CLERK else None, hall=hall))

    def session(number: int) -> dict[str, str]:
        people = People(open_database(sqlite_url(server.data)))
        account = people.accounts.add(f"admin-{number}", "A", "", [Grant(Role.ADMIN, ANY_HALL)], who="test")
        cookie = people.entry.open(account, by="test").secret
        return {"Cookie": f"{COOKIE}={cookie}", "Origin": server.url.rstrip("/")}

    known: dict[str, list[dict[str, str]]] = {role: [of_role(role)] for role in Role}
    known[SESSION] = [session(number) for number in range(len(MODES))]  # each ends with signing out
    known[NOBODY] = [{}]
    for who, shown in known.items():
        for one in shown:
            answer = httpx.get(f"{server.api}/board", headers=one)
            assert answer.is_success is (who not in {NOBODY, Role.MONITOR}), who
    return lambda who: known[who].pop() if who == SESSION else known[who][0]


def operations(described: BaseSchema) -> list[APIOperation[Any, Any, Any, Any]]:
    """All of the description; leaving comes last."""
    results = list(described.get_all_operations())
    found = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(found) == len(results)
    assert len(found) > 40
    return sorted(found, key=lambda one: (one.method.upper(), one.path) == LAST)


def ask_everything(described: BaseSchema, shown: dict[str, str], mode: str, examples: int) -> None:
    """`examples` calls of each operation, all of them answered as described."""
    at_home, generation = MODES[mode]
    for operation in operations(described):
        open_to_all = operation.definition.raw.get("security") == []
        wrong = generation is GenerationMode.NEGATIVE
        if wrong and open_to_all and not (operation.body or operation.query):
            continue  # a call that says nothing cannot say it wrongly
        names = {parameter.name for parameter in operation.path_parameters} if at_home else set()
        here = {name: HERE[name] for name in names & HERE.keys()}

        @given(case=operation.as_strategy(generation_mode=generation, path_parameters=here))
        @settings(
            max_examples=examples, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        def check(case: Case[Any]) -> None:
            case.call_and_validate(headers=shown, checks=CHECKS)

        check()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", [Role.MANAGER, SESSION])
def test_the_server_keeps_to_its_own_description(
    described: BaseSchema, headers: Callable[[str], dict[str, str]], who: str, mode: str
) -> None:
    ask_everything(described, headers(who), mode, MANY)


@pytest.mark.parametrize("who", sorted(set(WHO) - {Role.MANAGER, SESSION}))
def test_whoever_asks_it_is_answered_as_described(
    described: BaseSchema, headers: Callable[[str], dict[str, str]], who: str
) -> None:
    ask_everything(described, headers(who), "good", FEW)


@pytest.mark.soak
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("who", WHO)
def test_everybody_asks_everything_for_long(
    described: BaseSchema, headers: Callable[[str], dict[str, str]], who: str, mode: str
) -> None:
    ask_everything(described, headers(who), mode, SOAK)
