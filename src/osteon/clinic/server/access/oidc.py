"""Login through a provider of OpenID Connect: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0).

The ID token is taken only if a key of the provider signed it, for this client, in answer to this login.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from osteon.clinic.role import Role
from osteon.clinic.server.access.identity import Identity, LoginError
from osteon.clinic.settings import Oidc
from osteon.core.errors import PeerError

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a public key. Those with a shared one, and none at all, are no proof."""

LEEWAY: Final = 60
"""Seconds that the clocks of two machines may differ."""

SPENT: Final = 10_000
"""Finished logins that are remembered, so that none is finished twice on one server; the provider's code is good once anyway."""

LIFETIME: Final = 600.0
"""Seconds within which a login must be finished."""

_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class _Flow:
    state: str
    nonce: str
    verifier: str


class Provider:
    """A provider of OpenID Connect; safe to use from several threads at once.

    Nothing is asked of it before the first login: a server starts also while its provider is away. What belongs to a login
    follows from its id and the secret, so that a browser may come back to another server of the same store.

    Args:
        settings: of the provider.
        secret: of this room, for nothing else.
    """

    def __init__(self, settings: Oidc, secret: bytes) -> None:
        self._settings = settings
        self._secret = secret
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._lock = Lock()
        self._spent: OrderedDict[str, None] = OrderedDict()
        self._found: Mapping[str, Any] | None = None

    @property
    def name(self) -> str:
        """What the button says."""
        return self._settings.name

    def begin(self, callback: str) -> tuple[str, str]:
        """Begin a login.

        Args:
            callback: address that the provider leads back to.

        Returns:
            The id of the login, for a cookie of this browser, and the provider's address to go to.

        Raises:
            PeerError: the provider does not answer.
        """
        endpoint = self._endpoint("authorization_endpoint")
        name = f"{secrets.token_urlsafe(32)}.{int(time.time())}"
        flow = self._flow(name)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": callback,
            "scope": self._settings.scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return name, f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"

    def finish(self, name: str, state: str, code: str, callback: str) -> Identity:
        """Finish a login.

        Args:
            name: id of the login, from the cookie of this browser.
            state: as it came back.
            code: as it came back.
            callback: as it was given at the beginning.

        Raises:
            LoginError: the answer does not prove who this is, or they have no role here.
            PeerError: the provider does not answer.
        """
        begun = name.rpartition(".")[2]
        late = not begun.isdecimal() or not -LEEWAY <= time.time() - int(begun[:12]) <= LIFETIME
        if late or self._finished(name):
            raise LoginError("the login took too long or was started in another browser", hint="Start again.")
        flow = self._flow(name)
        if not secrets.compare_digest(flow.state.encode(), state.encode()):
            raise LoginError("the response does not belong to this login", hint="Start again.")
        if not code:
            raise LoginError("the provider refused the login")
        return self._identity(self._claims(self._exchange(code, flow, callback), flow.nonce))

    def _flow(self, name: str) -> _Flow:
        """What belongs to a login; the time in its id cannot be changed without changing all of it."""

        def derived(purpose: str) -> str:
            made = hmac.new(self._secret, f"{purpose} {name}".encode("utf-8", "surrogatepass"), hashlib.sha384).digest()
            return base64.urlsafe_b64encode(made).decode("ascii")

        return _Flow(derived("state"), derived("nonce"), derived("verifier"))

    def _finished(self, name: str) -> bool:
        """Whether a login was finished before; from now on it is."""
        with self._lock:
            if name in self._spent:
                return True
            self._spent[name] = None
            if len(self._spent) > SPENT:
                self._spent.popitem(last=False)
            return False

    def _exchange(self, code: str, flow: _Flow, callback: str) -> str:
        """The ID token for a code."""
        secret = self._settings.client_secret.get_secret_value()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": callback,
            "code_verifier": flow.verifier,
            "client_id": self._settings.client_id,
        }
        auth = httpx.BasicAuth(self._settings.client_id, secret) if secret else None
        answer = self._ask("POST", self._endpoint("token_endpoint"), data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise LoginError("the provider returned no ID token")
        return token

    def _claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token, after all that OpenID Connect Core, section 3.1.3.7, wants to be checked."""
        settings = self._settings
        keys = self._ask("GET", self._endpoint("jwks_uri"))
        wanted = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            claims = jwt.decode(token, KeySet.import_key_set({"keys": keys["keys"]}), algorithms=ALGORITHMS).claims
            wanted.validate(claims)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise LoginError("the ID token is not valid", got=type(error).__name__) from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", settings.client_id) != settings.client_id or (several and "azp" not in claims):
            raise LoginError("the ID token was issued for another client")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        settings = self._settings
        groups: Any = claims
        for step in settings.roles_claim.split("."):
            groups = groups.get(step) if isinstance(groups, dict) else None
        held = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
        roles = [settings.roles[group] for group in held if isinstance(group, str) and group in settings.roles]
        role = max(roles, key=list(Role).index) if roles else settings.default_role
        if role is None:
            raise LoginError("the provider gives you no role here", hint="Ask your administrator.")
        name = claims.get(settings.name_claim)
        return Identity(
            f"{settings.issuer} {claims['sub']}", name if isinstance(name, str) and name else claims["sub"], role
        )

    def _endpoint(self, name: str) -> str:
        """An address from the provider's own description, which is asked for once."""
        if self._found is None:
            issuer = self._settings.issuer
            found = self._ask("GET", f"{issuer.rstrip('/')}/.well-known/openid-configuration")
            if found.get("issuer") != issuer:
                raise PeerError("the provider states another issuer", expected=issuer, hint="Check oidc.issuer.")
            self._found = found
        address = self._found.get(name)
        if not isinstance(address, str) or not address.startswith(("https://", "http://")):
            raise PeerError(f"the provider does not state its {name}")
        if address.startswith("http://") and self._settings.issuer.startswith("https://"):
            raise PeerError(f"the provider's {name} is not encrypted")
        return address

    def _ask(self, method: str, address: str, **options: Any) -> Mapping[str, Any]:
        try:
            answer = self._client.request(method, address, headers={"Accept": "application/json"}, **options)
            answer.raise_for_status()
            content = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise PeerError("the login provider did not respond correctly", got=type(error).__name__) from error
        if not isinstance(content, dict):
            raise PeerError("the login provider did not respond correctly", got=type(content).__name__)
        return content
