"""From a finished run to its bundle, whichever kind of network it trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.learning.bundling.options import ExportOptions
from osteon.learning.classification.bundle import export_classifier
from osteon.learning.detection.bundle import export_detector
from osteon.learning.runs.run import Run


def export_run(run: Run, destination: Path, options: ExportOptions, classifier: Bundle | None = None) -> Bundle:
    """Make a bundle of a finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        options: of the export.
        classifier: bundle of a classifier that reads together with the run's detector.

    Raises:
        DataError: the run is not finished, its data are not there, or the classifier was trained with another split.
        BundleError: the graph does not agree with the network, INT8 costs it too much, or the run of a classifier was to be
            combined with a classifier.
    """
    if options.mirrored:
        if run.recipe.detection is not None:
            raise BundleError("only a classifier is averaged over mirror images", got=run.recipe.name)
        run = replace(run, recipe=replace(run.recipe, mirrored=True))
    if run.recipe.detection is not None:
        return export_detector(run, destination, options, classifier)
    if classifier is not None:
        raise BundleError("only a detector's run can be combined with a classifier", got=run.recipe.name)
    return export_classifier(run, destination, options)
