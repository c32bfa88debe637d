"""From a bundle, or from another system's predictions, to an evaluation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from osteon.bundle.archive import Bundle
from osteon.core.calibration import Calibration
from osteon.core.operating import OperatingPoint
from osteon.data.files.names import as_path
from osteon.data.table.table import Table
from osteon.evaluation.binary.calibrators import calibration_section
from osteon.evaluation.binary.measure import Settings
from osteon.evaluation.binary.youden import youden_section
from osteon.evaluation.detection.contact_sheet import Points
from osteon.evaluation.detection.report import box_section
from osteon.evaluation.fusion.report import fusion_section
from osteon.evaluation.html.section import Analysis, Section, Track
from osteon.evaluation.inference.overlap import refuse_training_files, sha256_of
from osteon.evaluation.inference.run_reader import Read, attributes, box_labels, clusters, read_cases, untracked
from osteon.evaluation.multiclass.report import class_section
from osteon.evaluation.predictions.detections import Detections, detections, has_boxes, read_detections
from osteon.evaluation.predictions.pooling import Pooling
from osteon.evaluation.predictions.predictions import Predictions, predictions
from osteon.evaluation.report.looks import Look, default_look, look_at_table
from osteon.evaluation.report.result import Evaluation, evaluate
from osteon.stats.operating import at_sensitivity, at_specificity, youden


def points_of(bundle: Bundle, validation: Predictions | None = None) -> dict[str, OperatingPoint]:
    """The bundle's own operating points, fixed on its validation data; with validation predictions Youden's, too."""
    points = bundle.manifest.operating_points
    found = {"doubt": points.doubt, "definite": points.definite}
    if validation is not None:
        known = validation.complete()
        found["youden"] = youden(known.label, known.probability)
    return found


def points_from(
    validation: Predictions, *, sensitivity: float = 0.95, specificity: float = 0.95
) -> dict[str, OperatingPoint]:
    """Operating points for predictions that come without: chosen on validation predictions, to be carried over.

    Raises:
        DataError: no row is complete, or there is only one class.
    """
    complete = validation.complete()
    label, probability = complete.label, complete.probability
    return {
        "sensitive": at_sensitivity(label, probability, sensitivity),
        "youden": youden(label, probability),
        "specific": at_specificity(label, probability, specificity),
    }


def evaluate_table(
    bundle: Bundle,
    table: Table,
    root: Path,
    label: str,
    *,
    validation: Predictions | None = None,
    analyses: Sequence[Analysis] = (),
    jobs: int = 1,
    track: Track = untracked,
    settings: Settings | None = None,
    look: Look | None = None,
) -> Evaluation:
    """Read the cases of a table with a bundle and the deployed inference pipeline, and measure the result.

    Args:
        bundle: verified.
        table: of cases that the bundle was not made with.
        root: folder that the table's paths start from.
        label: name of the label that the bundle's positive labels stand for.
        validation: what the bundle says of its validation part; with it Youden's point is added, and ways to calibrate
            are compared.
        analyses: made besides.
        jobs: studies read at the same time.
        track: shows progress.
        settings: of the intervals.
        look: how the evaluation is entered in the ledger; None enters that of a registered dataset's test part in the
            user's own.

    Raises:
        DataError: the bundle was made with some of these files, the label is absent, or nothing can be measured.
        BundleError: the bundle's graph cannot be run.
    """
    settings = settings or Settings()
    refuse_training_files(bundle, [as_path(root, image) for image in table.images])
    read = read_cases(bundle, table, root, label, jobs=jobs, track=track)
    said = read.predictions
    boxes = _boxes(bundle, table, read)
    points = points_of(bundle, validation)
    found = evaluate_predictions(
        said,
        points,
        validation=validation,
        boxes=boxes,
        root=root,
        box_points=_box_points(bundle),
        calibration=_calibration(bundle),
        pooling=bundle.manifest.pooling,
        settings=settings,
    )
    sections = [made(bundle, table, root, said, track, settings) for made in analyses]
    if boxes is not None and read.classifier is not None and bundle.manifest.fusion is not None:
        both = points.get("youden")
        threshold = None if both is None else both.threshold
        sections.insert(0, fusion_section(bundle.manifest, boxes, said, read.classifier, settings, threshold))
    whole = with_sections(found, sections)
    identity, digest = bundle.manifest.identity, bundle.digest
    look_at_table(look or default_look(), table, root, bundle, identity, digest, whole.headline)
    return whole


def evaluate_predictions(
    said: Predictions,
    points: dict[str, OperatingPoint],
    *,
    validation: Predictions | None = None,
    boxes: Detections | None = None,
    root: Path | None = None,
    box_points: Points | None = None,
    calibration: Calibration | None = None,
    pooling: Pooling = "max",
    settings: Settings | None = None,
) -> Evaluation:
    """Measure predictions, and whatever else is known of the same images: classes, boxes, ways to calibrate.

    Args:
        said: predictions.
        points: operating points by name, fixed on other cases.
        validation: predictions of other cases.
        boxes: found and marked, of the same images.
        root: folder of the images; without it no image with boxes is shown.
        box_points: confidences from which boxes are shown; None takes that of the confusion matrix.
        calibration: that the predictions went through, as far as it is known.
        pooling: how the images of a study become one probability.
        settings: of the intervals.

    Raises:
        DataError: nothing can be measured.
    """
    settings = settings or Settings()
    found = evaluate(said, points, pooling=pooling, settings=settings, alone=boxes is None)
    sections: list[Section | None] = []
    if found.binary:
        known = validation if validation is not None and validation.labelled.any() else None
        sections.append(None if known is None else youden_section(known, settings))
        sections.append(calibration_section(said.complete(), known, settings, calibration))
    others = None if validation is None else validation.classes
    sections.append(class_section(said, settings, pooling=pooling, validation=others))
    if boxes is not None:
        sections.append(box_section(boxes, said.cluster, said.image.tolist(), root, settings, box_points))
    return with_sections(replace(found, boxes=boxes), [one for one in sections if one is not None])


def evaluate_detections(
    path: Path,
    table: Table,
    root: Path | None,
    label: str,
    *,
    ids: Path | None = None,
    settings: Settings,
    look: Look | None = None,
) -> tuple[Evaluation, int]:
    """Measure boxes of any system; they say nothing of images that can be calibrated, so there are figures of boxes only.

    Args:
        path: COCO results.
        table: of the cases.
        root: folder of the images; without it no image is shown.
        label: of the table, that says which images are positive; one that it has not leaves that unknown.
        ids: COCO annotations whose ids the results use.
        settings: of the intervals.
        look: how the evaluation is entered in the ledger; None enters that of a registered dataset's test part in the
            user's own.

    Returns:
        The evaluation, and how many boxes lie in images outside the table.

    Raises:
        DataError: the file is none, or nothing can be measured.
    """
    marks, outside = read_detections(path, table, ids)
    said = predictions(
        table.images,
        table.label(label) if label in table.labels else [-1] * len(table),
        [float("nan")] * len(table),
        study=table.frame["study"].to_list(),
        cluster=clusters(table),
        attributes=attributes(table),
    )
    found = evaluate_predictions(said, {}, boxes=detections(table, marks), root=root, settings=settings)
    look_at_table(look or default_look(), table, root, None, path.name, sha256_of(path), found.headline)
    return found, outside


def with_sections(evaluation: Evaluation, sections: Iterable[Section]) -> Evaluation:
    """The evaluation with further sections and their figures."""
    added = tuple(sections)
    figures = dict(evaluation.figures)
    for one in added:
        figures |= one.figures
    return replace(evaluation, figures=figures, sections=(*evaluation.sections, *added))


def _boxes(bundle: Bundle, table: Table, read: Read) -> Detections | None:
    """Found beside marked boxes; None without a detector, or where nothing that it looks for is marked."""
    words, looked = box_labels(bundle, table), read.predictions.read
    labels, detector = set(words.values()), bundle.manifest.detector
    rest = None if detector is None or detector.rest is None else words[detector.rest]
    return detections(table, read.marks, looked, labels, rest) if has_boxes(table, looked, labels, rest) else None


def _box_points(bundle: Bundle) -> Points | None:
    detector = bundle.manifest.detector
    return None if detector is None else Points(detector.points.doubt.threshold, detector.points.definite.threshold)


def _calibration(bundle: Bundle) -> Calibration | None:
    """What the bundle's probability went through last, where it is that of one sigmoid and can be taken back."""
    manifest = bundle.manifest
    single = len(manifest.labels) == 1 and manifest.activation == "sigmoid"
    last = manifest.calibration if manifest.fusion is None else manifest.fusion.calibration
    return last if single else None
