"""One file never ends an audit: whatever is wrong with it is a problem in the list, and what is right is none."""

from __future__ import annotations

import io
import os
import random
import struct
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom import dcmread
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGLSLossless
from typer.testing import CliRunner

from osteon.cli import application
from osteon.data.audit import Audit, audit
from osteon.data.audit.page import write_page
from osteon.data.datasets import find
from osteon.data.table.remark import Kind

WORDS = np.random.default_rng(5).integers(0, 4096, (48, 40)).astype(np.uint16)
BROKEN = {Kind.UNREADABLE, Kind.TRUNCATED}


@pytest.fixture(scope="module")
def good(make: Any) -> bytes:
    return make()


@pytest.fixture(scope="module")
def make() -> Any:
    """Write an object: ``make(change)`` changes its header before."""

    def write(change: Any = None, **elements: Any) -> bytes:
        header = Dataset()
        header.SOPClassUID, header.Modality = "1.2.840.10008.5.1.4.1.1.1", "CR"
        header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID = "2.25.1", "2.25.2", "2.25.3"
        header.PatientID = "P1"
        header.Rows, header.Columns, header.SamplesPerPixel = 48, 40, 1
        header.PhotometricInterpretation = "MONOCHROME2"
        header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = 16, 12, 11, 0
        header.PixelData = WORDS.tobytes()
        header["PixelData"].VR = "OW"
        for keyword, value in elements.items():
            setattr(header, keyword, value)
        header.file_meta = FileMetaDataset()
        header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        if change is not None:
            change(header)
        stream = io.BytesIO()
        header.save_as(stream, enforce_file_format=True)
        return stream.getvalue()

    return write


def check(root: Path) -> Audit:
    dataset = find("dicom")
    return audit(dataset.read(root), root, dataset.card)


def broken(found: Audit) -> set[str]:
    return {name for one in found.problems if one.kind in BROKEN for name in one.images}


def deep(header: Dataset) -> None:
    inner = Dataset()
    for _ in range(120):
        outer = Dataset()
        outer.AnatomicRegionSequence = Sequence([inner])
        inner = outer
    header.AnatomicRegionSequence = Sequence([inner])


def very_deep(data: bytes) -> bytes:
    """Sequences 3,000 deep in front of everything."""
    head = struct.pack("<HH2sHI", 8, 0x1140, b"SQ", 0, 0xFFFFFFFF) + struct.pack("<HHI", 0xFFFE, 0xE000, 0xFFFFFFFF)
    tail = struct.pack("<HHI", 0xFFFE, 0xE00D, 0) + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)
    end = data.index(b"\x18\x00", 200)
    return data[:end] + head * 3000 + tail * 3000 + data[end:]


def deflated(data: bytes, wbits: int) -> bytes:
    """Deflated with or without a header of zlib."""
    start = data.index(struct.pack("<HH", 8, 0x16))
    header = dcmread(io.BytesIO(data))
    header.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    stream = io.BytesIO()
    header.save_as(stream)
    begin = 144 + dcmread(io.BytesIO(stream.getvalue())).file_meta.FileMetaInformationGroupLength
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    return stream.getvalue()[:begin] + packer.compress(data[start:]) + packer.flush()


def twice(keyword: str) -> Any:
    def change(header: Dataset) -> None:
        header[keyword].value = [48, 48]

    return change


