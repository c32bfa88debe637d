"""Every dataset reader: what its card must say, and what its table must hold, whatever the layout."""

from __future__ import annotations

from pathlib import Path

import pytest

from osteon.core.errors import DataError
from osteon.data.convert import TARGETS
from osteon.data.datasets import DATASETS, Dataset, find, read
from osteon.data.describe.stats import statistics
from osteon.data.splits.leakage import GROUPS
from osteon.data.table.published import figure
from osteon.data.table.remark import Remark
from osteon.data.table.table import Table, load
from osteon.imaging.load import load as load_film

NAMES = [dataset.card.name for dataset in DATASETS]


@pytest.mark.parametrize("dataset", DATASETS, ids=NAMES)
def test_its_card_is_complete(dataset: Dataset) -> None:
    card = dataset.card
    assert find(card.name) is dataset
    assert all((card.name, card.title, card.about, card.licence, card.obtain, card.layout, card.label_map))
    assert set(card.identifiers) <= set(GROUPS)
    assert (card.access == "free") == (card.figshare is not None)
    assert card.access == "own" or (card.url.startswith("https://") and card.citation and card.caveats)


def test_every_parser_is_tried(folders: dict[str, Path]) -> None:
    assert set(folders) == set(NAMES)
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


@pytest.mark.parametrize("name", ["elbow", "fracatlas", "pediurf", "spinexr"])
def test_phantoms_are_read_as_the_published_dataset_is(name: str, folders: dict[str, Path]) -> None:
    table = read(name, folders[name])
    assert table.remarks == ()
    assert len(table) > 0


def test_every_target_has_a_reader() -> None:
    assert {target.reader for target in TARGETS} <= set(NAMES)
    assert len({target.name for target in TARGETS}) == len(TARGETS)
