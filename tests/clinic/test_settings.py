"""Settings: where they come from, and what is refused."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

pytest.importorskip("fastapi")

from osteon.clinic.configuration import CONFIG, fields, load_settings, variable
from osteon.clinic.role import Role
from osteon.clinic.settings import Settings, is_loopback
from osteon.clinic.settings_reference import BEGIN, END, updated
from osteon.core.errors import OsteonError

TLS = {"tls_cert": Path("c.pem"), "tls_key": Path("k.pem")}


def test_flags_win_over_the_environment_and_that_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "room.toml"
    file.write_text(
        'port = 1\njobs = 2\nqueue = 3\n[oidc]\nissuer = "https://a.example"\nclient_id = "b"\nname = "c"\n'
    )
    environment = {"OSTEON_SERVE_PORT": "4", "OSTEON_SERVE_JOBS": "5", "OSTEON_SERVE_OIDC_NAME": "d", "HOME": "/"}
    made = load_settings({"port": 6, "jobs": None}, environment, file)
    assert (made.port, made.jobs, made.queue, made.uploads) == (6, 5, 3, Settings().uploads)
    assert made.oidc is not None
    assert (made.oidc.issuer, made.oidc.name) == ("https://a.example", "d")
    assert load_settings({}, {CONFIG: str(file)}).queue == 3


def test_lists_and_tables_in_the_environment() -> None:
    made = load_settings(
        {},
        {
            "OSTEON_SERVE_BEHIND_PROXY": "10.0.0.1, 10.1.0.0/16",
            "OSTEON_SERVE_OPEN_ACCESS": "",
            "OSTEON_SERVE_OIDC_ISSUER": "https://a.example",
            "OSTEON_SERVE_OIDC_CLIENT_ID": "b",
            "OSTEON_SERVE_OIDC_CLIENT_SECRET": "not shown",
            "OSTEON_SERVE_OIDC_ROLES": "cn=doctors=reader, it = administrator",
        },
    )
    assert made.behind_proxy == ("10.0.0.1", "10.1.0.0/16")
    assert made.oidc is not None
    assert made.oidc.roles == {"cn=doctors": Role.READER, "it": Role.ADMINISTRATOR}
    assert "not shown" not in repr(made)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "no setting prot .*port"),
        ('[oidc]\nissuer = "https://a.example"\nclient = "b"', "no setting oidc.client .*client_id"),
        ("port = 70000", "setting port .*65535"),
        ('port = "x"', "setting port"),
        ("port =", "is not TOML"),
        ('[oidc]\nissuer = "http://a.example"\nclient_id = "b"', "setting oidc.issuer .*https"),
        ('behind_proxy = ["somewhere"]', "setting behind_proxy"),
    ],
)
def test_what_the_file_must_not_say(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "room.toml"
    file.write_text(text)
    with pytest.raises(OsteonError) as caught:
        load_settings({}, {}, file)
    assert re.search(told, str(caught.value)), caught.value


def test_what_is_set_beside_the_flags() -> None:
    environment = {"OSTEON_SERVE_QUEUE": "4", "OSTEON_SERVE_UPLOADS": "5"}
    further = {"queue": "7", "oidc.issuer": "https://a.example", "oidc.client_id": "b", "port": "1", "hosts": "a, b"}
    made = load_settings({"port": 2}, environment, None, further)
    assert (made.port, made.queue, made.uploads, made.hosts) == (2, 7, 5, ("a", "b"))
    assert made.oidc is not None
    for name, near in (("quue", "queue"), ("oidc.isuer", "oidc.issuer"), ("nope", "docs")):
        with pytest.raises(OsteonError, match=f"no setting {name} for --set.*{near}") as caught:
            load_settings({}, {}, None, {name: "1"})
        assert "environment" not in str(caught.value)


def test_a_mistyped_variable_is_refused() -> None:
    with pytest.raises(OsteonError, match="Did you mean OSTEON_SERVE_PORT"):
        load_settings({}, {"OSTEON_SERVE_PROT": "1"})
    with pytest.raises(OsteonError, match="cannot be read"):
        load_settings({}, {CONFIG: "/no/such/file"})


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"host": "0.0.0.0"}, "is reachable from other machines"),  # noqa: S104 - is refused
        ({"host": "::"}, "is reachable from other machines"),
        ({"host": "reading.example"}, "is reachable from other machines"),
        ({"tls_cert": Path("c.pem")}, "go together"),
        ({**TLS, "behind_proxy": ["10.0.0.1"]}, "not both"),
        ({**TLS, "host": "10.0.0.1", "open_access": "reader"}, "open_access is for the loopback"),
        ({"behind_proxy": ["127.0.0.1"], "open_access": "reader"}, "open_access is for the loopback"),
        ({"open_access": "administrator"}, "setting open_access"),
        ({"dicom": {"port": 104, "host": "10.0.0.1"}}, "is reachable from other machines"),
        ({"dicom": {"tls_cert": "c.pem"}}, "go together"),
        ({"dicom": {"aet": "A" * 17}}, "setting dicom.aet .*1 to 16"),
        ({"dicom": {"peers": {"CR1": {"address": "10.0.0"}}}}, "setting dicom.peers.CR1.address"),
        ({"dicom": {"peers": {"CR1": {"address": "10.0.0.1", "certificate": "cr1"}}}}, "under TLS only"),
        ({"dicom": {"destinations": {"p": {"outputs": ["sr"]}}}}, "either aet, host and port, or url"),
        ({"dicom": {"destinations": {"p": {"url": "http://a.example/", "outputs": ["sr"]}}}}, "must use https"),
        ({"dicom": {"destinations": {"p": {"aet": "P", "host": "a", "port": 1, "outputs": ["sr"]}}}}, "unencrypted"),
        ({"dicom": {"archives": {"a": {"peer": "P", "url": "https://a.example"}}}}, "either peer, or url"),
        ({"dicom": {"archives": {"a": {"url": "http://a.example"}}}}, "must use https"),
        ({"dicom": {"archives": {"a": {"peer": "P"}}}}, "not among the peers"),
        ({"dicom": {"earlier": "a"}}, "not among the archives"),
    ],
)
def test_what_is_not_safe_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(OsteonError, match=told):
        load_settings(given)


@pytest.mark.parametrize("given", [{**TLS}, {"behind_proxy": ["10.0.0.0/8"]}])
def test_off_the_loopback_address_with_tls_or_a_proxy(given: dict[str, Any]) -> None:
    assert not load_settings({"host": "0.0.0.0", **given}).loopback  # noqa: S104 - what is tested


def test_loopback() -> None:
    for host in ("localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"):
        assert is_loopback(host)
    for host in ("", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "evil.example"):  # noqa: S104
        assert not is_loopback(host)


def test_the_store_lies_in_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().store == tmp_path / "osteon"
    assert Settings().database_url == f"sqlite:///{tmp_path}/osteon/osteon.db"
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/maria")
    assert Settings().store == Path("/home/maria/.local/share/osteon")


def test_every_setting_has_a_variable_and_words() -> None:
    names = [name for name, _ in fields()]
    assert len({variable(name) for name in names}) == len(names) > len(Settings.model_fields)
    for name, field in fields():
        assert field.description, name


TEXTS = {
    "host": "localhost",
    "behind_proxy": "10.0.0.9",
    "open_access": "viewer",
    "oidc.issuer": "https://9.example",
    "oidc.roles": "group=reader",
    "oidc.default_role": "reader",
    "dicom.host": "127.0.0.9",
    "dicom.plain": "1",
    "dicom.peers": '{"CR1": {"address": "10.0.0.0/8"}}',
    "dicom.destinations": '{"pacs": {"url": "https://a.example/studies", "outputs": ["sr"]}}',
    "dicom.archives": '{"pacs": {"url": "https://a.example/dicom-web"}}',
    "dicom.rules": '[{"modalities": ["CR"]}]',
    "dicom.webhooks": '{"pager": {"url": "https://a.example/", "secret": "sixteen letters!"}}',
    "dicom.readers": '{"maria": {"name": "Rossi^Maria"}}',
}
"""Valid texts, where that is not ``9``."""

RECORDS: dict[str, Any] = {
    "dicom.peers": lambda value: value["CR1"].covers("10.3.2.1") and not value["CR1"].covers("11.0.0.1"),
    "dicom.destinations": lambda value: value["pacs"].web and value["pacs"].outputs == ("sr",),
    "dicom.archives": lambda value: value["pacs"].web and value["pacs"].way == "get",
    "dicom.rules": lambda value: value[0].modalities == ("CR",),
    "dicom.webhooks": lambda value: value["pager"].secret.get_secret_value() == "sixteen letters!",
    "dicom.readers": lambda value: value["maria"].name == "Rossi^Maria",
}
"""What settings hold that are records."""

TOGETHER = {
    "tls_cert": {"OSTEON_SERVE_TLS_KEY": "k.pem"},
    "tls_key": {"OSTEON_SERVE_TLS_CERT": "c.pem"},
    "dicom.tls": {f"OSTEON_SERVE_DICOM_TLS_{part}": "9" for part in ("CERT", "KEY", "CA")},
    "dicom.earlier": {"OSTEON_SERVE_DICOM_ARCHIVES": '{"9": {"url": "https://a.example/dicom-web"}}'},
    "oidc": {"OSTEON_SERVE_OIDC_ISSUER": "https://a.example", "OSTEON_SERVE_OIDC_CLIENT_ID": "b"},
}


@pytest.mark.parametrize("name", [name for name, _ in fields()])
def test_every_variable_reaches_its_setting(name: str) -> None:
    text = TEXTS.get(name, "9")
    first = name if name in TOGETHER else "dicom.tls" if name.startswith("dicom.tls") else name.split(".")[0]
    made: Any = load_settings({}, TOGETHER.get(first, {}) | {variable(name): text})
    for step in name.split("."):
        made = getattr(made, step)
    value = made.get_secret_value() if isinstance(made, SecretStr) else made
    if name in RECORDS:
        assert RECORDS[name](value)
        return
    wanted = {"oidc.roles": {"group": Role.READER}, "store": Path.cwd() / "9", "dicom.plain": True}.get(name, text)
    assert value in (wanted, (wanted,), Path(str(wanted)), float(text) if text == "9" else None)
    assert value is not None


def test_the_page_has_the_table_of_all_settings() -> None:
    page = Path(__file__).parents[2] / "docs" / "serving.md"
    text = page.read_text(encoding="utf-8")
    assert text == updated(text)
    assert text.count(BEGIN) == text.count(END) == 1


def test_a_record_that_is_made_directly_does_not_read_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable("port"), "1")
    monkeypatch.setenv(variable("database"), "postgresql://hospital")
    made = Settings(queue=7)
    assert (made.port, made.database, made.queue) == (Settings.model_fields["port"].default, "", 7)
    assert load_settings({}, dict(os.environ)).port == 1
