"""Labels of figures in a report, and captions of its plots."""

from __future__ import annotations

from typing import Final

LABELS: Final = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "PPV (precision)",
    "npv": "NPV",
    "f1": "F1",
    "accuracy": "Accuracy",
    "balanced_accuracy": "Balanced accuracy",
    "kappa": "Cohen's kappa",
    "brier": "Brier score",
    "ece": "Expected calibration error",
    "slope": "Calibration slope",
    "intercept": "Calibration intercept, slope fixed at 1",
    "in_the_large": "Calibration in the large, observed less expected",
    "observed_expected": "Observed / expected",
    "aurc": "Area under risk-coverage",
    "map50": "mAP, IoU 0.5",
    "map": "mAP, IoU 0.5 to 0.95",
    "map20_50": "mAP, IoU 0.2 to 0.5",
    "f1_of_means": "F1 of macro precision and recall",
    "precision": "Precision",
    "recall": "Recall",
    "froc": "FROC, mean sensitivity",
    "boxes_marked": "Annotated boxes",
    "boxes_found": "Annotated boxes that are found",
    "boxes_missed": "Annotated boxes that are missed",
    "boxes_false": "False boxes",
    "false_negatives": "False negatives",
    "false_positives": "False positives",
    "youden": "Threshold of Youden's index",
    "youden_uncalibrated": "Threshold of Youden's index, not calibrated",
}
"""Figures by the last part of their names."""

CAPTIONS: Final = {
    "roc": "Every threshold of the probability; dots are the operating points, fixed on other cases.",
    "precision_recall": "Average precision sums the steps; the dashed line is chance.",
    "scores": "Positive cases above the line, negative below.",
    "reliability": "Ten groups of equal size with Wilson's intervals, and a restricted cubic spline with its 95 % band. On "
    "the dashed line, predicted and observed shares agree.",
    "decision_curve": "Net benefit of acting on the calls, against acting on everybody or nobody.",
    "risk_coverage": "Share of wrong calls if only the most certain cases were kept.",
    "subgroups": "Points with 95 % intervals; hollow where a group is too small to rely on.",
}
