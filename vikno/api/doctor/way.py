"""The way to the server: its port, and the address by which people meet it with certificate and proxy."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from vikno.api.doctor.finding import Finding, bad, look, ok

SECONDS = 5.0
"""For each answer; who takes longer is not reachable for a screen either."""

CERTIFICATE_DAYS_MIN = 14
LIVE = "health/live"


def way(host: str, port: int, public_url: str) -> Iterator[Finding]:
    """Every check of the way."""
    yield _port(host, port)
    if public_url:
        yield _public(public_url.rstrip("/"))
        if public_url.startswith("https://"):
            yield _certificate(public_url)
        else:
            yield look(
                "TLS", f"{public_url} is not encrypted", "let a proxy speak TLS; see docs/operations.md"
            )


def _port(host: str, port: int) -> Finding:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            if _lives(f"http://{host}:{port}"):
                return ok("port", f"a Vikno server answers at {host}:{port}")
            return bad(
                "port", f"{host}:{port}: {error.strerror}", "choose another, or end what listens there"
            )
    return ok("port", f"{host}:{port} is free")


def _public(url: str) -> Finding:
    if _lives(url):
        return ok("address", f"{url} leads to a Vikno server")
    return bad("address", f"{url} leads to none", "check name, proxy, and that the server runs")


def _lives(url: str) -> bool:
    try:
        answer = httpx.get(f"{url}/{LIVE}", timeout=SECONDS, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == HTTPStatus.OK and "live" in answer.text


def _certificate(url: str) -> Finding:
    parts = urlsplit(url)
    name = parts.hostname or ""
    context = ssl.create_default_context()
    try:
        with (
            socket.create_connection((name, parts.port or 443), SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=name) as secure,
        ):
            until = ssl.cert_time_to_seconds(str((secure.getpeercert() or {})["notAfter"]))
    except OSError as error:
        return bad("TLS", str(error), "renew the certificate, or correct the name it is for")
    days = (until - time.time()) / 86_400
    found = f"the certificate of {name} is good for {days:.0f} days"
    if days < CERTIFICATE_DAYS_MIN:
        return look("TLS", found, "renew it")
    return ok("TLS", found)
