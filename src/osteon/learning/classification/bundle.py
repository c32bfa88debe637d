"""``osteon export``: a finished run becomes a bundle.

The graph is made and compared with PyTorch on real images, calibrated and given its operating points on the validation
part, and measured once on the test part by the reader that reads in the clinic.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import render_card
from osteon.bundle.catalogue import SUFFIX
from osteon.bundle.manifest import Graph, Manifest
from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.data.table.table import Table
from osteon.evaluation.inference.overlap import refuse_training_files, training_parts
from osteon.evaluation.report.model_card import card_sections
from osteon.evaluation.report.run import Evaluation, evaluate_table
from osteon.inference.networks.session import Network as Session
from osteon.learning.bundling.describe import described
from osteon.learning.bundling.manifest import indication_of, labels_of, provenance_of, training_data_of, unfixed
from osteon.learning.bundling.quantise import Price, quantised, shown
from osteon.learning.bundling.test_labels import with_truth
from osteon.learning.classification.calibrate import Fixed, Said, fix, say, skill
from osteon.learning.classification.explain import Explained
from osteon.learning.classification.onnx import PARITY_IMAGES, fit_novelty, parity, to_onnx, trained_network
from osteon.learning.inputs.image_cache import Track, canvases
from osteon.learning.inputs.load_cases import Parts, prepare_cases
from osteon.learning.runs.run import Run

_log = logging.getLogger(__name__)

LOSS: Final = 0.02
"""By so much the AUROC, or the accuracy, of validation films may fall through int8."""

SPLIT_PART: Final = "split.json"
"""Part of a bundle: the split that it was trained, selected and measured with."""


@dataclass(frozen=True)
class Naming:
    """What the exporter is told.

    Attributes:
        name: of the bundle.
        version: of the bundle.
        licence: of the weights.
        command: the command line, for the card.
    """

    name: str
    version: str
    licence: str
    command: str


def export(
    run: Run,
    destination: Path,
    naming: Naming,
    cache: Path,
    track: Track,
    data: Path | None = None,
    *,
    anyhow: bool = False,
    int8: bool = False,
) -> Bundle:
    """Make a bundle of a finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        naming: of the bundle.
        cache: folder of decoded images.
        track: shows progress.
        data: folder of the dataset, where it has moved since the training.
        anyhow: make a bundle also of a network that ranks no better than chance, to measure it; it is not calibrated.
        int8: quantise the graph, once it agrees with the network.

    Raises:
        DataError: the run is not finished, or its data are not there.
        BundleError: the graph does not agree with the network, or int8 costs it too much.
    """
    parts = prepare_cases(run, data)
    run = described(run, parts)
    network = trained_network(run)
    novelty = None
    if run.recipe.indicated.novelty_share > 0:
        cached = canvases(parts.train, run.recipe.preprocessing, cache, track)
        novelty = fit_novelty(network, parts.train, cached, run.recipe)
    graph = to_onnx(network, novelty, run.recipe)
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "draft.osteon"
        blank = _manifest(run, parts, naming, unfixed(), "", map_method=network.map_method, novelty=novelty is not None)

        def asked(graph: bytes) -> tuple[Session, Said, Fixed]:
            session = Session(write_bundle(draft, blank, {"model.onnx": graph, CARD: b"draft"}), threads=2)
            said = say(session, parts.val, run.recipe, track, PARITY_IMAGES)
            return session, said, fix(said, parts.val, run.recipe, blank.labels, anyhow=anyhow)

        session, said, fixed = asked(graph)
        difference = parity(Explained(network, mirrored=run.recipe.mirrored), session, said.inputs)
        proof = f"{difference:.1e} over {len(said.inputs)} validation films"
        if int8:
            graph = quantised(graph, shown(parts.train, run.recipe, run.seed, track))
            _, after, refixed = asked(graph)
            name, before = skill(said, fixed, parts.val, run.recipe, blank.labels)
            _, now = skill(after, refixed, parts.val, run.recipe, blank.labels)
            proof += f"; {Price(name, before, now, len(parts.val)).check(LOSS)}"
            fixed = refixed
        manifest = _manifest(
            run, parts, naming, fixed, proof, map_method=network.map_method, novelty=novelty is not None
        )
        files = {
            "model.onnx": graph,
            SPLIT_PART: run.split_file.read_bytes(),
            **training_parts(as_path(case.root, name) for case in (parts.train, parts.val) for name in case.images),
        }
        bundle = write_bundle(draft, manifest, {**files, CARD: b"draft"})
        films, label = with_truth(parts.table.select(parts.test.images), run.recipe)
        measured = measured_on_test(bundle, films, parts.test.root, label, track)
    manifest = manifest.model_copy(update={"figures": {} if measured is None else dict(measured.headline)})
    card = render_card(manifest, card_sections_of(run, naming, measured, manifest))
    return write_bundle(destination, manifest, {**files, CARD: card.encode()})


def measured_on_test(bundle: Bundle, films: Table, root: Path, label: str, track: Track) -> Evaluation | None:
    """Figures of the test part by the reader that reads in the clinic; None, and a word in the log, where there are none.

    Raises:
        DataError: the test part holds a file that the network was trained on.
    """
    refuse_training_files(bundle, [as_path(root, image) for image in films.images])
    try:
        return evaluate_table(bundle, films, root, label, track=track)
    except DataError as error:
        _log.warning("nothing can be measured on the test part, so the card will have no figures: %s", error)
        return None


def _manifest(
    run: Run, parts: Parts, naming: Naming, fixed: Fixed, proof: str, *, map_method: str, novelty: bool
) -> Manifest:
    recipe = run.recipe
    return Manifest(
        schema_version=1,
        name=naming.name,
        version=naming.version,
        created=dt.datetime.now(dt.UTC).date().isoformat(),
        licence=naming.licence,
        task="classification",
        summary=recipe.summary,
        labels=labels_of(recipe),
        views=recipe.images.views if recipe.images.together else (),
        preprocessing=recipe.preprocessing,
        graph=Graph(activation=recipe.task.shares, map_method=map_method, novelty="novelty" if novelty else None),
        calibration=fixed.calibration,
        operating_points=fixed.points,
        pooling="max",
        indication=indication_of(recipe, fixed.maximum_novelty),
        training_data=(training_data_of(recipe, parts),),
        provenance=provenance_of(run, proof),
        figures={},
        files={},
    )


def card_sections_of(run: Run, naming: Naming, measured: Evaluation | None, manifest: Manifest) -> dict[str, str]:
    """What the card says beside the manifest."""
    limits = "\n".join(f"- {line}" for line in run.recipe.indicated.limits)
    file = f"{naming.name}{SUFFIX}"
    again = "\n".join(
        [
            "The split lies in the bundle, which is a zip file.",
            "",
            "```",
            f"python -m zipfile -e {file} parts",
            naming.command,
            f"osteon evaluate {file} --data {run.recipe.dataset} --root DIR --out evaluation",
            "```",
        ]
    )
    return {
        **({} if measured is None else card_sections(measured, manifest)),
        "Limits": limits,
        "How to make these figures again": again,
    }
