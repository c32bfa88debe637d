"""YOLO: a text file for each image that was read, and ``data.yaml`` with the names of the classes.

A line is ``class cx cy width height confidence``, the box as fractions of the image: as the YOLO family writes its own
results. They lie in ``labels/``; with the films in ``images/`` beside it the folder is a dataset in that layout. An image
in which nothing was found has an empty file, one that was refused has none.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Final

from osteon.core.records import Finding, Radiograph, Reading
from osteon.outputs.format import Format
from osteon.outputs.json import short

LABELS: Final = "labels"
NAMES: Final = "data.yaml"


def lines(findings: tuple[Finding, ...], film: Radiograph, names: list[str]) -> str:
    """The lines of one image, each ended by a line break; a class is its place among ``names``."""
    return "".join(f"{names.index(one.label)} {_fractions(one, film)} {short(one.score)}\n" for one in findings)


def _fractions(one: Finding, film: Radiograph) -> str:
    x0, y0, x1, y1 = one.box
    width, height = film.width, film.height
    values = ((x0 + x1) / 2 / width, (y0 + y1) / 2 / height, (x1 - x0) / width, (y1 - y0) / height)
    return " ".join(f"{value:.8f}" for value in values)


def file_of(destination: Path, image: int, images: int) -> Path:
    """The file of an image: its study's name, followed by a number where the study has several images."""
    name = destination.name.removesuffix(SUFFIX)
    return destination.parent / LABELS / f"{name}{f'.{image + 1}' if images > 1 else ''}.txt"


def _write(reading: Reading, _source: Path | None, destination: Path) -> None:
    names = list(dict.fromkeys((*reading.finding_labels, *(one.label for one in reading.findings))))
    # Not with its parents: a folder that is not there is an error, as for every other format.
    (destination.parent / LABELS).mkdir(exist_ok=True)
    for index, film in enumerate(reading.radiographs):
        file = file_of(destination, index, len(reading.radiographs))
        if math.isnan(reading.image_probabilities[index]):
            file.unlink(missing_ok=True)
        else:
            found = tuple(one for one in reading.findings if one.image == index)
            file.write_text(lines(found, film, names), encoding="utf-8", newline="\n")
    if names or not (destination.parent / NAMES).exists():
        # JSON's strings are YAML's too, whatever letters a label has.
        content = f"path: .\ntrain: images\nnames: {json.dumps(names, ensure_ascii=False)}\n"
        (destination.parent / NAMES).write_text(content, encoding="utf-8", newline="\n")


SUFFIX: Final = ".txt"
FORMAT = Format("yolo", SUFFIX, "text/plain", _write, shared=False)
