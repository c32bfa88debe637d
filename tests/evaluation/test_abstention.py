"""What was refused, and the risk among the cases that are kept, against the definition."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.bundle.archive import open_bundle
from osteon.core.codes.fault import FaultCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.errors import BundleError, InputError
from osteon.core.wording.faults import fault_heading
from osteon.core.wording.refusals import refusal_heading
from osteon.data.table.case import Case, FileFacts
from osteon.data.table.table import from_cases
from osteon.evaluation.abstention.abstention import abstention_section, cause_counts
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.run_reader import read_table
from osteon.evaluation.predictions.predictions import predictions, read_predictions, write_predictions
from osteon.evaluation.predictions.refused import FAILED, REFUSED, Cause, failed_columns, refusal_columns
from osteon.stats.selective import Excess, RiskAt, least_area
from osteon.stats.utility import risk_coverage

QUICK = Settings(resamples=200)
POINTS = {"doubt": 0.2, "definite": 0.5}


@given(
    st.lists(st.tuples(st.integers(0, 1), st.sampled_from([0.1, 0.3, 0.45, 0.6, 0.8])), min_size=2, max_size=25),
    st.sampled_from([0.2, 0.5, 0.9, 1.0]),
)
def test_risk_at_a_coverage_is_that_of_the_most_certain(cases: list[tuple[int, float]], share: float) -> None:
    label, chance = np.array(cases).T
    at = RiskAt(label, chance, 0.5, [share])(np.ones((1, len(label))))[0, 0]
    certainty = np.abs(np.log(chance / (1 - chance)))
    limits = np.unique(certainty)[::-1]
    kept = next(certainty >= limit for limit in limits if (certainty >= limit).sum() >= share * len(label) - 1e-9)
    assert at == pytest.approx(((chance >= 0.5) != (label == 1))[kept].mean())


@given(total=st.integers(1, 60), faults=st.integers(0, 60))
def test_least_area_is_that_of_a_perfect_certainty(total: int, faults: int) -> None:
    faults = min(faults, total)
    right = total - faults
    expected = np.mean([max(0, kept - right) / kept for kept in range(1, total + 1)])
    found = least_area(np.array([float(total)]), np.array([float(faults)]))[0]
    assert found == pytest.approx(expected, abs=1e-12)


def test_excess_is_zero_where_all_faults_are_the_least_certain() -> None:
    label = np.array([1, 1, 0, 0, 1, 0])
    chance = np.array([0.99, 0.95, 0.02, 0.1, 0.45, 0.52])
    assert Excess(label, chance, 0.5)(np.ones((1, 6)))[0, 0] == pytest.approx(0)
    assert risk_coverage(label, chance, 0.5).area > 0


def small(width: int) -> Refusal:
    return Refusal(RefusalCode.TOO_SMALL, {"width": width, "height": 90, "minimum": 160})


def unsure(site: str, probability: float) -> Refusal:
    return Refusal(RefusalCode.SITE_UNCERTAIN, {"site": site, "probability": probability, "threshold": 0.5})


def test_causes_are_counted_by_their_codes() -> None:
    """Whatever the values are, and whatever the sentences say."""
    refused = [
        (small(120),),
        (small(60), Refusal(RefusalCode.COLOUR)),
        (unsure("femur", 0.31),),
        (unsure("hip", 0.42),),
        (),
        (),
    ]
    table = predictions(
        list("abcdef"),
        [1, 0, 1, -1, 0, 1],
        [np.nan] * 5 + [0.4],
        attributes={**refusal_columns(refused), FAILED: ["", "", "", "", "damaged", ""]},
    )
    assert {(one.cause.code, one.n, one.positive, one.negative) for one in cause_counts(table)} == {
        (RefusalCode.TOO_SMALL, 2, 1, 1),
        (RefusalCode.SITE_UNCERTAIN, 2, 1, 0),
        (RefusalCode.COLOUR, 1, 0, 1),
        (None, 1, 0, 1),
    }
    assert [one.n for one in cause_counts(table)] == [2, 2, 1, 1]
    assert Cause(None, "damaged") in {one.cause for one in cause_counts(table)}


def test_unreadable_files_are_counted_by_their_codes() -> None:
    """Also where their sentences differ; a cause without a code is told by its sentence."""
    errors = [
        InputError(FaultCode.RASTER_TRUNCATED, {"format": "PNG"}),
        InputError(FaultCode.RASTER_TRUNCATED, {"format": "JPEG"}),
        BundleError("the graph cannot be run"),
        InputError(FaultCode.OTHER, {"problem": "words of a server"}),
        None,
    ]
    table = predictions(list("abcde"), [1, 0, 1, 0, 1], [np.nan] * 4 + [0.4], attributes=failed_columns(errors))
    assert {(one.heading, one.cause.code, one.n) for one in cause_counts(table)} == {
        (f"not readable: {fault_heading(FaultCode.RASTER_TRUNCATED)}", FaultCode.RASTER_TRUNCATED, 2),
        ("not readable: the graph cannot be run", None, 1),
        ("not readable: words of a server", None, 1),
    }


def test_tables_of_earlier_versions_have_sentences() -> None:
    """Among them those of studies that were read without one of their images, whose notes stood among the reasons."""
    refused = [
        "the image is too small: 120 x 90 pixels, at least 160 a side are needed",
        (
            "the body part is not stated, so the indication was not checked for it; "
            "image 2: not read: the image is too small: 60 x 90 pixels, at least 160 a side are needed"
        ),
        "the most probable site, femur, has a probability of 0.31, less than the 0.50 from which the bundle names one",
        "the most probable site, hip, has a probability of 0.42, less than the 0.50 from which the bundle names one",
        "words of another system",
    ]
    table = predictions(list("abcde"), [1, 0, 1, 1, 0], [np.nan] * 5, attributes={REFUSED: refused})
    assert [(one.cause, one.n) for one in cause_counts(table)] == [
        (Cause(RefusalCode.SITE_UNCERTAIN), 2),
        (Cause(RefusalCode.TOO_SMALL), 2),
        (Cause(RefusalCode.OTHER, "words of another system"), 1),
    ]


def test_a_study_is_read_without_one_of_its_images(blobs: ModuleType, bundle_file: Path, tmp_path: Path) -> None:
    """The cause of that image is its own: not a note on the study, and the same as that of an image by itself."""
    films = {"good.png": blobs.film(1.0), "small.png": blobs.film(1.0)[:40], "alone.png": blobs.film(1.0)[:50]}
    for name, pixels in films.items():
        blobs.save(pixels, tmp_path / name)

    def case(name: str, study: str) -> Case:
        rows, columns = films[name].shape
        facts = FileFacts(columns, rows, "L", "PNG", (tmp_path / name).stat().st_size)
        return Case(image=name, facts=facts, study=study, labels={"fracture": 1})

    cases = [case("good.png", "a"), case("small.png", "a"), case("alone.png", "b")]
    table = read_table(
        open_bundle(bundle_file), from_cases(cases, dataset="films", licence="CC0-1.0"), tmp_path, "fracture"
    )
    read = dict(zip(table.image.tolist(), table.read.tolist(), strict=True))
    assert read == {"good.png": True, "small.png": False, "alone.png": False}
    assert [(one.cause, one.n) for one in cause_counts(table)] == [(Cause(RefusalCode.TOO_SMALL), 2)]
    write_predictions(table, tmp_path / "predictions.csv")
    assert cause_counts(read_predictions(tmp_path / "predictions.csv")) == cause_counts(table)


def test_section() -> None:
    random = np.random.default_rng(0)
    label = random.integers(0, 2, 80)
    chance = np.clip(0.35 * label + 0.65 * random.random(80), 0.01, 0.99)
    chance[:4] = np.nan
    refused = [(Refusal(RefusalCode.BLANK),)] * 4 + [()] * 76
    table = predictions([f"{i}" for i in range(80)], label, chance, attributes=refusal_columns(refused))
    section = abstention_section(table, POINTS, QUICK)
    assert section.figures["abstention.coverage"].value == pytest.approx(76 / 80)
    assert section.figures["abstention.coverage"].n == 80
    assert section.figures["abstention.aurc"].n == 76
    assert section.figures["abstention.excess_aurc"].value <= section.figures["abstention.aurc"].value
    assert refusal_heading(RefusalCode.BLANK) in section.content
    assert "abstention" in section.plots
    assert "share of images read" in section.card
    everything = abstention_section(table.select(table.read), POINTS, QUICK)
    assert "none was refused" in everything.content


def test_one_cluster_has_no_intervals() -> None:
    table = predictions(list("ab"), [0, 1], [0.2, 0.9], cluster=["p", "p"], study=["s", "s"])
    section = abstention_section(table, POINTS, QUICK)
    assert not section.figures
    assert not section.plots