DAMAGED = {
    "rows twice": lambda make: make(twice("Rows")),
    "columns twice": lambda make: make(twice("Columns")),
    "bits twice": lambda make: make(twice("BitsAllocated")),
    "zlib header": lambda make: deflated(make(), zlib.MAX_WBITS),
    "gzip header": lambda make: deflated(make(), 16 + zlib.MAX_WBITS),
    "very deep": lambda make: very_deep(make()),
    "text": lambda _: b"This is no DICOM file at all.\n" * 9,
    "nothing": lambda _: b"",
    "zeros": lambda _: bytes(5000),
    "head only": lambda make: make()[:200],
    "pixels cut": lambda make: make()[:-300],
    "no pixels": lambda make: make()[: make().index(b"\xe0\x7f\x10\x00")],
    "rows of text": lambda make: make(raw(0x00280010, "US", b"ab")),
    "huge": lambda make: make(Rows=65535, Columns=65535),
    "a depth of 7": lambda make: make(BitsAllocated=7),
    "unknown syntax": lambda make: make().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.9.9.9\0"),
    "a JPEG": lambda _: picture("JPEG"),
}


def raw(tag: int, vr: str, value: bytes) -> Any:
    def change(header: Dataset) -> None:
        header._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)

    return change


def picture(form: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray((WORDS >> 4).astype(np.uint8)).save(stream, form)
    return stream.getvalue()


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_file_is_a_problem_in_the_list(kind: str, good: bytes, make: Any, tmp_path: Path) -> None:
    (tmp_path / "good.dcm").write_bytes(good)
    (tmp_path / "bad.dcm").write_bytes(DAMAGED[kind](make))
    found = check(tmp_path)
    assert broken(found) == {"bad.dcm"}
    assert found.images == 2


def odd(header: Dataset) -> None:
    header.Rows, header.Columns = 3, 5
    header.BitsAllocated, header.BitsStored, header.HighBit = 8, 8, 7
    header.PixelData = WORDS.tobytes()[:16]


def subsampled(header: Dataset) -> None:
    header.SamplesPerPixel, header.PlanarConfiguration, header.PhotometricInterpretation = 3, 0, "YBR_FULL_422"
    header.BitsAllocated, header.BitsStored, header.HighBit = 8, 8, 7
    header.PixelData = (WORDS >> 4).astype(np.uint8).tobytes() + bytes(48 * 40)


def fragments(header: Dataset) -> None:
    header.file_meta.TransferSyntaxUID = JPEGLSLossless
    header.PixelData = encapsulate([imagecodecs.jpegls_encode(WORDS)], fragments_per_frame=4)
    header["PixelData"].VR = "OB"


WHOLE = {
    "subsampled": lambda make: make(subsampled),
    "no preamble": lambda make: make()[132:],
    "no meta information": lambda make: make()[144 + dcmread(io.BytesIO(make())).file_meta[0x00020000].value :],
    "odd length": lambda make: make(odd),
    "fragments": lambda make: make(fragments),
    "no delimiter": lambda make: make(fragments)[:-8],
    "deflated": lambda make: deflated(make(), -zlib.MAX_WBITS),
    "deep": lambda make: make(deep),
    "behind the pixels": lambda make: make(lambda header: header.add(DataElement(0xFFFCFFFC, "OB", bytes(40)))),
}


@pytest.mark.parametrize("kind", WHOLE)
@pytest.mark.parametrize("name", ["one.dcm", "one"])
def test_a_whole_file_is_no_problem(kind: str, name: str, make: Any, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(WHOLE[kind](make))
    found = check(tmp_path)
    assert broken(found) == set()
    assert found.images == 1


@pytest.mark.parametrize(
    ("name", "sop_class", "word"),
    [
        ("DICOMDIR", "1.2.840.10008.1.3.10", "directory"),
        ("report.dcm", "1.2.840.10008.5.1.4.1.1.88.11", "Basic Text SR"),
        ("state.dcm", "1.2.840.10008.5.1.4.1.1.11.1", "Presentation State"),
    ],
)
def test_what_is_no_image_does_not_belong(name: str, sop_class: str, word: str, make: Any, tmp_path: Path) -> None:
    def change(header: Dataset) -> None:
        for keyword in ("PixelData", "Rows", "Columns"):
            del header[keyword]
        header.SOPClassUID = sop_class

    (tmp_path / "good.dcm").write_bytes(make())
    (tmp_path / name).write_bytes(make(change))
    (tmp_path / "README").write_text("A disc of radiographs.")
    found = check(tmp_path)
    assert broken(found) == set()
    told = [one for one in found.problems if one.kind is Kind.EXTRA_FILE]
    assert [one.images for one in told] == [(name,)]
    assert word in told[0].detail


def test_a_bomb_is_not_inflated(make: Any, tmp_path: Path) -> None:
    """A few kilobytes that inflate to more than a hundred megabytes."""
    bomb = make(lambda header: header.add(DataElement(0x00091001, "OB", bytes(1 << 27))))
    (tmp_path / "bomb.dcm").write_bytes(deflated(bomb, -zlib.MAX_WBITS))
    (tmp_path / "good.dcm").write_bytes(make())
    del bomb
    tracemalloc.start()
    found = check(tmp_path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert broken(found) == {"bomb.dcm"}
    assert peak < 300 * 2**20


@pytest.mark.parametrize("seed", range(3))
def test_files_changed_at_random(seed: int, make: Any, tmp_path: Path) -> None:
    chance = random.Random(seed)
    bases = [make(), make(fragments), make(deep), deflated(make(), -zlib.MAX_WBITS)]
    for number in range(60):
        data = bytearray(chance.choice(bases))
        for _ in range(chance.choice([1, 3, 20])):
            place = chance.randrange(128, min(len(data), 900))
            way = chance.random()
            if way < 0.6:
                data[place] = chance.choice([0, 255, chance.randrange(256)])
            elif way < 0.8:
                del data[place : place + chance.randrange(1, 12)]
            else:
                data[place:place] = chance.randbytes(chance.randrange(1, 12))
        (tmp_path / f"{number}.dcm").write_bytes(data)
    assert check(tmp_path).images <= 60


NAMES = (
    b"r\xf6ntgen.dcm",
    b"\xff\xfe.dcm",
    "頭部.dcm".encode(),
    b"two\nlines.dcm",
    b"[red]markup[/].dcm",
    b"\xe9/\xf6.dcm",
)


@pytest.mark.parametrize("name", NAMES)
def test_files_of_any_name(name: bytes, make: Any, tmp_path: Path) -> None:
    """Through check, page, stats, split and conversion, from the command line."""
    root = tmp_path / "images"
    place = os.path.join(os.fsencode(root), name)  # noqa: PTH118 - bytes are no Path
    os.makedirs(os.path.dirname(place))  # noqa: PTH103, PTH120
    for number, path in enumerate((place, os.fsencode(root / "zz.dcm"))):
        words = np.random.default_rng(number).integers(0, 4096, (48, 40)).astype("<u2")
        with open(path, "wb") as file:  # noqa: PTH123
            ids = {"SOPInstanceUID": f"2.25.{number}", "StudyInstanceUID": f"2.25.9{number}", "PatientID": f"P{number}"}
            file.write(make(**ids, PixelData=words.tobytes()))
    dataset = find("dicom")
    table = dataset.read(root)
    found = audit(table, root, dataset.card)
    assert broken(found) == set()
    assert found.images == 2
    assert set(table.images) == {name.decode("utf-8", "backslashreplace"), "zz.dcm"}
    write_page(tmp_path / "page.html", found, dataset.card, root)
    run = CliRunner().invoke
    app = application("data")
    for words in (
        ["data", "check", "dicom", str(root)],
        ["data", "check", "dicom", str(root), "--json"],
        ["data", "stats", "dicom", str(root), "--json"],
        [
            "data",
            "split",
            "dicom",
            str(root),
            "--out",
            str(tmp_path / "split.json"),
            "--group",
            "cluster",
            "--parts",
            "1:1",
        ],
        ["data", "convert", "dicom", str(root), "--to", "listed", "--images", "png", "--out", str(tmp_path / "png")],
    ):
        done = run(app, words)
        assert done.exit_code == 0, (words, done.output, done.exception)
