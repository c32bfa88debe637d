"""A snapshot trains as it is: a classifier and a detector, an epoch each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.clinic.annotation.conftest import written
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.cli import application
from osteon.clinic.annotation.records.project_content import ProjectContent

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Lightning, of its own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


@pytest.mark.parametrize(
    ("recipe", "labels"), [("fracatlas", "osteophytes"), ("fracatlas/detector", "osteophytes,fracture")]
)
def test_an_epoch(
    spine: tuple[ProjectContent, Path], recipe: str, labels: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "snapshot"
    written(spine, out)
    torch.set_num_threads(1)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    positive = f"task.positive={labels.split(',')[0]}"
    arguments = ["train", recipe, "--data", str(out), "--budget", "trial", "--set", f"task.labels={labels}"]
    # Of so few studies a tenth would hold no case with the label.
    for share in ("train=0.5", "val=0.3", "test=0.2"):
        arguments += ["--set", f"split.{share}"]
    arguments += ["--set", positive, "--out", str(tmp_path / "run")]
    done = CliRunner().invoke(application("train"), arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    split = json.loads((tmp_path / "run" / "split.json").read_text())
    assert split["dataset"] == "listed"
    assert all("/train/" in image for image in (*split["parts"]["train"], *split["parts"]["val"]))
    assert all("/test/" in image for image in split["parts"]["test"]), "what the snapshot holds back stays held back"
