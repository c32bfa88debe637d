"""What is deployed on one small machine: the file for cloud-init, the Compose file and the check of the image agree."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("yaml", reason="needs osteon[data]")
pytest.importorskip("pydantic_settings", reason="needs osteon[serve]")

import yaml

from osteon.clinic.configuration import load_settings, variable
from osteon.clinic.dicom.settings import PORT
from osteon.clinic.settings import Settings

ROOT = Path(__file__).parents[2]
CLOUD = ROOT / "cloud" / "cloud-init.yaml"
SIZING = ("jobs", "threads", "uploads", "pixels", "pixels_at_once", "study_pixels")
"""Settings that belong to the size of the machine."""

GIBIBYTE = 1 << 30
MACHINE = 3.75 * GIBIBYTE
"""What a machine of 4 GB leaves to programs."""


def needs(program: str, package: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs Debian's {package}")


def size(text: str) -> float:
    """Bytes of a size as systemd and Docker write it."""
    return float(text[:-1]) * {"m": 1 << 20, "g": GIBIBYTE}[text[-1].lower()]


@pytest.fixture(scope="module")
def cloud() -> dict[str, Any]:
    return yaml.safe_load(CLOUD.read_text("utf-8"))


@pytest.fixture(scope="module")
def written(cloud: dict[str, Any]) -> dict[str, str]:
    """The files that cloud-init writes."""
    return {entry["path"]: entry["content"] for entry in cloud["write_files"]}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "containers" / "compose.yaml").read_text("utf-8"))["services"]


@pytest.fixture
def settings(written: dict[str, str], tmp_path: Path) -> Settings:
    """The settings of the cloud machine, loaded as its unit loads them."""
    file = tmp_path / "reading-room.toml"
    file.write_text(written["/etc/osteon/reading-room.toml"], "utf-8")
    site = dict(pair for pair in (part.partition("=")[::2] for part in shlex.split(written["/etc/osteon/site"], True)))
    return load_settings(environment=site, file=file)


def service(written: dict[str, str]) -> Any:
    unit = ConfigParser(strict=False, interpolation=None)
    unit.read_string(written["/etc/systemd/system/osteon.service"])
    return unit["Service"]


@needs("cloud-init", "cloud-init")
def test_cloud_init_takes_the_file() -> None:
    done = subprocess.run(
        ["cloud-init", "schema", "--config-file", str(CLOUD)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_its_settings_are_those_of_a_server_behind_the_proxy(settings: Settings, written: dict[str, str]) -> None:
    assert settings.behind_proxy == ("127.0.0.1",)
    assert settings.loopback
    assert settings.public_url.startswith("https://")
    assert f"reverse_proxy {settings.host}:{settings.port} " in written["/etc/caddy/Caddyfile"]
    assert settings.study_pixels >= settings.pixels, "one image of the largest size is a study"


def test_all_ways_have_the_same_limits_and_settings(
    settings: Settings, written: dict[str, str], compose: dict[str, Any]
) -> None:
    expected = {variable(name): str(getattr(settings, name)) for name in SIZING}
    environment: dict[str, str] = compose["osteon"]["environment"]
    assert {name: environment[name] for name in expected} == expected
    text = re.search(
        r"^limits=\((.*?)\)$", (ROOT / "scripts" / "containers").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert text
    given = shlex.split(text[1])
    pairs = list(zip(given[::2], given[1::2], strict=True))
    assert dict(value.split("=") for name, value in pairs if name == "--env") == expected
    unit, container, checked = service(written), compose["osteon"], dict(pairs)
    assert size(unit["MemoryMax"]) == size(container["mem_limit"]) == size(checked["--memory"])
    assert size(container["memswap_limit"]) == size(checked["--memory-swap"]) == size(container["mem_limit"])
    assert float(unit["CPUQuota"].removesuffix("%")) / 100 == container["cpus"] == float(checked["--cpus"])
    assert int(unit["TasksMax"]) == container["pids_limit"] == int(checked["--pids-limit"])


def test_every_variable_of_the_compose_file_is_a_setting(compose: dict[str, Any]) -> None:
    environment = {name: "x" if "$" in value else value for name, value in compose["osteon"]["environment"].items()}
    load_settings(environment=environment)


def test_all_services_fit_the_machine_together(written: dict[str, str], compose: dict[str, Any]) -> None:
    assert all({"mem_limit", "cpus"} <= part.keys() for part in compose.values())
    assert sum(size(part["mem_limit"]) for part in compose.values()) <= MACHINE
    proxy = re.search(r"^MemoryMax=(\S+)$", written["/etc/systemd/system/caddy.service.d/site.conf"], re.MULTILINE)
    assert proxy
    assert size(service(written)["MemoryMax"]) + size(proxy[1]) <= MACHINE


@needs("systemd-analyze", "systemd")
def test_systemd_takes_the_unit_and_finds_it_closed(written: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "osteon.service"
    unit = written["/etc/systemd/system/osteon.service"]
    # Where Osteon is installed on the machine is nothing here.
    file.write_text(unit.replace("/opt/osteon/bin/osteon", sys.executable), "utf-8")
    verified = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    # 10 is open, 0 closed; "OK" is 5 or less.
    closed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert closed.returncode == 0, closed.stdout[-300:]


@needs("caddy", "caddy")
def test_the_proxy_takes_its_file(written: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(written["/etc/caddy/Caddyfile"], "utf-8")
    command = ["caddy", "adapt", "--config", str(file), "--adapter", "caddyfile", "--validate"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False,
        env={"PATH": "/usr/bin", "HOME": str(tmp_path), "OSTEON_SITE": "localhost"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_what_it_runs_is_there(cloud: dict[str, Any], written: dict[str, str]) -> None:
    """Programs are written by it or Debian's, and its shell script can be parsed."""
    scripts = {Path(path).name: text for path, text in written.items() if path.startswith("/usr/local/sbin/")}
    assert {command[0] for command in cloud["runcmd"]} == {"systemctl", *scripts}
    for text in scripts.values():
        subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    units = {Path(path).name for path in written if path.endswith(".service")} | {"caddy.service"}
    named = {word for command in cloud["runcmd"] for word in command if word.endswith(".service")}
    assert named == units
    assert {"caddy", "python3-venv"} <= set(cloud["packages"])


def test_the_dicom_node_s_file_adds_its_port_and_a_setting(compose: dict[str, Any]) -> None:
    added = yaml.safe_load((ROOT / "containers" / "compose.pacs.yaml").read_text("utf-8"))["services"]
    assert added.keys() <= compose.keys()
    assert added["osteon"]["ports"] == [f"{PORT}:{PORT}"]
    assert set(added["osteon"]["environment"]) == {"OSTEON_SERVE_CONFIG"}
    folder = Path(added["osteon"]["environment"]["OSTEON_SERVE_CONFIG"]).parent
    assert added["osteon"]["volumes"] == [f"./dicom:{folder}:ro"]
    assert f"EXPOSE 8042 {PORT}" in (ROOT / "containers" / "Dockerfile").read_text("utf-8")


def test_the_image_gets_all_that_the_package_is_built_from() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]
    wanted = {"src", "web", *built["targets"]["wheel"]["force-include"]}
    copied = set(re.findall(r"^COPY (\S+) \1$", (ROOT / "containers" / "Dockerfile").read_text("utf-8"), re.MULTILINE))
    let_through = {
        line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")
    }
    assert wanted <= copied & let_through
