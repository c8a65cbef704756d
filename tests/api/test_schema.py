"""The interface is as it describes itself: thousands of calls made from its own description, by schemathesis.

A manager's token asks for everything, right and wrong; the server never fails, and no answer is other than
the description says.
"""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.running import HALL, Server, bearer
from vikno.api.access import Role

EXAMPLES = 50
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def manager(server: Server) -> dict[str, str]:
    return bearer(server.token(Role.MANAGER))


@pytest.fixture(scope="module")
def described(server: Server) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{server.url}openapi.json")


MODES = [(True, GenerationMode.POSITIVE), (True, GenerationMode.NEGATIVE), (False, GenerationMode.POSITIVE)]
HERE = {"hall": HALL, "window": "w-1"}


@pytest.mark.parametrize(("at_home", "mode"), MODES, ids=["good", "bad", "elsewhere"])
def test_the_server_keeps_to_its_own_description(
    described: BaseSchema, manager: dict[str, str], at_home: bool, mode: GenerationMode
) -> None:
    results = list(described.get_all_operations())
    operations = [result.ok() for result in results if isinstance(result, Ok)]
    assert len(operations) == len(results)
    assert len(operations) > 20
    for operation in operations:
        open_to_all = operation.definition.raw.get("security") == []
        if mode is GenerationMode.NEGATIVE and open_to_all and not (operation.body or operation.query):
            continue  # a call that says nothing cannot say it wrongly
        names = {parameter.name for parameter in operation.path_parameters} if at_home else set()
        here = {name: HERE[name] for name in names & HERE.keys()}

        @given(case=operation.as_strategy(generation_mode=mode, path_parameters=here))
        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )
        def check(case: Case[Any]) -> None:
            case.call_and_validate(headers=manager, checks=CHECKS)

        check()
