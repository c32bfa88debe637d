"""``osteon export`` of a classifier's run.

The graph is made and compared with PyTorch on real images, calibrated and given its operating points on the validation
part, and measured once on the test part with the deployed inference pipeline.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import Graph, Manifest
from osteon.inference.networks.session import Network as Session
from osteon.learning.bundling.assemble import draft_bundle, finish_bundle, records
from osteon.learning.bundling.calibration import ImageCalibration, uncalibrated
from osteon.learning.bundling.describe import described
from osteon.learning.bundling.manifest import manifest_of
from osteon.learning.bundling.onnx_graph import PARITY_IMAGES
from osteon.learning.bundling.options import ExportOptions
from osteon.learning.bundling.quantise import QuantisationLoss, calibration_inputs, quantised
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.classification.calibrate import ValidationOutputs, calibrate, run_validation, skill
from osteon.learning.classification.explain import Explained
from osteon.learning.classification.onnx import fit_novelty, parity, to_onnx, trained_network
from osteon.learning.inputs.image_cache import canvases
from osteon.learning.inputs.load_cases import prepare_cases
from osteon.learning.runs.run import Run

TOLERANCE: Final = 0.02
"""Largest loss of AUROC, or of accuracy, on the validation part that is accepted for INT8."""


def export_classifier(run: Run, destination: Path, options: ExportOptions) -> Bundle:
    """Make a bundle of a classifier's finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        options: of the export.

    Raises:
        DataError: the run is not finished, or its data are not there.
        BundleError: the graph does not agree with the network, or INT8 costs it too much.
    """
    parts = prepare_cases(run, options.data)
    run = described(run, parts)
    recipe, track = run.recipe, options.track
    network = trained_network(run)
    novelty = None
    if recipe.indicated.novelty_share > 0:
        cached = canvases(parts.train, recipe.preprocessing, options.cache, track)
        novelty = fit_novelty(network, parts.train, cached, recipe)

    def manifest(fixed: ImageCalibration, proof: str) -> Manifest:
        return manifest_of(
            run,
            parts,
            options.naming,
            fixed,
            proof,
            schema_version=1,
            task="classification",
            views=recipe.images.views if recipe.images.together else (),
            graph=Graph(
                activation=recipe.task.shares,
                map_method=str(network.map_method),
                novelty=None if novelty is None else "novelty",
            ),
        )

    blank = manifest(uncalibrated(), "")

    def validated(graph: bytes) -> tuple[Session, ValidationOutputs]:
        session = Session(draft_bundle(blank, {"model.onnx": graph}), threads=2)
        return session, run_validation(session, parts.val, recipe, track, PARITY_IMAGES)

    def calibrated(outputs: ValidationOutputs) -> ImageCalibration:
        return calibrate(outputs, parts.val, recipe, blank.labels, allow_uncalibrated=options.allow_uncalibrated)

    graph = to_onnx(network, novelty, recipe, optimise=not options.draft)
    session, outputs = validated(graph)
    difference = parity(Explained(network, mirrored=recipe.mirrored), session, outputs.inputs)
    proof = f"{difference:.1e} over {len(outputs.inputs)} validation images"
    fixed = calibrated(outputs)
    if options.int8:
        graph = quantised(graph, calibration_inputs(parts.train, recipe, run.seed, track))
        name, before = skill(outputs, fixed, parts.val, recipe, blank.labels)
        _, outputs = validated(graph)
        fixed = calibrated(outputs)
        _, after = skill(outputs, fixed, parts.val, recipe, blank.labels)
        proof += f"; {QuantisationLoss(name, before, after, len(parts.val)).check(TOLERANCE)}"
    files = {"model.onnx": graph, **records(run, parts)}
    test, label = with_truth(parts.table.select(parts.test.images), recipe)
    return finish_bundle(run, manifest(fixed, proof), files, test, label, destination, options)
