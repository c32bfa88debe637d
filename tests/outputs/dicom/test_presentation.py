"""Presentation states: boxes where the reading has them, over images shown as their files say."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from tests.outputs.dicom.cases import Case, result, write_source
from tests.outputs.dicom.test_measurements import named

from osteon.outputs.dicom import make, to_bytes
from osteon.outputs.dicom.kinds import MEASUREMENTS, PRESENTATION
from osteon.outputs.dicom.objects.cielab import cielab
from osteon.outputs.result import StudyResult

Give = Callable[[str], Case]


def state(study: StudyResult) -> Dataset:
    """The state of a study, through the bytes of its file."""
    (made,) = make(PRESENTATION, study)
    return dcmread(BytesIO(to_bytes(made)))


def lines(made: Dataset) -> list[tuple[Dataset, Dataset, str]]:
    """Each line with the image that it lies in and its layer."""
    return [
        (line, one.ReferencedImageSequence[0], one.GraphicLayer)
        for one in made.GraphicAnnotationSequence
        for line in one.get("GraphicObjectSequence", [])
    ]


def words(made: Dataset) -> list[str]:
    """All that is written."""
    return [text.UnformattedTextValue for one in made.GraphicAnnotationSequence for text in one.TextObjectSequence]


@pytest.mark.parametrize("name", ["positive", "doubt", "two views", "multi-frame", "inverted", "partly read"])
def test_boxes_lie_where_the_reading_has_them(name: str, case: Give) -> None:
    study = case(name).result
    made, (report,) = state(study), make(MEASUREMENTS, study)
    found = lines(made)
    assert len(found) == len(study.reading.findings) > 0
    tracked = {one.UID for one in named(report, "112040")}
    assert {line.TrackingUID for line, _, _ in found} == tracked
    for (line, image, layer), finding in zip(found, study.reading.findings, strict=True):
        x0, y0, x1, y1 = finding.box
        corners = np.array([x0, y0, x1, y0, x1, y1, x0, y1, x0, y0], np.float32)
        assert np.array_equal(np.array(line.GraphicData, np.float32), corners)
        assert (line.GraphicAnnotationUnits, line.GraphicType) == ("PIXEL", "POLYLINE")
        identity = study.instances[finding.image].identity
        assert identity is not None
        assert image.ReferencedSOPInstanceUID == identity.sop_instance_uid
        assert image.get("ReferencedFrameNumber") == (3 if name == "multi-frame" else None)
        assert layer == ("AI_DEFINITE" if finding.definite else "AI_DOUBT")


@pytest.mark.parametrize("name", ["positive", "negative", "abstained", "refused", "partly read"])
def test_every_image_says_what_the_ai_says_and_that_nobody_checked(name: str, case: Give) -> None:
    study = case(name).result
    said = [line for line in words(state(study)) if line.startswith("AI, not verified: ")]
    assert len(said) == len(study.reading.radiographs)
    if name in ("abstained", "refused"):
        assert study.reading.reason in said[0]
    if name == "partly read":
        assert "This image was not read: blank" in said[0]
        assert "not read" not in said[1]


def test_layers_have_the_colours_of_the_overlay(case: Give) -> None:
    made = state(case("positive").result)
    names = [one.GraphicLayer for one in made.GraphicLayerSequence]
    assert names == ["AI_DEFINITE", "AI_DOUBT", "AI_CALL"]
    assert all(len(one.GraphicLayerRecommendedDisplayCIELabValue) == 3 for one in made.GraphicLayerSequence)


@pytest.mark.parametrize("colour", [(255, 255, 255), (0, 0, 0), (255, 0, 0), (16, 200, 90)])
def test_colours_are_those_that_colour_management_gives(colour: tuple[int, int, int]) -> None:
    """Against LittleCMS, with the tolerance of its 8 bit result."""
    from PIL import Image, ImageCms

    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    picture = ImageCms.applyTransform(Image.new("RGB", (1, 1), colour), to_lab)
    assert picture is not None
    lightness, a, b = (int(value) for value in np.asarray(picture)[0, 0])
    expected = lightness / 255 * 65535, ((a ^ 0x80) / 255) * 65535, ((b ^ 0x80) / 255) * 65535
    assert cielab(colour) == pytest.approx(expected, abs=400)


def test_the_window_of_the_file_is_repeated(case: Give) -> None:
    made = state(case("two views").result)
    assert [one.WindowCenter for one in made.SoftcopyVOILUTSequence] == [2000, 2000]
    assert [one.WindowWidth for one in made.SoftcopyVOILUTSequence] == [3600, 3600]
    assert made.PresentationLUTShape == "IDENTITY"
    assert "RescaleSlope" not in made


def test_inverted_images_stay_inverted_and_rescaled(case: Give) -> None:
    made = state(case("inverted").result)
    assert made.PresentationLUTShape == "INVERSE"
    assert (made.RescaleSlope, made.RescaleIntercept, made.RescaleType) == (2, -100, "US")


def lut(entries: list[int], first: int = 0) -> Items:
    """A LUT of 16 bits as a sequence."""
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [len(entries), first, 16], entries
    item.ModalityLUTType = "OD"
    item["LUTDescriptor"].VR = "SS" if first < 0 else "US"
    item["LUTData"].VR = "US"
    return Items([item])


@pytest.mark.dcmtk
def test_tables_of_the_file_are_repeated(tmp_path: Path, run: Callable[..., str]) -> None:
    entries = [16 * value for value in range(4096)]
    tables: dict[str, Any] = {
        "ModalityLUTSequence": lut(entries),
        "VOILUTSequence": lut([257 * value for value in range(256)], 100),
    }
    study = result([write_source(tmp_path, WindowCenter=None, WindowWidth=None, **tables)])
    (made,) = make(PRESENTATION, study)
    (tmp_path / "gsps.dcm").write_bytes(to_bytes(made))
    parsed = dcmread(tmp_path / "gsps.dcm")
    (modality,) = parsed.ModalityLUTSequence
    assert (list(modality.LUTDescriptor), modality.ModalityLUTType) == ([4096, 0, 16], "OD")
    assert np.array_equal(np.frombuffer(modality.LUTData, "<u2"), entries)
    assert list(parsed.SoftcopyVOILUTSequence[0].VOILUTSequence[0].LUTDescriptor) == [256, 100, 16]
    assert "Error" not in run("dciodvfy", tmp_path / "gsps.dcm")
    assert "Test passed" in run("dcmpschk", tmp_path / "gsps.dcm")


def test_images_of_different_polarity_get_a_state_each(tmp_path: Path, run: Callable[..., str]) -> None:
    """A state has one polarity for all its images."""
    files = [write_source(tmp_path, 1), write_source(tmp_path, 2, PhotometricInterpretation="MONOCHROME1")]
    states = make(PRESENTATION, result(files))
    assert [one.PresentationLUTShape for one in states] == ["IDENTITY", "INVERSE"]
    assert len({one.SOPInstanceUID for one in states}) == 2
    assert len({one.SeriesInstanceUID for one in states}) == 1
    assert [len(lines(one)) for one in states] == [0, 2]
    for place, one in enumerate(states):
        (tmp_path / f"gsps-{place}.dcm").write_bytes(to_bytes(one))
    assert "Error" not in run("dcentvfy", *files, *tmp_path.glob("gsps-*.dcm"))


def test_pixels_that_are_not_square_keep_their_shape(tmp_path: Path) -> None:
    made = state(result([write_source(tmp_path, ImagerPixelSpacing=["0.4", "0.2"])]))
    (area,) = made.DisplayedAreaSelectionSequence
    assert list(area.PresentationPixelAspectRatio) == [2000, 1000]
    assert list(area.DisplayedAreaBottomRightHandCorner) == [192, 256]


def test_words_stay_within_the_image(tmp_path: Path) -> None:
    from dataclasses import replace

    from osteon.core.geometry import Box
    from osteon.core.records import Finding

    study = result([write_source(tmp_path)])
    boxes = (Box(0, 0, 192, 256), Box(150, 1, 192, 20), Box(-5, 200, 30, 300))
    findings = tuple(Finding("fracture", box, 0.9, 0, True) for box in boxes)
    made = state(replace(study, reading=replace(study.reading, findings=findings)))
    for line, _, _ in lines(made):
        points = np.reshape(line.GraphicData, (-1, 2))
        assert points.min() >= 0
        assert (points <= (192, 256)).all()
    for one in made.GraphicAnnotationSequence:
        for text in one.TextObjectSequence:
            if text.BoundingBoxAnnotationUnits == "PIXEL":
                left, top, right, bottom = (
                    *text.BoundingBoxTopLeftHandCorner, *text.BoundingBoxBottomRightHandCorner
                )  # fmt: skip
                assert 0 <= left < right <= 192
                assert 0 <= top < bottom <= 257
