"""The OpenAPI document: what FastAPI knows of the doors, and what they read by hand."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI

from vikno.api.doors.visit import KEY_LENGTH_MAX

NAMES = re.compile(r"{(\w+)}")
KEYED = ("post", "delete")
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
        """The OpenAPI document; every call wants a bearer token."""
        if self.openapi_schema is None:
            schema = super().openapi()
            bearer = {"type": "http", "scheme": "bearer"}
            schema.setdefault("components", {})["securitySchemes"] = {"bearer": bearer}
            schema["security"] = [{"bearer": []}]
            for path, operations in schema["paths"].items():
                for method, operation in operations.items():
                    operation["parameters"] = _parameters(path, method, operation.get("parameters", []))
        return self.openapi_schema or {}


def _parameters(path: str, method: str, known: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {parameter["name"] for parameter in known}
    missing = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in NAMES.findall(path)
        if name not in names
    ]
    return [*missing, *known, *([IDEMPOTENCY_KEY] if method in KEYED else [])]
