"""Objects with identifiers planted in every attribute of the dictionary."""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from pydicom import config
from pydicom.datadict import DicomDictionary, dictionary_VR, keyword_for_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRBigEndian, ExplicitVRLittleEndian
from tests import dicom_files

from osteon.deidentify import Options, Secret, deidentify
from osteon.deidentify.header import profile
from osteon.deidentify.header.allowed import RULES, Rule
from osteon.deidentify.header.profile import Action
from osteon.deidentify.header.retained import DEVICE, INSTITUTION

CANARY = "CNRY"
UID_CANARY = "1.2.826.0.1.99731."
DATE, TIME, NUMBER = "19310317", "031759", 77319977
TEXT_VR = {"LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "CS", "UR"}
TRACES = (
    CANARY.encode(),
    CANARY.encode("utf-16-le"),
    UID_CANARY.encode(),
    DATE.encode(),
    TIME.encode(),
    str(NUMBER).encode(),
    b"077Y",
    struct.pack("<I", NUMBER),
    struct.pack("<Q", NUMBER),
    struct.pack("<f", NUMBER + 0.5),
    struct.pack("<d", NUMBER + 0.5),
)
"""Bytes that must not be in a de-identified file."""


@pytest.fixture(scope="session")
def write_dicom() -> Callable[..., bytes]:
    """Write a DICOM file with the given samples: ``write_dicom(words, bits=12, syntax=..., Keyword=value)``."""
    return dicom_files.write_dicom


@pytest.fixture(scope="session")
def write_compressed() -> Callable[..., bytes]:
    """Write a DICOM file with one codestream as its pixels: ``write_compressed(words, stream, syntax)``."""
    return dicom_files.write_compressed


def planted(vr: str, number: int) -> Any:
    """A value of a value representation that would identify somebody."""
    text = f"{CANARY}{number:06d}"
    values: dict[str, Any] = {
        "PN": f"{text}^GIVEN={text}^漢字={text}^カナ",
        "CS": text,
        "UI": f"{UID_CANARY}{number + 1}",
        "DA": DATE,
        "TM": f"{TIME}.123456",
        "DT": f"{DATE}{TIME}.123456+0100",
        "AS": "077Y",
        "DS": str(NUMBER),
        "IS": str(NUMBER),
        "UR": f"http://{text}.example",
        "AT": Tag(0x0010, 0x0010),
        "FL": NUMBER + 0.5,
        "FD": NUMBER + 0.5,
        "US": 31297,
        "SS": 31297,
        "SL": NUMBER,
        "UL": NUMBER,
        "SV": NUMBER,
        "UV": NUMBER,
    }
    if vr in ("OB", "OW", "OF", "OD", "OL", "OV", "UN"):
        return text.encode().ljust(16, b"!")
    return values.get(vr, text)


@cache
def _plain_tags() -> tuple[tuple[int, str], ...]:
    return tuple(_find_tags())


@cache
def _first_of_each() -> tuple[tuple[int, str], ...]:
    """The first attribute of each value representation."""
    return tuple({vr: (tag, vr) for tag, vr in reversed(_plain_tags()) if vr != "SQ"}.values())


def _find_tags() -> Iterator[tuple[int, str]]:
    for tag in sorted(DicomDictionary):
        vr = dictionary_VR(tag).split(" or ")[0]
        left_out = tag >> 16 in (0x0000, 0x0002, 0xFFFE, 0x7FE0) or vr == "NONE" or not tag & 0xFFFF
        if not left_out and tag != 0x00080005:
            yield tag, vr


def _fill(dataset: Dataset, depth: int, *, flat: bool = False, deep: bool = True) -> None:
    """Plant something in every attribute of the dictionary; sequences hold items down to a depth of three.

    Without ``deep`` the sequences within those that stay hold one attribute of each value representation only, and those
    that go whatever the options are hold names only.
    """
    for number, (tag, vr) in enumerate(_plain_tags()):
        if vr == "SQ":
            if flat:
                continue
            if depth == 0 or tag in _CHAIN.get(depth, ()):
                item = Dataset()
                if depth or tag in _PATH:
                    if deep or not depth:
                        _fill(item, depth + 1, deep=deep)
                    else:
                        _one_of_each(item)
                elif deep or _may_stay(tag):
                    _one_of_each(item)
                else:
                    _names(item)
                dataset.add(DataElement(tag, "SQ", Sequence([item])))
        elif RULES.get(tag) not in (Rule.NUMBER, Rule.TABLE, Rule.WINDOW, Rule.DESCRIPTOR):
            dataset.add(DataElement(tag, vr, planted(vr, number)))
    _private(dataset)


_PATH = frozenset(
    int(Tag(keyword))
    for keyword in (
        "AnatomicRegionSequence",
        "AnatomicRegionModifierSequence",
        "ReferencedImageSequence",
        "SourceImageSequence",
        "PurposeOfReferenceCodeSequence",
        "VOILUTSequence",
        "ModalityLUTSequence",
        "ViewCodeSequence",
    )
)
"""Sequences that stay, or stay in part: all attributes are planted in these, too."""
_CHAIN = {
    1: frozenset({int(Tag("AnatomicRegionModifierSequence")), int(Tag("PurposeOfReferenceCodeSequence"))}),
    2: frozenset({int(Tag("ViewCodeSequence"))}),
}
"""And in sequences within them, two levels further."""


@cache
def _may_stay(tag: int) -> bool:
    """Whether something of a sequence stays with some of the options."""
    whole = profile.action(tag) in (None, Action.REMOVE, Action.EMPTY, Action.DUMMY)
    return not whole or tag in RULES or tag in DEVICE | INSTITUTION


def _one_of_each(item: Dataset) -> None:
    """One attribute of each value representation, and names two sequences deeper."""
    for number, (tag, vr) in enumerate(_first_of_each()):
        item.add(DataElement(tag, vr, planted(vr, number)))
    _names(item)
    _private(item)


def _names(item: Dataset) -> None:
    """Names one sequence and two sequences deeper."""
    below, deepest = Dataset(), Dataset()
    for one in (below, deepest):
        one.PatientName, one.PatientID, one.StudyInstanceUID = planted("PN", 1), planted("LO", 2), planted("UI", 3)
    below.ReferencedImageSequence = Sequence([deepest])
    item.RequestAttributesSequence = Sequence([below])


def _private(dataset: Dataset) -> None:
    block = dataset.private_block(0x0009, f"{CANARY} CREATOR", create=True)
    for number, vr in enumerate(("LO", "PN", "UN", "OB", "DS", "UI", "DA")):
        block.add_new(number, vr, planted(vr, number))
    below = Dataset()
    below.PatientName = planted("PN", 1)
    block.add_new(0x20, "SQ", Sequence([below]))


def _image(dataset: Dataset, *, big: bool) -> None:
    """What makes an image of it that can be decoded."""
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID = ComputedRadiographyImageStorage
    dataset.Modality = "CR"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel, dataset.NumberOfFrames = 64, 48, 1, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.PixelData = (
        np.linspace(0, 4095, 64 * 48).astype(">u2" if big else "<u2").tobytes() + b"CNRY-AFTER-THE-PIXELS!"
    )
    dataset["PixelData"].VR = "OW"


def _graphics(dataset: Dataset) -> None:
    for group in (0x5000, 0x6000, 0x6002):
        dataset.add(DataElement(Tag(group, 0x0010), "US", 31297))
        dataset.add(DataElement(Tag(group, 0x0022), "LO", planted("LO", group)))
        dataset.add(DataElement(Tag(group, 0x2500), "LO", planted("LO", group)))
        dataset.add(DataElement(Tag(group, 0x3000), "OW", planted("OW", group)))
        dataset.add(DataElement(Tag(group, 0x4000), "LT", planted("LT", group)))
    dataset.add(DataElement(Tag(0xFFFC, 0xFFFC), "OB", planted("OB", 9)))


def _planted_object(syntax: str = ExplicitVRLittleEndian, *, deep: bool = True, **elements: Any) -> bytes:
    """Sequences are filled in Explicit VR Little Endian only, which saves time."""
    plain = syntax == ExplicitVRLittleEndian
    dataset = Dataset()
    _fill(dataset, 0, flat=not plain, deep=deep)
    _image(dataset, big=syntax == ExplicitVRBigEndian)
    if plain:
        _graphics(dataset)
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = UID(f"{UID_CANARY}1")
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID(f"{UID_CANARY}2")
    meta.ImplementationVersionName = f"{CANARY}VERSION"
    meta.SourceApplicationEntityTitle = f"{CANARY}SOURCE"
    meta.SendingApplicationEntityTitle = f"{CANARY}SENDER"
    meta.PrivateInformationCreatorUID = UID(f"{UID_CANARY}3")
    meta.PrivateInformation = f"{CANARY}PRIVATE!".encode()
    dataset.file_meta = meta
    dataset.preamble = (CANARY * 32).encode()
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


@pytest.fixture(scope="session")
def plant() -> Callable[..., bytes]:
    """Write an object with planted identifiers: ``plant(syntax, deep=False, Keyword=value)``."""

    def write(*syntax: str, deep: bool = True, **elements: Any) -> bytes:
        before = config.settings.writing_validation_mode
        config.settings.writing_validation_mode = config.IGNORE
        try:
            return _planted_object(*syntax, deep=deep, **elements)
        finally:
            config.settings.writing_validation_mode = before

    return write


@pytest.fixture(scope="session")
def planted_object(plant: Callable[..., bytes]) -> bytes:
    """Such an object."""
    return plant()


@pytest.fixture(scope="session")
def shallow_object(plant: Callable[..., bytes]) -> bytes:
    """One that is de-identified in a fifth of the time: every attribute is in it and in the sequences that stay, once."""
    return plant(deep=False)


@pytest.fixture(scope="session")
def secret() -> Secret:
    """A secret for tests."""
    return Secret(bytes(range(32)))


@pytest.fixture(scope="session")
def clean(secret: Secret) -> Callable[..., Dataset]:
    """De-identify bytes and read what comes out: ``clean(data, keep_patient=True)``."""
    from pydicom import dcmread

    def read(data: bytes, **options: Any) -> Dataset:
        return dcmread(io.BytesIO(deidentify(data, Options(**options), secret).data))

    return read


@pytest.fixture(scope="session")
def traces() -> Callable[[bytes], list[bytes]]:
    """Which traces of planted identifiers are in some bytes."""
    return lambda data: [trace for trace in TRACES if trace in data]


@pytest.fixture(scope="session")
def where() -> Callable[[Dataset], set[str]]:
    """Keywords of the elements in which a planted text is left."""

    def find(dataset: Dataset) -> set[str]:
        return {
            keyword_for_tag(element.tag) or str(element.tag)
            for element in dataset.iterall()
            if element.VR != "SQ" and CANARY in str(element.value)
        }

    return find
