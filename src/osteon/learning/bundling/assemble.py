"""The last steps to a bundle, whichever networks it holds: measure it on the test part, write its card and itself."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from osteon.bundle.archive import CARD, Bundle, write_bundle
from osteon.bundle.card import render_card
from osteon.bundle.catalogue import SUFFIX
from osteon.bundle.manifest import Manifest
from osteon.bundle.reference import REFERENCE, reference_content
from osteon.core.errors import DataError
from osteon.data.files.names import as_path
from osteon.data.table.table import Table
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.inference.overlap import refuse_training_files, training_parts
from osteon.evaluation.report.looks import NOT_ENTERED, default_look, look_at_table
from osteon.evaluation.report.model_card import card_sections
from osteon.evaluation.report.run import Evaluation, evaluate_table
from osteon.inference.studies import discover
from osteon.learning.bundling.options import ExportOptions, Naming
from osteon.learning.inputs.load_cases import Parts
from osteon.learning.runs.run import Run
from osteon.monitoring.freeze import MINIMUM, freeze
from osteon.monitoring.observe import observe_studies

_log = logging.getLogger(__name__)

SPLIT_PART: Final = "split.json"
"""Part of a bundle: the split that it was trained, selected and measured with."""


def draft_bundle(manifest: Manifest, files: Mapping[str, bytes]) -> Bundle:
    """A bundle in memory that nobody else sees, to run its networks on validation and test data."""
    with tempfile.TemporaryDirectory() as folder:
        return write_bundle(Path(folder) / "draft.osteon", manifest, {**files, CARD: b"draft"})


def records(run: Run, parts: Parts, classifier: Bundle | None = None) -> dict[str, bytes]:
    """What a bundle keeps beside its networks: the split, and which files it was trained and selected on.

    Args:
        run: whose split it is.
        parts: its cases.
        classifier: another bundle whose network is taken over, and with it the files that it saw.
    """
    paths = (as_path(cases.root, name) for cases in (parts.train, parts.val) for name in cases.images)
    seen = training_parts(paths, None if classifier is None else classifier.parts)
    return {SPLIT_PART: run.split_file.read_bytes(), **seen}


def finish_bundle(
    run: Run,
    manifest: Manifest,
    files: Mapping[str, bytes],
    test: Table,
    label: str,
    destination: Path,
    options: ExportOptions,
) -> Bundle:
    """Measure a bundle once on the test part, with the deployed inference pipeline, and write it with its card.

    Args:
        run: with the sentences of the card, and the folder of its data.
        manifest: complete but for its figures.
        files: graphs of the networks, and ``records``.
        test: images of the test part.
        label: of the table, that says which of them are positive.
        destination: file to write.
        options: of the export.

    Raises:
        DataError: the test part holds a file that the network was trained on.
    """
    root = options.data or Path(run.data)
    measured = None
    if not options.draft:
        draft = draft_bundle(manifest, files)
        measured = _measured(draft, test, root, label, options)
        files = {**files, **_reference(draft, test, root)}
    manifest = manifest.model_copy(update={"figures": {} if measured is None else dict(measured.headline)})
    card = render_card(manifest, _sections(run, options.naming, measured, manifest))
    made = write_bundle(destination, manifest, {**files, CARD: card.encode()})
    if measured is not None:
        look = options.look or default_look()
        look_at_table(look, test, root, made, manifest.identity, made.digest, measured.headline)
    return made


def _measured(bundle: Bundle, test: Table, root: Path, label: str, options: ExportOptions) -> Evaluation | None:
    """Figures of the test part; None, with a warning, where there are none."""
    refuse_training_files(bundle, [as_path(root, image) for image in test.images])
    settings = Settings(resamples=options.resamples)
    try:
        return evaluate_table(bundle, test, root, label, track=options.track, settings=settings, look=NOT_ENTERED)
    except DataError as error:
        _log.warning("nothing can be measured on the test part, so the card will have no figures: %s", error)
        return None


def _reference(draft: Bundle, test: Table, root: Path) -> dict[str, bytes]:
    """What the test part looks like to the bundle, for ``osteon monitor``; nothing of too few images."""
    manifest = draft.manifest
    studies = discover([as_path(root, image) for image in dict.fromkeys(test.images)], manifest.views).studies
    if len(studies) < MINIMUM:
        return {}
    made = datetime.fromisoformat(manifest.created).replace(tzinfo=UTC)
    observed = observe_studies(draft, studies, made).observations
    if len(observed) < MINIMUM:
        return {}
    words = f"test part of {', '.join(data.name for data in manifest.training_data)}"
    return {REFERENCE: reference_content(freeze(observed, data=words, made=manifest.created))}


def _sections(run: Run, naming: Naming, measured: Evaluation | None, manifest: Manifest) -> dict[str, str]:
    """What the card says in addition to the manifest."""
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
