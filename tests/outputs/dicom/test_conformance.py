"""Every kind of object of every kind of study, as independent programs judge it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.outputs.dicom.cases import NAMES, Case

from osteon.core.labels import Call
from osteon.outputs.dicom import KINDS, Compression, Kind, Options, make, to_bytes
from osteon.outputs.dicom.kinds import CAPTURE, KEY_IMAGES, MEASUREMENTS, PRESENTATION

KNOWN = (
    # Device UID came into Contributing Equipment later than into the tables of this program.
    "Attribute is not present in standard DICOM IOD - (0x0018,0x1002) UI Device UID",
    "Dicom dataset contains attributes not present in standard DICOM IOD - this is a Standard Extended SOP Class",
    "Retrieve AE Title",
    # It counts the accession number to the series of an encapsulated document.
    "Different information entities for attribute - Element=<AccessionNumber>",
    # Unknown is what it is where neither file says.
    "is only permitted to be empty when actually unknown; should be absent (not empty) if an unpaired body part",
    "Missing attribute or value that would be needed to build DICOMDIR",
)
"""Warnings that say nothing of the objects."""

LACKING = (
    "W: The VR checker does not support this Specific Character Set: ISO_IR 192",
    "W: Check for template constraints not yet supported",
)
"""What dcmtk cannot do yet."""


def remarks(said: str) -> list[str]:
    """What a validator found."""
    return [line for line in said.splitlines() if line.startswith(("Error", "Warning")) and not any(
        known in line for known in KNOWN
    )]  # fmt: skip


def write(made_of: Case, folder: Path, kind: Kind, options: Options = Options()) -> list[Path]:  # noqa: B008
    """The objects of a kind in files."""
    files: list[Path] = []
    for place, made in enumerate(make(kind, made_of.result, options)):
        files.append(folder / f"{kind.name}-{place}.dcm")
        files[-1].write_bytes(to_bytes(made))
    return files


def expected(name: str, kind: Kind) -> int:
    """How many objects there are: no key images where nothing asks to be looked at first."""
    return 0 if kind is KEY_IMAGES and name in ("negative", "abstained") else 1


@pytest.mark.parametrize("name", NAMES)
def test_objects_keep_to_the_standard_and_to_their_sources(
    name: str, case: Callable[[str], Case], run: Callable[..., str], tmp_path: Path
) -> None:
    study = case(name)
    written: list[Path] = []
    for kind in KINDS:
        files = write(study, tmp_path, kind)
        assert len(files) == expected(name, kind), kind.name
        for file in files:
            assert remarks(run("dciodvfy", file)) == [], kind.name
        written += files
    assert remarks(run("dcentvfy", *study.files, *written)) == []


@pytest.mark.parametrize("compression", list(Compression))
def test_every_compression_of_a_capture_keeps_to_the_standard(
    compression: Compression, case: Callable[[str], Case], run: Callable[..., str], tmp_path: Path
) -> None:
    (file,) = write(case("positive"), tmp_path, CAPTURE, Options(compression=compression))
    assert remarks(run("dciodvfy", file)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_class_for_older_viewers_keeps_to_the_standard(
    name: str, case: Callable[[str], Case], run: Callable[..., str], tmp_path: Path
) -> None:
    (file,) = write(case(name), tmp_path, MEASUREMENTS, Options(comprehensive=True))
    assert "ComprehensiveSR" in run("dciodvfy", file)
    assert remarks(run("dciodvfy", file)) == []


@pytest.mark.dcmtk
@pytest.mark.parametrize("name", NAMES)
def test_dcmtk_checks_presentation_states_and_prints_reports(
    name: str, case: Callable[[str], Case], run: Callable[..., str], tmp_path: Path
) -> None:
    for file in write(case(name), tmp_path, PRESENTATION):
        assert "Test passed" in run("dcmpschk", file)
    for kind in KINDS:
        if kind.modality in ("SR", "KO"):
            for file in write(case(name), tmp_path, kind):
                said = run("dsrdump", file)
                faults = {line for line in said.splitlines() if line.startswith(("E:", "F:", "W: "))}
                assert faults <= set(LACKING), said
                assert case(name).result.bundle.identity in said


def test_every_call_is_among_the_cases(case: Callable[[str], Case]) -> None:
    assert {case(name).result.reading.call for name in NAMES} == set(Call)
