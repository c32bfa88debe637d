"""What README and docs say of the shipped network is what its bundle says, and both come from one evaluation."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from osteon.bundle.archive import Bundle, open_bundle

ROOT = Path(__file__).parents[2]
EVIDENCE = ROOT / "docs" / "evidence"


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    """The shipped bundle."""
    return open_bundle("fracatlas")


def test_the_bundle_holds_the_figures_of_the_evaluation(bundle: Bundle) -> None:
    measured = json.loads((EVIDENCE / "fracatlas.json").read_text())
    assert {"classification.auroc", "calibration.ece"} <= bundle.manifest.figures.keys() & measured.keys()
    for name, figure in bundle.manifest.figures.items():
        assert figure.value == pytest.approx(measured[name]["value"], abs=1e-12)
        assert figure.n == measured[name]["n"]


def test_the_card_of_the_repository_is_the_card_of_the_bundle(bundle: Bundle) -> None:
    assert (EVIDENCE / "fracatlas.md").read_text() == bundle.card


def test_the_card_tells_nothing_of_the_machine(bundle: Bundle) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|tmp|home|root|mnt)/", bundle.card)


def test_the_readme_says_what_the_bundle_says(bundle: Bundle) -> None:
    text = (ROOT / "README.md").read_text()
    said = text[text.index("## The shipped network") : text.index("## Where to go")]
    rows = {
        "AUROC": ("classification.auroc",),
        "average precision": ("classification.average_precision",),
        "sensitivity and specificity at *doubt*": (
            "classification.doubt.sensitivity", "classification.doubt.specificity",
        ),
        "sensitivity and specificity at *definite*": (
            "classification.definite.sensitivity", "classification.definite.specificity",
        ),
    }  # fmt: skip
    for label, names in rows.items():
        figures = [bundle.manifest.figures[name] for name in names]
        values = ", ".join(f"{figure.value:.3f}" for figure in figures)
        intervals = ", ".join(f"{figure.low:.3f} to {figure.high:.3f}" for figure in figures)
        assert f"| {label} | {values} | {intervals} |" in said
    data = bundle.manifest.training_data[0]
    assert f"On the {data.images['test']} test images" in said
    assert f"({data.positives['test']} with" in said
