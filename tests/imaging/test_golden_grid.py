"""Our pixels against dcmtk's over a grid of transfer syntax, depth, sign, polarity, modality, VOI and padding.

Every pair of values of two axes occurs in one cell at least, but for pairs that cannot be or on which dcmtk is no judge:
``excluded`` says why for each. The cells are chosen with a fixed seed.
"""

from __future__ import annotations

import functools
import itertools
import operator
import random
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from osteon.imaging import load

pytestmark = pytest.mark.dcmtk

NATIVE = {
    "implicit": ImplicitVRLittleEndian,
    "explicit": ExplicitVRLittleEndian,
    "big endian": ExplicitVRBigEndian,
    "deflated": DeflatedExplicitVRLittleEndian,
}
ENCODERS: dict[str, tuple[str, ...]] = {
    "rle": ("dcmcrle",),
    "jpeg lossless": ("dcmcjpeg", "+e1"),
    "jpeg lossless, predictor 4": ("dcmcjpeg", "+el", "+sv", "4"),
    "jpeg baseline": ("dcmcjpeg", "+eb", "+q", "95"),
    "jpeg extended": ("dcmcjpeg", "+ee", "+q", "95"),
    "jpeg-ls": ("dcmcjpls",),
    "jpeg-ls near": ("dcmcjpls", "+en", "+md", "2"),
}
LOSSY_JPEG = ("jpeg baseline", "jpeg extended")
DECODERS = {"dcmcrle": "dcm2pnm", "dcmcjpeg": "dcmj2pnm", "dcmcjpls": "dcml2pnm"}

AXES: dict[str, list[Any]] = {
    "syntax": [*NATIVE, *ENCODERS],
    "depth": [(8, 8, 7), (8, 6, 5), (16, 8, 7), (16, 10, 9), (16, 12, 11), (16, 12, 15), (16, 13, 14), (16, 16, 15)],
    "signed": [False, True],
    "photometric": ["MONOCHROME1", "MONOCHROME2"],
    "modality": ["", "steep", "shallow", "falling", "table"],
    "voi": ["", "linear", "narrow", "two windows", "sigmoid", "table", "short table", "exact"],
    "padding": ["", "value", "range"],
}


@dataclass(frozen=True)
class Cell:
    """One place of the grid."""

    syntax: str
    depth: tuple[int, int, int]
    signed: bool
    photometric: str
    modality: str
    voi: str
    padding: str

    @property
    def ends(self) -> tuple[int, int]:
        """The lowest and the highest value of a sample."""
        half = 1 << (self.depth[1] - 1)
        return (-half, half - 1) if self.signed else (0, 2 * half - 1)


def excluded(cell: Cell) -> str:
    """Why a cell is left out; empty where it is not."""
    _allocated, stored, _high = cell.depth
    if cell.syntax == "jpeg baseline" and stored > 8:
        return "JPEG baseline has 8 bits"
    if cell.syntax == "jpeg extended" and stored > 12:
        return "JPEG extended has 12 bits"
    if cell.syntax == "jpeg-ls near" and stored < 8:
        return "of fewer than 8 bits dcmtk 3.6.7 writes near-lossless codestreams that no other CharLS decodes"
    if cell.syntax == "jpeg-ls near" and cell.signed:
        return "dcmtk does not encode signed samples nearly losslessly"
    if cell.syntax in LOSSY_JPEG and "table" in cell.voi:
        return "dcmtk leaves the VOI LUT out when it encodes with loss"
    if cell.voi == "table" and cell.modality == "steep" and cell.signed and stored == 16:
        return "rescaled values begin below what the descriptor of a table can say"
    if cell.modality == "shallow" and (stored < 12 or cell.voi in ("narrow", "short table")):
        return "dcmtk rounds rescaled values to integers, which shows where few of them are spread over black to white"
    if cell.voi == "exact":
        return "dcmtk 3.6.7 knows no LINEAR_EXACT: it is compared with the formula of PS3.3 C.11.2.1.3.2"
    if cell.padding and not cell.voi:
        return "dcmtk counts padding among the values whose range it spreads, against PS3.3 C.7.5.1.1.2"
    return ""


def _chosen() -> list[Cell]:
    """Cells in which every pair of two axes occurs that can."""
    lots = random.Random(7)
    names = list(AXES)
    whole = [Cell(*values) for values in itertools.product(*AXES.values())]
    allowed = [cell for cell in whole if not excluded(cell)]
    lots.shuffle(allowed)

    places: dict[tuple[tuple[str, Any], ...], int] = {}

    @functools.cache
    def pairs(cell: Cell) -> int:
        """Its pairs, as bits."""
        values = [(name, getattr(cell, name)) for name in names]
        bits = 0
        for pair in itertools.combinations(values, 2):
            bits |= 1 << places.setdefault(pair, len(places))
        return bits

    missing = functools.reduce(operator.or_, map(pairs, allowed))
    cells: list[Cell] = []
    while missing:
        best = max(lots.sample(allowed, 300), key=lambda cell: (pairs(cell) & missing).bit_count())
        if not pairs(best) & missing:
            best = next(cell for cell in allowed if pairs(cell) & missing)
        cells.append(best)
        missing &= ~pairs(best)
    return cells


CELLS = _chosen()


def _name(cell: Cell) -> str:
    return "-".join(str(getattr(cell, field.name)).replace(" ", "") for field in fields(cell))


def _table(first: int, entries: np.ndarray, bits: int, signed: bool, big: bool) -> Dataset:
    item = Dataset()
    item.add_new(0x00283002, "SS" if signed else "US", [len(entries) % 65536, first, bits])
    item.add_new(0x00283006, "OW", entries.astype(">u2" if big else "<u2").tobytes())
    return item


