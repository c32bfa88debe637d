"""Decision fusion in the report: boxes and probabilities with and without it, and a plain sentence on what it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from osteon.bundle.manifest import Fusion, Manifest
from osteon.core.errors import DataError
from osteon.core.estimate import Estimate
from osteon.data.formats.coco import slug
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.fusion.fusion import OF_CLASSES, Fused, measure_fusion
from osteon.evaluation.html.section import Section
from osteon.evaluation.predictions.detections import Detections
from osteon.evaluation.predictions.predictions import Predictions
from osteon.html.numbers import number
from osteon.html.parts import box, cell, figure_cell, joined, paragraph, row, table
from osteon.stats.checks import Floats

TITLE: Final = "Decision fusion"

BOXES: Final = {
    "map50": "mAP, IoU 0.5",
    "map": "mAP, IoU 0.5 to 0.95",
    "froc": "Sensitivity for boxes, mean over the rates of FROC",
    "precision": "Precision of the boxes that are shown",
    "recall": "Recall of the boxes that are shown",
}
IMAGES: Final = {"auroc": "AUROC", "average_precision": "Average precision", "f1": "F1 at Youden's thresholds"}
SPEAKERS: Final = ("classifier", "detector", "mixed")


def fusion_section(
    manifest: Manifest,
    found: Detections,
    said: Predictions,
    classifier: Floats,
    settings: Settings,
    mixed_threshold: float | None = None,
) -> Section:
    """Measure what the fusion of a bundle does.

    Args:
        manifest: of a bundle with both networks and their fusion.
        found: all boxes, before thresholds and rule.
        said: by both networks.
        classifier: probability of each image by the classifier alone, (n,).
        settings: of the intervals.
        mixed_threshold: of Youden's index for what both say of an image, fixed on validation cases; None compares no calls.

    Raises:
        DataError: the bundle has no fusion, nothing is marked in the images that were read, or there is only one cluster.
    """
    detector, fusion = manifest.detector, manifest.fusion
    if detector is None or fusion is None:
        raise DataError("there is no fusion to measure", expected="a bundle with classifier, detector and fusion")
    negative = {word for label in detector.labels if not label.positive for word in (label.name, slug(label.name))}
    fused = measure_fusion(
        found,
        said,
        classifier,
        fusion,
        doubt=detector.points.doubt.threshold,
        positive=np.array([name not in negative for name in found.names]),
        settings=settings,
        mixed_threshold=mixed_threshold,
    )
    sentences = [_intro(fusion), *verdicts(fused), *image_verdicts(fused, fusion)]
    return Section(
        title=TITLE,
        content=joined(*map(paragraph, sentences), box(_tables(fused), "wide")),
        figures=fused.figures,
        card=_card(fused, sentences),
    )


def verdicts(fused: Fused) -> list[str]:
    """Whether the rule raised average precision, and how many boxes it took away."""
    taken, before = fused.taken
    lines = [f"Of {before:,} boxes that the detector alone would show the rule takes away {taken:,}."]
    for name, words in (("map50", "mAP at IoU 0.5"), ("map", "mAP at IoU 0.5 to 0.95")):
        first, second, change = fused.detector.get(name), fused.rule.get(name), fused.change.get(name)
        if first is not None and second is not None and change is not None:
            lines.append(_verdict(f"Fusion {{}} {words}", first, second, change))
    return lines


def image_verdicts(fused: Fused, fusion: Fusion) -> list[str]:
    """Whether boxes raised the AUROC of the classifier."""
    if not fusion.weight:
        return ["Boxes have no weight in the probability of an image."]
    change = fused.image_change.get("auroc")
    if change is None:
        return []
    pair = [fused.images[name].get("auroc") for name in ("classifier", "mixed")]
    if pair[0] is None or pair[1] is None:
        return []
    return [_verdict("Mixing the best box into the probability {} the AUROC of images", pair[0], pair[1], change)]


def _verdict(words: str, before: Estimate, after: Estimate, change: Estimate) -> str:
    """One sentence; a difference counts where its interval leaves 0 out."""
    figures = f": {number(before.value)} without, {number(after.value)} with it"
    if change.value == 0:
        return f"{words.format('did not raise')}{figures}."
    gap = f"difference {number(change.value, signed=True)}"
    if change.ends is None:
        return f"{words.format('changed')}{figures}; {gap}, {change.between}."
    low, high = change.ends
    gap += f", interval {number(low)} to {number(high)}"
    if low > 0:
        return f"{words.format('raised')}{figures}; {gap}."
    if high < 0:
        return f"{words.format('lowered')}{figures}; {gap}."
    return f"{words.format('did not raise')} beyond chance{figures}; {gap}."


def _intro(fusion: Fusion) -> str:
    return (
        f"Where the classifier gives an image {number(fusion.threshold)} or more, all boxes are kept; elsewhere only those "
        f"with a confidence above {fusion.alone:g}. Figures with and without the rule are made on the same resamples, so "
        "that their difference is paired."
    )


def _tables(fused: Fused) -> str:
    rows = [
        row(
            [
                cell(words),
                figure_cell(fused.detector.get(name), stacked=True),
                figure_cell(fused.rule.get(name), stacked=True),
                figure_cell(fused.change.get(name), signed=True, stacked=True),
            ]
        )
        for name, words in _named(fused).items()
    ]
    boxes = table(("boxes", "detector alone", "with the rule", "difference"), rows, caption="Boxes")
    if not fused.images:
        return boxes
    lines = [
        row(
            [
                cell(words),
                *(figure_cell(fused.images[one].get(name), stacked=True) for one in SPEAKERS),
                figure_cell(fused.image_change.get(name), signed=True, stacked=True),
            ]
        )
        for name, words in IMAGES.items()
    ]
    head = ("images", "classifier alone", "best box alone", "both", "both less classifier")
    return boxes + table(head, lines, caption="Probability of an image")


def _named(fused: Fused) -> dict[str, str]:
    """Figures of boxes with their words; of classes where there are several."""
    classes = [name for name in fused.detector if name.startswith(OF_CLASSES)]
    each = {name: f"AP of {name.removeprefix(OF_CLASSES)}, IoU 0.5" for name in classes if len(classes) > 1}
    return {name: words for name, words in (BOXES | each).items() if name in fused.detector}


def _card(fused: Fused, sentences: Sequence[str]) -> str:
    lines = ["| figure | detector alone | with the rule | difference |", "|---|---|---|---|"]
    lines += [
        f"| {words} | " + " | ".join(_words(one.get(name)) for one in (fused.detector, fused.rule, fused.change)) + " |"
        for name, words in _named(fused).items()
    ]
    if fused.images:
        lines += ["", "| figure | classifier alone | best box alone | both | both less classifier |"]
        lines.append("|---|---|---|---|---|")
        for name, words in IMAGES.items():
            cells = [*(fused.images[one] for one in SPEAKERS), fused.image_change]
            lines.append(f"| {words} | " + " | ".join(_words(one.get(name)) for one in cells) + " |")
    return "\n".join([" ".join(sentences), "", *lines])


def _words(figure: Estimate | None) -> str:
    return "–" if figure is None else f"{figure.value:.3f} ({figure.between})"
