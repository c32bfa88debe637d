"""The overlay shows what was said, where it was seen, and no more."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box, iou
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Radiograph, Reading
from osteon.outputs.drawing.colour import WARM, blend, from_oklab, table, to_oklab
from osteon.outputs.drawing.overlay import CAPTION, GAP, MARGIN, PANEL, draw, free_place, panel, spread
from osteon.outputs.drawing.pen import GROUND, plain
from osteon.outputs.numbers import number


def reading(film: np.ndarray, heat: HeatMap | None, probability: float = 0.9, **fields: object) -> Reading:
    call = Call.FRACTURE if probability >= 0.8 else Call.DOUBT if probability >= 0.3 else Call.NO_FRACTURE
    made = Reading(
        source="x",
        study="",
        bundle="blobs@1.0.0",
        call=call,
        probability=probability,
        image_probabilities=(probability,),
        doubt=0.3,
        definite=0.8,
        heat_maps=() if heat is None else (heat,),
        radiographs=(Radiograph(film),),
    )
    return replace(made, **fields)  # pyright: ignore[reportArgumentType]


def heat_at(row: int, column: int, extent: Box, peak: float = 1.0) -> HeatMap:
    values = np.zeros((8, 8), np.float32)
    values[row, column] = peak
    return HeatMap(values, extent, "fracture")


def panels(picture: np.ndarray, film: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two panels of an overlay of one film."""
    scale = min(PANEL[0] / film.shape[1], PANEL[1] / film.shape[0])
    width, height = round(film.shape[1] * scale), round(film.shape[0] * scale)
    top, left = MARGIN // 2 + CAPTION, (picture.shape[1] - 2 * width - GAP) // 2
    cut = picture[top : top + height]
    return cut[:, left : left + width], cut[:, left + width + GAP : left + 2 * width + GAP]


@pytest.mark.parametrize("shape", [(454, 373), (2500, 2000), (300, 1400), (1400, 300), (64, 64), (3000, 90)])
def test_its_size_is_sensible_whatever_the_film(blobs: ModuleType, shape: tuple[int, int]) -> None:
    film = blobs.film(1.0, shape=shape)
    picture = draw(reading(film, heat_at(4, 4, Box(0, 0, shape[1], shape[0]))))
    assert picture.mode == "RGB"
    assert 900 <= picture.width <= 1600
    assert 250 <= picture.height <= 1100


def test_the_left_panel_is_the_untouched_film(blobs: ModuleType) -> None:
    film = blobs.film(1.0, shape=(454, 373))
    picture = np.asarray(draw(reading(film, heat_at(4, 4, Box(0, 0, 373, 454)))))
    left, right = panels(picture, film)
    grey = panel(film, (left.shape[1], left.shape[0]))
    assert (left == grey[..., np.newaxis]).all()
    assert (right != left).any()


def test_the_colour_lies_where_the_map_is_warm(blobs: ModuleType) -> None:
    film = blobs.film(0.0, shape=(400, 300))
    extent = Box(-50.0, 0.0, 350.0, 400.0)
    picture = np.asarray(draw(reading(film, heat_at(2, 6, extent))))
    left, right = panels(picture, film)
    rows, columns = np.nonzero((left != right).any(axis=2))
    scale = left.shape[0] / 400
    assert rows.mean() / scale == pytest.approx(2.5 / 8 * 400, abs=8)
    assert columns.mean() / scale == pytest.approx(-50 + 6.5 / 8 * 400, abs=8)


def test_a_film_below_doubt_lights_up_nowhere(blobs: ModuleType) -> None:
    film = blobs.film(0.0, shape=(400, 300))
    picture = np.asarray(draw(reading(film, heat_at(4, 4, Box(0, 0, 300, 400), peak=WARM), probability=0.29)))
    left, right = panels(picture, film)
    assert (left == right).all()


def test_boxes_are_solid_when_definite_and_dotted_when_not(blobs: ModuleType) -> None:
    film = blobs.film(0.0, shape=(400, 300)) * np.float32(0)
    covered: list[float] = []
    for definite in (True, False):
        finding = Finding("fracture", Box(60, 100, 200, 300), 0.5, definite=definite)
        picture = np.asarray(draw(reading(film, None, findings=(finding,))))
        _, right = panels(picture, film)
        scale = right.shape[0] / 400
        edge = right[round(130 * scale) : round(280 * scale), round(60 * scale) - 1 : round(60 * scale) + 2]
        covered.append(float((edge.max(axis=(1, 2)) > 60).mean()))
    assert covered[0] == 1.0
    assert 0.2 < covered[1] < 0.7


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("definite", [True, False])
def test_a_label_can_be_read_on_any_film(level: float, definite: bool) -> None:
    film = np.full((400, 300), level, np.float32)
    finding = Finding("fracture", Box(60, 100, 200, 300), 0.5, definite=definite)
    _, right = panels(np.asarray(draw(reading(film, None, findings=(finding,)))), film)
    scale = right.shape[0] / 400
    left, top = round(60 * scale) - 1, round(100 * scale) - 19 - 3
    plate = right[top : top + 19, left : left + 40].astype(float) @ np.array([0.2126, 0.7152, 0.0722]) / 255
    assert plate.max() - plate.min() > 0.3
    assert np.median(plate) > 0.4
    # A dark rim parts the plate from a bright film.
    assert right[top - 1, left : left + 40].max() < 60 or level == 0.0


