"""No command says anything of a header on standard error, whatever is written there."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.tag import Tag
from pydicom.uid import UID, ExplicitVRLittleEndian

from osteon.cli.parser_warnings import silence_parsers

CANARY = b"CNRY4711"
NUMBER = b"2.25.047110815"
ODD: dict[str, tuple[int, str, bytes]] = {
    "uid with a leading zero": (0x0020000D, "UI", NUMBER),
    "uid of letters": (0x0020000E, "UI", CANARY),
    "long uid": (0x00080018, "UI", b"2.25." + b"4711" * 20),
    "date": (0x00100030, "DA", CANARY),
    "time": (0x00080030, "TM", CANARY),
    "date and time": (0x0008002A, "DT", CANARY),
    "age": (0x00101010, "AS", CANARY),
    "sex": (0x00100040, "CS", CANARY.lower() + b"!" * 20),
    "weight": (0x00101030, "DS", CANARY),
    "series number": (0x00200011, "IS", b"4711.0815"),
    "large number": (0x00200013, "IS", b"47110815471108154711"),
    "name of many parts": (0x00100010, "PN", CANARY + b"^a^b^c^d^e^f^g=h=i=j"),
    "name in no character set": (0x00100010, "PN", CANARY + b"\xff\xfe\x80"),
    "character set": (0x00080005, "CS", CANARY),
    "character sets": (0x00080005, "CS", b"ISO 2022 IR 13\\" + CANARY),
    "long number": (0x00100020, "LO", CANARY * 20),
    "body part": (0x00180015, "CS", CANARY.lower() * 4),
    "modality": (0x00080060, "CS", b"DX\\" + CANARY),
    "spacing": (0x00280030, "DS", CANARY + b"\\" + CANARY),
    "window": (0x00281050, "DS", CANARY),
    "padding": (0x00280120, "US", b"abc"),
    "private": (0x00090010, "LO", CANARY * 20),
    "polarity": (0x20500020, "CS", CANARY),
}


def film(tag: int, vr: str, value: bytes, number: int) -> bytes:
    header = Dataset()
    header.SOPClassUID, header.Modality = "1.2.840.10008.5.1.4.1.1.1", "CR"
    header.SOPInstanceUID, header.StudyInstanceUID, header.SeriesInstanceUID = f"2.25.{number}", "2.25.2", "2.25.3"
    header.Rows, header.Columns, header.SamplesPerPixel = 48, 40, 1
    header.PhotometricInterpretation, header.PixelRepresentation = "MONOCHROME2", 0
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 12, 11
    header.PixelData = np.random.default_rng(number).integers(0, 4096, (48, 40)).astype("<u2").tobytes()
    header["PixelData"].VR = "OW"
    header._dict[Tag(tag)] = RawDataElement(
        Tag(tag), vr, len(value) + len(value) % 2, value + b" " * (len(value) % 2), 0, False, True
    )
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.1"
    header.file_meta.MediaStorageSOPInstanceUID = f"2.25.{number}"
    stream = io.BytesIO()
    header.save_as(stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def odd_films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd") / "films"
    folder.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, one in enumerate(ODD.values(), start=10):
            (folder / f"{number}.dcm").write_bytes(film(*one, number))
    return folder


COMMANDS: dict[str, list[str]] = {
    "check": ["data", "check", "dicom", "FILMS"],
    "stats": ["data", "stats", "dicom", "FILMS"],
    "split": ["data", "split", "dicom", "FILMS", "--out", "OUT/split.json", "--group", "study"],
    "convert": ["data", "convert", "dicom", "FILMS", "--to", "listed", "--images", "dicom", "--out", "OUT/converted"],
    "deidentify": ["data", "deidentify", "FILMS", "--out", "OUT/clean", "--keep-patient", "--dates", "shift"],
    "pictures": ["data", "deidentify", "FILMS", "--out", "OUT/pictures", "--as", "jpeg", "--jobs", "3"],
    "read": ["read", "FILMS", "--out", "OUT/readings", "--jobs", "2"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_say_nothing_of_a_header(command: str, odd_films: Path, tmp_path: Path) -> None:
    words = [word.replace("FILMS", str(odd_films)).replace("OUT", str(tmp_path)) for word in COMMANDS[command]]
    done = subprocess.run(
        [sys.executable, "-W", "default", "-m", "osteon.cli", *words],
        capture_output=True,
        env={**os.environ, "COLUMNS": "400"},
        check=False,
        timeout=300,
    )
    assert b"Traceback" not in done.stderr
    for trace in (CANARY, CANARY.lower(), NUMBER, b"4711"):
        assert trace not in done.stderr.replace(str(tmp_path).encode(), b""), done.stderr[-2000:]
    if command != "read":
        assert CANARY not in done.stdout.upper()


def test_warnings_of_parsers_are_dropped_and_others_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_: told.append(str(message)))
    silence_parsers()
    warnings.simplefilter("always")
    UID(NUMBER.decode())
    warnings.warn("something else", UserWarning, stacklevel=1)
    assert told == ["something else"]
    for name in ("pydicom", "PIL"):
        assert not logging.getLogger(name).propagate
        logging.getLogger(name).propagate = True
