"""YOLO: a text file for each image that was read, and ``data.yaml`` with the names of the classes.

A line is ``class cx cy width height confidence``, the box as fractions of the image: as the YOLO family writes its own
results. They lie in ``labels/``; with the images in ``images/`` beside it the folder is a dataset in that layout. An image
in which nothing was found has an empty file, one that was refused has none.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Final

from osteon.core.records import Finding, Radiograph
from osteon.outputs.format import Format, Need
from osteon.outputs.formats.json import short
from osteon.outputs.result import StudyResult

LABELS: Final = "labels"
NAMES: Final = "data.yaml"


def lines(findings: tuple[Finding, ...], image: Radiograph, names: list[str]) -> str:
    """The lines of one image, each ended by a line break; a class is its place among ``names``."""
    return "".join(
        f"{names.index(finding.label)} {_fractions(finding, image)} {short(finding.score)}\n" for finding in findings
    )


def _fractions(finding: Finding, image: Radiograph) -> str:
    x0, y0, x1, y1 = finding.box
    width, height = image.width, image.height
    values = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
    return " ".join(f"{value:.8f}" for value in values)


def file_of(destination: Path, image: int, images: int) -> Path:
    """The file of an image: its study's name, followed by a number where the study has several images."""
    name = destination.name.removesuffix(SUFFIX)
    return destination.parent / LABELS / f"{name}{f'.{image + 1}' if images > 1 else ''}.txt"


def _write(result: StudyResult, destination: Path) -> None:
    reading = result.reading
    names = list(dict.fromkeys((*reading.finding_labels, *(finding.label for finding in reading.findings))))
    # Not with its parents: a folder that is not there is an error, as for every other format.
    (destination.parent / LABELS).mkdir(exist_ok=True)
    for index, radiograph in enumerate(reading.radiographs):
        file = file_of(destination, index, len(reading.radiographs))
        if math.isnan(reading.image_probabilities[index]):
            file.unlink(missing_ok=True)
        else:
            found = tuple(finding for finding in reading.findings if finding.image == index)
            file.write_text(lines(found, radiograph, names), encoding="utf-8", newline="\n")
    if names or not (destination.parent / NAMES).exists():
        # JSON's strings are YAML's too, whatever letters a label has.
        content = f"path: .\ntrain: images\nnames: {json.dumps(names, ensure_ascii=False)}\n"
        (destination.parent / NAMES).write_text(content, encoding="utf-8", newline="\n")


SUFFIX: Final = ".txt"
FORMAT = Format("yolo", "YOLO", SUFFIX, "text/plain", _write, shared=False, needs=frozenset({Need.ALL_IMAGES}))
