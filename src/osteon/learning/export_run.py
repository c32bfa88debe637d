"""From a finished run to its bundle, whichever kind of network it trained."""

from __future__ import annotations

from pathlib import Path

from osteon.bundle.archive import Bundle
from osteon.core.errors import BundleError
from osteon.learning.classification.bundle import Naming, export
from osteon.learning.detection.bundle import export_detector
from osteon.learning.inputs.image_cache import Track
from osteon.learning.runs.run import Run


def deliver(
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
    """Make a bundle of a finished run and write it.

    Args:
        run: finished.
        destination: file to write.
        naming: of the bundle.
        cache: folder of decoded images.
        track: shows progress.
        data: folder of the dataset, where it has moved since the training.
        beside: bundle of a classifier that reads together with the run's detector.
        anyhow: make a bundle also of a network that ranks no better than chance, to measure it.
        int8: quantise the run's graph.

    Raises:
        DataError: the run is not finished, its data are not there, or the classifier was trained with another split.
        BundleError: the graph does not agree with the network, int8 costs it too much, or a classifier was to stand beside
            a classifier.
    """
    if run.recipe.detection is not None:
        return export_detector(run, destination, naming, cache, track, data, beside=beside, anyhow=anyhow, int8=int8)
    if beside is not None:
        raise BundleError("only a detector's run is exported beside a classifier", got=run.recipe.name)
    return export(run, destination, naming, cache, track, data, anyhow=anyhow, int8=int8)
