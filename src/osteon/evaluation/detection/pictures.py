"""Films with what was found and what is marked: missed boxes, false alarms and hits, the worst of each first."""

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
from osteon.evaluation.html.section import Picture
from osteon.evaluation.predictions.detections import Detections
from osteon.imaging.load import load
from osteon.stats.detection.boxes import Boxes
from osteon.stats.detection.froc import left_alone, paired

Kind = Literal["missed", "false alarm", "hit"]

SIDE: Final = 460
TRUE: Final = (45, 212, 191)
FOUND: Final = (251, 146, 60)
"""Colours of marked and of found boxes, red green blue: bright on film, and apart for all readers."""


class Shown(NamedTuple):
    """A box that is shown.

    Attributes:
        image: row of the table.
        kind: what became of it.
        words: beside it.
    """

    image: int
    kind: Kind
    words: str


def worst_boxes(kept: Detections, confidence: float, iou: float, most: int = 6) -> tuple[Shown, ...]:
    """The largest missed boxes, the surest false alarms and the loosest hits, one for each film.

    Args:
        kept: detections of the images.
        confidence: at and above which a box was found.
        iou: at and above which it is a hit.
        most: of each kind.
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
                Shown(
                    int(kept.truth.image[row]),
                    "missed",
                    f"{kept.names[kept.truth.label[row]]}, {sides[row, 0]:.0f} x {sides[row, 1]:.0f} px",
                )
                for row in missed.tolist()
            ),
            most,
        ),
        *_first(
            (
                Shown(
                    int(found.image[row]),
                    "false alarm",
                    f"{kept.names[found.label[row]]} with confidence {found.score[row]:.2f}",
                )
                for row in alarms.tolist()
            ),
            most,
        ),
        *_first(
            (
                Shown(
                    int(found.image[pair.found[row]]),
                    "hit",
                    f"IoU {pair.overlap[row]:.2f}, confidence {found.score[pair.found[row]]:.2f}",
                )
                for row in loose.tolist()
            ),
            most,
        ),
    )


def _first(shown: Iterable[Shown], most: int) -> list[Shown]:
    """The first of each film, at most so many films."""
    kept: dict[int, Shown] = {}
    for one in shown:
        if one.image not in kept and len(kept) < most:
            kept[one.image] = one
    return list(kept.values())


def box_pictures(
    kept: Detections, images: Sequence[str], root: Path, shown: Sequence[Shown], confidence: float
) -> tuple[Picture, ...]:
    """Draw films with their boxes; one whose file cannot be read is left out.

    Args:
        kept: detections of the images.
        images: paths below ``root``, one for each of them.
        root: folder of the images.
        shown: what is drawn.
        confidence: found boxes below it are not drawn.
    """
    pictures: list[Picture] = []
    for one in shown:
        try:
            film = load(root / images[one.image])[0].pixels
        except (OsteonError, OSError):
            continue
        true = kept.truth.select(kept.truth.image == one.image)
        found = kept.found.select((kept.found.image == one.image) & (kept.found.score >= confidence))
        caption = f"{one.kind}: {one.words}, {Path(images[one.image]).name}"
        pictures.append(Picture(_draw(film, true, found), caption))
    return tuple(pictures)


def _draw(film: NDArray[np.float32], true: Boxes, found: Boxes) -> bytes:
    """A film with marked boxes whole and found ones dashed by their corners, as JPEG."""
    height, width = film.shape
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grey = np.rint(cv2.resize(film, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)
    picture = np.ascontiguousarray(np.repeat(grey[..., None], 3, axis=2))
    for corners in true.corners * scale:
        x0, y0, x1, y1 = (round(value) for value in corners.tolist())
        cv2.rectangle(picture, (x0, y0), (x1, y1), TRUE, 2, cv2.LINE_AA)
    for corners, score in zip(found.corners * scale, found.score.tolist(), strict=True):
        x0, y0, x1, y1 = (round(value) for value in corners.tolist())
        cv2.rectangle(picture, (x0, y0), (x1, y1), FOUND, 1, cv2.LINE_AA)
        place = (max(x0, 1), y0 - 4 if y0 > 14 else min(y1 + 13, size[1] - 2))
        cv2.putText(picture, f"{score:.2f}", place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, FOUND, 1, cv2.LINE_AA)
    stream = BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=82)
    return stream.getvalue()
