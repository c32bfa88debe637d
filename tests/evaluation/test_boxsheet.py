"""The sheet of films: who is on it, and that both sides show what they say."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.evaluation.detection.contact_sheet import COLOURS, GAP, MARGIN, PANEL, ROOM, Points, box_sheet, rows_shown
from osteon.evaluation.predictions.detections import Detections
from osteon.stats.detection.boxes import boxes

SHEET_FILE = 12


@pytest.fixture
def kept() -> Detections:
    """Eight of twelve films with a box; class 1 on two of them only."""
    truth = boxes(range(8), [0] * 6 + [1] * 2, [[40, 60, 90, 120]] * 8)
    found = boxes([*range(8), 0], [0] * 8 + [1], [[100, 30, 150, 80]] * 9, [0.9] * 8 + [0.05])
    return Detections(("fracture", "metal"), truth, found, np.ones(SHEET_FILE, bool))


@pytest.fixture
def films(tmp_path: Path) -> Path:
    for number in range(SHEET_FILE):
        Image.fromarray(np.full((200, 180), 60, np.uint8)).save(tmp_path / f"{number}.png")
    return tmp_path


def names() -> list[str]:
    return [f"{number}.png" for number in range(SHEET_FILE)]


def test_classes_take_turns_and_films_without_marks_come_last(kept: Detections) -> None:
    rows = rows_shown(kept)
    assert len(set(rows)) == len(rows) == 8
    assert {6, 7} <= set(rows[:6])
    assert all(row >= 8 for row in rows[6:])
    assert rows_shown(kept) == rows
    assert set(rows_shown(kept, seed=1)[6:]) != set() != set(rows[6:])


def test_marks_are_left_and_found_boxes_right(kept: Detections, films: Path) -> None:
    content = box_sheet(kept, names(), films, Points(0.5, 0.95))
    assert content is not None
    sheet = np.asarray(Image.open(BytesIO(content)))
    assert content[:4] == b"\x89PNG"
    scale = min(PANEL[0] / 180, PANEL[1] / 200)
    first = sheet[MARGIN + ROOM :, MARGIN : MARGIN + 2 * PANEL[0] + GAP]
    left, right = first[:, : round(180 * scale)], first[:, round(180 * scale) + GAP :]

    def colours(side: np.ndarray, at: tuple[float, float]) -> set[tuple[int, ...]]:
        """Colours within three pixels of a place of the film."""
        x, y = (round(value * scale) for value in at)
        return {tuple(pixel) for pixel in side[y - 3 : y + 4, x - 3 : x + 4].reshape(-1, 3).tolist()}

    colour = COLOURS[int(kept.truth.label[rows_shown(kept)[0]])]
    assert colour in colours(left, (65, 60))  # the upper side of what is marked
    assert colour not in colours(left, (125, 80))
    assert COLOURS[0] in colours(right, (125, 80))  # the lower side of what was found
    assert COLOURS[0] not in colours(right, (65, 120))


def test_boxes_below_the_threshold_are_not_drawn_and_lost_films_are_left_out(kept: Detections, films: Path) -> None:
    low, high = (box_sheet(kept, names(), films, Points(at, at)) for at in (0.01, 0.95))
    assert low is not None
    assert high is not None
    assert low != high
    for number in range(1, SHEET_FILE):
        (films / f"{number}.png").unlink()
    few = box_sheet(kept, names(), films, Points())
    assert few is None or Image.open(BytesIO(few)).width < Image.open(BytesIO(low)).width
    (films / "0.png").unlink()
    assert box_sheet(kept, names(), films, Points()) is None
