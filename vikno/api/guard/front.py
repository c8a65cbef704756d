"""Under which names the server is met, and which proxies may say for whom they ask.

A page of another site can have its own name lead to this server's address and then talk to it as if it were
one of ours (DNS rebinding). The browser still sends that name as `Host`, so only names that are ours are
answered. An address in digits is nobody's name and is always ours; without `--public-url` this machine's own
names are too.

`X-Forwarded-For` and `X-Forwarded-Proto` are believed only from the proxies that are named: anybody else
could write anything there and be somebody new with every request.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from vikno.queue.errors import ViknoError

IPV6_HOME_BITS = 64
"""A household or an office gets a whole such network, and can have a new address for every request."""

HOSTS_MAX = 256
"""Answers that are remembered: every request asks, and nearly all of them name one of a few hosts."""

Headers = Iterable[tuple[bytes, bytes]]
"""Names in small letters and values, as they came."""


class BadFront(ViknoError):
    """What was said of how the server is reached cannot be."""


class Front:
    """`public_url`: where people meet the server, if it has such a place; `proxies`: addresses or networks.

    `listens` is the address the server listens on, which may be a name.
    """

    def __init__(self, listens: str = "127.0.0.1", public_url: str = "", proxies: Sequence[str] = ()) -> None:
        self.origin, name = _public(public_url)
        own = socket.gethostname().lower()
        self._names = {"localhost", own, f"{own.partition('.')[0]}.local", listens.lower()} | {name}
        self.proxies = [_proxy(one) for one in proxies]
        self.knows = lru_cache(HOSTS_MAX)(self._knows)
        """Whether a `Host` header names this server; the port does not matter."""
        self._forwarded = ProxyHeadersMiddleware(_nothing, trusted_hosts=self.proxies)

    @property
    def secure(self) -> bool:
        """Whether people reach the server by TLS alone."""
        return self.origin.startswith("https://")

    def _knows(self, host: bytes) -> bool:
        try:
            name = urlsplit("//" + host.decode("ascii")).hostname or ""
        except ValueError:
            return False
        return name in self._names or _is_address(name)

    def near(self, peer: str) -> bool:
        """Whether many may stand behind this peer: this machine itself, or a named proxy."""
        return peer in self._forwarded.trusted_hosts or (_is_address(peer) and _loopback(peer))

    async def client(self, peer: tuple[str, int] | None, headers: Headers) -> str:
        """The address of who asks: the peer's, or what a named proxy says."""
        scope: Any = {"type": "websocket", "client": peer, "headers": headers, "scheme": "ws"}
        await self._forwarded(scope, _nothing, _nothing)
        return home(scope["client"])


def home(client: tuple[str, int] | None) -> str:
    """What stands for one household when it is counted: an address, or the network of an IPv6 address."""
    address = client[0] if client else ""
    if ":" not in address:
        return address
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_HOME_BITS), strict=False))


async def _nothing(*_anything: Any) -> Any:
    """The application behind the middleware that reads forwarded headers: it only fills in the scope."""


def _public(url: str) -> tuple[str, str]:
    """The origin of a public address, and its host."""
    if not url:
        return "", "localhost"
    try:
        parts = urlsplit(url)
        port, name = parts.port, parts.hostname
    except ValueError:
        parts, port, name = urlsplit(""), None, None
    if parts.scheme not in {"http", "https"} or not name or parts.path not in {"", "/"} or parts.query:
        raise BadFront(f"--public-url: {url!r} is no such address; give for example https://hall.example.org")
    host = f"[{name}]" if ":" in name else name
    return f"{parts.scheme}://{host}" + (f":{port}" if port else ""), name


def _proxy(said: str) -> str:
    try:
        ipaddress.ip_network(said)
    except ValueError:
        message = f"--proxy: {said!r} is no address; give for example 127.0.0.1 or 10.0.0.0/24"
        raise BadFront(message) from None
    return said


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback
