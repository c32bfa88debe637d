"""The model card says what the manifest says."""

from __future__ import annotations

from types import ModuleType

from osteon.bundle.card import render_card
from osteon.core.estimate import Estimate


def test_the_card_says_what_the_manifest_says(blobs: ModuleType) -> None:
    card = render_card(blobs.manifest(), {"Known failures": "It sees blobs only.\n", "By body part": "| a | b |"})
    for text in (
        "# blobs 1.0.0",
        "Finds bright blobs; for tests.",
        "**Intended use.** Tests of the reader.",
        "hand, leg; ages 16 to 120 years",
        "not for diagnosis",
        "- anybody's bones",
        "| train | 1,200 | 200 |",
        "| test | 300 | unknown |",
        "| AUROC | 0.912 | 0.880 to 0.940 | 300 |",
        "Intervals: 95 % bootstrap.",
        "| doubt | 0.3000 | by hand | 0.950 | 0.700 |",
        "temperature 1.0000",
        "pooled by their max",
        "`optimizer.lr=3e-4`",
        "Apache-2.0",
    ):
        assert text in card
    headings = [line[3:] for line in card.splitlines() if line.startswith("## ")]
    assert headings == [
        "Use",
        "Data",
        "Figures",
        "Operating points and calibration",
        "Known failures",
        "By body part",
        "Provenance",
    ]
    assert card.endswith("\n")


def test_intervals_of_different_methods_are_told_apart(blobs: ModuleType) -> None:
    manifest = blobs.manifest()
    other = Estimate(value=0.5, low=0.4, high=0.6, method="Wilson", n=10)
    card = render_card(manifest.model_copy(update={"figures": {**manifest.figures, "sensitivity": other}}))
    assert "| sensitivity | 0.500 | 0.400 to 0.600 (2) | 10 |" in card
    assert "Intervals: (1) 95 % bootstrap; (2) Wilson." in card


def test_a_bundle_without_figures_says_so(blobs: ModuleType) -> None:
    assert "None was measured." in render_card(blobs.manifest().model_copy(update={"figures": {}}))


def test_every_table_has_rows_of_equal_length(blobs: ModuleType) -> None:
    for block in render_card(blobs.manifest()).split("\n\n"):
        rows = [line.replace("\\|", "") for line in block.splitlines() if line.startswith("|")]
        assert len({row.count("|") for row in rows}) <= 1
