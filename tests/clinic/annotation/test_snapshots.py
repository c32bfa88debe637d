"""Snapshots: what is decided, hashed, as a dataset that reads back as it was, in every format."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.clinic.annotation import contents
from tests.clinic.annotation.conftest import BOX, OTHER, STUDIES, written

from osteon.clinic.annotation.exchange.incoming import ImportedImage, ImportPlan, plan_import
from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import ItemState
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.schema.shipped import shipped
from osteon.clinic.annotation.snapshots.take import take
from osteon.core.errors import DataError
from osteon.core.instance import InstanceRef
from osteon.data import datasets
from osteon.data.datasets import spinexr
from osteon.data.snapshots.describe import of_folder
from osteon.data.snapshots.write import SUMS, read_snapshot, verify_snapshot
from osteon.data.table.table import Table, boxes_of

pytest.importorskip("polars")


@pytest.fixture(scope="module")
def folder(spine: tuple[ProjectContent, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("taken") / "snapshot"
    written(spine, out)
    return out


def of_names(table: Table) -> dict[str, dict[str, Any]]:
    """Rows by the name of the image."""
    return {Path(row["image"]).stem: row for row in table.frame.iter_rows(named=True)}


def test_it_reads_as_a_dataset_with_labels_boxes_and_a_split_that_divides_no_study(
    folder: Path, spine: tuple[ProjectContent, Path]
) -> None:
    table = datasets.read("listed", folder)
    rows = of_names(table)
    assert len(table) == 2 * STUDIES
    assert not table.skipped
    assert table.labels[:2] == ("abnormal", "ankylosis")
    assert "no_finding" not in table.labels, "a label that says nothing is there would count as a finding"
    first, second = (rows[image.digest[:20]] for image in spine[0].items[0].images)
    assert (first["label_abnormal"], first["label_osteophytes"], first["label_fracture"]) == (1, 1, 0)
    assert (second["label_abnormal"], second["label_osteophytes"]) == (0, 0)
    (box,) = boxes_of(first)
    assert (tuple(box.box), box.label, box.reader) == (BOX, "osteophytes", "consensus")
    assert (first["view"], first["age"], first["sex"], first["patient"]) == ("frontal", 41.0, "F", "P-1")
    parts: dict[str, set[str]] = {}
    for row in rows.values():
        parts.setdefault(row["study"], set()).add(row["split"])
    assert all(len(split) == 1 for split in parts.values())
    assert sum(split == {"test"} for split in parts.values()) == STUDIES // 5


def test_it_says_nothing_of_the_patient(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"SECRET" not in data.upper(), path.name
            assert b"1.2.1.0" not in data, path.name


def test_the_same_project_gives_the_same_snapshot(spine: tuple[ProjectContent, Path]) -> None:
    content, _ = spine
    first = take(content, contents.START, ConsensusRule.MAJORITY)
    again = take(content, contents.START + timedelta(days=9), ConsensusRule.MAJORITY)
    assert first.digest == again.digest
    fewer = replace(content, items=(replace(content.items[0], state=ItemState.SCREENED_OUT), *content.items[1:]))
    changed = take(fewer, contents.START, ConsensusRule.MAJORITY)
    assert changed.digest != first.digest
    assert changed.left_out["screened_out"] == 1


def test_what_was_changed_afterwards_is_found(folder: Path, spine: tuple[ProjectContent, Path], tmp_path: Path) -> None:
    assert verify_snapshot(folder).digest in (folder / SUMS).read_text().splitlines()[0]
    out = tmp_path / "snapshot"
    written(spine, out)
    picture = next((out / "images" / "test").iterdir())
    picture.write_bytes(picture.read_bytes() + b"0")
    with pytest.raises(DataError, match="changed after"):
        verify_snapshot(out)
    (out / "snapshot.json").write_text((out / "snapshot.json").read_text().replace("osteophytes", "ankylosis", 1))
    with pytest.raises(DataError, match="record of the snapshot"):
        verify_snapshot(out)
    with pytest.raises(DataError, match="is no snapshot"):
        read_snapshot(tmp_path)


def test_only_what_is_decided_is_in_it(spine: tuple[ProjectContent, Path]) -> None:
    content, _ = spine
    with pytest.raises(DataError, match="nothing of the project is decided"):
        take(content, contents.START)
    signed = contents.consensus(1, 1, {("no_finding", 1): 1}, [("fracture", 0, OTHER)])
    decided = take(replace(content, consensus=(signed,)), contents.START)
    (study,) = decided.studies
    assert decided.left_out == {"not_decided": STUDIES - 1, "regions_without_area": 0}
    assert (study.decided, study.readers, study.images[0].labels["fracture"]) == ("person", 2, 1)
    alone = replace(content, project=replace(content.project, readers_per_study=1), reads=content.reads[:1])
    (study,) = take(alone, contents.START).studies
    assert (study.decided, study.images[0].regions[0].reader) == ("one_reader", "anna")


def test_an_image_of_two_studies_is_taken_once_and_imported_for_none(spine: tuple[ProjectContent, Path]) -> None:
    content, _ = spine
    first, second = content.items[:2]
    twice = replace(second, images=(replace(second.images[0], digest=first.images[0].digest), second.images[1]))
    changed = replace(content, items=(first, twice, *content.items[2:]))
    taken = take(changed, contents.START, ConsensusRule.MAJORITY)
    assert taken.left_out["images_in_several_studies"] == 1
    assert taken.images == 2 * STUDIES - 1
    plan = plan_import(changed, [ImportedImage((first.images[0].digest,), {"abnormal": 0})])
    assert (plan.unmatched, plan.events) == (1, {}), "nobody knows which study is meant"
    other = replace(first, id=1001, images=tuple(replace(image, digest="0" * 64) for image in first.images))
    stranger = replace(
        content, items=(replace(other, images=(replace(other.images[0], instance=InstanceRef("", 1)),)),)
    )
    assert plan_import(stranger, [ImportedImage((first.images[0].digest[:20],), {})]).unmatched == 1


def test_grades_and_headings_are_labels(dicom: Callable[..., bytes]) -> None:
    del dicom
    reads = [contents.read(1, 1, 1, {("hairline", 0): 1}), contents.read(2, 1, 2, {("normal", 0): 1})]
    content = contents.content([contents.item(n, images=1) for n in (1, 2)], reads, schema=shipped("mobilenet_elbow"))
    content = replace(content, project=replace(content.project, readers_per_study=1))
    first, second = (study.images[0].labels for study in take(content, contents.START).studies)
    assert first == {"abnormal": 1, "fracture": 1, "hairline": 1, "displaced": 0}
    assert second == {"abnormal": 0, "fracture": 0, "hairline": 0, "displaced": 0}


@pytest.mark.parametrize(
    ("to", "kind"), [("coco", "coco"), ("yolo", "yolo"), ("voc", "voc"), ("vindr", "spinexr"), ("listed", "listed")]
)
@pytest.mark.parametrize("pictures", ["png", "keep"])
def test_every_format_reads_back(
    spine: tuple[ProjectContent, Path], to: str, kind: str, pictures: str, tmp_path: Path
) -> None:
    content, _ = spine
    ours = of_names(written(spine, tmp_path / to, to, pictures))
    table = datasets.read(kind, tmp_path / to)
    theirs = of_names(table)
    assert theirs.keys() == ours.keys()
    for name, row in ours.items():
        there = theirs[name]
        for label in ("abnormal", "osteophytes", "fracture"):
            assert there[f"label_{label}"] == row[f"label_{label}"], (name, label)
        assert (there["split"], there["study"], there["age"], there["sex"]) == (
            row["split"], row["study"], row["age"], row["sex"]
        )  # fmt: skip
        for one, other in zip(boxes_of(row), boxes_of(there), strict=True):
            assert other.label == one.label
            assert tuple(other.box) == pytest.approx(tuple(one.box), abs=0.01)
    plan = plan_import(content, _imported(kind, tmp_path / to, content))
    assert (plan.unmatched, plan.unfit, dict(plan.unknown)) == (0, 0, {})
    _compare(plan, content)


def _imported(kind: str, root: Path, content: ProjectContent) -> Any:
    from osteon.cli.annotate_exchange import imported_images

    return imported_images(kind, root, content.schema)


def _compare(plan: ImportPlan, content: ProjectContent) -> None:
    """What is imported is what the first reader of each study had said."""
    for number in range(1, STUDIES + 1):
        read = next(read for read in content.reads if read.item == number)
        payloads = plan.events.get(number, ())
        # Files are in the order of their names, which says nothing of that of the images.
        regions = sorted(
            (payload for kind, payload in payloads if kind is EventKind.REGION), key=lambda one: one["image"]
        )
        assert [(one["label"], one["image"]) for one in regions] == [(one.label, one.image) for one in read.regions]
        for one, region in zip(regions, read.regions, strict=True):
            assert np.array(one["points"]).ravel() == pytest.approx(np.array(region.points).ravel(), abs=0.01)
        answers = {(one["label"], one["image"]): one["value"] for kind, one in payloads if kind is EventKind.ANSWER}
        assert answers == {(answer.label, answer.image): answer.value for answer in read.answers}


def test_the_published_columns_are_kept(spine: tuple[ProjectContent, Path], tmp_path: Path) -> None:
    written(spine, tmp_path / "vindr", "vindr")
    for part in ("train", "test"):
        with (tmp_path / "vindr" / "annotations" / f"{part}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert list(rows[0]) == [
            "image_id", "study_id", "series_id", "rad_id", "lesion_type", "xmin", "ymin", "xmax", "ymax"
        ]  # fmt: skip
        assert {row["lesion_type"] for row in rows} <= {"Osteophytes", "Fracture", "No finding"}
        with (tmp_path / "vindr" / f"{part}_meta.csv").open(newline="") as file:
            meta = list(csv.DictReader(file))
        assert list(meta[0])[:3] == ["image_id", "image_height", "image_width"]
        assert {row["image_id"] for row in meta} == {row["image_id"] for row in rows}
        assert {(row["image_height"], row["image_width"]) for row in meta} == {("200", "100")}
    assert set(spinexr.LESIONS) <= {label.id for label in shipped("vindr_spinexr").walk()}


def test_characteristics_are_those_of_table_2(folder: Path) -> None:
    found = of_folder(folder)
    lines = {(line.section, line.name): line.values for line in found.lines}
    assert found.columns == ("train", "test", "total")
    assert lines["Statistics", "Years (of receipt)"][-1] == "2015 to 2019"
    assert lines["Statistics", "Studies"] == ("12", "3", "15")
    assert lines["Statistics", "Images"] == ("24", "6", "30")
    normal, abnormal = (lines["Statistics", f"{name} images ({what})"][-1] for name, what in (
        ("Normal", "no label is 1"), ("Abnormal", "a label is 1")
    ))  # fmt: skip
    assert (int(normal), int(abnormal)) == (30 - 8 - 5, 8 + 5)
    assert lines["Statistics", "Image size (mean, rows x columns)"][-1] == "200 x 100"
    assert lines["Statistics", "Age (mean, years [range])"][-1] == "48.0 [41 - 55]"
    assert lines["Statistics", "Female (%)"][-1] == f"{100 * 8 / 15:.2f}"
    assert (lines["Boxes", "osteophytes"][-1], lines["Boxes", "fracture"][-1]) == ("8", "5")
