"""``osteon export`` of a detector's run: a bundle of its own, or one together with a classifier.

Everything is fixed on the validation part; the test part is read once, by the reader that reads in the clinic.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import render_card
from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.data.splits.record import load_split
from osteon.evaluation.inference.overlap import training_parts
from osteon.inference.fusion import IDENTITY
from osteon.inference.networks.detect import BoxNetwork
from osteon.learning.bundling.describe import described
from osteon.learning.bundling.manifest import unfixed
from osteon.learning.bundling.quantise import Price, quantised, shown
from osteon.learning.classification.bundle import SPLIT_PART, Naming, card_sections_of, measured_on_test
from osteon.learning.classification.onnx import PARITY_IMAGES
from osteon.learning.detection.batches import ValidationFilms, detection_of
from osteon.learning.detection.calibrate import (
    Seen,
    best_confidence,
    box_points,
    classifier_probability,
    fit_confidence,
    fit_film,
    fit_fusion,
    look,
    matched,
    unfitted_fusion,
)
from osteon.learning.detection.manifest import Fixed, manifest_of, nothing_fixed
from osteon.learning.detection.onnx import box_parity, detector_graph, trained_detector
from osteon.learning.detection.validation import true_boxes
from osteon.learning.inputs.cases import Cases
from osteon.learning.inputs.image_cache import Track, canvases
from osteon.learning.inputs.load_cases import Parts, prepare_cases
from osteon.learning.recipe import Recipe
from osteon.learning.runs.run import Run
from osteon.stats.detection.average_precision import AveragePrecision

LOSS: Final = 0.05
"""By so much the mAP50 of validation films may fall through int8; single digits of it are noise where boxes are few."""


def export_detector(
    run: Run,
    destination: Path,
    naming: Naming,
    cache: Path,
    track: Track,
    data: Path | None = None,
    *,
    beside: Bundle | None = None,
    anyhow: bool = False,
    int8: bool = False,
) -> Bundle:
    """Make a bundle of a detector's finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        naming: of the bundle.
        cache: folder of decoded images.
        track: shows progress.
        data: folder of the dataset, where it has moved since the training.
        beside: bundle of a classifier that was trained with the same split; both read together then.
        anyhow: make a bundle also of networks that tell films with a finding no better than chance; their probability of a
            film is not calibrated.
        int8: quantise the detector's graph, once it agrees with the network.

    Raises:
        DataError: the run is not finished, its data are not there, or the classifier was trained with another split.
        BundleError: the graph does not agree with the network, or int8 costs it too much.
    """
    parts = prepare_cases(run, data)
    run = described(run, parts)
    recipe = run.recipe
    if beside is not None:
        _check_split(beside, parts)
    network = trained_detector(run)
    cached = canvases(parts.val, recipe.preprocessing, cache, track)
    cases = cached.readable(parts.val)
    truth = true_boxes(ValidationFilms(cases, cached, recipe.preprocessing))
    files = {
        **({} if beside is None else {name: beside.parts[name] for name in _kept(beside)}),
        "detector.onnx": detector_graph(network, recipe),
        SPLIT_PART: run.split_file.read_bytes(),
        **_training_files(parts, beside),
    }
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.osteon"
        blank = manifest_of(run, parts, naming, network.method, nothing_fixed(), "", None)

        def asked() -> tuple[BoxNetwork, Seen]:
            session = BoxNetwork(write_bundle(draft, blank, {**files, CARD: b"draft"}), threads=2)
            return session, look(session, cases, truth, recipe, track, PARITY_IMAGES)

        session, seen = asked()
        worst = box_parity(network, session, seen.inputs, detection_of(recipe).rule)
        proof = (
            f"corners within {worst.corners:.1e} pixels and scores within {worst.scores:.1e}, {worst.boxes} boxes of "
            f"{len(seen.inputs)} validation films"
        )
        if int8:
            files["detector.onnx"] = quantised(files["detector.onnx"], shown(parts.train, recipe, run.seed, track))
            before, (_, seen) = _precision(seen, recipe), asked()
            proof += f"; {Price('mAP50', before, _precision(seen, recipe), len(cases)).check(LOSS)}"
        fixed = _fixed(seen, cases, recipe, track, beside, anyhow=anyhow)
        manifest = manifest_of(run, parts, naming, network.method, fixed, proof, beside)
        bundle = write_bundle(draft, manifest, {**files, CARD: b"draft"})
        test = parts.table.select(parts.test.images)
        measured = measured_on_test(bundle, test, parts.test.root, detection_of(recipe).image_label, track)
    manifest = manifest.model_copy(update={"figures": {} if measured is None else dict(measured.headline)})
    card = render_card(manifest, card_sections_of(run, naming, measured, manifest))
    return write_bundle(destination, manifest, {**files, CARD: card.encode()})


def _fixed(seen: Seen, cases: Cases, recipe: Recipe, track: Track, beside: Bundle | None, *, anyhow: bool) -> Fixed:
    """Confidences, thresholds and fusion from validation films.

    Raises:
        DataError: the probability of a film ranks no better than chance, and that was not to be overlooked.
    """
    matches = matched(seen, len(recipe.task.labels))
    confidence = fit_confidence(matches)
    points = box_points(matches, confidence, detection_of(recipe).rule)
    positive = [index for index, label in enumerate(recipe.task.labels) if label in recipe.task.positive]
    best = best_confidence(seen, confidence, positive)
    fusion = None
    said = None if beside is None else classifier_probability(beside, cases, track)
    try:
        if said is None:
            calibration, film = fit_film(seen.positive, best, recipe)
        else:
            fusion, film, _read = fit_fusion(seen, said, best, recipe)
            calibration = fusion.calibration
    except DataError:
        if not anyhow:
            raise
        calibration, film = IDENTITY, unfixed().points
        fusion = None if said is None else unfitted_fusion(recipe)
    return Fixed(confidence, points, calibration, film, fusion)


def _precision(seen: Seen, recipe: Recipe) -> float:
    """Mean average precision at an overlap of 0.5, before any threshold."""
    return AveragePrecision(matched(seen, len(recipe.task.labels)), recipe.task.labels).whole()["map50"]


def _kept(beside: Bundle) -> list[str]:
    """Parts of a classifier's bundle that go into the common one: its graph."""
    graph = beside.manifest.graph
    if graph is None:
        raise DataError(
            f"{beside.manifest.identity} cannot stand beside a detector", expected="a classifier", got="a detector"
        )
    return [graph.file]


def _check_split(beside: Bundle, parts: Parts) -> None:
    """Refuse a classifier that may have been trained on films on which both will be fixed or measured."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / SPLIT_PART
        content = beside.parts.get(SPLIT_PART)
        if content is None:
            raise DataError(f"{beside.manifest.identity} does not carry the split that it was trained with")
        path.write_bytes(content)
        other = load_split(path)
    here = parts.split.parts
    for mine, theirs in (("val", "train"), ("test", "train"), ("test", "val")):
        both = set(here.get(mine, ())) & set(other.parts.get(theirs, ()))
        if both:
            raise DataError(
                f"{beside.manifest.identity} was trained with another split",
                expected="the same split as the detector's",
                got=f"{len(both)} films of the {mine} part that lie in its {theirs} part",
            )


def _training_files(parts: Parts, beside: Bundle | None) -> dict[str, bytes]:
    paths = (as_path(case.root, name) for case in (parts.train, parts.val) for name in case.images)
    return training_parts(paths, None if beside is None else beside.parts)
