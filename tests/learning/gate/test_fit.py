"""A gate tells apart what it was fitted to, its graph says what it says, and the rest of the graph stays the same to the bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from osteon.bundle.archive import Bundle, open_bundle
from osteon.core.errors import BundleError
from osteon.core.labels import BodyPart
from osteon.imaging.load import load
from osteon.imaging.preprocess import prepare
from osteon.learning.gate.counterexamples import SYNTHETIC
from osteon.learning.gate.features import GateFeatures, with_features, without_gate
from osteon.learning.gate.fit import GateFit
from osteon.learning.gate.graph import with_gate
from osteon.learning.gate.limits import COPIES_REFUSED, ORIGINALS_REFUSED, fitted, folds_of, limit_of, out_of_fold
from osteon.learning.gate.measure import refused
from osteon.learning.gate.samples import ORIGINAL, RADIOGRAPH, Samples

SAMPLES = Path(__file__).parents[3] / "samples"
LIMBS = (BodyPart.HAND, BodyPart.LEG)
WIDTH = 12


def made(rng: np.random.Generator, count: int = 240) -> Samples:
    """Radiographs of three parts round their own centres, and chests and ultrasound far from them."""
    kinds = [RADIOGRAPH] * count + ["chest"] * 40 + ["ultrasound"] * 40
    parts = [("hand", "leg", "hip")[number % 3] for number in range(count)] + [""] * 80
    features = rng.normal(0, 1, (len(kinds), WIDTH))
    features[:, 0] += [9.0 if kind == "ultrasound" else 0.0 for kind in kinds]
    features[:, 1] += [
        8.0 if part == "hip" or kind == "chest" else 0.0 for kind, part in zip(kinds, parts, strict=True)
    ]
    copies = [ORIGINAL if number < count // 2 else name(number) for number in range(count)] + [""] * 80
    groups = [number // 6 for number in range(count)] + [-1] * 80
    return Samples(features.astype(np.float32), np.array(kinds), np.array(copies), np.array(parts), np.array(groups))


def name(number: int) -> str:
    from osteon.learning.gate.copies import COPIES

    return list(COPIES)[number // 3 % len(COPIES)]


@pytest.fixture(scope="module")
def samples() -> Samples:
    return made(np.random.default_rng(0))


def test_both_outputs_tell_what_they_were_fitted_to(samples: Samples) -> None:
    gate = fitted(samples, LIMBS, np.ones(len(samples.kind), np.bool_))
    fresh = made(np.random.default_rng(1))
    odd, other = gate.scores(fresh.features).T
    assert np.quantile(odd[fresh.kind == "ultrasound"], 0.05) > np.quantile(odd[fresh.radiographs], 0.95)
    highest = np.quantile(other[fresh.indicated(LIMBS)], 0.95)
    assert np.quantile(other[fresh.part == "hip"], 0.05) > highest
    assert np.quantile(other[fresh.kind == "chest"], 0.05) > highest


def test_scores_out_of_fold_are_of_gates_without_the_run(samples: Samples) -> None:
    folds = folds_of(samples, 0)
    assert set(folds[samples.group >= 0]) == {0, 1, 2}
    assert (folds[samples.group < 0] == -1).all()
    for group in np.unique(samples.group[samples.group >= 0]):
        assert len(set(folds[samples.group == group])) == 1
    own, each = out_of_fold(samples, LIMBS, folds, np.ones(len(folds), np.bool_))
    assert np.isnan(own[folds < 0]).all()
    gate = fitted(samples, LIMBS, folds != 1)
    assert np.allclose(own[folds == 1], gate.scores(samples.features)[folds == 1], atol=1e-4)
    assert each.shape == (3, len(folds), 2)


def test_a_limit_refuses_no_more_than_it_may(samples: Samples) -> None:
    scores = np.random.default_rng(2).normal(size=len(samples.kind)).astype(np.float32)
    limit = limit_of(samples, LIMBS, scores)
    rows = samples.indicated(LIMBS)
    for copy in set(samples.copy[rows]):
        share = float((scores[rows & (samples.copy == copy)] > limit).mean())
        assert share <= (ORIGINALS_REFUSED if copy == ORIGINAL else COPIES_REFUSED)
    assert limit in scores[rows]
    hits = refused(np.array([[1.0, 0.0], [0.0, 3.0], [0.0, 0.0]], np.float32), (0.5, 2.0))
    assert [hit.tolist() for hit in hits.values()] == [[True, False, False], [False, True, False], [True, True, False]]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return open_bundle("fracatlas")


def small_gate(bundle: Bundle) -> tuple[GateFit, GateFeatures]:
    """A gate for the shipped network, fitted to a few images."""
    embed = GateFeatures(bundle)
    rng = np.random.default_rng(0)
    images = [load(file)[0].pixels for file in sorted(SAMPLES.glob("*.[jp][pn]g"))] * 3
    drawn = [SYNTHETIC[kind](rng) for kind in ("ultrasound", "fundus", "chest")] * 2
    features = np.stack([embed(image) for image in (*images, *drawn)])
    features += rng.normal(0, 1e-3, features.shape).astype(np.float32)
    count, odd = len(images), len(drawn)
    samples = Samples(
        features,
        np.array([RADIOGRAPH] * count + ["ultrasound", "fundus", "chest"] * 2),
        np.array([ORIGINAL] * count + [""] * odd),
        np.array(["hand"] * count + [""] * odd),
        np.arange(count + odd),
    )
    return fitted(samples, LIMBS, np.ones(count + odd, np.bool_)), embed


@pytest.mark.parametrize("threads", [1, 2])
def test_the_graph_with_a_gate_gives_the_same_to_the_bit(bundle: Bundle, threads: int) -> None:
    plain = without_gate(bundle.graph)
    fit, _ = small_gate(bundle)
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    before, after = (
        ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        for graph in (plain, with_gate(plain, fit))
    )
    names = ["logits", "maps", "novelty"]
    for file in sorted(SAMPLES.glob("*.[jp][pn]g")):
        image = np.ascontiguousarray(prepare(load(file)[0].pixels, bundle.manifest.preprocessing)[np.newaxis])
        for old, new in zip(before.run(names, {"image": image}), after.run(names, {"image": image}), strict=True):
            assert np.array_equal(np.asarray(old), np.asarray(new))
    assert without_gate(with_gate(plain, fit)) == without_gate(with_gate(with_gate(plain, fit), fit))


def test_the_graph_says_what_the_fit_says(bundle: Bundle) -> None:
    fit, embed = small_gate(bundle)
    session = ort.InferenceSession(with_gate(bundle.graph, fit), providers=["CPUExecutionProvider"])
    for file in sorted(SAMPLES.glob("*.[jp][pn]g")):
        pixels = load(file)[0].pixels
        image = np.ascontiguousarray(prepare(pixels, bundle.manifest.preprocessing)[np.newaxis])
        (said,) = session.run(["gate"], {"image": image})
        assert np.asarray(said)[0] == pytest.approx(fit.scores(embed(pixels)[np.newaxis])[0], abs=1e-2)


def test_a_graph_without_the_layers_is_refused() -> None:
    from tests.bundle import blobs

    with pytest.raises(BundleError, match="layer that the gate looks at"):
        with_features(blobs.graph())
