"""``osteon reproduce``: names are checked before anything is simulated or trained, and a wrong one says what there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("torch", reason="needs osteon[learn]")

from osteon.cli import application
from osteon.core.errors import RecipeError

pytestmark = pytest.mark.learn


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def reproduce(*arguments: str) -> Result:
    return CliRunner().invoke(application("reproduce"), ["reproduce", *arguments], catch_exceptions=False)


def test_an_unknown_paper_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no paper 'pedurf'.*vindr_spinexr"):
        reproduce("pedurf")
    assert not list(tmp_path.iterdir())


def test_an_unknown_recipe_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"pediurf has no recipe 'resnet35'.*urfnet_concatenation"):
        reproduce("pediurf", "--only", "urfnet,resnet35")
    assert not list(tmp_path.iterdir())


def test_a_report_of_nothing_trains_nothing_and_has_the_paper_s_figures(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    done = reproduce(
        "pediurf", "--data", "nothing", "--budget", "table", "--kept", "kept", "--report-only", "--out", "out"
    )
    assert done.exit_code == 0
    assert "0 runs taken from kept" in done.output
    page = (tmp_path / "out" / "report.md").read_text()
    assert "it was not run here" in page
    assert all(
        name in page for name in ("urfnet_concatenation", "vgg16", "vit_large_patch16_224", "efficientformer_l3")
    )
    assert "0.935 ± 0.003" in page
    assert not (tmp_path / "out" / "runs").exists()


@pytest.mark.slow
def test_data_that_are_not_the_dataset_fail_every_run_but_leave_the_paper_s_table(tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    done = reproduce("pediurf", "--data", "nothing", "--only", "front", "--seeds", "1", "--out", "out")
    assert done.exit_code == 1
    assert "[1/1] front, seed 0: failed" in done.output
    page = (tmp_path / "out" / "report.md").read_text()
    assert "Runs that failed" in page
    assert "0.935 ± 0.003" in page  # the paper's figure stands there all the same
    assert (tmp_path / "out" / "report.html").is_file()
