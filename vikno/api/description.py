"""The OpenAPI document: what FastAPI knows of the doors, and what they read by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from vikno.api.doors.visit import ANYBODY, KEY_LENGTH_MAX, rule_of
from vikno.api.people.sessions import COOKIE

NAMES = re.compile(r"{(\w+)}")
KEYED = ("post", "delete")
HALL = "/halls/{hall}"
"""What is done to a hall happens once; what is done to people and devices is the same if done twice."""

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same call gives the same answer and happens once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_LENGTH_MAX},
}


class Application(FastAPI):
    """FastAPI, whose document also names the path's parts, the idempotency key and how to sign in."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document: which calls want a token or a session, and which nothing."""
        if self.openapi_schema is None:
            schema = super().openapi()
            schema.setdefault("components", {})["securitySchemes"] = {
                "bearer": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            }
            schema["security"] = [{"bearer": []}, {"session": []}]
            nothing_shown = set(self._nothing_shown())
            for path, operations in schema["paths"].items():
                for method, operation in operations.items():
                    operation["parameters"] = _parameters(path, method, operation.get("parameters", []))
                    if (path, method) in nothing_shown:
                        operation["security"] = []
        return self.openapi_schema or {}

    def _nothing_shown(self) -> Iterator[tuple[str, str]]:
        """The calls of those who have nothing to show yet."""
        for route in self.routes:
            if isinstance(route, APIRoute) and route.include_in_schema and rule_of(route) == ANYBODY:
                yield from ((route.path_format, method.lower()) for method in route.methods or ())


def _parameters(path: str, method: str, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {parameter["name"] for parameter in known}
    missing = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in NAMES.findall(path)
        if name not in names
    ]
    return [*missing, *known, *([IDEMPOTENCY_KEY] if method in KEYED and HALL in path else [])]
