"""Whether a request comes from a page of this very server, as its browser says (OWASP ASVS 5.0, 3.5).

A cookie is sent along by the browser whoever's page asks, so a request that carries one and would change
something, or open a stream, must show where it comes from. Browsers say so in headers that no page can set.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import cookie_parser

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SAME_ORIGIN = "same-origin"


def from_here(origin: str | None, fetch_site: str | None, host: str | None) -> bool:
    """Whether `Origin` or `Sec-Fetch-Site` says that it is ours; silence says nothing."""
    if fetch_site is not None and fetch_site != SAME_ORIGIN:
        return False
    if origin is not None:
        return same_host(origin, host)
    return fetch_site == SAME_ORIGIN


def same_host(origin: str, host: str | None) -> bool:
    """Whether a page at `origin` came from `host`; what is no address is nobody's page."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False


def read_cookie(header: str | None, name: str) -> str | None:
    """The value of a cookie, if it was sent."""
    return cookie_parser(header).get(name) if header and name in header else None
