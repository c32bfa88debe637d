"""Each kind of problem, planted alone into a clean dataset: the audit finds it, and nothing else."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from osteon.data.audit import Audit, audit
from osteon.data.audit.problem_code import ProblemCode
from osteon.data.datasets import find
from osteon.data.table.remark import Kind

MakeImage = Callable[[int, int, int], Image.Image]
Writer = Callable[..., Path]
STUDIES = 24


@dataclass
class Listed:
    """A table of 24 patients with a study of two views each, clean until something is planted."""

    root: Path
    rows: list[dict[str, object]]
    make_image: MakeImage

    def path(self, row: int) -> Path:
        """File of a row."""
        return self.root / str(self.rows[row]["image"])

    def draw(self, row: int, seed: int) -> None:
        """Draw the image of a row anew."""
        self.make_image(seed, 64, 64).save(self.path(row))

    def copy(self, source: int, target: int) -> None:
        """Put the file of one row in the place of another's."""
        shutil.copy(self.path(source), self.path(target))


@pytest.fixture
def listed(tmp_path: Path, make_image: MakeImage) -> Listed:
    labels = np.random.default_rng(5).permutation(np.arange(STUDIES) % 2).tolist()
    made = Listed(tmp_path / "listed", [], make_image)
    made.root.mkdir()
    for number in range(2 * STUDIES):
        study = number // 2
        made.rows.append(
            {
                "image": f"{number:03d}.png", "study": f"s{study}", "patient": f"p{study}",
                "view": ("frontal", "lateral")[number % 2], "laterality": "LR"[study % 2], "age": 20 + study % 7,
                "sex": "FM"[study % 3 % 2], "split": "train" if study < 16 else "test",
                "label_fracture": labels[study],
            }
        )  # fmt: skip
        made.draw(number, number)
    return made


def check(listed: Listed, write_csv: Writer) -> Audit:
    write_csv(listed.root / "cases.csv", listed.rows)
    return look("listed", listed.root)


def look(name: str, root: Path, **changes: object) -> Audit:
    dataset = find(name)
    return audit(dataset.read(root), root, replace(dataset.card, **changes))


def test_the_base_is_clean(listed: Listed, write_csv: Writer) -> None:
    assert check(listed, write_csv).problems == ()


def no_image(made: Listed) -> None:
    made.path(3).write_text("no image")


def cut_off(made: Listed) -> None:
    made.path(3).write_bytes(made.path(3).read_bytes()[:-300])


def half_a_jpeg(made: Listed) -> None:
    """A JPEG that was cut off and given an end marker: a decoder fills it up with grey and does not complain."""
    path = made.path(3).with_suffix(".jpg")
    made.make_image(3, 256, 256).save(path, quality=95)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"\xff\xd9")
    made.path(3).unlink()
    made.rows[3]["image"] = path.name


def gone(made: Listed) -> None:
    made.path(3).unlink()


def stray(made: Listed) -> None:
    made.make_image(99, 64, 64).save(made.root / "stray.png")
    (made.root / ".DS_Store").write_text("")


def one_view(made: Listed) -> None:
    made.path(3).unlink()
    del made.rows[3]


def third_view(made: Listed) -> None:
    made.rows.append({**made.rows[3], "image": "third.png"})
    made.draw(-1, 99)


def too_old(made: Listed) -> None:
    for row in (4, 5):
        made.rows[row]["age"] = 117


def no_age(made: Listed) -> None:
    made.rows[4]["age"] = "999"


def two_ages(made: Listed) -> None:
    made.rows[5]["age"] = 60


def no_sex(made: Listed) -> None:
    made.rows[4]["sex"] = "Q"


def two_sexes(made: Listed) -> None:
    made.rows[5]["sex"] = "O"


def two_sides(made: Listed) -> None:
    made.rows[5]["laterality"] = "R"
    made.rows[4]["laterality"] = "L"


def same_file(made: Listed) -> None:
    made.copy(6, 7)


def inverted(made: Listed) -> None:
    ImageOps.invert(ImageOps.mirror(made.make_image(6, 64, 64))).resize((90, 80)).save(made.path(7))


def label_of(made: Listed, row: int) -> object:
    return made.rows[row]["label_fracture"]


def copied_to_test(made: Listed) -> None:
    made.copy(0, next(row for row in range(32, 48) if label_of(made, row) == label_of(made, 0)))


def copied_to_other_label(made: Listed) -> None:
    made.copy(0, next(row for row in range(32) if label_of(made, row) != label_of(made, 0)))


def patient_twice(made: Listed) -> None:
    for row in (46, 47):
        made.rows[row] |= {"patient": "p0", "sex": made.rows[0]["sex"]}


def divided_study(made: Listed) -> None:
    made.rows[47]["split"] = "train"


def part_of_a_split(made: Listed) -> None:
    made.rows[0]["split"] = made.rows[1]["split"] = ""


