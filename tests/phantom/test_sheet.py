"""Contact sheets, and the command that makes them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from osteon.cli.phantom import register
from osteon.phantom.layouts.write import jobs_of
from osteon.phantom.phantom import Phantom
from osteon.phantom.sheet import FOOT, contact_sheet, of_jobs


def test_a_sheet_has_a_cell_for_each_picture(pairs: dict[str, tuple[Phantom, Phantom]]) -> None:
    phantoms = [phantom for pair in pairs.values() for phantom in pair][:5]
    sheet = contact_sheet(phantoms, columns=3, cell=200)
    assert sheet.shape == (2 * (200 + FOOT), 600, 3)
    green = (sheet[..., 1].astype(int) - sheet[..., 0]) > 60
    assert green.any()


def test_an_empty_sheet_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])


def test_a_sheet_shows_the_first_pictures_of_a_dataset() -> None:
    jobs = jobs_of("forearm", "pediurf", 4, 2)
    found = of_jobs(jobs, pictures=3, size=96)
    assert [phantom.seed for phantom in found] == [jobs[0].seed, jobs[0].seed, jobs[1].seed]


def run(*words: object) -> tuple[int, str]:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.output


def test_the_command_writes_and_shows(tmp_path: Path) -> None:
    code, _ = run(
        "hand", tmp_path / "out", "--n", 2, "--size", 96, "--workers", 1, "--preview", tmp_path / "a" / "b.png"
    )
    assert code == 0
    assert (tmp_path / "out" / "dataset.csv").is_file()
    sheet = cv2.imread(str(tmp_path / "a" / "b.png"))
    assert sheet is not None
    assert float(np.std(sheet)) > 10


def test_the_command_asks_for_somewhere_to_write() -> None:
    code, text = run("hand")
    assert code == 2
    assert "--preview" in text
