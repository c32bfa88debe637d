"""A format is given what it declares to need, and identifiers only where its destination may have them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from osteon.core.geometry import Box
from osteon.core.identity import InstanceIdentity, PatientIdentity, StudyIdentity
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading
from osteon.outputs import FORMATS
from osteon.outputs.format import Format, Need
from osteon.outputs.result import BundleInfo, SourceInstance, StudyResult
from osteon.outputs.write import OutputError, narrowed, write_output

PATIENT = PatientIdentity("CANARY^NAME", "CANARY-ID", "CANARY-ISSUER", "19010203", "F")
STUDY = StudyIdentity(
    "1.999.1", "CANARY-ACC", "CANARY-STUDY", "19991231", "235959", "CANARY^DOCTOR", "CANARY-TEXT", PATIENT
)
INSTANCES = tuple(InstanceIdentity("1.2.840.10008.5.1.4.1.1.1.1", f"1.999.3.{n}", "1.999.2") for n in range(3))


def values(record: object) -> Iterator[str]:
    """All text in a record and those within it."""
    for field in fields(record):  # pyright: ignore[reportArgumentType]
        value = getattr(record, field.name)
        yield from [value] if isinstance(value, str) else values(value)


CANARIES = {text for one in (STUDY, *INSTANCES) for text in values(one) if len(text) > 1} - {INSTANCES[0].sop_class_uid}


class Source:
    """Decodes the images of a study, and counts how often."""

    def __init__(self) -> None:
        self.decoded = 0

    def decode(self, index: int) -> Radiograph:
        """The image at an index."""
        self.decoded += 1
        return radiograph(index, np.linspace(0, 1, 120 * 90, dtype=np.float32).reshape(120, 90))


def radiograph(index: int, pixels: np.ndarray) -> Radiograph:
    """A radiograph that knows whose it is."""
    names = Identifiers(
        STUDY.uid, sop_class=INSTANCES[index].sop_class_uid, accession=STUDY.accession, patient=PATIENT.id
    )
    return Radiograph(pixels, source=f"{index}.dcm", format="DICOM", identifiers=replace(names, series="1.999.2"))


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def result(source: Source) -> StudyResult:
    """A study of two images that were read and a file that could not be decoded."""
    black = np.broadcast_to(np.float32(0), (120, 90))
    heat = HeatMap(np.eye(8, dtype=np.float32), Box(0, 0, 90, 120), "fracture", 1)
    reading = Reading(
        "study", "study", "b@1", Call.FRACTURE, probability=0.9, doubt=0.2, definite=0.6,
        image_probabilities=(0.1, 0.9), findings=(Finding("fracture", Box(10, 20, 40, 60), 0.8, 1, True),),
        finding_labels=("fracture",), heat_maps=(heat,), radiographs=(radiograph(0, black), radiograph(1, black)),
    )  # fmt: skip
    instances = [
        SourceInstance(index, 1, INSTANCES[index], lambda index=index: source.decode(index)) for index in range(2)
    ]
    instances.append(SourceInstance(None, identity=INSTANCES[2]))
    return StudyResult(reading, tuple(instances), BundleInfo("b@1", "0" * 64, "Research."), identity=lambda: STUDY)


def content(folder: Path) -> bytes:
    """Of all files in a folder, with their names."""
    return b"".join(str(file).encode() + file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


NAMELESS = [form for form in FORMATS if Need.IDENTITY not in form.needs]


@pytest.mark.parametrize("identity", [False, True])
@pytest.mark.parametrize("form", NAMELESS, ids=lambda form: form.name)
def test_a_format_that_does_not_need_identifiers_is_given_none(
    form: Format, identity: bool, result: StudyResult, tmp_path: Path
) -> None:
    given = narrowed(form, result, identity=identity)
    assert given.identity is None
    assert all(one.identity is None for one in given.instances)
    decoded = given.with_pixels() if Need.PIXELS in form.needs else given.reading
    assert all(one.identifiers == Identifiers() for one in decoded.radiographs)
    write_output(form, result, tmp_path / f"x{form.suffix}", identity=identity)
    written = content(tmp_path)
    assert len(written) > 20
    assert [canary for canary in CANARIES if canary.encode() in written] == []


@pytest.mark.parametrize("form", NAMELESS, ids=lambda form: form.name)
def test_images_are_decoded_for_formats_that_need_pixels_alone(
    form: Format, result: StudyResult, source: Source, tmp_path: Path
) -> None:
    write_output(form, result, tmp_path / f"x{form.suffix}")
    assert source.decoded == (2 if Need.PIXELS in form.needs else 0)


def test_pixels_that_were_not_asked_for_are_black(result: StudyResult) -> None:
    shown = StudyResult.of(result.with_pixels()).without_pixels()
    assert all(one.pixels.max() == 0 and one.pixels.shape == (120, 90) for one in shown.reading.radiographs)
    with pytest.raises(ValueError, match=r"Need\.PIXELS"):
        shown.with_pixels()


@pytest.mark.parametrize("form", NAMELESS, ids=lambda form: form.name)
def test_a_format_that_needs_all_images_is_not_written_of_one(
    form: Format, result: StudyResult, tmp_path: Path
) -> None:
    one = result.of_image(1)
    assert [instance.identity for instance in one.instances] == [INSTANCES[1]]
    assert (len(one.reading.radiographs), one.reading.findings[0].image) == (1, 0)
    if Need.ALL_IMAGES not in form.needs:
        write_output(form, one, tmp_path / f"x{form.suffix}")
        return
    with pytest.raises(OutputError) as error:
        write_output(form, one, tmp_path / f"x{form.suffix}")
    assert error.value.need is Need.ALL_IMAGES
    assert content(tmp_path) == b""


def test_identifiers_are_not_shown_when_they_are_printed(result: StudyResult) -> None:
    shown = f"{STUDY!r} {PATIENT!r} {result.instances!r} {OutputError(Need.IDENTITY, 'x')!r}"
    assert [canary for canary in CANARIES if canary in shown] == []


def test_the_only_image_of_a_study_is_all_of_it(result: StudyResult) -> None:
    alone = StudyResult.of(result.of_image(0).with_pixels())
    assert alone.of_image(0).whole


def references(result: StudyResult, destination: Path) -> None:
    """Writes what a DICOM object repeats of its source: patient, study, and a line for each instance."""
    assert result.identity is not None
    study = result.identity()
    lines = [study.patient.name, study.patient.id, study.uid, study.accession]
    lines += [f"{one.identity.sop_instance_uid} {one.frame}" for one in result.instances if one.identity is not None]
    destination.write_text("\n".join(lines))


REFERENCES = Format(
    "references", "References", ".txt", "text/plain", references, False, frozenset({Need.IDENTITY, Need.ALL_IMAGES})
)


def test_a_format_that_names_the_patient_is_written_where_it_may_be(result: StudyResult, tmp_path: Path) -> None:
    file = tmp_path / "x.txt"
    with pytest.raises(OutputError) as error:
        write_output(REFERENCES, result, file)
    assert error.value.need is Need.IDENTITY
    assert not file.exists()
    write_output(REFERENCES, result, file, identity=True)
    expected = [PATIENT.name, PATIENT.id, STUDY.uid, STUDY.accession, "1.999.3.0 1", "1.999.3.1 1", "1.999.3.2 1"]
    assert file.read_text().splitlines() == expected
