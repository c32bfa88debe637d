"""What was measured of a candidate beside the live bundle: the evidence of a promotion."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import Field

from osteon.bundle.promotion.plan import Plan
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.core.part import Part

VERSION: Final = 1


class PairedFigure(Part):
    """A figure of both bundles on the same images.

    Attributes:
        figure: its name.
        candidate: value of the candidate.
        live: value of the live bundle.
        difference: candidate minus live, with a paired interval over patients and studies.
    """

    figure: str
    candidate: float
    live: float
    difference: Estimate


class SubgroupFigures(Part):
    """Both bundles on a part of a test set.

    Attributes:
        attribute: column, ``age_band`` for instance.
        value: of these images.
        images: that both read.
        positives: of them.
        figures: ``auroc`` where both classes are there, ``definite.accuracy``.
    """

    attribute: str
    value: str
    images: int
    positives: int
    figures: tuple[PairedFigure, ...]


class SetFigures(Part):
    """Both bundles on a test set.

    Attributes:
        name: ``local`` or ``old``.
        images: of the set.
        positives: of them.
        clusters: patients, studies and near duplicates that intervals keep together.
        both: images that both bundles read: figures other than ``read`` are of these.
        sha256: of the sorted names and contents of the images.
        figures: those of a plan that are defined.
        subgroups: that are large enough.
        small: values of the subgroups that are not, by attribute: how many.
    """

    name: str
    images: int
    positives: int
    clusters: int
    both: int
    sha256: str
    figures: tuple[PairedFigure, ...]
    subgroups: tuple[SubgroupFigures, ...] = ()
    small: dict[str, int] = Field(default_factory=dict[str, int])

    def figure(self, name: str) -> PairedFigure | None:
        """One of the figures; None where it is not defined."""
        return next((one for one in self.figures if one.figure == name), None)


class RobustnessFigures(Part):
    """Both bundles on corrupted images.

    Attributes:
        images: that were corrupted.
        conditions: AUROC in each condition, by ``CORRUPTION.LEVEL``.
        mean: mean AUROC over the conditions; None where it is not defined.
    """

    images: int
    conditions: tuple[PairedFigure, ...]
    mean: PairedFigure | None


class Cost(Part):
    """Time and memory of both bundles, measured in turn on the same images.

    Attributes:
        images: that each read.
        milliseconds: median for an image: candidate, live.
        ratio: of the times, candidate by live, with an interval over images.
        mebibytes: largest resident memory of a process that reads: candidate, live.
    """

    images: int
    milliseconds: tuple[float, float]
    ratio: Estimate
    mebibytes: tuple[float, float]


class Comparison(Part):
    """All that was measured of a candidate.

    Attributes:
        version: of this record.
        made: when, UTC.
        osteon: version that measured.
        candidate: identity.
        candidate_digest: of the bundle.
        live: identity of the bundle that it was compared with.
        live_digest: of it.
        plan: that was fixed before.
        plan_digest: SHA-256 of the plan as it lies in the candidate.
        training_began: UTC.
        same_task: whether the candidate has labels and kinds of networks of the live bundle.
        live_gated: whether the live bundle has a gate.
        start: what each network of the candidate started from.
        trained: images in training and validation, by origin.
        share: of new images in an epoch.
        barred: images that were kept out of training or evaluation, by reason.
        sets: test sets.
        robustness: None where no set has both classes.
        cost: None where nothing could be read.
        cautions: codes of what weakens the comparison.
    """

    version: int = VERSION
    made: datetime
    osteon: str
    candidate: str
    candidate_digest: str
    live: str
    live_digest: str
    plan: Plan
    plan_digest: str
    training_began: datetime
    same_task: bool
    live_gated: bool = False
    start: tuple[str, ...]
    trained: dict[str, int]
    share: float
    barred: dict[str, int]
    sets: tuple[SetFigures, ...]
    robustness: RobustnessFigures | None
    cost: Cost | None
    cautions: tuple[str, ...] = ()

    def of(self, name: str) -> SetFigures | None:
        """A test set by name."""
        return next((one for one in self.sets if one.name == name), None)


def parse_comparison(content: bytes, name: str) -> Comparison:
    """A comparison from the bytes of its file.

    Raises:
        DataError: it is none, or of a newer version.
    """
    try:
        found = Comparison.model_validate_json(content)
    except ValueError as error:
        got = " ".join(str(error).split())[:200]
        raise DataError(f"{name} is no comparison", expected="comparison.json of `osteon improve`", got=got) from error
    if found.version > VERSION:
        raise DataError(f"{name} was written by a newer osteon", expected=f"version up to {VERSION}")
    return found
