"""Training curves are put together from all attempts at all phases, and drawn with what each phase kept."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

torch = pytest.importorskip("torch", reason="needs osteon[learn]")
pytestmark = pytest.mark.learn

from osteon.evaluation.drawing.files import both, render
from osteon.learning.classification.module import training_accuracy
from osteon.learning.recipes import find
from osteon.learning.runs.run import Run
from osteon.learning.training.curves import curves_of, draw_curves, write_curves


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """An interrupted run: the first phase in two attempts and done, of the second one epoch and a line that broke off."""
    made = Run(tmp_path, find("mobilenet_elbow"), {}, 0, "")
    logs = tmp_path / "logs" / "csv"
    files = {
        "frozen": "epoch,step,train_loss,train_accuracy,val_loss,val_accuracy,lr-Adam\n"
        ",0,,,,,0.001\n0,9,,,0.9,0.4,\n0,9,1.0,0.5,,,\n,10,,,,,0.0005\n1,19,,,0.99,0.1,\n",
        "frozen-2": "epoch,step,val_loss,val_accuracy,train_loss,train_accuracy\n1,19,0.8,0.6,,\n1,19,,,0.7,0.7\n",
        "fine-tuning": "epoch,step,train_loss,val_accuracy\n0,9,0.6,\n0,9,,0.8\n1,1",
    }
    for name, text in files.items():
        (logs / name).mkdir(parents=True)
        (logs / name / "metrics.csv").write_text(text)
    made.phase_folder("frozen").mkdir(parents=True)
    (made.phase_folder("frozen") / "done.json").write_text(json.dumps({"epoch": 1, "val_accuracy": 0.6, "epochs": 2}))
    return made


def test_attempts_and_phases_are_joined(run: Run) -> None:
    first, second = curves_of(run)
    assert (first.name, first.chosen, len(first.epochs)) == ("frozen", 1, 2)
    assert first.epochs[0]["train_accuracy"] == 0.5
    assert [row["lr-Adam"] for row in first.epochs] == [0.001, 0.0005]
    assert first.epochs[1]["val_accuracy"] == 0.6  # of the later attempt
    assert (second.name, second.chosen, second.epochs[0]["val_accuracy"]) == ("fine-tuning", None, 0.8)


def test_the_plot_has_the_panels_and_the_epoch_that_was_kept(run: Run) -> None:
    figure = draw_curves(curves_of(run), "val_auroc", "title")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss", "accuracy", "learning rate"]
    loss = figure.axes[0]
    drawn = {line.get_label(): line for line in loss.lines if not str(line.get_label()).startswith("_")}
    assert np.asarray(drawn["training"].get_xydata()).tolist() == [[1, 1.0], [2, 0.7]]
    assert np.asarray(drawn["validation"].get_xydata()).tolist() == [[1, 0.9], [2, 0.8]]
    along = [np.asarray(line.get_xdata(), float) for line in loss.lines]
    upright = [float(x[0]) for x in along if len(x) == 2 and x[0] == x[1]]
    assert sorted(upright) == [2.0, 2.5]  # the kept epoch, and where the second phase begins
    selected = draw_curves(curves_of(run), "val_loss", "title")
    assert len(selected.axes) == 3


def test_files_are_written_only_where_there_is_something_to_draw(run: Run, tmp_path: Path) -> None:
    write_curves(run)
    assert b"<svg" in (run.folder / "curves.svg").read_bytes()
    empty = replace(run, folder=tmp_path / "empty")
    write_curves(empty)
    assert not empty.folder.exists()


def test_both_files_are_of_the_same_layout_and_leave_the_figure_as_it_was(run: Run) -> None:
    figure = draw_curves(curves_of(run), "val_auroc", "title")
    vectors, pixels = both(figure)
    places = [axes.get_position().bounds for axes in figure.axes]
    # Laid out anew for the pixels, nothing is elsewhere by more than letters differ in size.
    alone = draw_curves(curves_of(run), "val_auroc", "title")
    with Image.open(io.BytesIO(pixels)) as drawn, Image.open(io.BytesIO(render(alone, "png"))) as expected:
        assert drawn.size == expected.size
    np.testing.assert_allclose(places, [axes.get_position().bounds for axes in alone.axes], atol=0.01)
    assert isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)
    again = draw_curves(curves_of(run), "val_auroc", "title")
    assert both(again) == (vectors, pixels)
    assert render(draw_curves(curves_of(run), "val_auroc", "title"), "svg") == vectors


@pytest.mark.parametrize(
    ("name", "logits", "targets", "expected"),
    [
        ("mobilenet_elbow", [[2.0, 1.0], [0.0, 3.0], [1.0, 0.0]], [[1, 0], [0, 1], [0, 1]], 2 / 3),
        ("mobilenet_elbow", [[2.0, 1.0], [0.0, 3.0]], [[1, 0], [float("nan"), float("nan")]], 1.0),
        ("fracatlas", [[2.0], [-1.0], [3.0], [1.0]], [[1], [1], [0], [1]], 0.5),
    ],
)
def test_training_accuracy(name: str, logits: list[list[float]], targets: list[list[float]], expected: float) -> None:
    found = training_accuracy(torch.tensor(logits), torch.tensor(targets, dtype=torch.float32), find(name))
    assert float(found) == pytest.approx(expected)
