"""An object looks the same before and after de-identification, whatever its display depends on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from osteon.deidentify import Options, Secret, deidentify
from osteon.deidentify.flag import Flag, FlagCode
from osteon.imaging import load

Change = Callable[[Dataset], None]
WORDS = np.random.default_rng(3).integers(0, 4096, (24, 32)).astype(np.uint16)
SEGMENTED = "1.2.840.10008.5.1.4.1.1.7"


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def lut(
    entries: list[int], first: int = 0, bits: int = 16, *, stated: int | None = None, packed: bool = False
) -> Dataset:
    made = Dataset()
    count = len(entries) if stated is None else stated
    made.add(DataElement("LUTDescriptor", "SS" if first < 0 else "US", [count, first, bits]))
    made.add(DataElement("LUTData", "OW", np.array(entries, "u1" if packed else "<u2").tobytes()))
    return made


def put(**elements: Any) -> Change:
    return lambda header: [setattr(header, keyword, value) for keyword, value in elements.items()] and None


def table(keyword: str, made: Callable[[], Dataset]) -> Change:
    return lambda header: setattr(header, keyword, Sequence([made()]))


def raw(tag: int, vr: str, value: bytes) -> Change:
    """A value that is not as the standard wants it."""

    def change(header: Dataset) -> None:
        from pydicom.dataelem import RawDataElement
        from pydicom.tag import Tag

        header._dict[Tag(tag)] = RawDataElement(Tag(tag), vr, len(value), value, 0, False, True)

    return change


def both(*changes: Change) -> Change:
    return lambda header: [change(header) for change in changes] and None


def padded(*values: int) -> Change:
    keywords = ("PixelPaddingValue", "PixelPaddingRangeLimit")
    return lambda header: [header.add(DataElement(*one)) for one in zip(keywords, ("US", "US"), values)] and None  # noqa: B905


def grouped(per_frame: bool) -> Change:
    def change(header: Dataset) -> None:
        voi = item(FrameVOILUTSequence=Sequence([item(WindowCenter="900", WindowWidth="500")]))
        values = item(
            PixelValueTransformationSequence=Sequence(
                [item(RescaleIntercept="-100", RescaleSlope="1.5", RescaleType="US")]
            ),
            PixelMeasuresSequence=Sequence([item(PixelSpacing=["0.2", "0.4"])]),
        )
        if per_frame:
            header.PerFrameFunctionalGroupsSequence = Sequence([Dataset(), voi])
        else:
            values.FrameVOILUTSequence = voi.FrameVOILUTSequence
        header.SharedFunctionalGroupsSequence = Sequence([values])

    return change


RAMP = [int(65535 * (place / 4095) ** 0.5) for place in range(4096)]
KINDS: dict[str, Change] = {
    "nothing": put(),
    "window": put(WindowCenter="1000", WindowWidth="900"),
    "windows": put(WindowCenter=["1000", "50"], WindowWidth=["900", "3"]),
    "exact": put(WindowCenter="1000", WindowWidth="900", VOILUTFunction="LINEAR_EXACT"),
    "exact with a space": put(WindowCenter="1000", WindowWidth="40", VOILUTFunction="LINEAR EXACT"),
    "sigmoid": put(WindowCenter="1000", WindowWidth="900", VOILUTFunction="SIGMOID"),
    "comma": both(raw(0x00281050, "DS", b"1000,5"), raw(0x00281051, "DS", b"900,25")),
    "one bad window": both(raw(0x00281050, "DS", b"x\\1000"), raw(0x00281051, "DS", b"9\\900 ")),
    "another bad window": both(raw(0x00281050, "DS", b"900\\1000"), raw(0x00281051, "DS", b"x\\900 ")),
    "rescaling": put(RescaleSlope="2.5", RescaleIntercept="-1024", WindowCenter="800", WindowWidth="3000"),
    "rescaling with commas": both(
        raw(0x00281053, "DS", b"2,5 "), raw(0x00281052, "DS", b"-1024 "), put(WindowCenter="800", WindowWidth="3000")
    ),
    "voi lut": table("VOILUTSequence", lambda: lut(RAMP)),
    "voi lut of 12 bits": table("VOILUTSequence", lambda: lut([one >> 4 for one in RAMP], bits=12)),
    "voi lut of bytes": table("VOILUTSequence", lambda: lut([one >> 8 for one in RAMP], bits=8, packed=True)),
    "voi lut too long": table("VOILUTSequence", lambda: lut(RAMP, stated=3000)),
    "voi lut too short": table("VOILUTSequence", lambda: lut(RAMP[:3500], stated=4096)),
    "voi lut below 0": both(
        table("VOILUTSequence", lambda: lut(RAMP, first=-1024)), put(RescaleIntercept="-1024", RescaleSlope="1")
    ),
    "modality lut": both(
        table("ModalityLUTSequence", lambda: both_types(lut(RAMP))), put(WindowCenter="30000", WindowWidth="40000")
    ),
    "inverse": put(PresentationLUTShape="INVERSE", WindowCenter="1000", WindowWidth="900"),
    "white is low": put(PhotometricInterpretation="MONOCHROME1", PresentationLUTShape="INVERSE"),
    "padding": padded(int(WORDS[3, 3])),
    "padding range": padded(0, 700),
    "aspect": put(PixelAspectRatio=["2", "1"]),
    "spacing": put(PixelSpacing=["0.2", "0.1"]),
    "spacing with commas": raw(0x00280030, "DS", b"0,2\\0,1 "),
    "detector spacing": put(ImagerPixelSpacing=["0.2", "0.1"], EstimatedRadiographicMagnificationFactor="1.25"),
    "shared groups": grouped(False),
}


def both_types(made: Dataset) -> Dataset:
    made.ModalityLUTType = "US"
    return made


def saved(data: bytes, change: Change) -> bytes:
    """A file with a changed header, in its own transfer syntax."""
    header = dcmread(io.BytesIO(data))
    change(header)
    stream = io.BytesIO()
    header.save_as(stream)
    return stream.getvalue()


def same(data: bytes, secret: Secret) -> None:
    cleaned = deidentify(data, Options(), secret)
    assert Flag(FlagCode.DISPLAY_CHANGED) not in cleaned.flags
    before, after = load(data), load(cleaned.data)
    assert len(before) == len(after)
    for one, other in zip(before, after, strict=True):
        assert len(np.unique(one.pixels)) > 3
        np.testing.assert_allclose(one.pixels, other.pixels, atol=2e-6)
        assert one.spacing == pytest.approx(other.spacing)


@pytest.mark.filterwarnings("ignore:Invalid value")
@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
@pytest.mark.parametrize("kind", KINDS)
def test_grey(kind: str, syntax: str, write_dicom: Any, secret: Secret) -> None:
    same(saved(write_dicom(WORDS, syntax=syntax), KINDS[kind]), secret)


@pytest.mark.parametrize("kind", ["window", "padding range", "rescaling", "white is low"])
def test_grey_of_other_words(kind: str, write_dicom: Any, secret: Secret) -> None:
    for words, bits in ((WORDS.astype(np.int16) - 2048, 12), ((WORDS >> 4).astype(np.uint8), 8), (WORDS * 16, 16)):
        same(saved(write_dicom(words, bits=bits), KINDS[kind]), secret)
    header = dcmread(io.BytesIO(write_dicom(WORDS, syntax=ExplicitVRBigEndian)))
    KINDS[kind](header)
    stream = io.BytesIO()
    header.save_as(stream)
    same(stream.getvalue(), secret)


def test_groups_of_each_frame(write_dicom: Any, secret: Secret) -> None:
    same(saved(write_dicom(np.stack([WORDS, WORDS])), grouped(True)), secret)


def palette(header: Dataset, *, bits: int, segmented: bool, first: int) -> None:
    header.SOPClassUID, header.Modality, header.PhotometricInterpretation = SEGMENTED, "OT", "PALETTE COLOR"
    top = 255 if bits == 8 else 65535
    for number, colour in enumerate(("Red", "Green", "Blue")):
        keyword = f"{colour}PaletteColorLookupTable"
        header.add(DataElement(f"{keyword}Descriptor", "US", [256, first, bits]))
        kind = "u1" if bits == 8 else "<u2"
        if segmented:
            parts = [0, 2, 0, top // 8, 1, 126, top // (number + 1), 2, 1, *offset(0, bits), 0, 2, 5, 6, 1, 124, top]
            name, data = f"Segmented{keyword}Data", np.array(parts, kind).tobytes()
        else:
            entries = np.linspace(0, top // (number + 1), 256).astype(kind)
            name, data = f"{keyword}Data", entries.tobytes()
        header.add(DataElement(name, "OW", data + b"\0" * (len(data) % 2)))


def offset(place: int, bits: int) -> tuple[int, ...]:
    """A place in words of a table, in bytes."""
    return (place, 0, 0, 0) if bits == 8 else (place, 0)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("segmented", [False, True])
@pytest.mark.parametrize("first", [0, 7])
def test_palettes(bits: int, segmented: bool, first: int, write_dicom: Any, secret: Secret) -> None:
    data = write_dicom((WORDS >> 4).astype(np.uint8), bits=8)
    same(saved(data, lambda header: palette(header, bits=bits, segmented=segmented, first=first)), secret)


def test_segments_with_something_behind_them_are_not_kept(write_dicom: Any, secret: Secret) -> None:
    def change(header: Dataset) -> None:
        palette(header, bits=16, segmented=True, first=0)
        header.SegmentedRedPaletteColorLookupTableData += b"DOE^JOHN"

    data = saved(write_dicom((WORDS >> 4).astype(np.uint8), bits=8), change)
    with pytest.raises(Exception, match="palette"):
        deidentify(data, Options(), secret)
