"""A running room follows its registry: promotion, shadow reading and rollback; and it watches for drift."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import select, update
from tests.bundle.promotion.comparisons import comparison_of

from osteon.clinic.monitoring import monitoring
from osteon.clinic.server.routes.administration import monitoring as routes
from osteon.clinic.store.registry.kept import open_kept
from osteon.clinic.store.tables.registry import ShadowReading
from osteon.clinic.store.tables.studies import Study


def osteon(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from osteon.cli import main; main()", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def wait(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def send(room: Any, picture: Any, seed: int, **elements: Any) -> dict[str, Any]:
    answer = room.reader.post("/studies", files={"files": (f"{seed}.png", picture(seed))}, **elements)
    assert answer.status_code == 200, answer.text
    return answer.json()["studies"][0]


def registered(room: Any, identity: str) -> str:
    bundles = room.administrator.get("/registry").json()["bundles"]
    return next(str(one["digest"]) for one in bundles if one["identity"] == identity)


@pytest.fixture(scope="module")
def versions(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("versions")
    return [
        blobs.make(folder / f"{version}.osteon", blobs.both().model_copy(update={"version": version}))
        for version in ("2.0.0", "3.0.0")
    ]


@pytest.mark.long
def test_a_bundle_is_tried_promoted_and_taken_back(
    rooms: Any, picture: Any, versions: list[Path], tmp_path: Path
) -> None:
    room = rooms()
    store = room.context.settings.store
    before = room.viewer.get("/bundles").json()[0]["identity"]
    name = before.partition("@")[0]
    earlier = send(room, picture, 1)
    for file in versions:
        done = osteon("registry", "add", file, "--reason", "trained anew", "--store", store, "--by", "ann")
        assert done.returncode == 0, done.stderr
    assert osteon("registry", "shadow", f"{name}@3.0.0", "--reason", "to try", "--store", store).returncode == 0
    beside = send(room, picture, 2)

    def shadows() -> dict[str, str]:
        with room.context.database.session() as session:
            return {row.study_id: str(row.call) for row in session.scalars(select(ShadowReading))}

    wait(lambda: beside["id"] in shadows())
    assert earlier["id"] not in shadows()  # only what came since
    assert shadows()[beside["id"]] == beside["call"]
    assert f"{name}@3.0.0" not in room.viewer.get(f"/studies/{beside['id']}").text
    compared = osteon("registry", "compare", f"{name}@3.0.0", "--store", store)
    assert "read 1 studies in shadow" in compared.stdout

    told = room.administrator.get(f"/registry/{name}@3.0.0/shadow.html")
    assert "<table" in told.text
    assert room.reader.get(f"/registry/{name}@3.0.0/shadow.html").status_code == 403
    page = tmp_path / "shadow.html"
    assert osteon("registry", "compare", f"{name}@3.0.0", "--html", page, "--store", store).returncode == 0
    assert "<table" in page.read_text()

    refused = room.reader.post(f"/registry/{name}@2.0.0/promote", json={"reason": "because"})
    assert refused.status_code == 403
    # Nobody compared it with the bundle that reads.
    refused = room.administrator.post(f"/registry/{name}@2.0.0/promote", json={"reason": "because"})
    assert refused.status_code == 409
    assert room.administrator.get(f"/registry/{name}@2.0.0/comparison.html").status_code == 409
    words = {"reason": "to read on", "override": "the same networks under another version"}
    done = room.administrator.post(f"/registry/{name}@2.0.0/promote", json=words)
    assert done.json()["reads"] == f"{name}@2.0.0"
    assert send(room, picture, 4)["bundle"] == f"{name}@2.0.0"
    assert room.viewer.get(f"/studies/{earlier['id']}").json()["bundle"] == before  # readings keep what made them
    (entry,) = [one for one in done.json()["bundles"] if one["identity"] == f"{name}@2.0.0"]
    assert entry["changes"][-1]["override"] == words["override"]
    assert [one["code"] for one in entry["changes"][-1]["requirements"]] == ["no_comparison"]
    assert room.administrator.post(f"/registry/{name}@2.0.0/promote", json=words).status_code == 409

    def reads(identity: str) -> bool:
        return bool(room.viewer.get("/bundles").json()[0]["identity"] == identity)

    live, candidate = (open_kept(store, registered(room, f"{name}@{version}")) for version in ("2.0.0", "3.0.0"))
    report = tmp_path / "comparison.json"
    report.write_text(comparison_of(live, candidate).model_copy(update={"same_task": False}).model_dump_json())
    arguments = ("--reason", "better", "--evidence", report, "--store", store)
    done = osteon("registry", "promote", f"{name}@3.0.0", *arguments)
    assert done.returncode == 2, done.stderr
    assert "--override" in done.stderr
    done = osteon("registry", "promote", f"{name}@3.0.0", *arguments, "--override", "its plan lies elsewhere")
    assert done.returncode == 0, done.stderr
    wait(lambda: reads(f"{name}@3.0.0"))  # the running server follows
    assert osteon("registry", "rollback", name, "--reason", "misses some", "--store", store).returncode == 0
    wait(lambda: reads(f"{name}@2.0.0"))
    taken = room.administrator.post(f"/registry/{name}/rollback", json={"reason": "back to the first"})
    assert taken.json()["reads"] == before
    listed = osteon("registry", "list", "--history", "--store", store).stdout
    assert "comparison.json" in listed
    assert "misses some" in listed
    shown = osteon("registry", "show", f"{name}@3.0.0", "--html", page, "--store", store).stdout
    assert "its plan lies elsewhere" in shown
    assert "<table" in page.read_text()
    told = room.administrator.get(f"/registry/{name}@3.0.0/comparison.html")
    assert "<table" in told.text
    assert "default-src 'none'" in told.headers["content-security-policy"]
    assert room.reader.get(f"/registry/{name}@3.0.0/comparison.html").status_code == 403
    actions = [item["action"] for item in room.administrator.get("/audit", params={"limit": 100}).json()["items"]]
    assert {"promote bundle", "roll bundle back", "register bundle"} <= set(actions)


@pytest.mark.long
def test_a_room_watches_itself(rooms: Any, picture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    room = rooms()
    monkeypatch.setattr(monitoring, "BASELINE", 60)
    monkeypatch.setattr(routes, "BASELINE", 60)
    monkeypatch.setattr(monitoring, "learn", lambda seen: learn(seen, 60))
    from osteon.monitoring.baseline import learn

    assert room.administrator.get("/monitoring").json()["looked"] is None
    assert room.administrator.get("/monitoring/report.html").status_code == 409
    studies = [send(room, picture, seed, data={"pseudonym": f"CASE-{seed}"})["id"] for seed in range(90)]
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    with room.context.database.session() as session:
        for index, study in enumerate(studies):
            values: dict[str, Any] = {
                "received": start + timedelta(days=index // 3),
                "age": 70.0 if index < 66 else 7.0,
            }
            session.execute(update(Study).where(Study.id == study).values(**values))
    found = room.administrator.post("/monitoring/look").json()
    assert found["studies"] == 90
    alarms = {alarm["stream"]: alarm for alarm in found["watched"]["alarms"]}
    assert "age.unseen" in alarms
    assert alarms["age.unseen"]["since"] in {"2026-03-21", "2026-03-22", "2026-03-23"}
    assert "brightness.low" not in alarms
    page = room.administrator.get("/monitoring/report.html")
    assert "Share by week" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    metrics = room.administrator.get("/metrics").text
    assert 'osteon_drift_alarm{stream="age.unseen"} 1.0' in metrics
    assert room.reader.get("/monitoring").status_code == 403
    shown = osteon("monitor", "--store", room.context.settings.store, "--baseline", "60")
    assert shown.returncode == 0, shown.stderr
    assert "age" in shown.stdout
