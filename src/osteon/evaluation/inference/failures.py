"""The worst errors first: missed fractures and false alarms."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
from PIL import Image

from osteon.bundle.archive import Bundle
from osteon.core.geometry import Box
from osteon.core.records import Pixels, Reading
from osteon.data.files.names import as_path
from osteon.evaluation.html.section import Picture
from osteon.evaluation.predictions.predictions import Predictions
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_study_files
from osteon.inference.studies import Study
from osteon.outputs.drawing.colour import blend

SIDE: Final = 420
"""Longer side of a picture in the report, in pixels."""

MARK: Final = (45, 212, 191)
"""Colour of boxes that readers annotated."""


class Failure(NamedTuple):
    """A wrong call.

    Attributes:
        row: of the predictions.
        kind: missed, or false alarm.
        probability: that the system gave.
    """

    row: int
    kind: Literal["missed", "false alarm"]
    probability: float


def worst(table: Predictions, thresholds: Mapping[str, float], most: int = 6) -> tuple[Failure, ...]:
    """Positive cases below the lowest threshold, negative ones at or above the highest; at most ``most`` of each kind.

    Without thresholds there are none.
    """
    if not thresholds:
        return ()
    low, high = min(thresholds.values()), max(thresholds.values())
    missed = np.flatnonzero((table.label == 1) & (table.probability < low))
    alarms = np.flatnonzero((table.label == 0) & (table.probability >= high))
    missed = missed[np.argsort(table.probability[missed], kind="stable")][:most]
    alarms = alarms[np.argsort(-table.probability[alarms], kind="stable")][:most]
    return tuple(
        [Failure(row, "missed", float(table.probability[row])) for row in missed.tolist()]
        + [Failure(row, "false alarm", float(table.probability[row])) for row in alarms.tolist()]
    )


def pictures(
    bundle: Bundle,
    table: Predictions,
    root: Path,
    found: tuple[Failure, ...],
    annotated: Mapping[str, Sequence[Box]] | None = None,
) -> tuple[Picture, ...]:
    """Read the cases again and draw each image with its heat map and, where readers annotated one, the box.

    Args:
        bundle: that made the calls.
        table: of the cases.
        root: folder of the images.
        found: errors to show.
        annotated: boxes in source pixels, by image.
    """
    engine = InferenceEngine(bundle)
    shown: list[Picture] = []
    for failure in found:
        reading = read_study_files(engine, Study((as_path(root, str(table.image[failure.row])),))).reading
        if reading is not None and reading.radiographs:
            caption = (
                f"{failure.kind}: probability {failure.probability:.3f}, {Path(str(table.image[failure.row])).name}"
            )
            boxes = (annotated or {}).get(str(table.image[failure.row]), ())
            shown.append(Picture(draw(reading, boxes), caption))
    return tuple(shown)


def draw(reading: Reading, annotated: Sequence[Box] = ()) -> bytes:
    """The first image of a reading under its heat map, with boxes, as JPEG of at most :data:`SIDE` pixels a side."""
    radiograph = reading.radiographs[0]
    scale = min(1.0, SIDE / max(radiograph.height, radiograph.width))
    size = (max(1, round(radiograph.width * scale)), max(1, round(radiograph.height * scale)))
    grey = np.rint(cv2.resize(radiograph.pixels, size, interpolation=cv2.INTER_AREA) * 255.0).astype(np.uint8)
    picture = np.repeat(grey[..., None], 3, axis=2)
    for heat in reading.heat_maps:
        if heat.image == 0:
            spread = laid(heat.values, heat.extent, (radiograph.height, radiograph.width), size)
            picture = blend(grey, spread)
    picture = np.ascontiguousarray(picture)
    for box in annotated:
        x0, y0, x1, y1 = (round(side * scale) for side in box)
        cv2.rectangle(picture, (x0, y0), (x1, y1), MARK, 2, cv2.LINE_AA)
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=82)
    return stream.getvalue()


def laid(
    values: Pixels, extent: tuple[float, float, float, float], shape: tuple[int, int], size: tuple[int, int]
) -> Pixels:
    """A coarse map over the image: float32 of shape (size[1], size[0]), 0 where the map does not reach.

    Args:
        values: of the map, shape (h, w).
        extent: ``(x0, y0, x1, y1)`` that it covers, in source pixels.
        shape: rows and columns of the source image.
        size: columns and rows of the result, which covers the source image.
    """
    x0, y0, x1, y1 = extent
    rows, columns = values.shape
    # Centres of the result's pixels in the map's own pixels; cv2 counts from centres.
    x = ((np.arange(size[0]) + 0.5) * shape[1] / size[0] - x0) / (x1 - x0) * columns - 0.5
    y = ((np.arange(size[1]) + 0.5) * shape[0] / size[1] - y0) / (y1 - y0) * rows - 0.5
    grid_x, grid_y = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    spread = cv2.remap(values, grid_x, grid_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(spread, np.float32)
