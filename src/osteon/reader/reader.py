"""A bundle that reads: radiographs of one study in, a reading out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from osteon.bundle.archive import Bundle
from osteon.core.labels import Call
from osteon.core.records import HeatMap, Pixels, Radiograph, Reading
from osteon.imaging.preprocess import prepare
from osteon.reader.abstain import notes, reason_after, reasons_before
from osteon.reader.calibrate import Probabilities, positive, probabilities
from osteon.reader.heat import heat_map
from osteon.reader.pool import call, pool
from osteon.reader.session import Network, Outputs, default_threads
from osteon.reader.views import choose_views


@dataclass(slots=True)
class _Image:
    """What became of one radiograph of a study."""

    reasons: tuple[str, ...]
    labels: Probabilities | None = None
    positive: float = float("nan")
    heat: HeatMap | None = None


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is said of a study; fields as in ``Reading``."""

    call: Call
    reason: str
    probability: float | None
    probabilities: dict[str, float]


@dataclass(slots=True)
class _Clock:
    """Milliseconds spent on each step."""

    prepare: float = 0.0
    infer: float = 0.0
    render: float = 0.0

    def table(self, load: float) -> dict[str, float]:
        """All steps and their sum."""
        total = load + self.prepare + self.infer + self.render
        return {"load": load, "prepare": self.prepare, "infer": self.infer, "render": self.render, "total": total}


