"""UIDs, captures, PDFs, key images, and how they are written to files."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import pixel_array
from tests.outputs.dicom.cases import READ, Case, make_case, result, write_source

import osteon
from osteon.core.labels import Call
from osteon.imaging.load import load
from osteon.outputs import FORMATS
from osteon.outputs.dicom import KINDS, Compression, Options, make, to_bytes
from osteon.outputs.dicom.common.uids import make_uid
from osteon.outputs.dicom.kinds import CAPTURE, KEY_IMAGES, MEASUREMENTS, PDF, PRESENTATION, READER
from osteon.outputs.drawing.overlay import draw
from osteon.outputs.format import Need
from osteon.outputs.result import People
from osteon.outputs.write import write_output

Give = Callable[[str], Case]
DICOM = [form for form in FORMATS if Need.DICOM in form.needs]


def test_uids_are_uuids_of_version_8() -> None:
    for parts in (("a",), ("b", "c"), ("bc",)):
        made = make_uid(*parts)
        assert make_uid(*parts) == made
        assert len(made) <= 64
        found = uuid.UUID(int=int(made.removeprefix("2.25.")))
        assert (found.version, found.variant) == (8, uuid.RFC_4122)
    assert make_uid("b", "c") != make_uid("bc")


@pytest.mark.parametrize("name", ["positive", "multi-frame"])
def test_an_object_made_again_is_the_same_to_the_byte(name: str, tmp_path: Path) -> None:
    """Also from a copy of the files elsewhere: the time is that of the reading."""
    folders = tmp_path / "a", tmp_path / "b"
    for folder in folders:
        folder.mkdir()
    first, second = (make_case(name, folder).result for folder in folders)
    for kind in KINDS:
        assert [to_bytes(one) for one in make(kind, first)] == [to_bytes(one) for one in make(kind, second)]


def test_uids_follow_files_bundle_kind_class_and_version(case: Give, tmp_path: Path) -> None:
    study = case("positive").result
    (first,) = make(MEASUREMENTS, study, Options(made=datetime(2026, 1, 1, tzinfo=UTC)))
    (later,) = make(MEASUREMENTS, study, Options(made=datetime(2027, 1, 1, tzinfo=UTC)))
    assert first.SOPInstanceUID == later.SOPInstanceUID
    assert to_bytes(first) != to_bytes(later)
    newer = replace(study, bundle=replace(study.bundle, identity="blobs@1.0.1"))
    other = result([write_source(tmp_path, SOPInstanceUID="1.2.3.4")])
    different = [
        make(MEASUREMENTS, newer)[0],
        make(MEASUREMENTS, other)[0],
        make(MEASUREMENTS, study, Options(version=2))[0],
        make(MEASUREMENTS, study, Options(comprehensive=True))[0],
        *(make(kind, study)[0] for kind in KINDS),
    ]
    assert len({one.SOPInstanceUID for one in different}) == len(different)
    devices = {one.ContributingEquipmentSequence[0].DeviceUID for one in (first, later, different[0])}
    assert len(devices) == 2


def test_each_kind_has_a_series_of_its_own_that_says_ai(case: Give) -> None:
    found = [make(kind, case("positive").result)[0] for kind in KINDS]
    assert len({one.SeriesInstanceUID for one in found}) == len(KINDS)
    assert len({one.SeriesNumber for one in found}) == len(KINDS)
    assert all(one.SeriesNumber > 9000 and "AI" in one.SeriesDescription for one in found)
    assert {one.StudyDescription for one in found} == {"Wrist"}
    for one in found:
        (equipment,) = one.ContributingEquipmentSequence
        assert equipment.SoftwareVersions == [osteon.__version__, "blobs@1.0.0"]
        assert (equipment.Manufacturer, equipment.ManufacturerModelName) == ("The Osteon developers", "Osteon")


@pytest.mark.parametrize("compression", list(Compression))
def test_a_capture_shows_the_overlay(compression: Compression, case: Give) -> None:
    study = case("two views").result
    (made,) = make(CAPTURE, study, Options(compression=compression))
    parsed = dcmread(BytesIO(to_bytes(made)))
    drawn = np.asarray(draw(study.reading)).astype(int)
    shown = np.asarray(pixel_array(parsed)).astype(int)
    assert shown.shape == drawn.shape
    difference = np.abs(shown - drawn)
    if compression is Compression.JPEG:
        assert difference.mean() < 3
        assert (parsed.LossyImageCompression, parsed.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
        assert float(parsed.LossyImageCompressionRatio) > 5
    else:
        assert difference.max() == 0
        assert parsed.LossyImageCompression == "00"
    assert not parsed.file_meta.TransferSyntaxUID.is_implicit_VR
    assert parsed.ImageType == ["DERIVED", "SECONDARY"]
    assert [one.ReferencedSOPInstanceUID for one in parsed.SourceImageSequence] == [
        one.identity.sop_instance_uid for one in study.instances if one.identity
    ]


def test_what_a_source_lost_stays_lost(tmp_path: Path) -> None:
    study = result([write_source(tmp_path, LossyImageCompression="01", LossyImageCompressionRatio="10")])
    (made,) = make(CAPTURE, study, Options(compression=Compression.NONE))
    assert made.LossyImageCompression == "01"


def test_a_capture_can_be_read_as_an_image_again(case: Give, tmp_path: Path) -> None:
    (tmp_path / "sc.dcm").write_bytes(to_bytes(make(CAPTURE, case("positive").result)[0]))
    (radiograph,) = load(tmp_path / "sc.dcm")
    assert radiograph.pixels.max() > 0.9


def test_the_pdf_is_the_report_without_pseudonym_and_what_people_said_later(case: Give) -> None:
    pytest.importorskip("reportlab")
    study = case("positive").result
    (made,) = make(PDF, study)
    content = made.EncapsulatedDocument[: made.EncapsulatedDocumentLength]
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    said = replace(study, people=People(("A reader disagreed.",), summary="A reader disagrees."))
    said = replace(said, details=replace(said.details, id="17", pseudonym="P-7", received=READ, replaced=True))
    assert to_bytes(make(PDF, said)[0]) == to_bytes(made)


def test_key_images_are_those_behind_the_call(case: Give) -> None:
    def chosen(name: str) -> tuple[str, list[str]]:
        (made,) = make(KEY_IMAGES, case(name).result)
        images = [one for one in made.ContentSequence if one.ValueType == "IMAGE"]
        return made.ConceptNameCodeSequence[0].CodeValue, [
            f"{one.ReferencedSOPSequence[0].ReferencedSOPInstanceUID[-1]}"
            f":{one.ReferencedSOPSequence[0].get('ReferencedFrameNumber', '')}"
            for one in images
        ]

    assert chosen("positive") == ("113000", ["1:"])
    assert chosen("doubt") == ("113000", ["1:"])
    assert chosen("two views") == ("113000", ["2:"])
    assert chosen("multi-frame") == ("113000", ["1:3"])
    assert chosen("refused") == ("113010", ["1:"])
    assert make(KEY_IMAGES, case("negative").result) == ()
    assert make(KEY_IMAGES, case("abstained").result) == ()


def test_a_study_that_is_read_as_a_whole_has_all_its_images_for_key_images(case: Give) -> None:
    """No single image reaches the operating point, and the study does."""
    study = case("two views").result
    reading = replace(study.reading, findings=(), image_probabilities=(0.2, 0.2), call=Call.DOUBT, probability=0.4)
    (made,) = make(KEY_IMAGES, replace(study, reading=reading))
    assert sum(one.ValueType == "IMAGE" for one in made.ContentSequence) == 2


@pytest.mark.parametrize("form", DICOM, ids=lambda form: form.name)
def test_formats_write_files(form: object, case: Give, tmp_path: Path) -> None:
    from osteon.outputs.format import Format

    assert isinstance(form, Format)
    write_output(form, case("positive").result, tmp_path / f"a{form.suffix}", identity=True)
    (kind,) = [one for one in KINDS if one.name == form.name]
    assert [file.name for file in tmp_path.iterdir()] == [f"a{form.suffix}"]
    assert (tmp_path / f"a{form.suffix}").read_bytes() == to_bytes(make(kind, case("positive").result)[0])
    if form.name == "kos":
        write_output(form, case("negative").result, tmp_path / f"b{form.suffix}", identity=True)
        assert len(list(tmp_path.iterdir())) == 1


def test_further_objects_of_a_kind_get_files_of_their_own(tmp_path: Path) -> None:
    files = [write_source(tmp_path, 1), write_source(tmp_path, 2, PhotometricInterpretation="MONOCHROME1")]
    (form,) = [one for one in DICOM if one.name == PRESENTATION.name]
    write_output(form, result(files), tmp_path / "x.gsps.dcm", identity=True)
    assert sorted(file.name for file in tmp_path.glob("x*")) == ["x-2.gsps.dcm", "x.gsps.dcm"]


def test_a_reader_report_is_not_made_of_a_reading_alone(case: Give) -> None:
    with pytest.raises(ValueError, match="reader-sr"):
        make(READER, case("positive").result)
    with pytest.raises(ValueError, match="time zone"):
        make(MEASUREMENTS, case("positive").result, Options(made=datetime(2026, 1, 1)))  # noqa: DTZ001
