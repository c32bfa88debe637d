"""Figures of the same images, corrupted in steps: where does inference fail, and does it say so?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from osteon.bundle.archive import Bundle
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import DataError, InputError
from osteon.core.estimate import Estimate
from osteon.core.operating import OperatingPoints
from osteon.data.table.table import Table
from osteon.evaluation.binary.averages import average, averages
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import degenerate_auroc, guard, with_counts
from osteon.evaluation.html.section import Section, Track
from osteon.evaluation.inference.sampling import balanced, in_order, radiograph
from osteon.evaluation.predictions.predictions import Predictions
from osteon.evaluation.robustness.corruptions import CORRUPTIONS, Corruption
from osteon.evaluation.robustness.report import robustness_section
from osteon.html.parts import paragraph
from osteon.inference.engine import InferenceEngine
from osteon.stats.bootstrap import bootstrap
from osteon.stats.checks import Booleans, Floats
from osteon.stats.classification import Decisions
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Difference, Joint, Named, Statistic

SHARES: Final = ("sensitivity", "specificity")


class Condition(NamedTuple):
    """One corruption at one level."""

    corruption: Corruption
    level: float

    @property
    def name(self) -> str:
        """Prefix of its figures."""
        return f"robustness.{self.corruption.name}.{self.level:g}"


@dataclass(frozen=True)
class Answers:
    """Probabilities of each image in each condition.

    Attributes:
        cases: the images, with their probabilities as they are.
        probability: of the conditions' images, (conditions, n); NaN where inference abstained.
        changed: whether the condition changes the image at all, (conditions, n).
    """

    cases: Predictions
    probability: Floats
    changed: Booleans


@dataclass(frozen=True)
class Robustness:
    """The analysis behind ``osteon evaluate --robustness``.

    Attributes:
        images: at most so many, half of them positive as far as there are; chosen at random.
        jobs: images at the same time.
        seed: of the drawing and of the corruptions.
        corruptions: to apply.
    """

    images: int = 200
    jobs: int = 1
    seed: int = 0
    corruptions: Sequence[Corruption] = CORRUPTIONS

    def __call__(
        self, bundle: Bundle, table: Table, root: Path, predictions: Predictions, track: Track, settings: Settings
    ) -> Section:
        """Measure it; see :class:`~osteon.evaluation.html.section.Analysis`.

        Raises:
            InputError: an image cannot be read any more.
            DataError: the predictions are not of this table.
        """
        if predictions.image.tolist() != table.images:
            raise DataError("the predictions are not of this table", expected="one row for each image, in its order")
        rows = balanced(predictions, self.images, self.seed)
        known = predictions.label[rows]
        if not 0 < np.count_nonzero(known) < len(known):
            return Section("Robustness", paragraph("Only images of one class were read: nothing was tested."))
        conditions = [Condition(one, level) for one in self.corruptions for level in one.levels]
        answers = ask(bundle, root, predictions.select(rows), conditions, track, jobs=self.jobs, seed=self.seed)
        figures = robustness_figures(answers, conditions, bundle.manifest.operating_points, settings)
        return robustness_section(figures, self.corruptions, len(answers.cases), int(np.count_nonzero(known)))


def ask(
    bundle: Bundle,
    root: Path,
    cases: Predictions,
    conditions: Sequence[Condition],
    track: Track,
    *,
    jobs: int = 1,
    seed: int = 0,
) -> Answers:
    """Read each image as it is and in every condition, each time as a study of its own.

    Args:
        bundle: verified.
        root: folder of the images.
        cases: images to read.
        conditions: changes to apply.
        track: shows progress.
        jobs: images at the same time.
        seed: of the corruptions; an image meets the same chance whatever else is measured.
    """
    engine = InferenceEngine(bundle, threads=1)

    def work(item: tuple[int, str]) -> tuple[Floats, Booleans]:
        number, image = item
        original = radiograph(root, image)
        said, changed = np.empty(len(conditions) + 1), np.ones(len(conditions) + 1, bool)
        said[0] = engine.read_study([original], original.source).image_probabilities[0]
        for at, (corruption, level) in enumerate(conditions, 1):
            random = np.random.default_rng([seed, number, at])
            pixels = corruption.change(original.pixels, level, random)
            changed[at] = pixels is not original.pixels
            reading = engine.read_study([replace(original, pixels=pixels)], original.source)
            said[at] = reading.image_probabilities[0]
        return said, changed

    images: list[str] = cases.image.tolist()
    done = list(track(in_order(work, enumerate(images), jobs), "reading corrupted images", len(images)))
    if not done:
        raise InputError(FaultCode.NO_IMAGES)
    said, changed = np.stack([one for one, _ in done], axis=1), np.stack([one for _, one in done], axis=1)
    return Answers(replace(cases, probability=said[0]), said[1:], changed[1:])


def robustness_figures(
    answers: Answers, conditions: Sequence[Condition], points: OperatingPoints, settings: Settings
) -> dict[str, Estimate]:
    """All figures, of images as they are (``robustness.none...``) and of each condition.

    ``auroc``, ``doubt.sensitivity`` and so on are of the images that were read; ``abstained`` is the share that was not;
    ``auroc_change`` is against the same images as they are, and so are ``doubt.sensitivity_change`` and that of ``definite``, of
    fractured images; ``flipped`` is the share of the changed images, read both times, with another call, and ``shift`` their mean
    change of probability.
    """
    thresholds = {"doubt": points.doubt.threshold, "definite": points.definite.threshold}
    clean = answers.cases.probability
    found = _of(answers.cases, "robustness.none", thresholds, settings)
    for condition, said, changed in zip(conditions, answers.probability, answers.changed, strict=True):
        found |= _of(replace(answers.cases, probability=said), condition.name, thresholds, settings)
        found |= _change(answers.cases, said, condition.name, settings)
        found |= _lost(answers.cases, said, condition.name, thresholds, settings)
        both = changed & np.isfinite(said) & np.isfinite(clean)
        if both.any():
            flips = calls(said[both], thresholds) != calls(clean[both], thresholds)
            columns = {"flipped": flips.astype(np.float64), "shift": said[both] - clean[both]}
            of = averages(columns, answers.cases.cluster[both], settings)
            found |= {f"{condition.name}.{key}": figure for key, figure in of.items()}
    return found


def calls(probability: Floats, thresholds: Mapping[str, float]) -> NDArray[np.int64]:
    """How many of the thresholds each probability reaches: 0 no fracture, 1 doubt, 2 fracture."""
    return np.sum([probability >= at for at in thresholds.values()], axis=0)


def _of(cases: Predictions, name: str, thresholds: Mapping[str, float], settings: Settings) -> dict[str, Estimate]:
    """Figures of one condition; those that are undefined are absent."""
    found: dict[str, Estimate] = {}
    abstained = average((~cases.read).astype(np.float64), cases.cluster, settings)
    if abstained is not None:
        found[f"{name}.abstained"] = abstained
    if not cases.read.any():
        return found
    read = cases.complete()
    if len(np.unique(read.cluster)) < 2 or len(np.unique(read.label)) < 2:
        return found
    parts: list[Statistic] = [Ranking(read.label, read.probability)]
    parts += [Named(point, Decisions(read.label, read.probability >= at)) for point, at in thresholds.items()]
    of = bootstrap(
        Joint(parts), clusters=read.cluster, resamples=settings.resamples, seed=settings.seed, level=settings.level
    )
    of |= degenerate_auroc(of, "auroc", read, settings.level)
    for point, at in thresholds.items():
        of |= with_counts(of, f"{point}.", read.label, read.probability >= at, read.cluster, settings.level)
    wanted = ("auroc", *(f"{point}.{share}" for point in thresholds for share in SHARES))
    if "auroc" in of:
        of["auroc"] = guard(read).applied("auroc", of["auroc"])
    return found | {f"{name}.{key}": one for key, one in of.items() if key in wanted}


def _change(cases: Predictions, said: Floats, name: str, settings: Settings) -> dict[str, Estimate]:
    """AUROC of the corrupted images minus that of the same images as they are, on the same resamples."""
    both = cases.read & np.isfinite(said)
    label, clusters = cases.label[both], cases.cluster[both]
    if len(np.unique(label)) < 2 or len(np.unique(clusters)) < 2:
        return {}
    paired = Difference(Ranking(label, said[both]), Ranking(label, cases.probability[both]))
    found = bootstrap(
        paired, clusters=clusters, resamples=settings.resamples, seed=settings.seed, level=settings.level
    ).get("auroc")
    if found is None:
        return {}
    known = guard(cases.select(np.flatnonzero(both)))
    return {f"{name}.auroc_change": known.applied("auroc_change", found)}


def _lost(
    cases: Predictions, said: Floats, name: str, thresholds: Mapping[str, float], settings: Settings
) -> dict[str, Estimate]:
    """Sensitivity of the corrupted images minus that of the same images as they are, at each point, on the same resamples."""
    positive = cases.read & np.isfinite(said) & (cases.label == 1)
    if len(np.unique(cases.cluster[positive])) < 2:
        return {}
    clean, clusters = cases.probability[positive], cases.cluster[positive]
    columns: dict[str, ArrayLike] = {
        f"{point}.sensitivity_change": (said[positive] >= at).astype(np.float64) - (clean >= at)
        for point, at in thresholds.items()
    }
    return {f"{name}.{key}": figure for key, figure in averages(columns, clusters, settings).items()}