def test_plates_do_not_cover_each_other_and_stay_on_the_film() -> None:
    area = Box(0, 0, 300, 400)
    taken: list[Box] = []
    boxes = [Box(20, 0, 60, 40), Box(22, 2, 62, 42), Box(250, 100, 299, 160), Box(0, 380, 50, 400), Box(25, 5, 65, 45)]
    for box in boxes:
        plate = free_place(box, (90, 19), area, taken)
        assert plate == plate.clipped(300, 400)
        assert (plate.width, plate.height) == (90, 19)
        taken.append(plate)
    assert all(iou(one, other) == 0 for number, one in enumerate(taken) for other in taken[:number])
    whole = free_place(area, (90, 19), area, [])
    assert whole == whole.clipped(300, 400)


def test_captions_count_boxes(blobs: ModuleType) -> None:
    film = blobs.film(0.0, shape=(400, 300))
    boxes = tuple(Finding("fracture", Box(60, 100, 200, 300), 0.5, definite=definite) for definite in (True, False))
    first, second, third = (
        np.asarray(draw(reading(film, None, findings=found, finding_labels=("fracture",))))
        for found in (boxes, boxes[:1], ())
    )
    assert (first != second).any()
    assert (second != third).any()


def test_an_abstention_shows_its_film_darkened(blobs: ModuleType) -> None:
    film = blobs.film(0.0, shape=(400, 300))
    unread = (float("nan"),)
    long = Refusal(RefusalCode.OTHER, {"text": "too " * 200})
    refused = replace(
        reading(film, None),
        call=Call.ABSTAIN,
        refusals=(long,),
        probability=None,
        image_probabilities=unread,
    )
    picture = np.asarray(draw(refused))
    left, right = panels(picture, film)
    assert right.mean() < 0.5 * left.mean()


def test_a_study_of_many_views_stays_a_page(blobs: ModuleType) -> None:
    films = tuple(Radiograph(blobs.film(0.0, shape=(400, 300))) for _ in range(9))
    picture = draw(reading(films[0].pixels, None, radiographs=films, image_probabilities=(0.9,) * 9))
    assert picture.height < 2600


def test_without_radiographs_there_is_nothing_to_draw(blobs: ModuleType) -> None:
    with pytest.raises(ValueError, match="with its radiographs"):
        draw(reading(blobs.film(), None, radiographs=()))


def test_colours_grow_lighter_in_even_steps() -> None:
    lab = to_oklab(table() / 255.0)
    assert (np.diff(lab[:, 0]) > -0.002).all()
    steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
    assert steps.std() < 0.35 * steps.mean()
    grey = np.random.default_rng(1).random((50, 3))
    np.testing.assert_allclose(from_oklab(to_oklab(grey)), grey, atol=1e-4)


def test_white_is_white_in_oklab() -> None:
    np.testing.assert_allclose(to_oklab(np.ones((1, 3))), [[1.0, 0.0, 0.0]], atol=1e-4)


def test_blending_leaves_cold_pixels_and_never_hides_the_film() -> None:
    grey = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (4, 1))
    cold = blend(grey, np.full(grey.shape, WARM, np.float32))
    assert (cold == grey[..., np.newaxis]).all()
    hot = blend(grey, np.ones(grey.shape, np.float32))
    assert (np.diff(hot.astype(int), axis=1) > 0).all()


def test_a_map_is_spread_in_its_place() -> None:
    heat = heat_at(0, 7, Box(-100.0, -50.0, 300.0, 350.0))
    spread_ = spread(heat, (300, 200), (200, 300))
    assert spread_.shape == (300, 200)
    assert spread_.min() >= 0.0
    assert spread_.max() <= 1.0
    uniform = HeatMap(np.full((8, 8), 0.7, np.float32), Box(-100.0, -50.0, 300.0, 350.0), "fracture")
    np.testing.assert_allclose(spread(uniform, (300, 200), (100, 150)), 0.7, atol=1e-5)


def test_numbers_and_letters_are_for_people() -> None:
    assert [number(p) for p in (0.0, 0.0123, 0.5, 0.994, 0.997, 1.0)] == [
        "< 0.001",
        "0.012",
        "0.50",
        "0.99",
        "0.997",
        "> 0.999",
    ]
    assert plain("Ünï ≥") == "?n? ?"
    assert sum(GROUND) < 60
