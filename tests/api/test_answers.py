"""What every answer tells a browser, and what an answer to a mistake of the server does not tell anybody."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.api.running import Server, bearer, hall_text
from vikno.api import serve
from vikno.api.access import Role
from vikno.api.app import create_app
from vikno.api.guard.headers import SecurityHeaders
from vikno.queue.hallfile import parse_hall
from vikno.queue.journal.database import open_database, sqlite_url

PATHS = {
    "": 200,
    "screen/demo": 200,
    "nothing": 404,
    "openapi.json": 200,
    "i18n/uk.json": 200,
    "static/css/tokens.css": 200,
    "static/nothing.css": 404,
    "api/v1/halls/demo/board": 200,
    "api/v1/halls/demo/tickets": 405,
    "api/v1/halls/nowhere/board": 403,
    "t/demo/nobody": 404,
}


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_is_marked(server: Server, path: str) -> None:
    answer = httpx.get(server.url + path, headers=bearer(server.token(Role.MANAGER)))
    assert answer.status_code == PATHS[path]
    said = answer.headers
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Referrer-Policy"] == "no-referrer"
    assert said["Cross-Origin-Resource-Policy"] == "same-origin"
    assert said["Cache-Control"] == ("no-cache" if path.startswith("static/") else "no-store")
    assert "Strict-Transport-Security" not in said, "nobody reaches it by TLS"
    assert not {"server", "x-powered-by", "access-control-allow-origin"} & set(said)
    policy = said["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    if said["Content-Type"].startswith("text/html"):
        assert said["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "camera=()" in said["Permissions-Policy"]
        assert "script-src 'self';" in policy
    for name, values in said.multi_items():
        assert len(said.get_list(name)) == 1, f"{name} is said twice: {values}"


async def test_a_mistake_of_the_server_is_told_without_its_insides(tmp_path: Path) -> None:
    house = serve.build_house([parse_hall(hall_text())], open_database(sqlite_url(tmp_path)))
    app = create_app(house)

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("secret words of a traceback")

    transport = httpx.ASGITransport(SecurityHeaders(app, secure=True), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as http:
        answer = await http.get("/broken")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "broken"
    assert "secret" not in answer.text
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
