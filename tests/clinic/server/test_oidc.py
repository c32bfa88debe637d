"""Login through a provider of OpenID Connect: a real one, small, on 127.0.0.1; and what attackers may try."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from pydantic import SecretStr

from osteon.clinic.role import Role
from osteon.clinic.server.access import oidc as access
from osteon.clinic.server.access.identity import LoginError
from osteon.clinic.settings import Oidc

CLIENT = "the client's secret"


class Provider(ThreadingHTTPServer):
    """Hands out signed tokens. ``lie`` changes the claims, ``key`` the signature."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.keys = KeySet([RSAKey.generate_key(2048, private=True)])
        self.reset()

    def reset(self) -> None:
        """Be honest."""
        self.lie: dict[str, Any] = {}
        self.key: Any = self.keys.keys[0]
        self.algorithm = "RS256"
        self.code = "the code"
        self.asked: dict[str, str] = {}

    def token(self) -> str:
        """An ID token for the login that was asked for last."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": "osteon",
            "sub": "person-1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.asked["nonce"],
            "preferred_username": "Maria",
            "realm": {"groups": ["radiology", "everyone"]},
            **self.lie,
        }
        claims = {key: value for key, value in claims.items() if value is not None}
        if self.algorithm == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join([*(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts), ""])
        header = {"alg": self.algorithm, "kid": self.keys.keys[0].kid}
        return jwt.encode(header, claims, self.key, algorithms=[self.algorithm])


class Answers(BaseHTTPRequestHandler):
    """The provider's side of HTTP."""

    server: Provider

    def do_GET(self) -> None:
        """Its description, its keys, and the page that a person sees."""
        parts = urlsplit(self.path)
        url = self.server.url
        if parts.path == "/.well-known/openid-configuration":
            self._send(
                {"issuer": url}
                | {key: f"{url}/{key}" for key in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            )
        elif parts.path == "/jwks_uri":
            self._send(self.server.keys.as_dict())
        elif parts.path == "/authorization_endpoint":
            self.server.asked = asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", f"{asked['redirect_uri']}?code={self.server.code}&state={asked['state']}")
            self.end_headers()

    def do_POST(self) -> None:
        """The token for a code."""
        form = {
            key: values[0]
            for key, values in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()
        }
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=")
        secret = base64.b64encode(f"osteon:{CLIENT}".replace(" ", "%20").replace("'", "%27").encode()).decode()
        plain = base64.b64encode(f"osteon:{CLIENT}".encode()).decode()
        good = (
            form["code"] == self.server.code
            and challenge.decode() == self.server.asked["code_challenge"]
            and form["redirect_uri"] == self.server.asked["redirect_uri"]
            and self.headers["Authorization"] in {f"Basic {secret}", f"Basic {plain}"}
        )
        self._send({"id_token": self.server.token()} if good else {"error": "invalid_grant"}, 200 if good else 400)

    def _send(self, content: object, status: int = 200) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with Provider() as made:
        threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield made
        made.shutdown()


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.reset()
    return running


@pytest.fixture(scope="module")
def oidc(rooms: Any, running: Provider) -> Any:
    return rooms(
        rate=0,
        oidc={
            "issuer": running.url,
            "client_id": "osteon",
            "client_secret": CLIENT,
            "name": "Hospital login",
            "roles_claim": "realm.groups",
            "roles": {"radiology": "reader", "it": "administrator"},
        },
    )


def log_in(room: Any, client: httpx.Client) -> httpx.Response:
    """Walk to the provider and back; the answer to the way back."""
    there = client.get("/oidc/login")
    assert there.status_code == 303
    back = httpx.get(there.headers["location"])
    assert back.status_code == 302
    assert back.headers["location"].startswith(f"{room.url}/api/v1/oidc/callback?")
    return client.get(back.headers["location"])


def test_the_happy_way(oidc: Any, provider: Provider) -> None:
    client = oidc.client()
    assert client.get("/session").json()["oidc"] == {"name": "Hospital login", "url": "/api/v1/oidc/login"}
    answer = log_in(oidc, client)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "SameSite=strict" in "".join(answer.headers.get_list("set-cookie"))
    state = client.get("/session").json()
    assert state["user"] == {"name": "Maria", "role": "reader"}
    assert provider.asked["code_challenge_method"] == "S256"
    assert client.delete("/session", headers={"X-CSRF-Token": state["csrf"]}).status_code == 204
    provider.lie = {"realm": {"groups": ["radiology", "it"]}}
    log_in(oidc, client)
    assert client.get("/session").json()["user"]["role"] == "administrator", "the provider says which role"
    wrong = oidc.client().post("/session", json={"name": "Maria", "password": oidc.password})
    assert wrong.status_code == 401, "an account of the provider has no password"


def test_the_browser_may_come_back_to_another_server(running: Provider) -> None:
    """What belongs to a login follows from its id and the room's secret; each login is finished once, and in time."""
    settings = Oidc(issuer=running.url, client_id="osteon", client_secret=SecretStr(CLIENT), default_role=Role.VIEWER)
    running.reset()
    here, there, stranger = (access.Provider(settings, secret) for secret in (b"room", b"room", b"another"))
    name, address = here.begin("https://room/callback")
    back = httpx.get(address).headers["location"]
    query = {key: values[0] for key, values in parse_qs(urlsplit(back).query).items()}
    late = f"{name.rpartition('.')[0]}.{int(name.rpartition('.')[2]) - 3600}"
    for wrong, provider in ((name, stranger), (late, there), (name + "0", there)):
        with pytest.raises(LoginError):
            provider.finish(wrong, query["state"], query["code"], "https://room/callback")
    assert there.finish(name, query["state"], query["code"], "https://room/callback").role is Role.VIEWER
    with pytest.raises(LoginError, match="too long"):
        there.finish(name, query["state"], query["code"], "https://room/callback")


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "another login's"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["osteon", "another client"]},
        {"azp": "another client"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1},
        {"exp": None},
        {"iat": 9999999999},
        {"sub": None},
        {"sub": ""},
        {"realm": {"groups": ["kitchen"]}},
        {"realm": None},
        {"realm": {"groups": {"radiology": True}}},
    ],
    ids=str,
)
def test_wrong_claims(oidc: Any, provider: Provider, lie: dict[str, Any]) -> None:
    provider.lie = lie
    client = oidc.client()
    answer = log_in(oidc, client)
    assert answer.status_code == 403
    assert client.get("/session").json()["user"] is None


