"""Several servers and workers in containers: the files for Kubernetes and Compose are valid, and say what the code expects."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("yaml", reason="needs osteon[data]")
pytest.importorskip("pydantic_settings", reason="needs osteon[serve]")

import yaml

from osteon.clinic.configuration import load_settings

CONTAINERS = Path(__file__).parents[2] / "containers"
BASE = CONTAINERS / "kubernetes" / "base"
EXAMPLE = CONTAINERS / "kubernetes" / "overlays" / "example"
DATABASE = {"OSTEON_SERVE_DATABASE": "postgresql+psycopg://osteon@db/osteon"}
OWN = {"keda.sh/v1alpha1"}
"""Kinds that are not Kubernetes' own, so that no schema of it has them."""


def documents(folder: Path) -> list[dict[str, Any]]:
    """All resources of a folder; Kustomize's own file is none."""
    files = (path for path in sorted(folder.glob("*.yaml")) if path.name != "kustomization.yaml")
    return [one for path in files for one in yaml.safe_load_all(path.read_text("utf-8"))]


@pytest.fixture(scope="module")
def merged() -> list[dict[str, Any]]:
    """The example as Kustomize merges it."""
    if shutil.which("kubectl") is None:
        pytest.skip("needs kubectl, which has Kustomize in it")
    done = subprocess.run(["kubectl", "kustomize", str(EXAMPLE)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return list(yaml.safe_load_all(done.stdout))


def of(resources: list[dict[str, Any]], kind: str, name: str) -> dict[str, Any]:
    return next(one for one in resources if one["kind"] == kind and one["metadata"]["name"].startswith(name))


def test_resources_are_valid(merged: list[dict[str, Any]]) -> None:
    """By the schemas of Kubernetes itself, where nothing may stand that they do not know."""
    validation = pytest.importorskip("kubernetes_validate", reason="needs the package kubernetes-validate")
    for resource in (*documents(BASE), *merged):
        if resource["apiVersion"] not in OWN:
            validation.validate(resource, "1.31", strict=True)
    broken = documents(BASE)[0] | {"spec": {"accessModes": "ReadWriteMany"}}
    with pytest.raises(validation.ValidationError):
        validation.validate(broken, "1.31", strict=True)


def test_the_files_name_each_other() -> None:
    """Without Kustomize: what it lists is there, and what it patches is in the base."""
    for folder in (BASE, EXAMPLE):
        listed = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
        named = [*listed["resources"], *(patch["path"] for patch in listed.get("patches", ()))]
        assert all((folder / name).exists() for name in named)
        used = {name for name in named if name.endswith(".yaml")} | {"kustomization.yaml"}
        assert used == {path.name for path in folder.glob("*.yaml")}
    there = {(one["kind"], one["metadata"]["name"]) for one in documents(BASE)}
    for patch in yaml.safe_load((EXAMPLE / "kustomization.yaml").read_text("utf-8"))["patches"]:
        for one in yaml.safe_load_all((EXAMPLE / patch["path"]).read_text("utf-8")):
            assert (one["kind"], one["metadata"]["name"]) in there


@pytest.mark.parametrize("folder", [BASE, EXAMPLE], ids=["base", "example"])
def test_settings_are_those_of_servers_that_share(folder: Path) -> None:
    settings = load_settings({"jobs": 0}, DATABASE, folder / "reading-room.toml")
    assert settings.shared
    assert settings.behind_proxy
    mounts = of(documents(BASE), "Deployment", "osteon-server")["spec"]["template"]["spec"]["containers"][0]
    assert str(settings.store) in {mount["mountPath"] for mount in mounts["volumeMounts"]}


def test_containers_may_do_nothing_that_they_do_not_need() -> None:
    resources = documents(BASE)
    for name in ("osteon-server", "osteon-worker"):
        pod = of(resources, "Deployment", name)["spec"]["template"]
        spec, container = pod["spec"], pod["spec"]["containers"][0]
        assert spec["securityContext"]["runAsNonRoot"]
        assert not spec["automountServiceAccountToken"]
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert not container["securityContext"]["allowPrivilegeEscalation"]
        assert {"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()
        assert container["resources"]["limits"]["memory"]
        secret = container["env"][0]["valueFrom"]["secretKeyRef"]
        assert secret == {"name": "osteon-database", "key": "url"}
        policy = of(resources, "NetworkPolicy", name)["spec"]
        labels = pod["metadata"]["labels"]
        assert policy["podSelector"]["matchLabels"].items() <= labels.items()
        assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
        assert of(resources, "PodDisruptionBudget", name)["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_who_ends_has_the_time_to() -> None:
    """What Kubernetes and Compose wait for is longer than what servers and workers take."""
    from osteon.clinic.server.run import GRACE

    resources = documents(BASE)
    server = of(resources, "Deployment", "osteon-server")["spec"]["template"]["spec"]
    pause = int(server["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert server["terminationGracePeriodSeconds"] >= pause + GRACE + 30
    worker = of(resources, "Deployment", "osteon-worker")["spec"]["template"]["spec"]
    assert worker["terminationGracePeriodSeconds"] > drain(worker["containers"][0]["args"])
    compose = yaml.safe_load((CONTAINERS / "compose.many.yaml").read_text("utf-8"))["services"]
    for name in ("server", "worker"):
        assert float(compose[name]["stop_grace_period"].removesuffix("s")) >= GRACE + 30
    assert float(compose["worker"]["stop_grace_period"].removesuffix("s")) > drain(compose["worker"]["entrypoint"])


def drain(arguments: list[str]) -> float:
    return float(arguments[arguments.index("--drain") + 1])


def test_workers_are_scaled_by_a_figure_that_there_is(merged: list[dict[str, Any]]) -> None:
    scaled = of(merged, "ScaledObject", "osteon-worker")["spec"]
    assert scaled["scaleTargetRef"]["name"] == of(merged, "Deployment", "osteon-worker")["metadata"]["name"]
    assert "replicas" not in of(merged, "Deployment", "osteon-worker")["spec"], "two would scale it"
    assert "osteon_queue_length" in scaled["triggers"][0]["metadata"]["query"]
    image = of(merged, "Deployment", "osteon-server")["spec"]["template"]["spec"]["containers"][0]["image"]
    assert image.startswith("registry.example.org/")


def test_compose_has_servers_and_workers_on_one_database_and_one_folder() -> None:
    services = yaml.safe_load((CONTAINERS / "compose.many.yaml").read_text("utf-8"))["services"]
    server, worker = services["server"], services["worker"]
    names = ("OSTEON_SERVE_DATABASE", "OSTEON_SERVE_PIXELS", "OSTEON_SERVE_STUDY_PIXELS")
    assert {name: server["environment"][name] for name in names} == {
        name: worker["environment"][name] for name in names
    }
    assert server["environment"]["OSTEON_SERVE_JOBS"] == "0"
    assert int(worker["environment"]["OSTEON_SERVE_JOBS"]) > 0
    assert server["volumes"] == worker["volumes"]
    for environment in (server["environment"], worker["environment"]):
        assert load_settings(
            {},
            {name: str(value).replace("${OSTEON_SITE:-localhost}", "localhost") for name, value in environment.items()}
            | DATABASE,
        ).shared
    proxied = (CONTAINERS / "Caddyfile.many").read_text("utf-8")
    assert "name server" in proxied
    assert "/Caddyfile.many:" in services["proxy"]["volumes"][0]


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs Debian's caddy")
def test_caddy_takes_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(CONTAINERS / "Caddyfile.many")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_settings_files_are_toml() -> None:
    for folder in (BASE, EXAMPLE):
        assert tomllib.loads((folder / "reading-room.toml").read_text("utf-8"))["host"] == "0.0.0.0"  # noqa: S104 - within a pod