def no_patients(made: Listed) -> None:
    for row in made.rows:
        row["patient"] = ""


def coloured_positives(made: Listed) -> None:
    for number, row in enumerate(made.rows):
        if row["label_fracture"]:
            Image.open(made.path(number)).convert("RGB").save(made.path(number))


@pytest.mark.parametrize(
    ("plant", "kind", "besides"),
    [
        (no_image, Kind.UNREADABLE, {Kind.MISSING_VIEW}),
        (cut_off, Kind.TRUNCATED, {Kind.MISSING_VIEW}),
        (half_a_jpeg, Kind.TRUNCATED, set()),
        (gone, Kind.MISSING_FILE, {Kind.MISSING_VIEW}),
        (stray, Kind.EXTRA_FILE, set()),
        (one_view, Kind.MISSING_VIEW, set()),
        (third_view, Kind.EXTRA_VIEW, set()),
        (too_old, Kind.IMPLAUSIBLE_AGE, set()),
        (no_age, Kind.IMPLAUSIBLE_AGE, set()),
        (two_ages, Kind.IMPLAUSIBLE_AGE, set()),
        (no_sex, Kind.IMPLAUSIBLE_SEX, set()),
        (two_sexes, Kind.IMPLAUSIBLE_SEX, set()),
        (two_sides, Kind.IMPLAUSIBLE_SIDE, set()),
        (same_file, Kind.EXACT_DUPLICATE, set()),
        (inverted, Kind.NEAR_DUPLICATE, set()),
        (copied_to_test, Kind.DUPLICATE_ACROSS_SPLITS, {Kind.EXACT_DUPLICATE}),
        (copied_to_other_label, Kind.DUPLICATE_LABELS, {Kind.EXACT_DUPLICATE}),
        (patient_twice, Kind.PATIENT_ACROSS_SPLITS, set()),
        (divided_study, Kind.STUDY_ACROSS_SPLITS, {Kind.PATIENT_ACROSS_SPLITS}),
        (part_of_a_split, Kind.PARTIAL_SPLIT, set()),
        (no_patients, Kind.NO_PATIENT, set()),
        (coloured_positives, Kind.SHORTCUT, set()),
    ],
)
def test_planted_in_a_table(
    plant: Callable[[Listed], None], kind: Kind, besides: set[Kind], listed: Listed, write_csv: Writer
) -> None:
    plant(listed)
    found = check(listed, write_csv)
    assert set(found.counts()) == {kind} | besides, found.problems
    assert found.images == len(listed.rows) - (plant is gone)


def coco(
    root: Path, make_image: MakeImage, *, box: tuple[float, ...] = (5, 10, 30, 40), size: tuple[int, int] = (60, 80)
) -> Path:
    """Twelve images with a box each; the first has another box, or its size is stated otherwise."""
    root.mkdir()
    images: list[dict[str, object]] = []
    marks: list[dict[str, object]] = []
    for number in range(12):
        make_image(number, 60, 80).save(root / f"{number}.png")
        width, height = size if number == 0 else (60, 80)
        images.append({"id": number, "file_name": f"{number}.png", "width": width, "height": height})
        one = box if number == 0 else (5, 10, 30, 40)
        marks.append({"id": number, "image_id": number, "category_id": 1, "bbox": one, "area": 1, "iscrowd": 0})
    text = json.dumps({"images": images, "annotations": marks, "categories": [{"id": 1, "name": "fracture"}]})
    (root / "all.json").write_text(text)
    return root


@pytest.mark.parametrize(
    ("box", "size", "kind"),
    [
        ((5, 10, 30, 40), (80, 60), Kind.SWAPPED_SIZE),
        ((5, 10, 30, 40), (61, 80), Kind.WRONG_SIZE),
        ((5, 10, 0, 40), (60, 80), Kind.EMPTY_BOX),
        ((35, 50, -30, -40), (60, 80), Kind.SWAPPED_BOX),
        ((62, 10, 15, 40), (60, 80), Kind.SWAPPED_BOX),
        ((40, 10, 30, 40), (60, 80), Kind.BOX_OUTSIDE),
    ],
)
def test_planted_boxes(
    box: tuple[float, ...], size: tuple[int, int], kind: Kind, tmp_path: Path, make_image: MakeImage
) -> None:
    found = look("coco", coco(tmp_path / "coco", make_image, box=box, size=size))
    assert set(found.counts()) == {kind, Kind.NO_PATIENT}
    assert next(one for one in found.problems if one.kind is kind).images == ("0.png",)