def _elements(cell: Cell) -> dict[str, Any]:
    """What the header says of display; windows lie within the values after the modality's rescaling."""
    low, high = cell.ends
    big = cell.syntax == "big endian"
    elements: dict[str, Any] = {"PhotometricInterpretation": cell.photometric}
    rescaled = (float(low), float(high))
    if cell.modality == "table":
        count = high - low + 1
        entries = np.rint((np.arange(count) / (count - 1)) ** 0.7 * 60_000)
        item = _table(low, entries, 16, cell.signed, big)
        item.ModalityLUTType = "US"
        elements["ModalityLUTSequence"] = Sequence([item])
        rescaled = (0.0, 60_000.0)
    elif cell.modality:
        slope, intercept = {"steep": (2, -100), "shallow": (0.5, 30), "falling": (-1, high)}[cell.modality]
        elements |= {"RescaleSlope": str(slope), "RescaleIntercept": str(intercept)}
        rescaled = tuple(sorted(value * slope + intercept for value in (low, high)))
    width = rescaled[1] - rescaled[0]
    middle = round(rescaled[0] + 0.45 * width)
    if cell.voi in ("table", "short table"):
        first = round(rescaled[0] + (0.2 * width if cell.voi == "short table" else 0))
        count = min(round(0.5 * width if cell.voi == "short table" else width + 1), 65_536)
        bits = 10 if cell.voi == "short table" else 12
        entries = np.rint((np.arange(count) / (count - 1)) ** 1.5 * (2**bits - 1))
        signed = first < 0
        elements["VOILUTSequence"] = Sequence([_table(first, entries, bits, signed, big)])
    elif cell.voi:
        share = 0.05 if cell.voi == "narrow" else 0.7
        windows = [(middle, max(2, round(share * width))), (3, 5)][: 2 if cell.voi == "two windows" else 1]
        elements["WindowCenter"] = [str(center) for center, _ in windows]
        elements["WindowWidth"] = [str(wide) for _, wide in windows]
        if cell.voi == "sigmoid":
            elements["VOILUTFunction"] = "SIGMOID"
    if cell.padding:
        elements["PixelPaddingValue"] = low
        if cell.padding == "range":
            elements["PixelPaddingRangeLimit"] = low + 3
    return elements


def _words(cell: Cell, pattern: Any) -> tuple[np.ndarray, np.ndarray]:
    """Words, and where there is no image."""
    allocated, stored, high_bit = cell.depth
    low, high = cell.ends
    samples = pattern(low + 8, high, np.int64)
    empty = np.zeros(samples.shape, bool)
    if cell.padding:
        empty[:9, :12] = True
        samples[empty] = low
        samples[:4, :12] = low if cell.padding == "value" else low + 3
    kind = f"{'i' if cell.signed else 'u'}{allocated // 8}"
    return (samples << (high_bit + 1 - stored)).astype(kind), empty


@pytest.mark.parametrize("cell", CELLS, ids=_name)
def test_grid(cell: Cell, write_dicom: Any, pattern: Any, dcmtk_encode: Any, dcmtk_render: Any) -> None:
    words, empty = _words(cell, pattern)
    elements = _elements(cell)
    syntax = NATIVE.get(cell.syntax, ExplicitVRLittleEndian)
    data = write_dicom(words, bits=cell.depth[1], syntax=syntax, HighBit=cell.depth[2], **elements)
    decoder = "dcm2pnm"
    if cell.syntax in ENCODERS:
        program, *options = ENCODERS[cell.syntax]
        data, decoder = dcmtk_encode(data, program, *options), DECODERS[program]
    display = ["+Wm"] if not cell.voi else ["+Wl", "1"] if "table" in cell.voi else ["+Wi", "1"]
    rendered = dcmtk_render(data, *display, program=decoder)
    (radiograph,) = load(data)
    assert radiograph.pixels.shape == rendered.shape
    assert not radiograph.pixels[empty].any() or cell.syntax in (*LOSSY_JPEG, "jpeg-ls near")
    apart = np.abs(np.rint(radiograph.pixels * 255).astype(int) - rendered)[~empty]
    assert apart.max() <= 1


@pytest.mark.parametrize("photometric", AXES["photometric"])
@pytest.mark.parametrize("signed", AXES["signed"])
@pytest.mark.parametrize("modality", ["", "steep", "shallow", "falling"])
@pytest.mark.parametrize("width", [900, 10, 0.5])
def test_linear_exact(
    photometric: str, signed: bool, modality: str, width: float, write_dicom: Any, pattern: Any
) -> None:
    """The cells in which dcmtk is no judge, by the formula of PS3.3 C.11.2.1.3.2."""
    cell = Cell("explicit", (16, 12, 11), signed, photometric, modality, "exact", "")
    words, _ = _words(cell, pattern)
    elements = _elements(cell)
    center = float(elements["WindowCenter"][0]) + 0.25
    elements |= {"WindowCenter": str(center), "WindowWidth": str(width), "VOILUTFunction": "LINEAR_EXACT"}
    (radiograph,) = load(write_dicom(words, bits=12, **elements))
    values = words * float(elements.get("RescaleSlope", 1)) + float(elements.get("RescaleIntercept", 0))
    expected = np.clip((values - center) / width + 0.5, 0, 1)
    expected = 1 - expected if photometric == "MONOCHROME1" else expected
    assert np.abs(radiograph.pixels - expected).max() < 1e-5