class Reader:
    """Reads studies with one bundle; safe to use from several threads at once.

    Args:
        bundle: verified, from ``open_bundle``.
        threads: that one image may use; None for as many as help.

    Raises:
        BundleError: the bundle's graph cannot be run, or is not what its manifest says.
    """

    def __init__(self, bundle: Bundle, threads: int | None = None) -> None:
        self.manifest = bundle.manifest
        self._network = Network(bundle, default_threads() if threads is None else threads)
        self._positives = [index for index, label in enumerate(self.manifest.labels) if label.positive]

    def read_study(
        self, radiographs: Sequence[Radiograph], source: str, *, load: float = 0.0, remarks: Sequence[str] = ()
    ) -> Reading:
        """Read the radiographs of one study.

        An image that must not be read is left out and noted; where all of them are, the reading abstains.

        Args:
            radiographs: at least one.
            source: what the user named: file, folder or study.
            load: milliseconds spent on decoding them.
            remarks: further notes for the reading, e.g. of files of the study that could not be decoded.

        Raises:
            BundleError: the network failed.
            ValueError: there is no radiograph.
        """
        if not radiographs:
            raise ValueError("expected at least one radiograph")
        clock = _Clock()
        images = self._read_images(radiographs, clock)
        verdict = self._verdict(images)
        points = self.manifest.operating_points
        return Reading(
            source=source,
            study=radiographs[0].identifiers.study,
            bundle=self.manifest.identity,
            call=verdict.call,
            reason=verdict.reason,
            probability=verdict.probability,
            probabilities=verdict.probabilities,
            image_probabilities=tuple(image.positive for image in images),
            image_labels=tuple(
                (float("nan"),) * len(self.manifest.labels) if image.labels is None else tuple(image.labels.tolist())
                for image in images
            ),
            doubt=points.doubt.threshold,
            definite=points.definite.threshold,
            heat_maps=tuple(image.heat for image in images if image.heat is not None),
            radiographs=tuple(radiographs),
            milliseconds=clock.table(load),
            notes=(*remarks, *_joint_notes(radiographs, images)),
        )

    def _verdict(self, images: Sequence[_Image]) -> _Verdict:
        """Pool the images of a study and call it, or abstain where none of them was read."""
        names = [label.name for label in self.manifest.labels]
        positives = np.array([image.positive for image in images])
        if np.isnan(positives).all():
            return _Verdict(Call.ABSTAIN, _joint_reason(images), None, {})
        unread = np.full(len(names), np.nan)
        rows = np.stack([unread if image.labels is None else image.labels for image in images])
        labels, probability = pool(rows, positives, self.manifest.pooling)
        points = self.manifest.operating_points
        if self.manifest.presumes and probability < points.doubt.threshold:
            best = names[int(labels.argmax())]
            reason = (
                f"the most probable site, {best}, has a probability of {probability:.2f}, "
                f"less than the {points.doubt.threshold:.2f} from which the bundle names one"
            )
            return _Verdict(Call.ABSTAIN, reason, None, {})
        said = call(probability, points.doubt.threshold, points.definite.threshold)
        return _Verdict(said, "", probability, dict(zip(names, labels.tolist(), strict=True)))

    def _read_images(self, radiographs: Sequence[Radiograph], clock: _Clock) -> list[_Image]:
        """Read each film, or the views that the bundle wants to see at once."""
        if not self.manifest.views:
            return [self._read_film(film, index, clock) for index, film in enumerate(radiographs)]
        images = [self._checked(film, clock) for film in radiographs]
        chosen = choose_views(radiographs, [not image.reasons for image in images], self.manifest.views)
        if isinstance(chosen, str):
            return [_Image(image.reasons or (chosen,)) for image in images]
        batch = np.stack([self._prepared(radiographs[index], clock) for index in chosen])[np.newaxis]
        together = self._read(batch, [(radiographs[index], index) for index in chosen], clock)
        for index, image in enumerate(images):
            if index in chosen:
                images[index] = together[chosen.index(index)]
            elif not image.reasons:
                images[index] = _Image(("the bundle reads one film of each view",))
        return images

    def _checked(self, radiograph: Radiograph, clock: _Clock) -> _Image:
        """The reasons not to show this film to the network."""
        begin = perf_counter()
        reasons = reasons_before(radiograph, self.manifest.indication)
        clock.prepare += _since(begin)
        return _Image(reasons)

    def _prepared(self, radiograph: Radiograph, clock: _Clock) -> Pixels:
        begin = perf_counter()
        ready = prepare(radiograph.pixels, self.manifest.preprocessing)
        clock.prepare += _since(begin)
        return ready

    def _read_film(self, radiograph: Radiograph, index: int, clock: _Clock) -> _Image:
        """Check, prepare, infer, and check again."""
        checked = self._checked(radiograph, clock)
        if checked.reasons:
            return checked
        batch = self._prepared(radiograph, clock)[np.newaxis]
        return self._read(batch, [(radiograph, index)], clock)[0]

    def _read(self, batch: Pixels, films: Sequence[tuple[Radiograph, int]], clock: _Clock) -> list[_Image]:
        """Show one case to the network: its films, each with its index within the study."""
        begin = perf_counter()
        outputs = self._network.run(batch)
        clock.infer += _since(begin)
        begin = perf_counter()
        images = self._interpret(outputs, films)
        clock.render += _since(begin)
        return images

    def _interpret(self, outputs: Outputs, films: Sequence[tuple[Radiograph, int]]) -> list[_Image]:
        """Outputs of the network for one case to probabilities, and a heat map for each of its films."""
        manifest = self.manifest
        novelty = None if outputs.novelty is None else float(outputs.novelty[0])
        reason = reason_after(novelty, manifest.indication)
        if reason:
            return [_Image((reason,)) for _film in films]
        labels = probabilities(outputs.logits, manifest.calibration, manifest.graph.activation)
        probability = float(positive(labels, manifest.labels, manifest.graph.activation)[0])
        shown = max(self._positives, key=lambda label: float(labels[0, label]))
        images: list[_Image] = []
        for position, (radiograph, index) in enumerate(films):
            image = _Image((), labels[0], probability)
            if outputs.maps is not None:
                of_label = outputs.maps[0, shown]
                image.heat = heat_map(
                    of_label[position] if manifest.views else of_label,
                    probability,
                    manifest.operating_points,
                    (radiograph.height, radiograph.width),
                    manifest.preprocessing,
                    manifest.labels[shown].name,
                    index,
                )
            images.append(image)
        return images


def _since(begin: float) -> float:
    """Milliseconds since a reading of the clock."""
    return (perf_counter() - begin) * 1000.0


def _joint_reason(images: Sequence[_Image]) -> str:
    """All reasons of a study, each once."""
    return "; ".join(dict.fromkeys(reason for image in images for reason in image.reasons))


def _joint_notes(radiographs: Sequence[Radiograph], images: Sequence[_Image]) -> tuple[str, ...]:
    """Notes of a study: those that hold for all images once, the others with the number of the image."""
    several = len(images) > 1
    partial = any(not image.reasons for image in images)
    found: dict[str, list[int]] = {}
    for number, (radiograph, image) in enumerate(zip(radiographs, images, strict=True), 1):
        for note in notes(radiograph):
            found.setdefault(note, []).append(number)
        if partial and image.reasons:
            found.setdefault(f"not read: {'; '.join(image.reasons)}", []).append(number)
    return tuple(
        note if not several or len(numbers) == len(images) else f"image {', '.join(map(str, numbers))}: {note}"
        for note, numbers in found.items()
    )
