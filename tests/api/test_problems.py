"""Bad input gets one clear problem document and changes nothing; never a fault of the server."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.api import checker
from tests.api.running import HALL, Server, bearer
from vikno.api.access import Role
from vikno.api.bodies import BODY_BYTES_MAX
from vikno.api.doors.visit import KEY_LENGTH_MAX

FIELDS = {"type", "title", "status", "detail", "code"}
GOOD = {"services": ["passport"]}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def http(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(headers=bearer(server.token(Role.MANAGER)), base_url=server.url) as http:
        yield http


@pytest.fixture(scope="module")
def hall(server: Server) -> str:
    return server.api


def check_problem(response: httpx.Response, status: int, code: str = "") -> dict[str, Any]:
    """The document, after a look whether it is a good one."""
    assert response.status_code == status, (response.request.content[:99], response.text)
    assert response.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert FIELDS <= set(body) <= {*FIELDS, "field"}
    assert body["status"] == status
    assert body["type"] == f"urn:vikno:{body['code']}"
    assert body["detail"].strip()
    assert not code or body["code"] == code, body
    return body


BODIES: list[tuple[bytes, str]] = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"null", "application/json"),
    (b"[]", "application/json"),
    (b'"passport"', "application/json"),
    (b"\x00", "application/json"),
    (b"\xff\xfe{}", "application/json"),
    (b'{"services": ["passport"]}', "text/plain"),
    (b"services=passport", "application/x-www-form-urlencoded"),
    (b"[" * 10_000, "application/json"),
    (b'{"services": NaN}', "application/json"),
    (b'{"services": ["passport"], "priority": 1e999}', "application/json"),
    (b'{"services": ["passport"], "services": ["pickup"]}', "application/json"),
    (b'{"services": ["passport"], "language": "\\u0000"}', "application/json"),
    (b'{"services": ["\\ud83d"]}', "application/json"),
    (b'{"services": ["\xed\xa0\x80"]}', "application/json"),
    (b'{"services": ["passport"], "priority": ' + b"1" * 5_000 + b"}", "application/json"),
    (b'{"services": ["passport"]}{}', "application/vnd.vikno+json"),
    ('{"services": ["passport"]}'.encode("utf-16"), "application/json"),
    (b'{"services": ["passport"], "priority": 100000000000000000000000}', "application/json"),
]

NEW_TICKETS: list[Any] = [
    {},
    {"services": []},
    {"services": "passport"},
    {"services": [1]},
    {"services": [None]},
    {"services": ["nowhere"]},
    {"services": ["passport", "passport"]},
    {"services": ["passport\x00"]},
    {"services": ["паспорт" * 100]},
    {"services": ["x"] * 51},
    {"services": ["\ud800"]},
    GOOD | {"language": "Ukrainian"},
    GOOD | {"language": 3},
    GOOD | {"language": "u\x00"},
    GOOD | {"priority": 1.5},
    GOOD | {"priority": "1"},
    GOOD | {"priority": True},
    GOOD | {"priority": 10},
    GOOD | {"priority": 10**9},
    GOOD | {"extra": 1},
]


def test_a_body_that_is_none_is_refused(http: httpx.Client, hall: str, server: Server) -> None:
    before = len(checker.rows(server.database, HALL))
    for body, kind in BODIES:
        answer = http.post(f"{hall}/tickets", content=body, headers={"Content-Type": kind})
        check_problem(answer, 422)
    for new in NEW_TICKETS:
        answer = http.post(f"{hall}/tickets", content=json.dumps(new), headers=JSON)
        check_problem(answer, 422)
    assert len(checker.rows(server.database, HALL)) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("windows/w-1/call", {}),
        ("windows/w-1/call", {"ticket": ""}),
        ("windows/w-1/call", {"ticket": "x" * 41}),
        ("windows/w-1/call", {"ticket": 7}),
        ("windows/w-1/transfer", {"service": "passport", "note": "x" * 501}),
        ("windows/w-1/transfer", {"service": ["passport"]}),
        ("windows/w-1/unpark", None),
        ("tickets/nobody/more-time", {"places": 0}),
        ("tickets/nobody/more-time", {"places": "3"}),
        ("tickets/nobody/priority", {}),
    ],
)
def test_a_field_that_can_never_be_right_is_named(
    http: httpx.Client, hall: str, path: str, body: Any
) -> None:
    problem = check_problem(http.post(f"{hall}/{path}", json=body), 422, "invalid")
    assert problem["detail"].startswith((problem.get("field") or "body") + ":")


@pytest.mark.parametrize(
    "window", ["nowhere", "w-1%00", "w%2D9", "%F0%9F%AA%9F", "W-1", "-", "w" * 4_000, "%FF"]
)
@pytest.mark.parametrize("step", ["open", "call-next", "undo"])
def test_a_window_that_is_not_there_is_not_found(
    http: httpx.Client, hall: str, window: str, step: str
) -> None:
    check_problem(http.post(f"{hall}/windows/{window}/{step}"), 404, "unknown-window")


@pytest.mark.parametrize("ticket", ["nobody", "%00", "%F0%9F%8E%AB", "x" * 4_000, "..%2F..", "%FF"])
def test_a_ticket_that_is_not_there_is_not_found(http: httpx.Client, hall: str, ticket: str) -> None:
    for method, end in (("GET", ""), ("DELETE", ""), ("POST", "/return"), ("POST", "/more-time")):
        answer = http.request(method, f"{hall}/tickets/{ticket}{end}")
        assert check_problem(answer, 404)["code"] in {"unknown-ticket", "not-found"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "api/v1/halls/demo/nothing", 404),
        ("GET", "api/v1", 404),
        ("GET", "nothing", 404),
        ("GET", "static/nothing.js", 404),
        ("GET", "static/../../../../etc/passwd", 404),
        ("GET", "static/%2e%2e/%2e%2e/pages.py", 404),
        ("GET", "kiosk/nowhere", 404),
        ("GET", "console/demo/nowhere", 404),
        ("GET", "i18n/xx.json", 404),
        ("PUT", "api/v1/halls/demo/tickets", 405),
        ("GET", "api/v1/halls/demo/tickets", 405),
        ("DELETE", "api/v1/halls/demo", 405),
        ("PATCH", "api/v1/halls/demo/tickets/x", 405),
        ("GET", "api/v1/halls/demo/windows/w-1/open", 405),
        ("OPTIONS", "api/v1/halls/demo/board", 405),
        ("POST", "screen/demo", 405),
        ("GET", "api/v1/halls/nowhere/board", 403),
        ("GET", "api/v1/halls/demo/speech/uk/A1/nowhere.wav", 404),
        ("GET", "api/v1/halls/demo/speech/xx/A1/w-1.wav", 404),
        ("GET", "api/v1/halls/demo/speech/uk/A0/w-1.wav", 422),
        ("GET", "api/v1/halls/demo/speech/uk/$(reboot)/w-1.wav", 422),
    ],
)
def test_what_is_not_there_or_cannot_be_done_is_said_clearly(
    http: httpx.Client, method: str, path: str, status: int
) -> None:
    check_problem(http.request(method, path), status)


def test_a_stream_asked_for_as_a_page_is_not_found(http: httpx.Client, hall: str) -> None:
    check_problem(http.get(f"{hall}/stream"), 404)


# Keys and sizes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [b"", b"x" * (KEY_LENGTH_MAX + 1), b"\xff", "ключ".encode(), b"a\tb"])
def test_a_bad_key_is_refused(http: httpx.Client, hall: str, key: bytes) -> None:
    answer = http.post(f"{hall}/tickets", json=GOOD, headers=[(b"Idempotency-Key", key)])
    check_problem(answer, 422)


def test_a_key_of_any_printable_characters_is_good(http: httpx.Client, hall: str) -> None:
    for key in ("!", "~" * KEY_LENGTH_MAX, "'; DROP TABLE events; --", '"{}[]%00\\'):
        answers = [http.post(f"{hall}/tickets", json=GOOD, headers={"Idempotency-Key": key}) for _ in (1, 2)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert answers[0].content == answers[1].content


def test_a_key_used_for_another_call_is_refused(http: httpx.Client, hall: str) -> None:
    headers = {"Idempotency-Key": "once"}
    assert http.post(f"{hall}/tickets", json=GOOD, headers=headers).is_success
    for path, body in (("tickets", {"services": ["pickup"]}), ("windows/w-2/open", None)):
        check_problem(http.post(f"{hall}/{path}", json=body, headers=headers), 422, "key-reused")


def test_a_body_may_be_large_and_not_larger(http: httpx.Client, hall: str, server: Server) -> None:
    fits = json.dumps(GOOD).encode().ljust(BODY_BYTES_MAX)
    assert http.post(f"{hall}/tickets", content=fits, headers=JSON).status_code == 201
    check_problem(http.post(f"{hall}/tickets", content=fits + b" ", headers=JSON), 413, "too-large")
    before = len(checker.rows(server.database, HALL))
    check_problem(http.post(f"{hall}/windows/w-4/open", content=b" " * 1_000_000), 413, "too-large")
    assert len(checker.rows(server.database, HALL)) == before


def test_a_body_without_a_length_is_not_read_for_ever(http: httpx.Client, hall: str) -> None:
    def drops() -> Iterator[bytes]:
        for _ in range(100):
            yield b" " * 1_024

    check_problem(http.post(f"{hall}/tickets", content=drops(), headers=JSON), 413, "too-large")


def test_a_client_that_hangs_up_in_the_middle_harms_nobody(
    server: Server, http: httpx.Client, hall: str
) -> None:
    token = f"Host: localhost\r\nAuthorization: {http.headers['Authorization']}"
    head = f"POST /api/v1/halls/demo/tickets HTTP/1.1\r\n{token}"
    for end in ("", "\r\nContent-Length: 26\r\n\r\n", '\r\nContent-Length: 26\r\n\r\n{"services"'):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall((head + end).encode())
    assert http.get(hall).is_success


def test_what_is_no_http_is_answered_400_or_not_at_all(server: Server, http: httpx.Client) -> None:
    for noise in (b"\x00" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
            connection.sendall(noise)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(4_096)
            assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert http.get("/").is_success
