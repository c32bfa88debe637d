"""What decision fusion does: boxes with and without the rule, and what each network and both say of an image.

Everything is computed on the same resamples of the clusters, so that differences are paired. Where too few clusters hold
positive cases or annotated boxes, figures have no interval.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from osteon.bundle.manifest import Fusion
from osteon.core.estimate import Estimate
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.spread import BoxGuard, Guard, guard
from osteon.evaluation.detection.metrics import affordable, box_counts, guard_of, matched
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Predictions, Texts
from osteon.inference.fusion import survives
from osteon.stats.bootstrap import Replicates, defined, figure, replicate
from osteon.stats.checks import Booleans, Floats
from osteon.stats.classification import Decisions
from osteon.stats.detection.average_precision import CHUNK, AveragePrecision
from osteon.stats.detection.boxes import Boxes
from osteon.stats.detection.froc import FrocRates
from osteon.stats.ranking import Ranking
from osteon.stats.statistic import Joint, Statistic

OF_BOXES: Final = ("map50", "map", "froc", "precision", "recall")
OF_CLASSES: Final = "ap50."
"""What the names of figures of one class begin with."""

OF_IMAGES: Final = ("auroc", "average_precision", "f1")


@dataclass(frozen=True)
class Fused:
    """Figures of decision fusion, by their short names.

    Attributes:
        detector: of boxes without the rule, see :data:`OF_BOXES`, and average precision of each class; precision and
            recall at the detector's *doubt*.
        rule: of boxes with the rule.
        change: rule minus detector alone.
        taken: boxes at or above *doubt* that the rule takes away, and their number before.
        images: of images, see :data:`OF_IMAGES`, by who says it: ``classifier``, ``detector``, ``mixed``.
        image_change: mixed minus classifier alone.
    """

    detector: dict[str, Estimate]
    rule: dict[str, Estimate]
    change: dict[str, Estimate]
    taken: tuple[int, int]
    images: dict[str, dict[str, Estimate]]
    image_change: dict[str, Estimate]

    @property
    def figures(self) -> dict[str, Estimate]:
        """All of them by full name: ``fusion.detector.map50``, ``fusion.change.map50``, ``fusion.image.mixed.auroc``."""
        parts = {"detector": self.detector, "rule": self.rule, "change": self.change}
        parts |= {f"image.{name}": one for name, one in self.images.items()}
        parts["image.change"] = self.image_change
        return {f"fusion.{part}.{name}": one for part, figures in parts.items() for name, one in figures.items()}


def with_rule(found: Detections, classifier: Floats, fusion: Fusion) -> Detections:
    """The boxes that survive the decision rule.

    Args:
        found: all boxes.
        classifier: probability of each image by the classifier alone, (n,); NaN where it was not read.
        fusion: of the bundle.
    """
    return replace(found, found=found.found.select(survives(found.found.score, classifier[found.found.image], fusion)))


def best_scores(found: Boxes, images: int, classes: Booleans) -> Floats:
    """The highest score of an image's boxes of some classes, 0 where there is none, (images,).

    Args:
        found: boxes.
        images: how many.
        classes: which classes count, (classes,).
    """
    scores = np.zeros(images)
    counted = classes[found.label]
    np.maximum.at(scores, found.image[counted], found.score[counted])
    return scores


def measure_fusion(
    found: Detections,
    said: Predictions,
    classifier: Floats,
    fusion: Fusion,
    *,
    doubt: float,
    positive: Booleans,
    settings: Settings,
    mixed_threshold: float | None = None,
) -> Fused:
    """Measure boxes with and without the rule, and the probability of images by each network and by both.

    Args:
        found: all boxes, before thresholds and rule.
        said: by both networks.
        classifier: probability of each image by the classifier alone, (n,).
        fusion: of the bundle.
        doubt: confidence from which on a box is shown, for precision and recall.
        positive: classes that make an image positive, (classes,).
        settings: of the intervals.
        mixed_threshold: of Youden's index for the probability by both networks, fixed on validation cases, as that of the
            classifier alone is (``fusion.threshold``); without it F1 is not compared.

    Raises:
        DataError: nothing is marked in the images that were read, or there is only one cluster.
    """
    read, groups = found.read, said.cluster[found.read]
    alone, rule = found.select(read), with_rule(found, classifier, fusion).select(read)
    parts = [_of_boxes(one, groups, doubt, settings, len(alone.found)) for one in (alone, rule)]
    before, after = (int((one.found.score >= doubt).sum()) for one in (alone, rule))
    of_boxes = (*OF_BOXES, *(f"{OF_CLASSES}{name}" for name in found.names))
    of_known_boxes = guard_of(alone, groups)
    known = said.labelled & read
    labels, clusters = said.label[known], said.cluster[known]
    scores = {
        "classifier": classifier[known],
        "detector": best_scores(found.found, len(found), positive)[known],
        "mixed": said.probability[known],
    }
    thresholds = {} if mixed_threshold is None else {"classifier": fusion.threshold, "mixed": mixed_threshold}
    images: dict[str, Replicates] = {}
    of_known_images = guard(said.select(np.flatnonzero(known))) if known.any() else Guard("", "")
    if 0 < labels.sum() < len(labels):
        images = {
            name: replicate(
                _of_images(labels, values, thresholds.get(name)),
                clusters=clusters,
                resamples=settings.resamples,
                seed=settings.seed,
            )
            for name, values in scores.items()
        }
    return Fused(
        detector=_figures(parts[0], of_boxes, of_known_boxes, settings),
        rule=_figures(parts[1], of_boxes, of_known_boxes, settings),
        change=_figures(
            [_less(*pair) for pair in zip(parts[1], parts[0], strict=True)], of_boxes, of_known_boxes, settings
        ),
        taken=(before - after, before),
        images={name: _figures([one], OF_IMAGES, of_known_images, settings) for name, one in images.items()},
        image_change=_figures([_less(images["mixed"], images["classifier"])], OF_IMAGES, of_known_images, settings)
        if images
        else {},
    )


def _of_images(labels: ArrayLike, scores: Floats, threshold: float | None) -> Statistic:
    """Figures of a probability of images; those of calls where there is a threshold."""
    ranking = Ranking(labels, scores)
    return ranking if threshold is None else Joint([ranking, Decisions(labels, scores >= threshold)])


def _of_boxes(kept: Detections, groups: Texts, doubt: float, settings: Settings, boxes: int) -> list[Replicates]:
    """Average precision; FROC, precision and recall. ``boxes`` decides how many resamples are affordable."""
    matches = matched(kept)
    resamples = affordable(settings, boxes)
    ranked = replicate(
        AveragePrecision(matches, kept.names), clusters=groups, resamples=resamples, seed=settings.seed, chunk=CHUNK
    )
    counted = Joint([FrocRates(matches), *box_counts(kept, doubt)])
    return [ranked, replicate(counted, clusters=groups, resamples=resamples, seed=settings.seed)]


def _less(first: Replicates, second: Replicates) -> Replicates:
    """First minus second, resample by resample."""
    return replace(first, values=first.values - second.values, draws=first.draws - second.draws, left_out=None)


def _figures(
    parts: list[Replicates], names: tuple[str, ...], known: Guard | BoxGuard, settings: Settings
) -> dict[str, Estimate]:
    """The figures of these names, without an interval where their clusters are too few."""
    found = {name: figure(part, name, level=settings.level) for part in parts for name in defined(part)}
    return {name: known.applied(name, found[name]) for name in names if name in found}
