"""The audit of DICOM files and of images in 16 bit."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from osteon.data.audit import audit
from osteon.data.audit.page import write_page
from osteon.data.datasets import find
from osteon.data.duplicates.hashes import fingerprint, unpack
from osteon.data.table.remark import Kind
from osteon.phantom.layouts import write

Writer = Callable[..., Path]


def test_planted_in_spines(tmp_path: Path) -> None:
    root = tmp_path / "spines"
    write("spine", "spinexr", 8, 4, root, size=160, workers=1)
    files = sorted((root / "train_images").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-4000])
    files[1].write_bytes(files[1].read_bytes()[:300])
    shutil.copy(files[2], root / "test_images" / "copy.dicom")
    dataset = find("spinexr")
    found = audit(dataset.read(root), root, dataset.card)
    problems = {one.kind: one for one in found.problems}
    assert problems[Kind.TRUNCATED].images == (f"train_images/{files[0].name}",)
    assert problems[Kind.UNREADABLE].images == (f"train_images/{files[1].name}",)
    assert set(problems[Kind.EXACT_DUPLICATE].images) == {f"train_images/{files[2].name}", "test_images/copy.dicom"}
    assert Kind.DUPLICATE_ACROSS_SPLITS in problems
    write_page(tmp_path / "page.html", found, dataset.card, root)
    assert (tmp_path / "page.html").read_text().count("data:image/jpeg;base64,") >= 2


def test_pixels_that_no_decoder_reads_are_found(tmp_path: Path, write_dicom: Writer) -> None:
    """The header is whole and the length is right, but the compressed pixels are not."""
    from pydicom import dcmread
    from pydicom.encaps import encapsulate
    from pydicom.uid import JPEG2000Lossless

    for number in range(3):
        write_dicom(tmp_path / f"{number}.dcm", rows=70 + number, columns=70)
    header = dcmread(tmp_path / "1.dcm")
    header.PixelData = encapsulate([b"\xff\x4f\xff\x51" + bytes(100)])
    header["PixelData"].VR = "OB"
    header.file_meta.TransferSyntaxUID = JPEG2000Lossless
    header.save_as(tmp_path / "1.dcm")
    dataset = find("dicom")
    found = audit(dataset.read(tmp_path), tmp_path, dataset.card)
    broken = [one for one in found.problems if one.kind in {Kind.UNREADABLE, Kind.TRUNCATED}]
    assert [one.images for one in broken] == [("1.dcm",)]
    assert found.images == 3


def test_a_header_that_says_otherwise_than_the_table(tmp_path: Path, write_dicom: Writer, write_csv: Writer) -> None:
    for number in range(3):
        elements = {"PatientAge": "007Y", "PatientSex": "M", "ImageLaterality": "L"}
        write_dicom(tmp_path / f"{number}.dcm", rows=70 + number, columns=70, **elements)
    rows: list[dict[str, object]] = [
        {"image": "0.dcm", "age": 7, "sex": "M", "laterality": "L"},
        {"image": "1.dcm", "age": 40, "sex": "F", "laterality": "L"},
        {"image": "2.dcm", "age": 7, "sex": "M", "laterality": "R"},
    ]
    write_csv(tmp_path / "cases.csv", rows)
    dataset = find("listed")
    found = audit(dataset.read(tmp_path), tmp_path, dataset.card)
    said = {one.kind: one.images for one in found.problems}
    assert said[Kind.IMPLAUSIBLE_AGE] == said[Kind.IMPLAUSIBLE_SEX] == ("1.dcm",)
    assert said[Kind.IMPLAUSIBLE_SIDE] == ("2.dcm",)


def test_sixteen_bit_and_eight_bit_files_of_one_film_are_near_duplicates(
    tmp_path: Path, make_image: Callable[..., Image.Image], write_dicom: Writer
) -> None:
    picture = make_image(3, 200, 260)
    deep = np.asarray(picture, np.uint16) * 257
    picture.save(tmp_path / "a.jpg", quality=90)
    Image.fromarray(deep).save(tmp_path / "b.png")
    Image.fromarray(deep).save(tmp_path / "c.tiff")
    pixels = (deep >> 4).astype("<u2").tobytes()
    write_dicom(tmp_path / "d.dcm", rows=260, columns=200, PixelData=pixels)
    bits = unpack(fingerprint(tmp_path, ["a.jpg", "b.png", "c.tiff", "d.dcm"]).hashes)
    assert (bits[1:] != bits[0]).sum(axis=(1, 2)).max() <= 4


@pytest.mark.real_data
def test_the_transfer_syntaxes_of_one_film_are_near_duplicates(shared_data: Path, tmp_path: Path) -> None:
    for path in (shared_data / "dicom").glob("RG3_*.dcm"):
        shutil.copy(path, tmp_path)
    dataset = find("dicom")
    found = audit(dataset.read(tmp_path), tmp_path, dataset.card)
    assert found.counts()[Kind.NEAR_DUPLICATE] == 21
    assert not any(one.severity == "error" for one in found.problems)
