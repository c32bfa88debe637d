"""What the model card says of a detector and of decision fusion."""

from __future__ import annotations

from osteon.bundle.detector import BoxPoint, Detector, Fusion
from osteon.core.calibration import Calibration


def detector_lines(detector: Detector, fusion: Fusion | None) -> list[str]:
    """Markdown lines: what the detector is, its input, thresholds and fusion."""
    preprocessing = detector.preprocessing
    harmless = " (does not make an image positive)"
    labels = ", ".join(label.name if label.positive else label.name + harmless for label in detector.labels)
    fit = "proportions kept" if preprocessing.fit == "letterbox" else "stretched"
    size = f"{preprocessing.width} x {preprocessing.height} pixels, {fit}" + (
        "" if preprocessing.crop is None else ", cropped to the limb"
    )
    scores = (
        "the scores of the network as they are"
        if detector.calibration == Calibration(temperature=1.0)
        else f"its scores after scaling ({calibration_words(detector.calibration)}), fitted on validation data"
    )
    return [
        f"{detector.method}. It finds: {labels}.{_rest(detector)}",
        "",
        f"Input: {size}. Non-maximum suppression is part of the graph. Confidences are {scores}.",
        "",
        "Boxes are shown at or above *doubt*, dotted below *definite* and solid from there on.",
        "",
        "| point | confidence | rule | sensitivity for boxes (validation) | false alarms per image (validation) |",
        "|---|---|---|---|---|",
        _row("doubt", detector.points.doubt),
        _row("definite", detector.points.definite),
        *([] if fusion is None else ["", *_fusion(fusion)]),
    ]


def calibration_words(calibration: Calibration) -> str:
    """A calibration in words."""
    bias = f", bias {calibration.bias:.4f}" if calibration.bias else ""
    return f"temperature {calibration.temperature:.4f}{bias}"


def _rest(detector: Detector) -> str:
    if detector.rest is None:
        return ""
    return f" Findings of all other kinds count as {detector.rest}, in training and in evaluation."


def _row(name: str, point: BoxPoint) -> str:
    rule = point.rule.replace("|", "\\|")
    return f"| {name} | {point.threshold:.4f} | {rule} | {point.sensitivity:.3f} | {point.false_alarms:.3f} |"


def _fusion(fusion: Fusion) -> list[str]:
    rule = (
        f"**Decision fusion.** Where the classifier's probability is at or above {fusion.threshold:.4f} ({fusion.rule}), all "
        f"boxes are kept; elsewhere only those with a confidence above {fusion.alone:g}."
    )
    if not fusion.weight and fusion.calibration == Calibration(temperature=1.0):
        return [rule, "", "The probability of an image is the classifier's; boxes do not change it."]
    mixed = (
        f"The probability of an image is {1 - fusion.weight:.2f} of the classifier's and {fusion.weight:.2f} of the "
        f"confidence of its best box, scaled on the log odds ({calibration_words(fusion.calibration)})."
    )
    return [rule, "", mixed]
