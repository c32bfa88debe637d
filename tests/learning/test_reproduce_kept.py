"""Figures of finished runs are kept without weights, and are taken for the very same run only."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.core.errors import DataError
from osteon.learning.recipes import paper
from osteon.learning.reproduce.jobs.outputs import remove_weights
from osteon.learning.reproduce.planning.plan import Work, budget, plan, short
from osteon.learning.reproduce.planning.source import Source
from osteon.learning.reproduce.results.kept import keep, restore
from osteon.learning.reproduce.results.outcomes import gather

pytestmark = pytest.mark.learn

PEDIURF = paper("pediurf")
SPINE = paper("vindr_spinexr")
SOURCE = Source(Path("data"), simulated=True, digest="of the data", words="phantoms")
PREDICTIONS = """image,study,cluster,label,probability
a.jpg,a,a,1,0.1234567891
b.jpg,b,b,0,0.25
"""


def planned(out: Path, source: Source = SOURCE) -> tuple[Work, ...]:
    """The first two seeds of one row of Table 2."""
    return plan(PEDIURF, budget(PEDIURF, "table"), source, out, only=["resnet18"], seeds=2, figures_only=True)


def finish(work: Work) -> None:
    """As if it had run."""
    work.evaluation.mkdir(parents=True)
    figure = {"value": 0.5, "low": 0.25, "high": 0.75, "method": "bootstrap", "n": 2}
    (work.evaluation / "figures.json").write_text(json.dumps({"classes.accuracy": figure}))
    (work.evaluation / "evaluation.json").write_text(json.dumps({"operating_points": {}, "counts": {"images": 2}}))
    (work.evaluation / "predictions.csv").write_text(PREDICTIONS)
    done = {"seconds": {"train": 1.0}, "selection": "val_accuracy", "validation": 0.6, "epoch": 1, "weights": "random"}
    work.done.write_text(json.dumps(done))


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Where the figures of the first seed are kept."""
    work = planned(tmp_path / "first")[0]
    finish(work)
    keep(work, SOURCE, tmp_path / "kept")
    return tmp_path / "kept"


def test_kept_figures_count_as_done_on_another_machine(kept: Path, tmp_path: Path) -> None:
    works = planned(tmp_path / "second")
    assert restore(works, SOURCE, kept) == 1
    assert [work.finished for work in works] == [True, False]
    (variant,) = gather(works)
    assert [run.work.seed for run in variant.runs] == [0]
    assert variant.runs[0].figures["classes.accuracy"].high == 0.75
    assert variant.runs[0].predictions.image.tolist() == ["a.jpg", "b.jpg"]
    assert variant.runs[0].predictions.probability.tolist() == [0.123457, 0.25]
    assert restore(works, SOURCE, kept) == 0
    # What was taken is kept again as it was, and the same result makes the same file.
    path = next(kept.iterdir())
    again = keep(works[0], SOURCE, tmp_path / "again")
    assert (again.name, again.read_bytes()) == (path.name, path.read_bytes())


def test_half_of_an_own_evaluation_is_replaced(kept: Path, tmp_path: Path) -> None:
    work = planned(tmp_path / "second")[0]
    work.evaluation.mkdir(parents=True)
    (work.evaluation / "figures.json").write_text("{")
    assert restore([work], SOURCE, kept) == 1
    assert gather([work])[0].runs[0].figures


def test_other_data_settings_or_resamples_are_run_anew(kept: Path, tmp_path: Path) -> None:
    other = replace(SOURCE, digest="of other data")
    assert restore(planned(tmp_path / "a", other), other, kept) == 0
    small = plan(PEDIURF, budget(PEDIURF, "small"), SOURCE, tmp_path / "b", only=["resnet18"])
    assert restore(small, SOURCE, kept) == 0
    table = budget(PEDIURF, "table")
    finer = plan(PEDIURF, replace(table, resamples=table.resamples + 1), SOURCE, tmp_path / "c", only=["resnet18"])
    assert restore(finer, SOURCE, kept) == 0


def test_an_archive_that_is_not_what_its_name_says_is_refused(kept: Path, tmp_path: Path) -> None:
    first, second = planned(tmp_path / "second")
    path = kept / f"{first.folder.name}.zip"
    shutil.copy(path, kept / f"{second.folder.name}.zip")
    with pytest.raises(DataError, match="a result of another run"):
        restore([second], SOURCE, kept)
    assert not second.done.exists()
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataError, match="Remove the file"):
        restore([first], SOURCE, kept)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../evaluation.json", "{}")
    with pytest.raises(DataError, match="the file"):
        restore([first], SOURCE, kept)
    assert not (tmp_path / "second" / "runs" / "evaluation.json").exists()


def test_members_keep_their_weights(tmp_path: Path) -> None:
    works = plan(SPINE, budget(SPINE, "small"), SOURCE, tmp_path, only=["ensemble"], figures_only=True)
    assert [(work.name, work.member, work.figures_only) for work in works] == [
        ("densenet121", True, False),
        ("densenet169", True, False),
        ("densenet201", True, False),
        ("ensemble", False, True),
    ]
    # Alone, a member keeps figures only; then it is no part of the ensemble and is trained again.
    (alone,) = plan(SPINE, budget(SPINE, "small"), SOURCE, tmp_path, only=["densenet121"], figures_only=True)
    assert alone.folder == works[0].folder
    finish(alone)
    alone.done.write_text(json.dumps({**json.loads(alone.done.read_text()), "figures_only": True}))
    assert alone.finished
    assert not works[0].finished
    keep(alone, SOURCE, tmp_path / "kept")
    alone.done.unlink()
    assert restore(works, SOURCE, tmp_path / "kept") == 0


def test_weights_are_removed_and_figures_stay(tmp_path: Path) -> None:
    work = planned(tmp_path)[0]
    finish(work)
    work.run.mkdir()
    (work.run / "weights.safetensors").write_bytes(b"weights")
    work.bundle.write_bytes(b"bundle")
    remove_weights(work)
    assert {path.name for path in work.folder.iterdir()} == {"done.json", "evaluation"}
    assert gather([work])


def test_the_table_budget_has_every_row_of_the_paper_s_table_with_its_seeds(tmp_path: Path) -> None:
    rows = {short(PEDIURF, one) for one in PEDIURF.variants if one.claims}
    works = plan(PEDIURF, budget(PEDIURF, "table"), SOURCE, tmp_path)
    assert {work.name for work in works} == rows
    assert len(rows) == 23
    assert len(works) == 5 * len(rows) == len({work.folder for work in works})
