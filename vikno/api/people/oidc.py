"""Signing in by an OpenID provider, such as the directory of a city: the extra `oidc`.

Authorization code flow with PKCE, state and nonce (OpenID Connect Core 1.0, 3.1; RFC 7636), done by Authlib.
What it needs to know between going to the provider and coming back lies in a cookie of the browser that
went, so that any process may take it back, and no stranger can be sent back in its place.

Who somebody is says the provider; what they may do say we: either there is an account of theirs already, or
the provider is asked for that too (`VIKNO_OIDC_GRANTS_CLAIM`) and its word counts at every sign-in.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard
from urllib.parse import urlsplit

import msgspec

from vikno.api.access import ANY_HALL, EVERYWHERE, PEOPLE, Grant, Role
from vikno.api.people.accounts import DISPLAY_NAME_LENGTH_MAX, is_line
from vikno.queue.errors import ViknoError

if TYPE_CHECKING:
    from fastapi import Request, Response

PREFIX = "VIKNO_OIDC_"
ID = "oidc"
"""As addresses name the provider; there is one."""

SECONDS_MAX = 10.0
"""Whoever signs in does not wait longer for an answer of the provider."""

LEEWAY_SECONDS = 60
"""How far its clock may be off."""

SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""What a word of the provider may be signed with: nothing that needs a shared secret, and never nothing."""

EMAIL = "email"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class BadProvider(ViknoError):
    """The settings of the provider cannot be used."""


class NotVouched(ViknoError):
    """The provider does not vouch for anybody here, or cannot be asked; the message is for the log."""


class Settings(msgspec.Struct, frozen=True):
    """The environment: `VIKNO_OIDC_` and each name in capitals.

    `account_claim`: which claim is the name of the account. `grants_claim`: which claim, if any, lists what
    they may do, each as `role@hall`.
    """

    issuer: str
    client_id: str
    client_secret: str
    name: str = ""
    account_claim: str = EMAIL
    grants_claim: str = ""


class Vouched(msgspec.Struct, frozen=True):
    """What the provider says of somebody; `grants` is None if it is not asked for them."""

    subject: str
    name: str
    display_name: str
    grants: tuple[Grant, ...] | None


class Provider:
    """The provider of a server."""

    def __init__(self, settings: Settings) -> None:
        if importlib.util.find_spec("authlib") is None:
            raise BadProvider(
                f"{PREFIX}ISSUER: needs the extra oidc; install it with: pip install vikno[oidc]"
            )
        self._settings = settings
        self._client: Any = None

    @property
    def name(self) -> str:
        """As the button says it."""
        return self._settings.name or str(urlsplit(self._settings.issuer).hostname)

    async def send_away(self, request: Request, back: str) -> Response:
        """To the provider; what it takes to come back is in `request.session` then."""
        client = await self._ready()
        response: Response = await client.authorize_redirect(request, back)
        return response

    async def take_back(self, request: Request, halls: Collection[str]) -> Vouched:
        """Whoever comes back from the provider. `NotVouched` unless everything agrees."""
        from authlib.common.errors import AuthlibBaseError  # noqa: PLC0415  (the extra)
        from httpx import HTTPError  # noqa: PLC0415
        from joserfc.errors import JoseError  # noqa: PLC0415

        client = await self._ready()
        settings = self._settings
        sender = request.query_params.get("iss")
        if sender is not None and sender != settings.issuer:
            raise NotVouched("the answer is another provider's (RFC 9207)")
        wanted = {"iss": {"values": [settings.issuer]}, "aud": {"values": [settings.client_id]}}
        try:
            token = await client.authorize_access_token(request, claims_options=wanted, leeway=LEEWAY_SECONDS)
        except (AuthlibBaseError, JoseError, HTTPError, ValueError) as error:
            raise NotVouched(
                f"the provider does not vouch for them ({type(error).__name__}: {str(error)!r})"
            ) from None
        claims = token.get("userinfo")
        if not claims:
            raise NotVouched("the provider sent no ID token")
        return self._read(claims, halls)

    def _read(self, claims: Mapping[str, Any], halls: Collection[str]) -> Vouched:
        settings = self._settings
        name = claims.get(settings.account_claim)
        if not isinstance(name, str) or not name:
            raise NotVouched(f"the provider does not say {settings.account_claim!r}")
        if settings.account_claim == EMAIL and claims.get("email_verified") is not True:
            raise NotVouched("the provider has not verified the address of e-mail")
        grants = None
        if settings.grants_claim:
            grants = read_grants(claims.get(settings.grants_claim), halls)
        display_name = claims.get("name")
        return Vouched(
            f"{settings.issuer} {claims['sub']}",
            name,
            display_name if _can_be_shown(display_name) else name,
            grants,
        )

    async def _ready(self) -> Any:
        from httpx import HTTPError  # noqa: PLC0415  (the extra)

        if self._client is None:
            from authlib.integrations.starlette_client import OAuth  # noqa: PLC0415  (the extra)

            settings = self._settings
            options = {"scope": "openid email profile", "code_challenge_method": "S256"}
            self._client = OAuth().register(
                ID,
                client_id=settings.client_id,
                client_secret=settings.client_secret,
                server_metadata_url=f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration",
                client_kwargs=options | {"timeout": SECONDS_MAX},
            )
        try:
            told = await self._client.load_server_metadata()
        except (HTTPError, ValueError) as error:
            raise NotVouched(f"the provider cannot be asked ({type(error).__name__}: {error})") from None
        if told.get("issuer") != self._settings.issuer:
            raise NotVouched(f"the provider calls itself {told.get('issuer')!r}; set {PREFIX}ISSUER to that")
        # Kept with the metadata, where Authlib looks for it.
        offered = told.get("id_token_signing_alg_values_supported", SIGNATURES[:1])
        told["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNATURES]
        return self._client


def read_provider(environment: Mapping[str, str]) -> Provider | None:
    """The provider that the environment names, if it names one; `BadProvider` says what is wrong with it."""
    said = {
        name.removeprefix(PREFIX).lower(): value.strip()
        for name, value in environment.items()
        if name.startswith(PREFIX) and value.strip()
    }
    if not said:
        return None
    if unknown := sorted(said.keys() - set(Settings.__struct_fields__)):
        raise BadProvider(f"{PREFIX}{unknown[0].upper()}: there is no such setting")
    for name in ("issuer", "client_id", "client_secret"):
        if name not in said:
            raise BadProvider(f"{PREFIX}{name.upper()}: is not set; the provider tells it when it is set up")
    issuer = urlsplit(said["issuer"])
    if not issuer.hostname or (issuer.scheme != "https" and issuer.hostname not in LOOPBACK):
        raise BadProvider(f"{PREFIX}ISSUER: {said['issuer']!r} is no address that begins with https://")
    return Provider(Settings(**said))


def _can_be_shown(name: Any) -> TypeGuard[str]:
    return isinstance(name, str) and len(name) <= DISPLAY_NAME_LENGTH_MAX and is_line(name)


def read_grants(said: Any, halls: Collection[str]) -> tuple[Grant, ...]:
    """What a claim lists for this server, each as `role@hall`; other groups are none of our business."""
    words = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
    found = []
    for word in words:
        role, _, hall = str(word).partition("@")
        everywhere = hall == ANY_HALL and role in EVERYWHERE
        if role in PEOPLE and (hall in halls or everywhere):
            found.append(Grant(Role(role), hall))
    return tuple(dict.fromkeys(found))
