"""Round trips of random boxes, outlines, labels and people through every format, and from each format to each other."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from osteon.core.geometry import Box
from osteon.core.labels import UNKNOWN, BodyPart, Laterality, Sex, View
from osteon.data.convert import TARGETS, convert
from osteon.data.convert.yolo import joined_outline
from osteon.data.datasets import read
from osteon.data.table.boxes import SMALLEST_SIDE
from osteon.data.table.case import Case, FileFacts, LabelledBox
from osteon.data.table.remark import Kind
from osteon.data.table.table import Table, boxes_of, from_cases

WIDTH, HEIGHT = 61, 83
TOLERANCE = {"coco": 1e-12, "voc": 0.0, "vindr": 0.0, "listed": 0.0, "yolo": 1e-12}
"""Largest error of a corner of a box, as a part of the image's longer side: COCO and YOLO write a size, not a corner."""

inside = st.floats(0.0, 1.0, allow_subnormal=False)


@st.composite
def marks(draw: st.DrawFn) -> LabelledBox:
    """A box of at least half a pixel, and up to two outlines within it."""
    x, y = sorted((draw(inside), draw(inside))), sorted((draw(inside), draw(inside)))
    x0, y0 = x[0] * (WIDTH - 1), y[0] * (HEIGHT - 1)
    x1, y1 = max(x0 + 0.5, x[1] * WIDTH), max(y0 + 0.5, y[1] * HEIGHT)
    outlines = draw(st.lists(st.lists(st.tuples(inside, inside), min_size=3, max_size=6), max_size=2))
    polygons = tuple(
        tuple(value for u, v in points for value in (x0 + u * (x1 - x0), y0 + v * (y1 - y0))) for points in outlines
    )
    label = draw(st.sampled_from(("osteophytes", "fracture", "other_lesions")))
    return LabelledBox(Box(x0, y0, x1, y1), label, draw(st.sampled_from(("", "rad1", "rad2"))), polygons)


cases = st.builds(
    Case,
    image=st.none(),
    facts=st.just(FileFacts(WIDTH, HEIGHT, "I;16", "PNG", 1)),
    study=st.sampled_from(("s1", "s2")),
    patient=st.none() | st.sampled_from(("p1", "p2")),
    view=st.none() | st.sampled_from(list(View)),
    laterality=st.none() | st.sampled_from(list(Laterality)),
    body_part=st.none() | st.sampled_from(list(BodyPart)),
    age=st.none() | st.floats(0, 120).map(lambda age: round(age, 2)),
    sex=st.none() | st.sampled_from(list(Sex)),
    labels=st.fixed_dictionaries({name: st.sampled_from((1, 0, UNKNOWN)) for name in ("fracture", "cast")}),
    boxes=st.lists(marks(), max_size=3).map(tuple),
    split=st.none() | st.sampled_from(("train", "val", "test")),
    source=st.none() | st.just("hospital, A"),
    hardware=st.none() | st.booleans(),
)


