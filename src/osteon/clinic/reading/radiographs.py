"""The images of a stored study: their frames without pixels, or decoded once more from the originals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from osteon.clinic.reading.results import SUFFIXES
from osteon.clinic.store.files import Files
from osteon.clinic.store.tables.studies import Image, Original
from osteon.core.errors import StoreError
from osteon.core.instance import InstanceRef
from osteon.core.labels import BodyPart, Laterality, View
from osteon.core.records import Identifiers, Pixels, Radiograph
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.inference.stream import decode


def blank(study: str, images: Sequence[Image]) -> tuple[Radiograph, ...]:
    """The images as black images of the right size, which take no memory: for what needs words and positions only."""
    black = np.float32(0.0)
    return tuple(
        Radiograph(
            pixels=np.broadcast_to(black, (image.rows, image.columns)),
            source=source(image),
            format=image.format,
            spacing=None
            if image.row_spacing is None or image.column_spacing is None
            else (image.row_spacing, image.column_spacing),
            view=None if image.view is None else View(image.view),
            laterality=None if image.laterality is None else Laterality(image.laterality),
            body_part=None if image.body_part is None else BodyPart(image.body_part),
            bits=image.bits,
            notes=image.notes,
            identifiers=_identifiers(study, image),
        )
        for image in images
    )


def decoded(
    files: Files,
    study: str,
    originals: Mapping[int, Original],
    images: Sequence[Image],
    limits: Limits = DEFAULT_LIMITS,
) -> tuple[Radiograph, ...]:
    """The images with their pixels, named as ``blank`` names them.

    Args:
        files: of the store.
        study: identifier.
        originals: of the study, by their positions.
        images: those that are wanted.
        limits: how much a file may ask for.

    Raises:
        StoreError: a file is gone, or no longer what was read.
    """
    radiographs: dict[int, list[Radiograph]] = {}
    for position in sorted({image.original for image in images}):
        file = originals[position]
        radiographs[position] = decode(files.path(file.digest), None if file.view is None else View(file.view), limits)
    found: list[Radiograph] = []
    for image in images:
        name, radiograph = source(image), _same(radiographs[image.original], image)
        found.append(replace(radiograph, source=name, identifiers=_identifiers(study, image)))
    return tuple(found)


def whole(files: Files, original: Original, image: Image, limits: Limits = DEFAULT_LIMITS) -> Pixels:
    """The pixels of one image, over the whole range of its samples where it has a window within it.

    Args:
        files: of the store.
        original: its file.
        image: to decode.
        limits: how much the file may ask for.

    Returns:
        float32, shape (rows, columns), in [0, 1], black background.

    Raises:
        StoreError: the file is gone, or no longer what was read.
    """
    if image.window_low is None:
        return decoded(files, image.study_id, {original.position: original}, [image], limits)[0].pixels
    # pydicom takes long to import, which the server's start need not wait for; so everywhere here.
    from osteon.imaging.dicom.dicom import read_dicom
    from osteon.imaging.dicom.whole import whole_range

    radiographs = read_dicom(files.read(original.digest), source(image), limits, whole_range)
    return _same(radiographs, image).pixels


def _same(radiographs: Sequence[Radiograph], image: Image) -> Radiograph:
    """The radiograph of an image among those of its file."""
    if image.frame >= len(radiographs) or radiographs[image.frame].pixels.shape != (image.rows, image.columns):
        raise StoreError("a file of the study has changed since it was read", hint="Send the study again.")
    return radiographs[image.frame]


def _identifiers(study: str, image: Image) -> Identifiers:
    """What names an image within the store."""
    return Identifiers(study=study, instance=InstanceRef(frame=image.frame + 1), file_name=source(image))


def source(image: Image) -> str:
    """What the file of an image is called, since its own name is not kept."""
    return f"{image.original + 1}{SUFFIXES[image.format]}"
