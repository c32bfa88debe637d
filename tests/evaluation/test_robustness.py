"""Robustness and abstention, measured with the small bundle."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.errors import DataError
from osteon.core.labels import BodyPart
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import Table, from_cases
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.run_reader import read_table, untracked
from osteon.evaluation.inference.sampling import balanced, drawn, in_order
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.robustness.corruptions import Corruption, blur, invert, paint_marker, shrink
from osteon.evaluation.robustness.robustness import Robustness, calls

QUICK = Settings(resamples=200)


def small_letter(pixels: np.ndarray, level: float, random: np.random.Generator) -> np.ndarray:
    """A letter of a height that the small bundle does not see."""
    return paint_marker("L", pixels, level, random)


CHOSEN = (
    Corruption("blur", "Blur", "%", (0.5, 20), blur, "Gaussian"),
    Corruption("scale", "Down-scaling", "px", (400, 50), shrink, "longer side"),
    Corruption("inversion", "Inversion", "", (1,), invert, "bone black on white"),
    Corruption("marker_l", "L painted", "%", (4,), small_letter, "height", probe=True),
)


@pytest.fixture(scope="module")
def films(blobs: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Table]:
    """Ten films with a blob, ten without."""
    root = tmp_path_factory.mktemp("films")
    random = np.random.default_rng(0)
    cases: list[Case] = []
    for i in range(20):
        strength = random.uniform(0.75, 0.95) if i % 2 else 0.0
        file = blobs.save(blobs.film(strength, at=(random.uniform(0.3, 0.7), 0.5)), root / f"{i:02d}.png")
        facts = FileFacts(192, 256, "L", "PNG", file.stat().st_size)
        cases.append(Case(f"{i:02d}.png", facts, f"s{i}", body_part=BodyPart.HAND, labels={"fracture": i % 2}))
    return root, from_cases(cases, dataset="films", licence="CC0-1.0")


@pytest.fixture(scope="module")
def bundle(bundle_file: Path) -> Bundle:
    """The small bundle."""
    return open_bundle(bundle_file)


@pytest.fixture(scope="module")
def said(bundle: Bundle, films: tuple[Path, Table]) -> Predictions:
    root, table = films
    return read_table(bundle, table, root, "fracture")


def test_corrupted_films_are_measured(bundle: Bundle, films: tuple[Path, Table], said: Predictions) -> None:
    root, table = films
    section = Robustness(corruptions=CHOSEN)(bundle, table, root, said, untracked, QUICK)
    figures = section.figures
    assert figures["robustness.none.auroc"].value == 1
    assert figures["robustness.none.doubt.sensitivity"].value == 1
    assert figures["robustness.none.auroc"].n == 20
    # A blob blurred away is missed; the longer side of 50 pixels is refused as too small.
    assert figures["robustness.blur.20.doubt.sensitivity"].value < 0.5
    assert figures["robustness.blur.20.flipped"].value > 0.3
    lost = figures["robustness.blur.20.doubt.sensitivity_change"]
    assert lost.value == pytest.approx(figures["robustness.blur.20.doubt.sensitivity"].value - 1)
    assert lost.n == 10
    assert figures["robustness.marker_l.4.doubt.sensitivity_change"].value == 0
    assert figures["robustness.blur.20.shift"].value < 0
    assert figures["robustness.scale.50.abstained"].value == 1
    assert figures["robustness.scale.50.abstained"].low < 1
    assert "robustness.scale.50.auroc" not in figures
    # No film is longer than 400 pixels: nothing changes, so there is no share of changed calls.
    assert "robustness.scale.400.flipped" not in figures
    assert figures["robustness.scale.400.auroc"] == figures["robustness.none.auroc"]
    assert figures["robustness.marker_l.4.flipped"].value == 0
    assert figures["robustness.marker_l.4.flipped"].high > 0
    assert set(section.plots) == {"robustness_blur", "robustness_scale", "robustness_probes"}
    assert "Inversion" in section.after
    assert "| Blur | 0.5, 20 % |" in section.card


def test_jobs_change_nothing(bundle: Bundle, films: tuple[Path, Table], said: Predictions) -> None:
    root, table = films
    one, two = (
        Robustness(images=8, jobs=jobs, corruptions=CHOSEN[:1])(bundle, table, root, said, untracked, QUICK).figures
        for jobs in (1, 2)
    )
    assert one == two


def test_one_class_alone_and_a_foreign_table(bundle: Bundle, films: tuple[Path, Table], said: Predictions) -> None:
    root, table = films
    normal = table.select([image for i, image in enumerate(table.images) if i % 2 == 0])
    half = said.select(said.label == 0)
    section = Robustness(corruptions=CHOSEN)(bundle, normal, root, half, untracked, QUICK)
    assert not section.figures
    assert "one class" in section.content
    with pytest.raises(DataError, match="not of this table"):
        Robustness(corruptions=CHOSEN)(bundle, table, root, half, untracked, QUICK)


def test_calls_are_those_of_the_reader() -> None:
    found = calls(np.array([0.1, 0.3, 0.5, 0.8, 0.9]), {"doubt": 0.3, "definite": 0.8})
    assert found.tolist() == [0, 1, 1, 2, 2]


def test_films_are_drawn_in_balance() -> None:
    label = [1] * 10 + [0] * 50 + [-1] * 5
    table = predictions([f"{i}" for i in range(65)], label, np.where(np.arange(65) == 3, np.nan, 0.5))
    rows = balanced(table, 30, seed=0)
    assert len(rows) == 30
    assert (table.label[rows] == 1).sum() == 9
    assert 3 not in rows
    assert (table.label[balanced(table, 8, seed=0)] == 1).sum() == 4
    few_negative = table.select(np.arange(65) < 12)
    assert (few_negative.label[balanced(few_negative, 10, seed=0)] == 1).sum() == 8
    np.testing.assert_array_equal(balanced(table, 30, seed=0), rows)
    assert len(drawn(table.label == 1, 100, 0)) == 10


@pytest.mark.parametrize("jobs", [1, 3])
def test_results_come_in_order(jobs: int) -> None:
    assert list(in_order(lambda x: x * x, range(20), jobs)) == [x * x for x in range(20)]