@pytest.fixture(scope="module")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three 16-bit images."""
    root = tmp_path_factory.mktemp("images")
    for number in range(3):
        values = np.random.default_rng(number).integers(0, 65536, (HEIGHT, WIDTH), np.uint16)
        Image.fromarray(values).save(root / f"{number}.png")
    return root


@contextmanager
def folder() -> Iterator[Path]:
    """A new folder for each example."""
    path = Path(tempfile.mkdtemp())
    try:
        yield path
    finally:
        shutil.rmtree(path)


def made(image_folder: Path, drawn: list[Case]) -> Table:
    listed = [
        replace(
            case, image=f"{number}.png", facts=replace(case.facts, size=(image_folder / f"{number}.png").stat().st_size)
        )
        for number, case in enumerate(drawn)
    ]
    return from_cases(listed, dataset="tests", licence="CC0-1.0")


def by_stem(table: Table, columns: list[str]) -> dict[str, tuple[object, ...]]:
    rows = table.frame.select("image", *columns).iter_rows()
    return {Path(image).stem: tuple(values) for image, *values in rows}


def assert_same(one: Table, other: Table, tolerance: float, *, readers: bool = True) -> None:
    """Everything but the files themselves is equal; corners up to ``tolerance`` of the longer side."""
    columns = ["study", "patient", "view", "laterality", "body_part", "age", "sex", "split", "source", "hardware"]
    labels = sorted(name for name in one.frame.columns if name.startswith("label_"))
    assert by_stem(other, [*columns, *labels]) == by_stem(one, [*columns, *labels])
    assert set(other.labels) == set(one.labels)
    before, after = ({Path(r["image"]).stem: boxes_of(r) for r in t.frame.to_dicts()} for t in (one, other))
    limit = tolerance * max(WIDTH, HEIGHT)
    for stem, boxes in before.items():
        assert [box.label for box in after[stem]] == [box.label for box in boxes]
        assert not readers or [box.reader for box in after[stem]] == [box.reader for box in boxes]
        for a, b in zip(boxes, after[stem], strict=True):
            assert np.abs(np.subtract(a.box, b.box)).max() <= limit
            assert len(a.polygons) == len(b.polygons)
            for left, right in zip(a.polygons, b.polygons, strict=True):
                assert np.abs(np.subtract(left, right)).max() <= limit


@pytest.mark.parametrize("to", sorted(TOLERANCE))
@settings(max_examples=25, deadline=None)
@given(drawn=st.lists(cases, min_size=3, max_size=3))
def test_there_and_back(image_folder: Path, to: str, drawn: list[Case]) -> None:
    table = made(image_folder, drawn)
    target = next(one for one in TARGETS if one.name == to)
    with folder() as out:
        convert(table, image_folder, out / "new", to)
        again = read(target.reader, out / "new")
        again = Table(again.frame.drop(sorted(set(again.frame.columns) - set(table.frame.columns))), "tests")
        assert_same(table, again, TOLERANCE[to], readers=to != "yolo")


@pytest.mark.parametrize("first", ["coco", "yolo", "voc", "vindr", "listed"])
@pytest.mark.parametrize("second", ["coco", "yolo", "voc", "vindr", "listed"])
def test_every_direction(image_folder: Path, tmp_path: Path, first: str, second: str) -> None:
    one = LabelledBox(Box(3.25, 4.1, 30.7, 50.3), "fracture", "", ((3.25, 4.1, 30.7, 4.1, 20.0, 50.3),))
    two = LabelledBox(Box(1 / 3, 2 / 3, 60.99, 82.01), "other_lesions")
    facts = FileFacts(WIDTH, HEIGHT, "I;16", "PNG", 1)
    common = {"facts": facts, "body_part": BodyPart.SPINE}
    drawn = [
        Case("", study="a", labels={"fracture": 1}, boxes=(one, two), age=7.5, sex=Sex.FEMALE, split="val", **common),
        Case("", study="b", labels={"fracture": 0}, split="test", **common),
        Case("", study="b", split="train", view=View.LATERAL, **common),
    ]
    table = made(image_folder, drawn)
    reader = {target.name: target.reader for target in TARGETS}
    convert(table, image_folder, tmp_path / "first", first)
    middle = read(reader[first], tmp_path / "first")
    convert(middle, tmp_path / "first", tmp_path / "second", second, pictures="dicom")
    again = read(reader[second], tmp_path / "second")
    assert {remark.kind for remark in again.remarks} <= {Kind.NO_RECORD}  # VinDr has no row for what is unknown
    assert_same(table, again, 1e-12)


@pytest.mark.parametrize("to", ["folder", "dicom"])
@settings(max_examples=10, deadline=None)
@given(drawn=st.lists(cases, min_size=3, max_size=3))
def test_people_and_labels_survive_where_boxes_have_no_place(image_folder: Path, to: str, drawn: list[Case]) -> None:
    table = made(image_folder, [replace(case, boxes=()) for case in drawn])
    if to == "folder":  # it needs two classes
        table = made(image_folder, [replace(c, boxes=(), labels={"fracture": i % 2}) for i, c in enumerate(drawn)])
    with folder() as out:
        convert(table, image_folder, out / "new", to, pictures="tiff")
        assert_same(table, read(to, out / "new"), 0.0)


@settings(max_examples=50, deadline=None)
@given(mark=marks())
def test_one_outline_for_several_covers_the_same_points(mark: LabelledBox) -> None:
    points = np.array(joined_outline(mark)).reshape(-1, 2)
    outlines = [
        polygon for polygon in mark.polygons if min(np.ptp(polygon[::2]), np.ptp(polygon[1::2])) >= SMALLEST_SIDE
    ]
    own = np.array([value for polygon in outlines or (joined_outline(mark),) for value in polygon]).reshape(-1, 2)
    assert set(map(tuple, points.tolist())) == set(map(tuple, own.tolist()))


def test_joined_outlines_enclose_the_same_pixels() -> None:
    import cv2

    squares = ((2.0, 2.0, 10.0, 2.0, 10.0, 10.0, 2.0, 10.0), (20.0, 30.0, 40.0, 30.0, 40.0, 60.0, 20.0, 60.0))
    mark = LabelledBox(Box(2, 2, 40, 60), "fracture", "", squares)

    def mask(*outlines: tuple[float, ...]) -> np.ndarray:
        canvas = np.zeros((HEIGHT, WIDTH), np.uint8)
        for outline in outlines:
            cv2.fillPoly(canvas, [np.array(outline, np.int32).reshape(-1, 2)], 1)
        return canvas

    one, both = mask(joined_outline(mark)), mask(*squares)
    assert (one >= both).all()
    assert one.sum() - both.sum() < 2 * 60  # the line between them is drawn one pixel wide


def test_sixteen_bits_keep_their_full_depth(image_folder: Path, tmp_path: Path) -> None:
    table = made(image_folder, [Case("", FileFacts(WIDTH, HEIGHT, "I;16", "PNG", 1), study=str(n)) for n in range(3)])
    for pictures, suffix in (("png", ".png"), ("tiff", ".tiff")):
        convert(table, image_folder, tmp_path / pictures, "listed", pictures=pictures)
        for number in range(3):
            before = np.asarray(Image.open(image_folder / f"{number}.png"))
            after = np.asarray(Image.open(tmp_path / pictures / "images" / f"{number}{suffix}"))
            assert after.dtype == np.uint16
            assert (before == after).all()


def test_dicom_keeps_the_full_depth_too(image_folder: Path, tmp_path: Path) -> None:
    from pydicom import dcmread

    table = made(image_folder, [Case("", FileFacts(WIDTH, HEIGHT, "I;16", "PNG", 1), study=str(n)) for n in range(3)])
    convert(table, image_folder, tmp_path / "out", "dicom")
    for number in range(3):
        before = np.asarray(Image.open(image_folder / f"{number}.png"))
        assert (dcmread(tmp_path / "out" / "images" / f"{number}.dcm").pixel_array == before).all()