def test_small_boxes_other_counts_and_an_image_without_a_record(tmp_path: Path, make_image: MakeImage) -> None:
    root = coco(tmp_path / "coco", make_image)
    text = json.loads((root / "all.json").read_text())
    for mark in text["annotations"]:
        mark["bbox"] = [5, 10, 6, 6]
    (root / "all.json").write_text(json.dumps(text))
    make_image(50, 60, 80).save(root / "alone.png")
    found = look("coco", root, expected={"images": 13})
    assert set(found.counts()) == {Kind.NO_PATIENT, Kind.SMALL_BOXES, Kind.OTHER_COUNT, Kind.NO_RECORD}


@pytest.fixture
def pediurf(tmp_path: Path, write_image: Writer, write_csv: Writer) -> Path:
    """Twenty-four clean cases."""
    root = tmp_path / "PediURF"
    for split in ("train", "test"):
        rows: list[dict[str, object]] = []
        for number in range(12):
            word = ("Proximal", "Midshaft", "Distal")[number % 3]
            case = f"{number + 100 * (split == 'test'):018d}"
            for view in ("front", "side"):
                seed = 4 * number + 2 * (split == "test") + (view == "side")
                write_image(root / split / f"{word} ulna and radius fractures" / case / f"{view}.jpg", seed, quality=95)
            rows.append({"case": case, "age": 2 + number, "sex": "MF"[number % 2]})
        write_csv(root / f"{split}.csv", rows)
    return root


USUAL = {Kind.NO_PATIENT, Kind.OTHER_COUNT}
DISTAL = "Distal ulna and radius fractures"


def test_clean_paired_views_have_no_problem(pediurf: Path) -> None:
    assert set(look("pediurf", pediurf).counts()) == USUAL


def case(pediurf: Path, split: str = "train") -> Path:
    return min((pediurf / split / DISTAL).iterdir())


def lacking(pediurf: Path, write_image: Writer) -> None:
    del write_image
    (case(pediurf) / "side.jpg").unlink()


def third(pediurf: Path, write_image: Writer) -> None:
    write_image(case(pediurf) / "oblique.jpg", 99)


def unclassed(pediurf: Path, write_image: Writer) -> None:
    write_image(pediurf / "train" / "Other" / "000000000000000077" / "front.jpg", 99)


def without_a_row(pediurf: Path, write_image: Writer) -> None:
    del write_image
    text = (pediurf / "train.csv").read_text().splitlines()
    (pediurf / "train.csv").write_text("\n".join(text[:-1]) + "\n")


def adult(pediurf: Path, write_image: Writer) -> None:
    del write_image
    text = (pediurf / "train.csv").read_text().splitlines()
    text[-1] = text[-1].replace(",13,", ",43,")
    (pediurf / "train.csv").write_text("\n".join(text) + "\n")


def unknown_sex(pediurf: Path, write_image: Writer) -> None:
    del write_image
    text = (pediurf / "train.csv").read_text().splitlines()
    text[-1] = text[-1][:-1] + "?"
    (pediurf / "train.csv").write_text("\n".join(text) + "\n")


def two_classes(pediurf: Path, write_image: Writer) -> None:
    twin = pediurf / "train" / "Midshaft ulna and radius fractures" / case(pediurf).name
    write_image(twin / "front.jpg", 98)
    write_image(twin / "side.jpg", 99)


def two_parts(pediurf: Path, write_image: Writer) -> None:
    twin = pediurf / "test" / DISTAL / case(pediurf).name
    write_image(twin / "front.jpg", 98)
    write_image(twin / "side.jpg", 99)
    with (pediurf / "test.csv").open("a") as file:
        file.write(f"{twin.name},4,M\n")


def same_view_twice(pediurf: Path, write_image: Writer) -> None:
    del write_image
    shutil.copy(case(pediurf) / "front.jpg", case(pediurf) / "side.jpg")


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (lacking, Kind.MISSING_VIEW),
        (third, Kind.EXTRA_VIEW),
        (unclassed, Kind.UNKNOWN_LABEL),
        (without_a_row, Kind.NO_RECORD),
        (adult, Kind.IMPLAUSIBLE_AGE),
        (unknown_sex, Kind.IMPLAUSIBLE_SEX),
        (two_classes, Kind.CONTRADICTING_LABEL),
        (two_parts, Kind.STUDY_ACROSS_SPLITS),
        (same_view_twice, Kind.EXACT_DUPLICATE),
    ],
)
def test_planted_in_paired_views(
    plant: Callable[[Path, Writer], None], kind: Kind, pediurf: Path, write_image: Writer
) -> None:
    plant(pediurf, write_image)
    found = look("pediurf", pediurf)
    assert set(found.counts()) == USUAL | {kind}, [one for one in found.problems if one.kind not in USUAL]


def test_both_views_from_one_file_are_said_to_be_of_one_study(pediurf: Path, write_image: Writer) -> None:
    same_view_twice(pediurf, write_image)
    found = look("pediurf", pediurf)
    assert any(one.code is ProblemCode.IDENTICAL and one.values["one_study"] for one in found.problems)
