"""Agreement, snapshots, exports and imports by the command line, beside a server that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.clinic.server.annotation.conftest import Desk, box, said
from typer import Typer
from typer.testing import CliRunner

from osteon.cli import annotate_results
from osteon.data import datasets

Desks = Callable[..., Desk]


@pytest.fixture(scope="module")
def run(room: Any) -> Callable[..., Any]:
    """Runs a command of ``osteon annotate`` on the store of the room."""
    app = Typer()
    annotate_results.add(app)

    def start(name: str, *arguments: str, fails: bool = False) -> Any:
        store = room.context.settings.store
        done = CliRunner().invoke(app, [name, *arguments, "--set", f"store={store}"], env={"COLUMNS": "80"})
        assert fails or done.exit_code == 0, (done.output, done.exception)
        return done

    return start


def name_of(desk: Desk) -> str:
    return desk.lead.get(desk.path).json()["name"]


@pytest.fixture(scope="module")
def read(desks: Desks) -> Desk:
    """Six studies, each read by two of three readers, who agree."""
    desk = desks("ann", "bob", "eve", studies=6, readers_per_study=2)
    desk.assign()
    for one in ("ann", "bob", "eve"):
        for entry in desk.queue(one):
            desk.finish(one, entry["assignment"], *said(1), box("a", 100, 100, 200, 220))
    return desk


def test_agreement_is_printed_written_and_told(read: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    name = name_of(read)
    shown = run("agree", name, "--out", str(tmp_path / "out"), "--resamples", "100")
    assert "All readers, per study" in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    told = json.loads(run("agree", name, "--json", "--resamples", "100").stdout)
    assert told["read_twice"] == 6
    (row,) = [
        row for row in told["rows"] if (row["compared"], row["level"], row["variable"]) == ("all", "region", "fracture")
    ]
    assert row["figures"]["f1_50"]["estimate"]["value"] == 1.0
    assert json.loads((tmp_path / "out" / "agreement.json").read_text())["project"] == name
    assert "Agreement" in (tmp_path / "out" / "agreement.html").read_text()


def test_a_snapshot_is_kept_and_is_a_dataset(read: Desk, run: Callable[..., Any], tmp_path: Path) -> None:
    name = name_of(read)
    refused = run("snapshot", name, "--out", str(tmp_path / "none"), fails=True)
    assert "nothing of the project is decided" in str(refused.exception)
    run("snapshot", name, "--out", str(tmp_path / "taken"), "--rule", "majority", "--test", "0.34")
    table = datasets.read("listed", tmp_path / "taken")
    assert len(table) == 6
    assert set(table.frame["split"]) == {"train", "test"}
    with read.room.context.database.session() as session:
        from osteon.clinic.store.annotation.snapshots import content_of, find, of_project

        (row,) = of_project(session, read.project)
        assert find(session, read.project, row.digest[:12]) is row
        assert content_of(row).digest == row.digest
    few = run("snapshot", name, "--out", str(tmp_path / "few"), "--rule", "majority", "--test", "0.01", fails=True)
    assert "leave the test part out by --test 0" in str(few.exception)
    again = run("snapshot", name, "--out", str(tmp_path / "again"), "--rule", "majority", "--test", "0")
    assert row.digest[:12] in again.stderr
    with read.room.context.database.session() as session:
        assert len(of_project(session, read.project)) == 1, "the same snapshot is kept once"
        from osteon.clinic.store.audit.audit import Search, page

        noted = page(session, 10, None, Search(action="annotation snapshot", subject=read.project))
        assert [entry.detail for entry in noted] == [row.digest] * 2, "who took data out stands in the audit log"
    described = run("describe", str(tmp_path / "taken"))
    assert "Years (of receipt)" in described.stdout
    of_project_itself = json.loads(run("describe", name, "--rule", "majority", "--test", "0.34", "--json").stdout)
    assert of_project_itself["columns"] == ["train", "test", "total"]


def test_an_export_is_imported_for_a_reader_who_goes_on(
    read: Desk, desks: Desks, run: Callable[..., Any], tmp_path: Path
) -> None:
    name = name_of(read)
    run("export", name, "--to", "coco", "--out", str(tmp_path / "coco"), "--rule", "majority", "--test", "0")
    fresh = desks("dan", "fay", studies=0, readers_per_study=1)
    added = fresh.lead.post(f"{fresh.path}/items", json={"studies": read.studies})
    if added.status_code != 200:
        pytest.skip("another lead may not add these studies")
    reader = _member(fresh, "dan")
    done = run("import", name_of(fresh), str(tmp_path / "coco"), "--from", "coco", "--reader", reader)
    assert "6 studies" in done.stderr, done.stderr
    again = run("import", name_of(fresh), str(tmp_path / "coco"), "--from", "coco", "--reader", reader)
    assert " 0 annotations new" in again.stderr, again.stderr
    (first, *_) = fresh.queue("dan")
    task = fresh.people["dan"].get(f"/assignments/{first['assignment']}").json()
    (region,) = task["regions"]
    assert (region["label"], region["provenance"]) == ("fracture", "imported")
    fresh.finish("dan", first["assignment"], *said(1))
    refused = run("import", name, str(tmp_path / "coco"), "--from", "coco", "--reader", "nobody", fails=True)
    assert "no such reader" in str(refused.exception)


def _member(desk: Desk, name: str) -> str:
    members = desk.lead.get(f"{desk.path}/members").json()
    rows = members["members"] if isinstance(members, dict) else members
    return next(row["name"] for row in rows if row["name"].startswith(name))


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    app = Typer()
    annotate_results.add(app)
    done = CliRunner().invoke(app, ["agree", "p", "--set", f"store={tmp_path / 'none'}"])
    assert "there is no store" in str(done.exception)
    assert not (tmp_path / "none").exists()