def test_wrong_signatures(oidc: Any, provider: Provider) -> None:
    public = provider.keys.keys[0].as_pem(private=False)
    for key, algorithm in (
        (RSAKey.generate_key(2048, private=True), "RS256"),
        (OctKey.import_key(base64.b64encode(public).decode()), "HS256"),
        (None, "none"),
    ):
        provider.key, provider.algorithm = key, algorithm
        client = oidc.client()
        assert log_in(oidc, client).status_code == 403, algorithm
        assert client.get("/session").json()["user"] is None


def test_wrong_state_and_other_browsers(oidc: Any, provider: Provider) -> None:
    client = oidc.client()
    back = httpx.get(client.get("/oidc/login").headers["location"]).headers["location"]
    assert oidc.client().get(back).status_code == 403, "a browser that did not begin this login"
    assert client.get(back.replace("state=", "state=x")).status_code == 403
    assert client.get(back).status_code == 403, "a login can be finished once"
    provider.code = ""
    assert log_in(oidc, oidc.client()).status_code == 403, "the provider refused"


def test_a_local_account_is_not_taken_over(oidc: Any, provider: Provider) -> None:
    oidc.account("Boss")
    provider.lie = {"preferred_username": "boss", "sub": "person-2"}
    client = oidc.client()
    assert log_in(oidc, client).status_code == 409
    assert client.get("/session").json()["user"] is None


def test_without_a_provider_there_is_no_such_login(room: Any) -> None:
    assert room.client().get("/oidc/login").status_code == 404
    assert room.client().get("/oidc/callback?code=x&state=y").status_code == 404


def test_a_provider_that_is_away(rooms: Any) -> None:
    room = rooms(oidc={"issuer": "http://127.0.0.1:9", "client_id": "osteon"})
    assert room.client().get("/oidc/login").status_code == 502
    assert room.client().get("/health").status_code == 200
