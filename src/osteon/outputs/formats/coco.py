"""COCO JSON: one file for a run, with the images that were read, the labels, and each box with its score.

An image that was refused is not among the images: COCO would say of it that nothing is there. The file is whole after
every reading. It has one record a line, so that a reading is added without parsing what is there.

Format: https://cocodataset.org/#format-data (object detection), with ``score`` as in its results.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from osteon.core.records import Reading
from osteon.outputs.format import Format, Need
from osteon.outputs.formats.json import short
from osteon.outputs.result import StudyResult

_HEAD: Final = b'{"info": {"description": "Readings by osteon; not for diagnosis"},\n"categories": '
_IMAGES: Final = b',\n"images": ['
_ANNOTATIONS: Final = b'\n],\n"annotations": ['
_END: Final = b"\n]}\n"


class _File(NamedTuple):
    """The parts of a file: labels, and the lines of images and annotations, each after a line break."""

    labels: list[str]
    images: bytes
    annotations: bytes

    def content(self) -> bytes:
        """The whole file."""
        categories = [{"id": number, "name": name} for number, name in enumerate(self.labels, 1)]
        head = _HEAD + json.dumps(categories).encode("ascii")
        return b"".join((head, _IMAGES, self.images, _ANNOTATIONS, self.annotations, _END))


def _parsed(content: bytes) -> _File:
    head, _, rest = content.partition(_IMAGES)
    images, _, annotations = rest.partition(_ANNOTATIONS)
    return _File(
        [category["name"] for category in json.loads(head.removeprefix(_HEAD))], images, annotations.removesuffix(_END)
    )


def added(file: _File, reading: Reading) -> _File:
    """The file with one more reading; images and annotations are numbered on, from 1."""
    labels = list(
        dict.fromkeys((*file.labels, *reading.finding_labels, *(finding.label for finding in reading.findings)))
    )
    first, number = file.images.count(b"\n") + 1, file.annotations.count(b"\n") + 1
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for index, radiograph in enumerate(reading.radiographs):
        if math.isnan(reading.image_probabilities[index]):
            continue
        image_id = first + len(images)
        images.append(
            {
                "id": image_id,
                "file_name": radiograph.source,
                "width": radiograph.width,
                "height": radiograph.height,
                "probability": short(reading.image_probabilities[index]),
                "call": reading.call.value,
                "bundle": reading.bundle,
            }
        )
        for finding in reading.findings:
            if finding.image == index:
                sides = finding.box.x0, finding.box.y0, finding.box.width, finding.box.height
                box = [round(side, 2) for side in sides]
                annotations.append(
                    {
                        "id": number + len(annotations),
                        "image_id": image_id,
                        "category_id": labels.index(finding.label) + 1,
                        "bbox": box,
                        "area": round(box[2] * box[3], 2),
                        "iscrowd": 0,
                        "segmentation": [],
                        "score": short(finding.score),
                        "definite": finding.definite,
                    }
                )
    return _File(labels, _lines(file.images, images), _lines(file.annotations, annotations))


def _lines(before: bytes, records: Sequence[dict[str, Any]]) -> bytes:
    lines = [before] if before else []
    lines += [b"\n" + json.dumps(record, allow_nan=False).encode("ascii") for record in records]
    return b",".join(lines)


def _write(result: StudyResult, destination: Path) -> None:
    file = _parsed(destination.read_bytes()) if destination.exists() else _File([], b"", b"")
    # Replaced in one step, so that a run that is broken off leaves a whole file.
    draft = destination.with_name(destination.name + ".part")
    draft.write_bytes(added(file, result.reading).content())
    draft.replace(destination)


FORMAT = Format(
    "coco", "COCO", ".coco.json", "application/json", _write, shared=True, needs=frozenset({Need.ALL_IMAGES})
)
