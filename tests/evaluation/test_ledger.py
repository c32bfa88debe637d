"""The ledger of evaluations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.evaluation.report.ledger import append, default_ledger, earlier, identify, make, read_ledger, warning

FIGURES = {"classification.auroc": (0.9, 0.8, 0.95)}
EVIDENCE = Path(__file__).parents[2] / "docs" / "evidence" / "ledger.jsonl"


def test_a_part_is_known_by_its_files_whatever_their_names(tmp_path: Path) -> None:
    for folder, names in (("a", ("1.png", "2.png")), ("b", ("y.png", "x.png"))):
        (tmp_path / folder).mkdir()
        for name, content in zip(names, (b"one", b"two"), strict=True):
            (tmp_path / folder / name).write_bytes(content)
    first = identify("d", "test", ["1.png", "2.png"], tmp_path / "a")
    same = identify("e", "all", ["x.png", "y.png"], tmp_path / "b")
    assert first.sha256 == same.sha256
    assert first.basis == "files"
    assert identify("d", "test", ["1.png"], tmp_path / "a").sha256 != first.sha256
    named = identify("d", "test", ["1.png", "2.png", "absent.png"], tmp_path / "a")
    assert named.basis == "names"


def test_entries_are_appended_and_counted(tmp_path: Path) -> None:
    book = tmp_path / "deep" / "ledger.jsonl"
    part, other = (identify("d", "test", names, None) for names in (["a"], ["b"]))
    said = []
    for number in range(4):
        before = earlier(book, part)
        said.append((len(before), bool(warning(before))))
        append(book, make(part, f"s@{number}", "0" * 64, purpose="choose", figures=FIGURES))
        append(book, make(other, "s", "0" * 64, purpose="", figures={}))
    assert said == [(0, False), (1, False), (2, True), (3, True)]
    assert [entry.system for entry in earlier(book, part)] == ["s@0", "s@1", "s@2", "s@3"]
    assert earlier(book, part)[0].figures == {"classification.auroc": [0.9, 0.8, 0.95]}


def test_a_torn_line_loses_only_itself(tmp_path: Path) -> None:
    book = tmp_path / "ledger.jsonl"
    part = identify("d", "test", ["a"], None)
    append(book, make(part, "first", "0" * 64, purpose="", figures={}))
    with book.open("a") as file:
        file.write('{"when": "20')
    append(book, make(part, "second", "0" * 64, purpose="", figures={}))
    assert [entry.system for entry in read_ledger(book)] == ["first", "second"]


def test_a_ledger_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    part = identify("d", "test", ["a"], None)
    with pytest.raises(DataError, match="cannot be written"):
        append(tmp_path / "file" / "ledger.jsonl", make(part, "s", "", purpose="", figures={}))


def test_the_default_follows_the_users_data_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("OSTEON_LEDGER")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_ledger() == tmp_path / "osteon" / "evaluations.jsonl"


def test_the_ledger_of_the_evidence(shared_data: Path) -> None:
    from osteon.bundle.archive import open_bundle

    parts = json.loads(open_bundle("fracatlas").parts["split.json"])["parts"]
    root = shared_data / "fracatlas"
    part = identify("fracatlas", "test", parts["test"], root)
    found = earlier(EVIDENCE, part)
    assert len(found) == len(read_ledger(EVIDENCE)) >= 4
    assert open_bundle("fracatlas").digest in {entry.sha256 for entry in found}
    assert all(entry.images == 409 and entry.purpose for entry in found)
    assert warning(found[:2])
