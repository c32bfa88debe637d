"""Inference with a bundle: the radiographs of one study in, a reading out."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.bundle.archive import Bundle
from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.labels import Call
from osteon.core.records import Radiograph, Reading
from osteon.inference.abstain import refusals_before
from osteon.inference.clock import Clock
from osteon.inference.image_result import ImageResult, joint_notes, pool_images
from osteon.inference.networks.networks import Networks, StudyImage
from osteon.inference.networks.session import default_threads
from osteon.inference.views import choose_views


class InferenceEngine:
    """Reads studies with one bundle; safe to use from several threads at once.

    Args:
        bundle: verified, from ``open_bundle``.
        threads: that one image may use; None for as many as help.
        all_boxes: give all boxes of the detector, before thresholds and decision rule; for measuring.

    Raises:
        BundleError: a graph of the bundle cannot be run, or is not what its manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None, *, all_boxes: bool = False) -> None:
        self.manifest = bundle.manifest
        self._networks = Networks(bundle, default_threads() if threads is None else threads, all_boxes=all_boxes)

    def read_study(
        self, radiographs: Sequence[Radiograph], source: str, *, load: float = 0.0, remarks: Sequence[Note] = ()
    ) -> Reading:
        """Read the radiographs of one study.

        An image that must not be read is left out and noted; where all of them are, the reading abstains.

        Args:
            radiographs: at least one.
            source: what the user named: file, folder or study.
            load: milliseconds spent on decoding them.
            remarks: further notes for the reading, e.g. of files of the study that could not be decoded.

        Raises:
            BundleError: a network failed.
            ValueError: there is no radiograph.
        """
        if not radiographs:
            raise ValueError("expected at least one radiograph")
        manifest, detector = self.manifest, self.manifest.detector
        clock = Clock(detects=detector is not None)
        images = self._read_images(radiographs, clock)
        result = pool_images(manifest, images)
        points = manifest.operating_points
        unread = (float("nan"),) * len(manifest.labels)
        return Reading(
            source=source,
            study=radiographs[0].identifiers.study,
            bundle=manifest.identity,
            call=result.call,
            refusals=result.refusals,
            probability=result.probability,
            probabilities=result.probabilities,
            image_probabilities=tuple(image.positive for image in images),
            image_refusals=tuple(image.refusals for image in images),
            image_labels=tuple(unread if image.labels is None else tuple(image.labels.tolist()) for image in images),
            image_classifier=tuple(image.classifier for image in images) if self._networks.both else (),
            doubt=points.doubt.threshold,
            definite=points.definite.threshold,
            findings=()
            if result.call is Call.ABSTAIN
            else tuple(finding for image in images for finding in image.findings),
            finding_labels=() if detector is None else tuple(label.name for label in detector.labels),
            heat_maps=tuple(image.heat for image in images if image.heat is not None),
            radiographs=tuple(radiographs),
            milliseconds=clock.table(load),
            notes=(*remarks, *joint_notes(radiographs)),
        )

    def _read_images(self, radiographs: Sequence[Radiograph], clock: Clock) -> list[ImageResult]:
        """Read each image, or the views that the bundle wants to see at once."""
        images = [StudyImage(radiograph, index) for index, radiograph in enumerate(radiographs)]
        if not self.manifest.views:
            return [self._read_image(image, clock) for image in images]
        results = [self._checked(radiograph, clock) for radiograph in radiographs]
        chosen = choose_views(radiographs, [not result.refusals for result in results], self.manifest.views)
        if isinstance(chosen, Refusal):
            return [ImageResult(result.refusals or (chosen,)) for result in results]
        together = self._networks.run([images[index] for index in chosen], clock)
        for index, result in enumerate(results):
            if index in chosen:
                results[index] = together[chosen.index(index)]
            elif not result.refusals:
                results[index] = ImageResult((Refusal(RefusalCode.VIEW_SURPLUS),))
        return results

    def _checked(self, radiograph: Radiograph, clock: Clock) -> ImageResult:
        """Why this image must not be shown to the networks."""
        with clock.time("prepare"):
            return ImageResult(refusals_before(radiograph, self.manifest.indication))

    def _read_image(self, image: StudyImage, clock: Clock) -> ImageResult:
        """Check an image, and run the networks on it where it may be read."""
        checked = self._checked(image.radiograph, clock)
        return checked if checked.refusals else self._networks.run([image], clock)[0]
