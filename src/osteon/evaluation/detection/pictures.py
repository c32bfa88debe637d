"""Images with detected and annotated boxes: missed boxes, false positives and hits, worst errors first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final, Literal, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from osteon.core.errors import OsteonError
from osteon.data.files.names import as_path
from osteon.evaluation.html.section import Picture
from osteon.evaluation.predictions.detections import Detections
from osteon.imaging.load import load
from osteon.stats.detection.boxes import Boxes
from osteon.stats.detection.froc import left_alone, paired

Kind = Literal["missed", "false positive", "hit"]

SIDE: Final = 460
TRUE: Final = (45, 212, 191)
FOUND: Final = (251, 146, 60)
"""Colours of annotated and of detected boxes, RGB: bright on radiographs, distinguishable with colour blindness."""


class HighlightedBox(NamedTuple):
    """A box to be shown.

    Attributes:
        image: row of the table.
        kind: of the error, or a hit.
        caption: of the image.
    """

    image: int
    kind: Kind
    caption: str


def worst_boxes(kept: Detections, confidence: float, iou: float, maximum: int = 6) -> tuple[HighlightedBox, ...]:
    """The largest missed boxes, the maximum confident false positives and the hits of lowest IoU, one per image.

    Args:
        kept: detections of the images.
        confidence: minimum of a detected box.
        iou: minimum of a hit.
        maximum: of each kind.
    """
    found = kept.found.select(kept.found.score >= confidence)
    pair = paired(kept.truth, found, iou)
    sides = kept.truth.corners[:, 2:] - kept.truth.corners[:, :2]
    missed = np.flatnonzero(left_alone(len(kept.truth), pair.truth))
    missed = missed[np.argsort(-sides[missed].prod(axis=1), kind="stable")]
    alarms = np.flatnonzero(left_alone(len(found), pair.found))
    alarms = alarms[np.argsort(-found.score[alarms], kind="stable")]
    loose = np.argsort(pair.overlap, kind="stable")
    return (
        *_first(
            (
                HighlightedBox(
                    int(kept.truth.image[row]),
                    "missed",
                    f"{kept.names[kept.truth.label[row]]}, {sides[row, 0]:.0f} x {sides[row, 1]:.0f} px",
                )
                for row in missed.tolist()
            ),
            maximum,
        ),
        *_first(
            (
                HighlightedBox(
                    int(found.image[row]),
                    "false positive",
                    f"{kept.names[found.label[row]]} with confidence {found.score[row]:.2f}",
                )
                for row in alarms.tolist()
            ),
            maximum,
        ),
        *_first(
            (
                HighlightedBox(
                    int(found.image[pair.found[row]]),
                    "hit",
                    f"IoU {pair.overlap[row]:.2f}, confidence {found.score[pair.found[row]]:.2f}",
                )
                for row in loose.tolist()
            ),
            maximum,
        ),
    )


def _first(shown: Iterable[HighlightedBox], maximum: int) -> list[HighlightedBox]:
    """The first of each image, at maximum `maximum` images."""
    kept: dict[int, HighlightedBox] = {}
    for box in shown:
        if box.image not in kept and len(kept) < maximum:
            kept[box.image] = box
    return list(kept.values())


def box_pictures(
    kept: Detections, images: Sequence[str], root: Path, shown: Sequence[HighlightedBox], confidence: float
) -> tuple[Picture, ...]:
    """Draw images with their boxes; images that cannot be read are left out.

    Args:
        kept: detections of the images.
        images: paths below ``root``, one for each of them.
        root: folder of the images.
        shown: boxes to be shown.
        confidence: detected boxes below it are not drawn.
    """
    pictures: list[Picture] = []
    for highlight in shown:
        try:
            pixels = load(as_path(root, images[highlight.image]))[0].pixels
        except (OsteonError, OSError):
            continue
        true = kept.truth.select(kept.truth.image == highlight.image)
        found = kept.found.select((kept.found.image == highlight.image) & (kept.found.score >= confidence))
        caption = f"{highlight.kind}: {highlight.caption}, {Path(images[highlight.image]).name}"
        pictures.append(Picture(_draw(pixels, true, found), caption))
    return tuple(pictures)


def _draw(pixels: NDArray[np.float32], true: Boxes, found: Boxes) -> bytes:
    """An image with annotated boxes in bold and detected ones in thin lines, as JPEG."""
    height, width = pixels.shape
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = np.rint(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    picture = np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
    for corners in true.corners * scale:
        x0, y0, x1, y1 = (round(value) for value in corners.tolist())
        cv2.rectangle(picture, (x0, y0), (x1, y1), TRUE, 2, cv2.LINE_AA)
    for corners, score in zip(found.corners * scale, found.score.tolist(), strict=True):
        x0, y0, x1, y1 = (round(value) for value in corners.tolist())
        cv2.rectangle(picture, (x0, y0), (x1, y1), FOUND, 1, cv2.LINE_AA)
        position = (max(x0, 1), y0 - 4 if y0 > 14 else min(y1 + 13, size[1] - 2))
        cv2.putText(picture, f"{score:.2f}", position, cv2.FONT_HERSHEY_SIMPLEX, 0.42, FOUND, 1, cv2.LINE_AA)
    stream = BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=82)
    return stream.getvalue()
