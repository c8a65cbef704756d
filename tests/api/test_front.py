"""Under which names a server is met, and whose word it takes for whom they ask."""

from __future__ import annotations

import socket

import pytest

from vikno.api.guard.front import BadFront, Front, home

PROXY, CLIENT = "10.0.0.1", "203.0.113.9"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "10.1.2.3:80", "[::1]:8080", "hall.example.org:443"]
)
def test_names_of_its_own_and_addresses_in_digits_are_answered(host: str) -> None:
    assert Front("0.0.0.0", "https://hall.example.org").knows(host.encode())  # noqa: S104  (is not listened on)


def test_the_name_of_the_machine_and_the_one_listened_on_are_answered() -> None:
    front = Front("hall-pc.lan")
    assert front.knows(socket.gethostname().encode())
    assert front.knows(b"hall-pc.lan:8080")


@pytest.mark.parametrize(
    "host",
    [
        b"",
        b":80",
        b"evil.example",
        b"localhost.evil.example",
        b"127.0.0.1.evil.example",
        b"evil.example:localhost",
        b"hall.example.org.evil.example",
        b"user@evil.example",
        b"[",
        b"\xff",
        b"local host",
        b"hall.example.org/x",
    ],
)
def test_names_of_others_are_not(host: bytes) -> None:
    known = host == b"hall.example.org/x"  # no browser sends it, and it names this server
    assert Front("127.0.0.1", "https://hall.example.org").knows(host) is known


@pytest.mark.parametrize(
    "url", ["hall.example.org", "ftp://a", "https://", "https://a/b", "https://a?b", "http://[", "http://a:x"]
)
def test_a_public_address_that_is_none_is_refused_by_name(url: str) -> None:
    with pytest.raises(BadFront, match=r"^--public-url: "):
        Front(public_url=url)


@pytest.mark.parametrize("proxy", ["", "proxy.lan", "10.0.0.0/99", "*", "10.0.0.1/24"])
def test_a_proxy_that_is_no_address_is_refused_by_name(proxy: str) -> None:
    with pytest.raises(BadFront, match=r"^--proxy: "):
        Front(proxies=[proxy])


async def test_forwarded_addresses_are_believed_only_from_named_proxies() -> None:
    front = Front(proxies=[PROXY, "192.168.7.0/24"])
    forwarded = [(b"x-forwarded-for", f"198.51.100.1, {CLIENT}".encode())]
    assert await front.client((PROXY, 1), forwarded) == CLIENT, "the last that no proxy of ours wrote"
    assert await front.client(("192.168.7.9", 1), forwarded) == CLIENT
    assert await front.client((CLIENT, 1), [(b"x-forwarded-for", b"1.2.3.4")]) == CLIENT
    assert await front.client(("127.0.0.1", 1), forwarded) == "127.0.0.1", "nobody is trusted by default"
    assert await front.client((PROXY, 1), []) == PROXY
    assert await Front().client((PROXY, 1), forwarded) == PROXY


async def test_nonsense_from_a_proxy_is_counted_as_one_more_address() -> None:
    front = Front(proxies=[PROXY])
    for said in (b"", b",", b"unknown", b"[::1", b"\xff"):
        assert isinstance(await front.client((PROXY, 1), [(b"x-forwarded-for", said)]), str)


def test_a_household_is_counted_once() -> None:
    assert home(("203.0.113.9", 1)) == "203.0.113.9"
    here, again, elsewhere = (home((f"2001:db8:1:{rest}", 1)) for rest in ("2:a::1", "2:b::2", "3::1"))
    assert here == again != elsewhere
    assert home(("::ffff:203.0.113.9", 1)) == "203.0.113.9"
    assert home(None) == ""


def test_only_this_machine_and_named_proxies_may_be_many() -> None:
    front = Front(proxies=[PROXY])
    assert [front.near(peer) for peer in (PROXY, "127.0.0.1", "::1", CLIENT, "", "unknown")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]
