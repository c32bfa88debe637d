"""What an export is told: how the bundle is called, and how it is made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.report.looks import Look
from osteon.learning.inputs.image_cache import Track


@dataclass(frozen=True)
class Naming:
    """What the bundle is called.

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


@dataclass(frozen=True)
class ExportOptions:
    """How a bundle is made of a run.

    Attributes:
        naming: of the bundle.
        cache: folder of decoded images.
        track: shows progress.
        data: folder of the dataset, where it has moved since the training.
        allow_uncalibrated: also make a bundle of a network that ranks no better than chance, to measure it; its
            probabilities are not calibrated.
        int8: quantise the graph to INT8, once it agrees with the network.
        mirrored: average a classifier's answers for an image and its mirror image in the graph.
        look: how the measurement on the test part is entered in the ledger; None enters that of a registered dataset in the
            user's own.
        draft: the bundle is measured by the caller and not kept: the graph of a classifier is not optimised, and the card has
            no figures. Agreement with the network is checked all the same.
        resamples: of the bootstrap, for the intervals of the figures on the test part.
    """

    naming: Naming
    cache: Path
    track: Track
    data: Path | None = None
    allow_uncalibrated: bool = False
    int8: bool = False
    mirrored: bool = False
    look: Look | None = None
    draft: bool = False
    resamples: int = Settings.resamples
