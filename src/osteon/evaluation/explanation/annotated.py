"""Positive images with boxes that readers annotated, read once more for their heat maps."""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import Manifest
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import HeatMap
from osteon.data.formats.coco import slug
from osteon.data.table.table import Table
from osteon.evaluation.explanation.pointing import Localisation, localise, over_image
from osteon.evaluation.html.section import Track
from osteon.evaluation.inference.failures import draw
from osteon.evaluation.inference.sampling import in_order, radiograph
from osteon.evaluation.predictions.predictions import Predictions
from osteon.inference.engine import InferenceEngine

_BOX: Final = (74, 222, 214)
"""Teal: the one hue that the colours of a heat map leave out."""


@dataclass(frozen=True, slots=True)
class AnnotatedImage:
    """A positive image with boxes that the bundle read.

    Attributes:
        row: of the table.
        call: what the bundle made of it.
        heat: its heat map.
        shape: (H, W) of the image.
        found: how map and boxes meet.
        jpeg: the image with map and boxes.
    """

    row: int
    call: Call
    heat: HeatMap
    shape: tuple[int, int]
    found: Localisation
    jpeg: bytes


def positive_names(manifest: Manifest) -> frozenset[str]:
    """What a table may call the positive labels of a bundle, of its classifier and of its detector."""
    labels = (*manifest.labels, *(() if manifest.detector is None else manifest.detector.labels))
    names = {label.name for label in labels if label.positive}
    return frozenset(names | {slug(name) for name in names})


def boxes_of(table: Table, names: Collection[str]) -> list[list[Box]]:
    """What counts as the place, for each row: boxes of these labels where the table has such, all boxes otherwise."""
    rows: list[list[dict[str, Any]]] = table.frame["boxes"].to_list()
    named = any(marked["label"] in names for row in rows for marked in row or ())
    return [
        [
            Box(marked["x0"], marked["y0"], marked["x1"], marked["y1"])
            for marked in row or ()
            if not named or marked["label"] in names
        ]
        for row in rows
    ]


def with_places(manifest: Manifest, table: Table, predictions: Predictions) -> NDArray[np.int64]:
    """Rows of the positive images that have boxes and were read."""
    annotated = np.array([bool(boxes) for boxes in boxes_of(table, positive_names(manifest))])
    return np.flatnonzero(annotated & predictions.read & (predictions.label == 1))


def look(
    bundle: Bundle, table: Table, root: Path, predictions: Predictions, track: Track, jobs: int = 1
) -> list[AnnotatedImage]:
    """Read the positive images that have boxes, each as a study of its own, and compare map and boxes.

    Returns:
        Those with a heat map; none where the bundle gives no maps.
    """
    rows = with_places(bundle.manifest, table, predictions)
    if bundle.manifest.maps is None or not len(rows):
        return []
    places = boxes_of(table, positive_names(bundle.manifest))
    engine = InferenceEngine(bundle, threads=1 if jobs > 1 else None)
    images = table.images

    def work(item: tuple[int, str, list[Box]]) -> AnnotatedImage | None:
        return _look(engine, root, *item)

    things = [(row, images[row], places[row]) for row in rows.tolist()]
    seen = track(in_order(work, things, jobs), "comparing heat maps with boxes", len(things))
    return [one for one in seen if one is not None]


def _look(engine: InferenceEngine, root: Path, row: int, image: str, boxes: list[Box]) -> AnnotatedImage | None:
    loaded = radiograph(root, image)
    reading = engine.read_study([loaded], loaded.source)
    if not reading.heat_maps:
        return None
    heat = reading.heat_maps[0]
    shape = (loaded.height, loaded.width)
    found = localise(over_image(heat, shape), boxes)
    return AnnotatedImage(row, reading.call, heat, shape, found, _with_boxes(draw(reading), boxes, shape))


def _with_boxes(jpeg: bytes, boxes: list[Box], shape: tuple[int, int]) -> bytes:
    """The picture of an image of ``shape`` (H, W) with its boxes."""
    picture = Image.open(io.BytesIO(jpeg)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    across, down = picture.width / shape[1], picture.height / shape[0]
    for box in boxes:
        pen.rectangle((box.x0 * across, box.y0 * down, box.x1 * across, box.y1 * down), outline=_BOX, width=2)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=85)
    return stream.getvalue()
