"""The overlay: a picture that shows the untouched image, the heat map over it, and what was said of the study.

Nothing of the patient stands on it: neither name nor number nor the name of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Pixels, Radiograph, Reading
from osteon.outputs.drawing.colour import WARM, blend
from osteon.outputs.drawing.pen import CALL_COLOURS, GROUND, QUIET, RULE, TEXT, Colour, Pen
from osteon.outputs.numbers import number
from osteon.outputs.words import CALLS, UNREAD

MARGIN: Final = 28
GAP: Final = 16
CAPTION: Final = 26
LEGEND: Final = 92
FOOTER: Final = 46
WIDTH: Final = 960
"""Least width of the picture: below it the legend would not fit."""
PANEL: Final = (720, 860)
"""Largest width and height of one image in the picture; smaller ones are enlarged to it, larger ones reduced."""
LEAST_PANEL_HEIGHT: Final = 320
LETTERS: Final = 14
"""Size of the letters on an image."""
CROWD: Final = 6
"""Where boxes crowd, plates are stacked above or below their boxes, at most so many high."""
MAXIMUM_IMAGES: Final = 6
"""Radiographs shown of one study; the rest is counted in a caption."""


@dataclass(frozen=True, slots=True)
class _View:
    """One radiograph of the study and all that belongs to it."""

    radiograph: Radiograph
    index: int
    heat: HeatMap | None
    findings: tuple[Finding, ...]
    size: tuple[int, int]
    caption: str

    @property
    def scale(self) -> tuple[float, float]:
        """Panel pixels per source pixel, along x and y."""
        return self.size[0] / self.radiograph.width, self.size[1] / self.radiograph.height


def draw(reading: Reading) -> Image.Image:
    """Draw the overlay of a reading: RGB, about 1,000 to 1,500 pixels wide whatever the size of the image.

    Raises:
        ValueError: the reading came without radiographs.
    """
    if not reading.radiographs:
        raise ValueError("expected a reading with its radiographs, got one without")
    views = list(_views(reading))
    widest = max(view.size[0] for view in views)
    width = max(WIDTH, 2 * widest + GAP + 2 * MARGIN)
    height = MARGIN // 2 + sum(CAPTION + view.size[1] + GAP for view in views) + LEGEND + FOOTER
    picture = Image.new("RGB", (width, height), GROUND)
    pen = Pen.on(picture)
    top = MARGIN // 2
    for view in views:
        _draw_view(pen, reading, view, (width, top))
        top += CAPTION + view.size[1] + GAP
    _draw_legend(pen, reading, width, top)
    _draw_footer(pen, reading, width, top + LEGEND)
    return picture


def draw_views(reading: Reading) -> list[Image.Image]:
    """Draw each image, and beside it the image with heat map and boxes, without the legend: for reports.

    Raises:
        ValueError: the reading came without radiographs.
    """
    if not reading.radiographs:
        raise ValueError("expected a reading with its radiographs, got one without")
    pictures: list[Image.Image] = []
    for view in _views(reading):
        width = 2 * view.size[0] + GAP
        picture = Image.new("RGB", (width, CAPTION + view.size[1]), GROUND)
        _draw_view(Pen.on(picture), reading, view, (width, 0), view.size[0])
        pictures.append(picture)
    return pictures


def _views(reading: Reading) -> Iterator[_View]:
    """The radiographs that are shown, with the size of their panels."""
    shown = reading.radiographs[:MAXIMUM_IMAGES]
    limit = max(LEAST_PANEL_HEIGHT, PANEL[1] // len(shown))
    heats = {heat.image: heat for heat in reading.heat_maps}
    for index, radiograph in enumerate(shown):
        scale = min(PANEL[0] / radiograph.width, limit / radiograph.height)
        size = max(1, round(radiograph.width * scale)), max(1, round(radiograph.height * scale))
        caption = (
            f"Radiograph {index + 1} of {len(reading.radiographs)}" if len(reading.radiographs) > 1 else "Radiograph"
        )
        yield _View(
            radiograph,
            index,
            heats.get(index),
            tuple(finding for finding in reading.findings if finding.image == index),
            size,
            caption,
        )


def _draw_view(pen: Pen, reading: Reading, view: _View, place: tuple[int, int], caption: int | None = None) -> None:
    """The image, and beside it the image with heat map and boxes.

    Args:
        pen: on the picture.
        reading: of the study.
        view: to draw.
        place: (width of the picture, top).
        caption: pixels that the caption may take; None for as many as it likes.
    """
    width, top = place
    grey = panel(view.radiograph.pixels, view.size)
    left = (width - 2 * view.size[0] - GAP) // 2
    right = left + view.size[0] + GAP
    pen.text((left, top), view.caption, 15, QUIET)
    pen.picture.paste(Image.fromarray(grey), (left, top + CAPTION))
    unread = bool(np.isnan(reading.image_probabilities[view.index]))
    captions = _captions(reading, view, unread=unread)
    words = next((one for one in captions if caption is None or pen.width(one, 15) <= caption), captions[-1])
    pen.text((right, top), words, 15, QUIET)
    shape = (view.radiograph.height, view.radiograph.width)
    shown = grey // 3 if unread else grey if view.heat is None else blend(grey, spread(view.heat, shape, view.size))
    pen.picture.paste(Image.fromarray(shown), (right, top + CAPTION))
    _draw_findings(pen, view, (right, top + CAPTION))


def _captions(reading: Reading, view: _View, *, unread: bool) -> tuple[str, ...]:
    """What the second panel shows; the first says most, and those after it are for less and less room."""
    if unread:
        return (UNREAD,)
    title = "No heat map" if view.heat is None else "Heat map"
    words = title
    if view.heat is not None:
        words += f" of {view.heat.label}"
        if view.heat.values.max() <= WARM:
            words += ": nothing at or above doubt"
    if not reading.finding_labels and not view.findings:
        return words, title
    definite = sum(one.definite for one in view.findings)
    kinds = [f"{definite} definite"] if definite else []
    kinds += [f"{len(view.findings) - definite} in doubt (dotted)"] if len(view.findings) > definite else []
    boxes = f"Boxes: {', '.join(kinds) or 'none'}"
    return f"{words}. {boxes}", words, boxes, title


def _draw_findings(pen: Pen, view: _View, corner: tuple[int, int]) -> None:
    """Boxes with their scores, solid where definite and dotted in doubt; the surest is drawn last, above the others."""
    (x, y), (across, down) = corner, view.scale
    area = Box(x, y, x + view.size[0], y + view.size[1])
    placed: list[tuple[Finding, Box]] = []
    for finding in view.findings:
        x0, y0, x1, y1 = finding.box.clipped(view.radiograph.width, view.radiograph.height)
        placed.append((finding, Box(x + x0 * across, y + y0 * down, x + x1 * across, y + y1 * down)))
    for finding, box in reversed(placed):
        pen.box(box, _colour(finding), dotted=not finding.definite)
    taken: list[Box] = []
    for finding, box in placed:
        text = f"{finding.label} {number(finding.score)}"
        plate = free_place(box, pen.plate_size(text, LETTERS), area, taken)
        taken.append(plate)
        pen.plate((plate.x0, plate.y0), text, LETTERS, _colour(finding))


def _colour(finding: Finding) -> Colour:
    return CALL_COLOURS[Call.FRACTURE if finding.definite else Call.DOUBT]


def free_place(box: Box, size: tuple[int, int], area: Box, taken: Sequence[Box]) -> Box:
    """Where the plate of a box goes: above it, below it or beside it, within the image and on no other plate.

    Args:
        box: in pixels of the picture.
        size: (width, height) of the plate.
        area: the image in the picture.
        taken: plates that are there; where none of the places is free, the first is taken anyway.
    """
    width, height = size
    corners = (
        (box.x0 - 1, box.y0 - height - 3),
        (box.x0 - 1, box.y1 + 4),
        (box.x1 + 4, box.y0 - 1),
        (box.x0 - width - 4, box.y0 - 1),
        (box.x1 + 4, box.y1 - height),
        (box.x0 - width - 4, box.y1 - height),
        (box.x0 + 3, box.y0 + 3),
        *((box.x0 - 1, box.y1 + 4 + step * (height + 3)) for step in range(1, CROWD)),
        *((box.x0 - 1, box.y0 - (step + 1) * (height + 3)) for step in range(1, CROWD)),
    )
    wanted = [Box(left, top, left + width, top + height) for left, top in corners]
    inside = [_pushed(one, area) for one in wanted if one.y0 >= area.y0 and one.y1 <= area.y1]
    # A plate that had to be pushed far would stand at another box: the places that fit as they are come first.
    ordered = [one for one in inside if one in wanted] + [one for one in inside if one not in wanted]
    free = (one for one in ordered if not any(one.overlaps(other) for other in taken))
    return next(free, ordered[0] if ordered else _pushed(wanted[0], area))


def _pushed(plate: Box, area: Box) -> Box:
    """The plate moved into the area, as far as it goes."""
    left = max(area.x0, min(plate.x0, area.x1 - plate.width))
    top = max(area.y0, min(plate.y0, area.y1 - plate.height))
    return Box(left, top, left + plate.width, top + plate.height)


def panel(pixels: Pixels, size: tuple[int, int]) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """An image as 8 bit grey in the size (width, height) of its panel: uint8, shape (height, width)."""
    grey = Image.fromarray(np.rint(pixels * 255.0).astype(np.uint8))
    return np.asarray(grey.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def spread(heat: HeatMap, shape: tuple[int, int], size: tuple[int, int]) -> Pixels:
    """Spread a coarse heat map over a panel.

    Args:
        heat: in source coordinates.
        shape: (H, W) of the source image.
        size: (width, height) of the panel, which shows the whole of the source.

    Returns:
        float32, shape (height, width), in [0, 1].
    """
    rows, columns = heat.values.shape
    extent = heat.extent
    across, down = columns / extent.width, rows / extent.height
    box = Box(-extent.x0 * across, -extent.y0 * down, (shape[1] - extent.x0) * across, (shape[0] - extent.y0) * down)
    values = Image.fromarray(np.ascontiguousarray(heat.values))
    smooth = values.resize(size, Image.Resampling.BICUBIC, box=box.clipped(columns, rows))
    return np.clip(np.asarray(smooth), 0.0, 1.0)


def _draw_legend(pen: Pen, reading: Reading, width: int, top: int) -> None:
    """Call and probability, their place between the operating points, and the colours; or why there is no call."""
    colour = CALL_COLOURS[reading.call]
    word = CALLS[reading.call]
    badge = pen.width(word.upper(), 22) + 36
    pen.badge(Box(MARGIN, top + 8, MARGIN + badge, top + 48), colour)
    pen.text((MARGIN + badge / 2, top + 28), word.upper(), 22, GROUND, anchor="mm", weight=0.6)
    left = MARGIN + max(badge, 190) + 36
    if reading.probability is None:
        for row, line in enumerate(pen.wrap(reading.reason, 16, width - MARGIN - left, 4)):
            pen.text((left, top + 8 + 21 * row), line, 16, TEXT)
        return
    pen.text((MARGIN, top + 58), f"probability {number(reading.probability)}", 17, TEXT)
    bar = 216 if reading.heat_maps else 0
    across = min(780, width - left - MARGIN - (bar + 48 if bar else 0))
    pen.text((left, top), "Calibrated probability of a fracture", 13, QUIET)
    pen.scale(left, top + 14, across, reading.doubt, reading.definite, reading.probability)
    if bar:
        pen.text((width - MARGIN - bar, top), "Heat map, its peak set by probability", 13, QUIET)
        pen.colour_bar((width - MARGIN - bar, top + 14), bar, reading.doubt, reading.definite)


def _draw_footer(pen: Pen, reading: Reading, width: int, top: int) -> None:
    """Which bundle read it, and the warning."""
    pen.draw.line((MARGIN, top, width - MARGIN, top), fill=RULE)
    pen.text((MARGIN, top + 14), f"Read by osteon, bundle {reading.bundle}", 14, QUIET)
    pen.text((width - MARGIN, top + 14), "NOT FOR DIAGNOSIS", 14, TEXT, anchor="ra", weight=0.4)
