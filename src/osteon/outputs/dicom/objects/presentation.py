"""The presentation state: boxes and the call over the untouched images (Grayscale Softcopy Presentation State)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

from pydicom.dataset import Dataset

from osteon.core.labels import Call
from osteon.core.wording.refusals import reason
from osteon.outputs.dicom import kinds
from osteon.outputs.dicom.common import wording
from osteon.outputs.dicom.common.base import MODEL, Job, by_series, new_object
from osteon.outputs.dicom.common.source import SourceImage, sides
from osteon.outputs.dicom.objects.cielab import cielab
from osteon.outputs.dicom.objects.greyscale import Shown, add_modality, shown, windows
from osteon.outputs.dicom.objects.measurements import tracking_uid
from osteon.outputs.drawing.pen import CALL_COLOURS, Colour

GSPS: Final = "1.2.840.10008.5.1.4.1.1.11.1"

_DEFINITE: Final = "AI_DEFINITE"
_DOUBT: Final = "AI_DOUBT"
_CALL: Final = "AI_CALL"

_LAYERS: Final[tuple[tuple[str, str, Colour], ...]] = (
    (_DEFINITE, "Boxes of the AI", CALL_COLOURS[Call.FRACTURE]),
    (_DOUBT, "Boxes of the AI, in doubt", CALL_COLOURS[Call.DOUBT]),
    (_CALL, "Call of the AI", (255, 255, 255)),
)

_LETTERS: Final = 0.03
"""Height of a line of text as a share of the image."""


def presentation_states(job: Job) -> list[Dataset]:
    """A state for all images that are shown alike: one, unless a study mixes polarities or modality LUTs.

    There is none of images in colour, which a greyscale state cannot refer to.
    """
    groups: dict[Shown, list[SourceImage]] = {}
    for image in job.sources.images:
        one = shown(image)
        if one is not None:
            groups.setdefault(one, []).append(image)
    return [_state(job, one, images, place) for place, (one, images) in enumerate(groups.items())]


def _state(job: Job, one: Shown, images: Sequence[SourceImage], place: int) -> Dataset:
    made = new_object(job, kinds.PRESENTATION, GSPS, *([str(place)] if place else []))
    made.InstanceNumber = place + 1
    letters = set(sides(images))
    made.Laterality = letters.pop() if len(letters) == 1 else ""
    made.ContentLabel, made.ContentDescription = "AI_FRACTURE", kinds.PRESENTATION.description
    made.ContentCreatorName = f"{MODEL}^AI"
    made.PresentationCreationDate, made.PresentationCreationTime = made.InstanceCreationDate, made.InstanceCreationTime
    made.ReferencedSeriesSequence = by_series(images, "ReferencedImageSequence", frames=True)
    add_modality(made, one)
    objects = list({image.instance: image for image in images}.values())
    if voi := windows(objects):
        made.SoftcopyVOILUTSequence = voi
    made.DisplayedAreaSelectionSequence = [_area(image) for image in images]
    annotations = [item for image in images for item in _annotations(job, image)]
    made.GraphicAnnotationSequence = annotations
    used = {item.GraphicLayer for item in annotations}
    made.GraphicLayerSequence = [
        _layer(name, order, description, colour)
        for order, (name, description, colour) in enumerate(_LAYERS, 1)
        if name in used
    ]
    return made


def _area(image: SourceImage) -> Dataset:
    """The whole of an image, fitted to the screen."""
    item = Dataset()
    item.ReferencedImageSequence = [image.reference()]
    item.DisplayedAreaTopLeftHandCorner = [1, 1]
    item.DisplayedAreaBottomRightHandCorner = [image.columns, image.rows]
    item.PresentationSizeMode = "SCALE TO FIT"
    across, down = image.scale
    # Height over width of a stored pixel, as whole numbers.
    square = math.isclose(across, down, rel_tol=1e-3)
    item.PresentationPixelAspectRatio = [1, 1] if square else [round(1000 * across / down), 1000]
    return item


def _layer(name: str, order: int, description: str, colour: Colour) -> Dataset:
    item = Dataset()
    item.GraphicLayer, item.GraphicLayerOrder, item.GraphicLayerDescription = name, order, description
    item.GraphicLayerRecommendedDisplayCIELabValue = list(cielab(colour))
    return item


def _annotations(job: Job, image: SourceImage) -> Iterator[Dataset]:
    """The call at the top of an image, and its boxes."""
    reading = job.result.reading
    unread = math.isnan(reading.image_probabilities[image.index])
    said = wording.call_words(reading)
    if reading.call is Call.ABSTAIN:
        said += f": {reading.reason}"
    elif unread:
        refusals = reading.image_refusals[image.index] if image.index < len(reading.image_refusals) else ()
        said += f". This image was not read{': ' + reason(refusals) if refusals else ''}"
    yield _annotation(image, _CALL, [_text(f"{wording.UNVERIFIED}: {said}", (0.01, 0.01), (0.99, 0.05), "DISPLAY")], [])
    for layer, definite in ((_DEFINITE, True), (_DOUBT, False)):
        texts: list[Dataset] = []
        lines: list[Dataset] = []
        for place, finding in enumerate(reading.findings):
            if finding.image == image.index and finding.definite == definite:
                outline = image.outline(finding.box)
                lines.append(_line(outline, f"{MODEL} finding {place + 1}", tracking_uid(job, place)))
                texts.append(_label(wording.box_words(finding), outline, image))
        if lines:
            yield _annotation(image, layer, texts, lines)


def _annotation(image: SourceImage, layer: str, texts: list[Dataset], lines: list[Dataset]) -> Dataset:
    item = Dataset()
    item.ReferencedImageSequence = [image.reference()]
    item.GraphicLayer = layer
    item.TextObjectSequence = texts
    if lines:
        item.GraphicObjectSequence = lines
    return item


def _line(outline: list[float], name: str, uid: str) -> Dataset:
    item = Dataset()
    item.GraphicAnnotationUnits, item.GraphicDimensions = "PIXEL", 2
    item.NumberOfGraphicPoints, item.GraphicData = len(outline) // 2, outline
    item.GraphicType, item.GraphicFilled = "POLYLINE", "N"
    item.TrackingID, item.TrackingUID = name, uid
    return item


def _label(words: str, outline: list[float], image: SourceImage) -> Dataset:
    """Words above a box, or below it where there is no room."""
    left, top, bottom = outline[0], outline[1], outline[5]
    tall = _LETTERS * image.rows
    upper = top - 1.2 * tall if top > 1.2 * tall else min(bottom + 0.2 * tall, image.rows - tall)
    right = min(float(image.columns), left + 0.6 * len(words) * tall)
    return _text(words, (min(left, right - 1), max(upper, 0.0)), (right, max(upper, 0.0) + tall), "PIXEL")


def _text(words: str, corner: tuple[float, float], opposite: tuple[float, float], units: str) -> Dataset:
    item = Dataset()
    item.BoundingBoxAnnotationUnits = units
    item.UnformattedTextValue = words[:1024]
    item.BoundingBoxTopLeftHandCorner = list(corner)
    item.BoundingBoxBottomRightHandCorner = list(opposite)
    item.BoundingBoxTextHorizontalJustification = "LEFT"
    return item
