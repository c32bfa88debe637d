"""Whatever the arguments of the commands of the learning half, what is wrong is said in one line and not in a traceback."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.cli import main

pytestmark = pytest.mark.learn

LINES = "image,label,probability\n" + "".join(f"{i}.png,{i % 2},0.{i + 1}\n" for i in range(8))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a file, an empty folder, a table of predictions and a run that cannot be read."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "empty").mkdir()
    (tmp_path / "p.csv").write_text(LINES)
    (tmp_path / "other.json").write_text('{"results": []}')
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "run.json").write_text("{")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "run.json").write_text('{"recipe": {"name": "fracatlas"}}')
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        "train fracatlas --data empty --out file/run",
        "train fracatlas --data empty --out run",
        "train fracatlas --data empty --dataset nothing --out run",
        "train fracatlas --data empty --dataset folder --out run",
        "train fracatlas --data empty --out run --set phases.0.epochs=0",
        "train fracatlas --data empty --out run --split-file other.json",
        "train fracatlas --data empty --out broken --resume",
        "train nothing --data empty --out run",
        "train fracatlas/nothing --data empty --out run",
        "train vindr_spinexr/fusion --data empty --out run",
        "export empty x.osteon",
        "export broken x.osteon",
        "export old x.osteon",
        "export broken X!.osteon",
        "evaluate p.csv --out file/below",
        "evaluate p.csv --out file",
        "evaluate nothing.csv --out out",
        "evaluate nothing.json --data folder --root empty --out out",
        "evaluate other.json --data folder --root empty --split all --out out",
        "evaluate broken --data folder --root empty --out out",
        "evaluate nothing.osteon --data folder --root empty --out out",
        "evaluate p.csv --validation nothing.csv --out out",
        "evaluate p.csv --split-file nothing.json --data folder --root empty --out out",
        "compare nothing other --out out",
        "compare p.csv file --out out",
        "bench nothing",
        "bench fracatlas --set optimizer.lr=-1",
        "search nothing --out out",
        "search mobilenet_elbow --space optimizer.lr=log:1:-1 --out out",
        "search mobilenet_elbow --space optimizer.lr=-1,-2 --out out",
        "reproduce nothing --out out",
        "reproduce fracatlas --only nothing --out out",
        "recipes nothing",
    ],
)
def test_one_line_and_no_traceback(
    arguments: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["osteon-test", *arguments.split()])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err.strip()
    assert left.value.code not in (0, None)
    assert said
    assert "Traceback" not in said
    assert str(place) not in said or "/" not in arguments  # paths as they were given
    lines = [line for line in said.splitlines() if line.startswith("osteon: ")]
    assert len(lines) == 1 or "Usage:" in said, said
