"""From a reading to the rows that are kept."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path
from typing import Any, Final

from osteon.clinic.patients.ages import coarse
from osteon.clinic.store.faults import Fault, dump
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies.queue import Result, Task
from osteon.clinic.store.studies.readings import anonymous
from osteon.clinic.store.studies.readings import dump as dump_reading
from osteon.clinic.urgency import urgency
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import InputError
from osteon.core.records import Radiograph, Reading
from osteon.imaging.display.thumbnail import thumbnail
from osteon.imaging.sniff import Kind
from osteon.inference.stream import Outcome
from osteon.inference.studies import Study

SUFFIXES: Final = {"DICOM": ".dcm", "JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif"}
"""Names of files begin with their position, since their own names are not kept."""


class Finish:
    """Called with the reading of one study while its pixels are in memory; makes all that is kept of it.

    Args:
        task: the study.
        files: of the store.
    """

    def __init__(self, task: Task, files: Files) -> None:
        self._task = task
        self._files = files
        self._values: dict[str, Any] = {}
        self._images: list[dict[str, Any]] = []

    def __call__(self, reading: Reading, _study: Study) -> Reading:
        """Make the rows; the returned reading identifies no patient."""
        radiographs = reading.radiographs
        positions = {str(self._files.path(digest)): position for position, digest in enumerate(self._task.digests)}
        originals = [positions[radiograph.source] for radiograph in radiographs]
        windows = {original: _window(radiograph) for radiograph, original in zip(radiographs, originals, strict=True)}
        self._values = self._study(reading)
        frames: Counter[int] = Counter()
        for position, original in enumerate(originals):
            where = {"position": position, "original": original, "frame": frames[original]}
            low, high = windows[original] or (None, None)
            self._images.append(where | {"window_low": low, "window_high": high} | self._image(reading, position))
            frames[original] += 1
        sources = [
            f"{original + 1}{SUFFIXES[radiograph.format]}"
            for radiograph, original in zip(radiographs, originals, strict=True)
        ]
        return anonymous(reading, self._task.study, sources)

    def result(self, outcome: Outcome) -> Result | None:
        """What is kept, or None where nothing could be read."""
        if outcome.reading is None:
            return None
        positions = {str(self._files.path(digest)): position for position, digest in enumerate(self._task.digests)}
        faults = {
            positions[failure.source]: dump(failure.error, self._files.folder)
            for failure in outcome.failures
            if failure.source in positions
        }
        return Result(self._values, dump_reading(outcome.reading), self._images, faults)

    def fault(self, outcome: Outcome) -> Fault:
        """Why nothing could be read: the error of the only file, or of the first of several."""
        if not outcome.failures:
            return dump(InputError(FaultCode.STUDY_UNREAD))
        return dump(
            outcome.failures[-1 if len(outcome.failures) > len(self._task.digests) else 0].error, self._files.folder
        )

    def _study(self, reading: Reading) -> dict[str, Any]:
        """Columns of the study."""
        radiographs = reading.radiographs
        values = {
            "age": coarse(next((radiograph.age for radiograph in radiographs if radiograph.age is not None), None)),
            "sex": _only([radiograph.sex.value for radiograph in radiographs if radiograph.sex is not None]),
            "body_part": next(
                (radiograph.body_part.value for radiograph in radiographs if radiograph.body_part is not None), None
            ),
            "view_count": len(radiographs),
            "call": reading.call.value,
            "probability": reading.probability,
            "refusals": reading.refusals,
            "urgency": urgency(reading.call),
            "sort_key": 1.0 - (reading.probability or 0.0),
        }
        values["bundle"] = reading.bundle
        pseudonym = self._pseudonym(radiographs)
        # Without one that of the sender stays, if there is any.
        return values if pseudonym is None else values | {"pseudonym": pseudonym}

    def _image(self, reading: Reading, position: int) -> dict[str, Any]:
        """Columns of an image that tell nothing of its file."""
        radiograph, probability = reading.radiographs[position], reading.image_probabilities[position]
        read = not math.isnan(probability)
        row, column = radiograph.spacing or (None, None)
        return {
            "rows": radiograph.height,
            "columns": radiograph.width,
            "row_spacing": row,
            "column_spacing": column,
            "bits": radiograph.bits,
            "view": radiograph.view and radiograph.view.value,
            "laterality": radiograph.laterality and radiograph.laterality.value,
            "body_part": radiograph.body_part and radiograph.body_part.value,
            "format": radiograph.format,
            "notes": radiograph.notes,
            "probability": probability if read else None,
            "refusals": () if read else reading.image_refusals[position] or reading.refusals,
            "heat": any(heat.image == position for heat in reading.heat_maps),
            "thumbnail": thumbnail(radiograph.pixels),
        }

    def _pseudonym(self, radiographs: tuple[Radiograph, ...]) -> str | None:
        # Files of two patients are separated on arrival; if that failed, they get no pseudonym.
        patient = _only(
            [radiograph.identifiers.patient for radiograph in radiographs if radiograph.identifiers.patient]
        )
        return self._files.pseudonym(patient) if patient else None


def _only(values: list[str]) -> str | None:
    """What all say; None where they contradict each other, or nothing is said."""
    return values[0] if len(set(values)) == 1 else None


def _window(radiograph: Radiograph) -> tuple[float, float] | None:
    """Where the window lies that a DICOM radiograph states; see ``file_window``."""
    if radiograph.format != Kind.DICOM:
        return None
    from osteon.imaging.dicom.whole import file_window  # with pydicom, which takes long to import

    return file_window(Path(radiograph.source))
