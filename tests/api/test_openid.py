"""Signing in by an OpenID provider: a real one, which is also made to lie."""

from __future__ import annotations

import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.api.owning import NOON, HandClock, database
from tests.api.people.office import PASSWORD
from tests.api.running import hall_text
from tools.node import node_command
from vikno.api import serve
from vikno.api.access import ANY_HALL, Grant, Role
from vikno.api.app import create_app
from vikno.api.doors import signin
from vikno.api.doors.signin import COOKIE as AWAY
from vikno.api.doors.signin import own_page
from vikno.api.guard.rates import REFUSED_AT_ADDRESS
from vikno.api.house import House
from vikno.api.people.oidc import BadProvider, Provider, Settings, read_provider
from vikno.api.people.sessions import COOKIE
from vikno.api.people.store import PeopleRefused
from vikno.queue.hallfile import parse_hall

PROGRAM = Path(__file__).with_name("openid") / "provider.mjs"
OURS = "https://vikno.test"
CALLBACK = f"{OURS}/api/v1/sign-in/oidc/callback"
START = f"{OURS}/api/v1/sign-in/oidc"
SECRET = "a secret of the test"
OLENA = {"email": "olena@city.test", "email_verified": True, "name": "Olena K."}
STEPS_MAX = 20
CLERK = Grant(Role.CLERK, "demo")


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider at work."""
    command = [*node_command(), str(PROGRAM), CALLBACK]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()


class Desk:
    """A server that trusts the provider, and a browser in front of it."""

    def __init__(self, folder: Path, issuer: str, **settings: str) -> None:
        plan = parse_hall(hall_text(time_zone="UTC"))
        self.house: House = serve.build_house([plan], database(folder), clock=lambda _: HandClock(NOON))
        self.provider = Provider(Settings(issuer, "vikno", SECRET, **settings))
        self.app = create_app(self.house, provider=self.provider)
        self.issuer = issuer
        self.browser = self.new_browser()

    def new_browser(self) -> httpx.AsyncClient:
        ours = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(mounts={OURS: ours}, trust_env=False)

    async def tell(self, place: str, told: dict[str, Any]) -> None:
        """What the provider knows of somebody, or shall lie about."""
        await self.browser.put(f"{self.issuer}/{place}", json=told)

    def account(self, name: str = "olena@city.test", *grants: Grant) -> int:
        """One that is there beforehand."""
        return self.house.people.accounts.add(name, name, "", grants or [CLERK], who="test").id

    async def go(self, name: str = "olena", page: str = "") -> httpx.Response:
        """Sign in at the provider, as a browser does, up to the way back; and take it."""
        return await self.browser.get(await self.way_back(name, page))

    async def way_back(self, name: str = "olena", page: str = "") -> str:
        """The address by which the provider sends somebody back."""
        answer = await self.browser.get(START, params={"next": page} if page else None)
        for _ in range(STEPS_MAX):
            if answer.is_redirect:
                where = str(answer.next_request.url) if answer.next_request else ""
                if where.startswith(CALLBACK):
                    return where
                answer = await self.browser.get(where)
            else:
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert prompt is not None, answer.text
                data = {"prompt": prompt[1], "login": name, "password": "anything"}
                answer = await self.browser.post(answer.url, data=data)
        raise AssertionError("the provider does not send anybody back")

    async def signed_in(self) -> dict[str, Any] | None:
        """Whose session the browser has."""
        answer = await self.browser.get(f"{OURS}/api/v1/session")
        return answer.json()["account"] if answer.is_success else None

    def said(self) -> list[tuple[str, str]]:
        """Who did what, newest first."""
        entries = self.house.people.trail.entries(frozenset({ANY_HALL}))
        return [(entry.who, entry.kind) for entry in entries]


@pytest.fixture
async def desk(tmp_path: Path, issuer: str) -> AsyncIterator[Desk]:
    desk = Desk(tmp_path, issuer)
    await desk.tell("people/olena", OLENA)
    await desk.tell("tamper", {})
    yield desk
    await desk.browser.aclose()


async def test_who_has_an_account_signs_in_and_is_where_they_wanted_to_be(desk: Desk) -> None:
    desk.account()
    # Signed once more, as lies are below: so it is what they say that is refused, and not how.
    await desk.tell("tamper", {"locale": "uk"})
    answer = await desk.go(page="/console/demo/w-1?lang=uk")
    assert answer.status_code == 200
    assert 'content="0;url=/console/demo/w-1?lang=uk"' in answer.text
    cookies = answer.headers.get_list("set-cookie")
    strict = next(one for one in cookies if one.startswith(f"{COOKIE}="))
    assert {"HttpOnly", "Secure", "SameSite=strict", "Path=/"} <= set(strict.split("; "))
    account = await desk.signed_in()
    assert account is not None
    assert account["name"] == "olena@city.test"
    assert AWAY not in desk.browser.cookies
    assert desk.said()[0] == ("account:olena@city.test", "signed-in")


async def test_the_way_there_has_a_challenge_a_state_and_a_nonce_and_none_of_them_twice(desk: Desk) -> None:
    seen = []
    for _ in range(2):
        query = parse_qs(urlsplit((await desk.browser.get(START)).headers["location"]).query)
        assert query["code_challenge_method"] == ["S256"]
        seen.append({query[name][0] for name in ("code_challenge", "state", "nonce")})
    assert len(seen[0] | seen[1]) == 6


async def test_the_same_person_keeps_their_account_when_their_address_changes(desk: Desk) -> None:
    desk.account()
    await desk.go()
    await desk.tell("people/olena", OLENA | {"email": "kovalenko@city.test"})
    await desk.go()
    account = await desk.signed_in()
    assert account is not None
    assert account["name"] == "olena@city.test"


async def refused(desk: Desk, answer: httpx.Response) -> bool:
    """Nobody is signed in, the page for it says so, and the trail too."""
    at_door = answer.status_code == 303 and answer.headers["location"] == "/sign-in?refused=provider"
    return at_door and await desk.signed_in() is None and desk.said()[0] == ("nobody", "sign-in-refused")


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another"},
        {"aud": ["another", "vikno"], "azp": "another"},
        {"iss": "https://another.test"},
        {"nonce": "another"},
        {"exp": 1},
        {"sub": None},
        {"forged": True},
    ],
)
async def test_an_id_token_that_is_not_for_us_now_is_refused(desk: Desk, lie: dict[str, Any]) -> None:
    desk.account()
    await desk.tell("tamper", lie)
    assert await refused(desk, await desk.go())


@pytest.mark.parametrize(
    "claims", [{"email_verified": False}, {"email": ""}, {"email": "stranger@city.test"}]
)
async def test_who_is_not_surely_somebody_with_an_account_is_refused(
    desk: Desk, claims: dict[str, Any]
) -> None:
    desk.account()
    await desk.tell("people/olena", OLENA | claims)
    assert await refused(desk, await desk.go())


async def test_an_account_that_is_another_persons_or_disabled_is_refused(desk: Desk) -> None:
    number = desk.account()
    await desk.go()
    await desk.browser.aclose()
    desk.browser = desk.new_browser()
    await desk.tell("people/impostor", OLENA)
    assert await refused(desk, await desk.go("impostor"))
    desk.house.people.accounts.change(number, {"active": False}, who="test")
    desk.browser = desk.new_browser()
    assert await refused(desk, await desk.go())


async def test_nobody_comes_back_twice_in_anothers_place_or_from_nowhere(desk: Desk) -> None:
    desk.account()
    back = await desk.way_back()
    another = desk.new_browser()
    stolen = await another.get(back)
    assert stolen.headers["location"] == "/sign-in?refused=provider"
    assert (await another.get(f"{OURS}/api/v1/session")).status_code == 401
    wrong_state = re.sub(r"state=[^&]*", "state=another", back)
    assert await refused(desk, await desk.browser.get(wrong_state))
    assert await refused(desk, await desk.browser.get(back)), "the journey was over"
    again = await desk.way_back()
    assert await refused(desk, await desk.browser.get(f"{CALLBACK}?error=access_denied"))
    assert await refused(desk, await desk.browser.get(again))


async def test_with_a_claim_for_rights_the_provider_says_what_somebody_may_do(
    tmp_path: Path, issuer: str
) -> None:
    desk = Desk(tmp_path, issuer, grants_claim="groups")
    for groups, grants in (
        (["clerk@demo", "clerk@elsewhere", "admin", "kiosk@demo", "everybody"], {("clerk", "demo")}),
        (["manager@demo", "auditor@*"], {("manager", "demo"), ("auditor", "*")}),
    ):
        await desk.tell("people/olena", OLENA | {"groups": groups})
        assert (await desk.go()).status_code == 200
        account = await desk.signed_in()
        assert account is not None
        assert {(one["role"], one["hall"]) for one in account["grants"]} == grants
    await desk.tell("people/olena", OLENA | {"groups": []})
    await desk.go()
    account = await desk.signed_in()
    assert account is not None
    assert account["grants"] == []
    await desk.tell("people/petro", OLENA | {"email": "petro@city.test", "groups": []})
    desk.browser = desk.new_browser()
    assert await refused(desk, await desk.go("petro"))


async def test_what_the_provider_gives_nobody_gets_by_a_password_they_chose_before(
    tmp_path: Path, issuer: str
) -> None:
    desk = Desk(tmp_path, issuer, grants_claim="groups")
    people = desk.house.people
    number = desk.account()
    await people.entry.use_key(people.keys.make(number, who="test"), "", PASSWORD)
    link = people.keys.make(number, who="test")
    assert await people.entry.sign_in("olena@city.test", PASSWORD, "")
    await desk.tell("people/olena", OLENA | {"groups": ["admin@*"]})
    assert (await desk.go()).status_code == 200
    with pytest.raises(PeopleRefused, match="wrong"):
        await people.entry.sign_in("olena@city.test", PASSWORD, "")
    with pytest.raises(PeopleRefused, match="used already"):
        await people.entry.use_key(link, "", PASSWORD)
    assert await desk.signed_in() is not None


async def test_who_comes_back_wrongly_again_and_again_fills_no_trail_and_breaks_no_line_of_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    await desk.way_back()
    said = {"error": "x", "error_description": "x\n2026-11-29 CRITICAL vikno: all is lost"}
    for _ in range(REFUSED_AT_ADDRESS.a_minute + 5):
        assert await refused(desk, await desk.browser.get(CALLBACK, params=said))
    assert desk.said().count(("nobody", "sign-in-refused")) == REFUSED_AT_ADDRESS.a_minute
    lines = [record.getMessage() for record in caplog.records if record.name == signin.__name__]
    assert "all is lost" in lines[0]
    assert not any("\n" in line for line in lines)


async def test_a_provider_that_cannot_be_asked_refuses_and_breaks_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "http://127.0.0.1:9")
    assert await refused(desk, await desk.browser.get(START))


async def test_a_server_without_a_provider_has_none(tmp_path: Path) -> None:
    desk = Desk(tmp_path, "http://127.0.0.1:9")
    desk.app.state.provider = None
    told = await desk.browser.get(f"{OURS}/api/v1/sign-in/providers")
    assert told.json() == {"providers": []}
    assert (await desk.browser.get(START)).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "page"),
    [
        ("/console/demo/w-1", "/console/demo/w-1"),
        ("/whatif/demo?try=a b", "/whatif/demo?try=a%20b"),
        *(
            (elsewhere, "/")
            for elsewhere in ("//else.test", "https://else.test/", "/\\else.test", "\\\\else", "x", "//[")
        ),
        *((broken, "/") for broken in ("", "javascript:alert(1)", "/\n/else.test", "http:else.test")),
        ('/"><script>', "/%22%3E%3Cscript%3E"),
    ],
)
def test_one_goes_on_only_to_a_page_of_this_server(wanted: str, page: str) -> None:
    assert own_page(wanted) == page


GOOD = {
    "VIKNO_OIDC_ISSUER": "https://login.city.test",
    "VIKNO_OIDC_CLIENT_ID": "vikno",
    "VIKNO_OIDC_CLIENT_SECRET": "secret",
}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"VIKNO_OIDC_ISSUER": "http://login.city.test"}, "VIKNO_OIDC_ISSUER"),
        ({"VIKNO_OIDC_CLIENT_ID": ""}, "VIKNO_OIDC_CLIENT_ID"),
        ({"VIKNO_OIDC_CLIENT_SECRET": " "}, "VIKNO_OIDC_CLIENT_SECRET"),
        ({"VIKNO_OIDC_SECRET": "x"}, "VIKNO_OIDC_SECRET"),
    ],
)
def test_settings_that_cannot_be_are_told_by_name(changed: dict[str, str], field: str) -> None:
    with pytest.raises(BadProvider, match=f"^{field}: "):
        read_provider(GOOD | changed)


def test_the_settings_name_a_provider_and_no_settings_none() -> None:
    assert read_provider({"HOME": "/root"}) is None
    provider = read_provider(GOOD)
    assert provider is not None
    assert provider.name == "login.city.test"


def test_without_the_extra_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(BadProvider, match=r"^VIKNO_OIDC_ISSUER: needs the extra oidc; .*vikno\[oidc\]$"):
        read_provider(GOOD)
