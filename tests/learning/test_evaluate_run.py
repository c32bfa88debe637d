"""``osteon evaluate RUN``: a run without a bundle is exported and read as the clinic would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

torch = pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.cli import application
from osteon.learning.recipes import find
from osteon.learning.runs.begin import begin
from osteon.learning.runs.overrides import apply
from osteon.learning.train import TrainerOptions, train

pytestmark = [
    pytest.mark.learn,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # torch.onnx and Lightning, of their own making
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_a_run_is_evaluated(classes_folder: Path, learning_settings: tuple[str, ...], tmp_path: Path) -> None:
    recipe = apply(find("fracatlas"), learning_settings)
    begun = begin(recipe, learning_settings, None, classes_folder, tmp_path / "My Run", resume=False)
    train(begun, TrainerOptions(cache=tmp_path / "cache", track=lambda items, *_: items, progress=False, threads=1))
    command = ["evaluate", str(tmp_path / "My Run"), "--data", str(classes_folder), "--out", str(tmp_path / "out")]
    command += ["--resamples", "120", "--cache", str(tmp_path / "cache"), "--read-validation"]
    done = CliRunner().invoke(application(command[0]), command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    figures = json.loads((tmp_path / "out" / "figures.json").read_text(encoding="utf-8"))
    assert "classification.auroc" in figures
    assert "classification.youden.sensitivity" in figures
    report = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "my-run 0.0.0" in report
    assert "Byte for byte, none of the" in report
