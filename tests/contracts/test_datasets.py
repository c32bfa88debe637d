"""Every dataset reader: what its card must say, and what its table must hold, whatever the layout."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.core.errors import DataError
from osteon.data.convert import TARGETS, convert
from osteon.data.datasets import DATASETS, Dataset, find, read
from osteon.data.phantom.layouts import write as write_phantoms
from osteon.data.published import figure
from osteon.data.remark import Remark
from osteon.data.split import GROUPS
from osteon.data.stats import statistics
from osteon.data.table import Table, load
from osteon.imaging.load import load as load_film

NAMES = [dataset.card.name for dataset in DATASETS]
PHANTOMS = {"fracatlas": ("hand", 12), "pediurf": ("forearm", 6), "spinexr": ("spine", 10), "elbow": ("elbow", 12)}
CONVERTED = {"coco": "coco", "yolo": "yolo", "voc": "voc", "listed": "listed", "folder": "folder", "dicom": "dicom"}


def _png(path: Path, seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    values = np.random.default_rng(seed).integers(0, 65536, (40, 30), np.uint16)
    Image.fromarray(values).save(path)


def _mura(root: Path) -> None:
    for number, (part, word) in enumerate((p, w) for p in ("train", "valid") for w in ("positive", "negative")):
        _png(root / part / "XR_WRIST" / f"patient{number:05d}" / f"study1_{word}" / "image1.png", number)


def _grazpedwri(root: Path) -> None:
    stems = [f"000{n}_1297860395_01_WRI-L1_M014" for n in (1, 2)]
    for number, stem in enumerate(stems):
        _png(root / "images_part1" / f"{stem}.png", number)
        labels = root / "folder_structure" / "yolov5" / "labels" / f"{stem}.txt"
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text("3 0.5 0.5 0.2 0.3\n" if number else "")
    with (root / "dataset.csv").open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["filestem", "patient_id", "study_number", "age", "gender", "projection", "fracture_visible"])
        rows.writerows([stem, number, 1, 9.5, "M", 1, number or ""] for number, stem in enumerate(stems))


WRITTEN: dict[str, Callable[[Path], None]] = {"mura": _mura, "grazpedwri": _grazpedwri}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small dataset in the layout of each reader: simulated, converted from a simulated one, or written here."""
    root = tmp_path_factory.mktemp("datasets")
    for name, (kind, n) in PHANTOMS.items():
        write_phantoms(kind, name, n, 4, root / name, size=96)
    source = read("fracatlas", root / "fracatlas")
    for name, to in CONVERTED.items():
        convert(source, root / "fracatlas", root / name, to)
    for name, make in WRITTEN.items():
        make(root / name)
    return {name: root / name for name in NAMES}


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_its_card_is_complete(dataset: Dataset) -> None:
    card = dataset.card
    assert find(card.name) is dataset
    assert all((card.name, card.title, card.about, card.licence, card.obtain, card.layout, card.label_map))
    assert set(card.identifiers) <= set(GROUPS)
    assert (card.access == "free") == (card.figshare is not None)
    assert card.access == "own" or (card.url.startswith("https://") and card.citation and card.caveats)


def test_every_reader_is_tried() -> None:
    assert set(PHANTOMS) | set(CONVERTED) | set(WRITTEN) == set(NAMES)
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_its_table_keeps_the_contract(dataset: Dataset, folders: dict[str, Path], tmp_path: Path) -> None:
    root = folders[dataset.card.name]
    table = dataset.read(root)
    assert isinstance(table, Table)
    assert table.dataset == dataset.card.name
    assert set(table.frame["licence"].unique()) == {dataset.card.licence}
    assert all(isinstance(remark, Remark) for remark in table.remarks)
    assert table.labels
    for image in table.images:
        assert not Path(image).is_absolute()
        assert "\\" not in image
        assert (root / image).is_file()
    table.save(tmp_path / "table.parquet")
    again = load(tmp_path / "table.parquet")
    assert again.frame.equals(table.frame)
    assert again.frame.schema == table.frame.schema
    assert dataset.read(root).frame.equals(table.frame)


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_sizes_and_boxes_are_those_of_the_loaded_image(dataset: Dataset, folders: dict[str, Path]) -> None:
    root = folders[dataset.card.name]
    for row in dataset.read(root).frame.head(4).iter_rows(named=True):
        film = load_film(root / row["image"])[0]
        assert film.pixels.shape == (row["height"], row["width"])
        if film.spacing is not None and row["format"] == "DICOM":
            assert (row["row_spacing"], row["column_spacing"]) == pytest.approx(film.spacing)
        for box in row["boxes"]:
            assert 0 <= box["x0"] < box["x1"] <= film.width
            assert 0 <= box["y0"] < box["y1"] <= film.height


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_it_can_be_described(dataset: Dataset, folders: dict[str, Path]) -> None:
    table = dataset.read(folders[dataset.card.name])
    found = statistics(table, dataset.card)
    assert all(len(line.values) == len(found.columns) for line in found.lines)
    assert [one.name for one in found.figures] == list(dataset.card.expected)
    for name in dataset.card.expected:
        figure(table, name)  # every published figure follows the grammar


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_another_folder_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError):
        dataset.read(tmp_path / "absent")
    with pytest.raises(DataError):
        dataset.read(tmp_path)


@pytest.mark.parametrize("name", sorted(PHANTOMS))
def test_phantoms_are_read_as_the_published_dataset_is(name: str, folders: dict[str, Path]) -> None:
    table = read(name, folders[name])
    assert table.remarks == ()
    assert len(table) > 0


def test_every_target_has_a_reader() -> None:
    assert {target.reader for target in TARGETS} <= set(NAMES)
    assert len({target.name for target in TARGETS}) == len(TARGETS)
