"""``osteon bundle reference``: what a bundle's data look like, frozen to compare later data with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from osteon.cli.options import BundleOrFile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from osteon.bundle.archive import Bundle
    from osteon.bundle.reference import FeatureReference


def register(group: typer.Typer) -> None:
    """Add the command to a group (``osteon bundle``)."""
    group.command("reference")(reference)


def reference(
    bundle: BundleOrFile,
    data: Annotated[list[Path], typer.Argument(metavar="DATA...", help="Radiographs: files, folders, DICOM studies.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="NEW", help="File to write: NAME.osteon, or reference.json alone.")
    ],
    description: Annotated[
        str | None,
        typer.Option("--description", help="What the data are, without a patient's name. Default: their number."),
    ] = None,
    created: Annotated[
        str | None, typer.Option("--created", metavar="DATE", help="Date of the reference. Default: today.")
    ] = None,
    features: Annotated[
        bool,
        typer.Option(
            "--features/--no-features",
            help="Also mean and covariance of the network's features of the images, which `osteon monitor --features` compares; "
            "needs the package onnx.",
        ),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Studies read at the same time.")] = 1,
) -> None:
    """Add a reference to a bundle, for `osteon monitor`: counts of what its data and its readings of them look like.

    Files that the bundle was trained on are left out: its probabilities of these are no measure. Networks, thresholds and
    version stay as they are.
    """
    import datetime as dt
    import sys

    from osteon.bundle.archive import open_bundle
    from osteon.bundle.reference import add_reference, reference_content
    from osteon.core.errors import DataError
    from osteon.inference.studies import discover
    from osteon.monitoring.freeze import freeze
    from osteon.monitoring.observe import observe_studies

    opened = open_bundle(bundle)
    trained = frozenset(opened.parts.get("training_files.txt", b"").decode("ascii", "replace").split())
    found = discover(data, opened.manifest.views)
    studies = [study for study in found.studies if not any(_digest(file) in trained for file in study.files)]
    if not studies:
        raise DataError(
            "there is no radiograph that the bundle was not trained on", got=f"{len(found.studies)} studies"
        )
    now = dt.datetime.now(dt.UTC)
    observed = observe_studies(opened, studies, now, jobs)
    seen, failed = observed.observations, observed.failed + len(found.failures)
    left = len(found.studies) - len(studies)
    words = description or f"{len(seen):,} studies"
    made = freeze(seen, data=words, made=created or now.date().isoformat())
    if features:
        made = made.model_copy(update={"features": _moments(opened, [study.files[0] for study in studies])})
    if out.suffix == ".json":
        out.write_bytes(reference_content(made))
        sys.stderr.write(
            f"{out}: reference of {len(seen)} studies, {left} of training left out, {failed} files failed\n"
        )
        return
    written = add_reference(opened, made, out)
    sys.stderr.write(
        f"{out}: {written.manifest.identity} with a reference of {len(seen)} studies, {left} of training left out, "
        f"{failed} files failed; SHA-256 of bundle.json {written.digest}\n"
    )


def _moments(bundle: Bundle, files: Sequence[Path]) -> FeatureReference:
    from osteon.core.errors import DataError
    from osteon.inference.networks.features import available
    from osteon.monitoring.feature_reference import freeze_files

    if not available():
        raise DataError(
            "features need the package onnx", hint="pip install 'osteon[evaluate]', or leave out --features."
        )
    return freeze_files(bundle, files)


def _digest(file: Path) -> str:
    """As the bundle lists the files that it was trained on."""
    import hashlib

    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
