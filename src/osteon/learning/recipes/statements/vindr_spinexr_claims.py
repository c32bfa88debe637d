"""*VinDr-SpineXR*: Tables 3 to 5, which the recipes claim."""

from __future__ import annotations

from typing import Final

from osteon.learning.recipe import Claim

LESIONS: Final = (
    "disc_space_narrowing",
    "foraminal_stenosis",
    "osteophytes",
    "spondylolysthesis",
    "surgical_implant",
    "vertebral_collapse",
    "other_lesions",
)
"""The seven lesions (2.3) in the order of Table 4."""

OF_CALLS: Final = ("auroc", "doubt.f1", "doubt.sensitivity", "doubt.specificity")


def table_3(*figures: tuple[float, float, float]) -> tuple[Claim, ...]:
    """A row of Table 3: AUROC, F1, sensitivity and specificity in percent, each with its 95 % interval."""
    return tuple(
        Claim(
            f"classification.{metric}",
            round(value / 100, 6),
            None,
            "Table 3",
            round(low / 100, 6),
            round(high / 100, 6),
            table="Table 3",
        )
        for metric, (value, low, high) in zip(OF_CALLS, figures, strict=True)
    )


TABLE_3: Final = {
    "densenet121": table_3((86.93, 85.4, 88.4), (79.55, 77.6, 81.4), (80.39, 77.9, 82.8), (79.32, 76.9, 81.7)),
    "densenet169": table_3((87.29, 85.8, 88.8), (80.25, 78.3, 82.1), (81.74, 79.3, 84.1), (79.02, 76.6, 81.4)),
    "densenet201": table_3((87.14, 85.6, 88.6), (79.03, 77.1, 80.9), (77.97, 75.4, 80.5), (81.46, 79.1, 83.8)),
    # 3.3 gives the intervals to two places.
    "ensemble": table_3((88.61, 87.19, 90.02), (81.06, 79.20, 82.85), (83.07, 80.64, 85.34), (79.32, 77.84, 81.71)),
}

THRESHOLD: Final = Claim(
    "threshold.youden_uncalibrated",
    0.2808,
    None,
    "3.3",
    note=(
        "A threshold belongs to the probabilities of one trained network. Ours is that of Youden's index on the validation "
        "part, of the mean probability before calibration, with an interval over its cases; the evaluation draws the index over "
        "the threshold. The evaluator in the authors' code takes the threshold from the predictions that it measures."
    ),
    table="Table 3",
)

LESIONS_OF_TABLE_4: Final = (
    "Compared as average precision over IoU 0.2 to 0.5, which the authors' evaluator prints beside that at 0.5: in Table 4 the "
    "lesions of Sparse R-CNN lie above those of Table 5, and their mean above the last column. The last column is at IoU 0.5."
)
"""Why the columns of Table 4 are not all of one IoU."""


def table_4(*figures: float) -> tuple[Claim, ...]:
    """A row of Table 4 in percent: of each lesion the average precision over IoU 0.2 to 0.5, and the mean at 0.5."""
    metrics = [*(f"detection.ap20_50.{name}" for name in LESIONS), "detection.map50"]
    printed = tuple(
        Claim(
            metric,
            round(value / 100, 6),
            None,
            "Table 4",
            note=LESIONS_OF_TABLE_4 if "ap20_50" in metric else "",
            table="Table 4",
        )
        for metric, value in zip(metrics, figures, strict=True)
    )
    return (*printed, Claim("detection.map20_50", None, None, "Table 4", table="Table 4"))


TABLE_4: Final = {
    "faster_rcnn": table_4(22.66, 35.99, 49.24, 31.68, 65.22, 51.68, 2.16, 31.83),
    "retinanet": table_4(14.53, 25.35, 41.67, 32.14, 65.49, 51.85, 5.30, 28.09),
    "efficientdet_d0": table_4(17.05, 24.19, 42.69, 35.18, 61.85, 52.53, 2.45, 28.73),
    "sparse_rcnn": table_4(20.09, 32.67, 48.16, 45.32, 72.20, 49.30, 5.41, 33.15),
}


def table_5(where: str, measured: str, *figures: float) -> tuple[Claim, ...]:
    """A row of Table 5 in percent: average precision of each lesion at IoU 0.5, and their mean."""
    metrics = [*(f"{measured}.ap50.{name}" for name in LESIONS), f"{measured}.map50"]
    return tuple(
        Claim(metric, round(value / 100, 6), None, where, table=where)
        for metric, value in zip(metrics, figures, strict=True)
    )


F1: Final = (
    "The paper names no threshold for the averaged probability: ours are those of Youden's index on the validation part, for the "
    "classifier alone and for both together, as the paper's classifier has it."
)

OF_THE_FRAMEWORK: Final = (
    # Of Sparse R-CNN, with other figures for each lesion than in Table 4.
    *table_5("Table 5, detector only", "fusion.detector", 18.06, 28.89, 34.23, 41.52, 62.45, 42.85, 4.03, 33.15),
    *table_5("Table 5, whole framework", "fusion.rule", 21.43, 27.36, 34.78, 41.29, 62.53, 43.39, 4.16, 33.56),
    Claim("fusion.change.map50", 0.0041, None, "4"),
    Claim("fusion.image.change.auroc", 0.0158, None, "4: probability averaged with the best box"),
    Claim("fusion.image.change.f1", 0.0046, None, "4: probability averaged with the best box", note=F1),
)
