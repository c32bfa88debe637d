"""Small datasets, written by the tests in the layouts of their publishers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, generate_uid

Writer = Callable[..., Path]


def _make_image(seed: int, width: int, height: int) -> Image.Image:
    """A grey picture of a few smooth blobs, different for each seed."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 255, (9, 8), np.uint8))
    return coarse.resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="session")
def make_image() -> Callable[[int, int, int], Image.Image]:
    """Make a picture from a seed, a width and a height."""
    return _make_image


@pytest.fixture
def write_image() -> Writer:
    """Write an image: ``write_image(path, seed, width=60, height=80, mode="L", **save options)``."""

    def write(path: Path, seed: int, width: int = 60, height: int = 80, mode: str = "L", **options: object) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_image(seed, width, height).convert(mode).save(path, **options)
        return path

    return write


@pytest.fixture
def write_csv() -> Writer:
    """Write rows of dictionaries as CSV."""

    def write(path: Path, rows: list[dict[str, object]], encoding: str = "utf-8") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def fracatlas(tmp_path: Path, write_image: Writer, write_csv: Writer) -> Path:
    """A FracAtlas of 24 images, 8 fractured, with each of the traps of the real one.

    0000 contradicts its CSV row; 0001 is stored turned (EXIF orientation 8); 0008 is cut off; 0009 is a copy of 0010;
    0011 is no image; 0012 has no CSV row; the row of 0099 has no image.
    """
    root = tmp_path / "FracAtlas"
    rows: list[dict[str, object]] = []
    images: list[dict[str, object]] = []
    marks: list[dict[str, object]] = []
    for number in range(24):
        file, fractured = f"IMG{number:07d}.jpg", number < 8
        path = root / "images" / ("Fractured" if fractured else "Non_fractured") / file
        options: dict[str, object] = {"quality": 95}
        if number == 1:
            exif = Image.Exif()
            exif[0x0112] = 8
            options["exif"] = exif
        seed = 1000 if number in {9, 10} else number
        write_image(path, seed, mode="RGB" if number % 3 and number != 10 else "L", **options)
        if number == 8:
            path.write_bytes(path.read_bytes()[:-200])
        if number == 11:
            path.write_text("no image")
        part = ("hand", "leg")[number % 2]
        row = {
            "image_id": file,
            "hand": 0,
            "leg": 0,
            "hip": 0,
            "shoulder": 0,
            "mixed": 0,
            "hardware": int(number % 5 == 0),
        }
        row |= {"multiscan": 0, "fractured": int(fractured and number != 0), "fracture_count": int(fractured)}
        row |= {"frontal": 1, "lateral": int(number % 4 == 0), "oblique": 0}
        row[part] = 1
        if number != 12:
            rows.append(row)
        if fractured:
            width, height = (80, 60) if number == 1 else (60, 80)
            images.append({"id": number, "width": width, "height": height, "file_name": file})
            box = [50.0, 20.0, 25.0, 30.0] if number == 1 else [10.0, 20.0, 25.0, 30.0]
            outline = [box[0], box[1], box[0] + box[2], box[1], box[0], box[1] + box[3]]
            mark = {"id": number, "image_id": number, "category_id": 0, "iscrowd": 0, "area": 375.0}
            marks.append({**mark, "bbox": box, "segmentation": [outline]})
    rows.append({**rows[-1], "image_id": "IMG0000099.jpg"})
    write_csv(root / "dataset.csv", rows)
    coco = root / "Annotations" / "COCO JSON" / "COCO_fracture_masks.json"
    coco.parent.mkdir(parents=True)
    coco.write_text(
        json.dumps({"images": images, "annotations": marks, "categories": [{"id": 0, "name": "fractured"}]})
    )
    write_csv(root / "Utilities" / "Fracture Split" / "train.csv", [{"image_id": f"IMG{n:07d}.jpg"} for n in range(6)])
    write_csv(root / "Utilities" / "Fracture Split" / "test.csv", [{"image_id": f"IMG{n:07d}.jpg"} for n in (6, 7)])
    return root


@pytest.fixture
def write_dicom() -> Writer:
    """Write an uncompressed 16-bit DICOM radiograph: ``write_dicom(path, rows=40, columns=30, **elements)``."""

    def write(path: Path, rows: int = 40, columns: int = 30, **elements: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID = DigitalXRayImageStorageForPresentation
        dataset.SOPInstanceUID = generate_uid()
        dataset.StudyInstanceUID = generate_uid()
        dataset.Modality = "DX"
        dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = rows, columns, 1
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
        dataset.PhotometricInterpretation = "MONOCHROME2"
        dataset.PixelSpacing = [0.14, 0.14]
        values = np.random.default_rng(rows + len(path.name)).integers(0, 4096, (rows, columns), np.uint16)
        dataset.PixelData = values.tobytes()
        for keyword, value in elements.items():
            setattr(dataset, keyword, value)
        dataset.save_as(path, enforce_file_format=True)
        return path

    return write
