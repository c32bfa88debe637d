"""What is shown of a film is the film, and what is made of a reading is of the one that was kept."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from osteon.imaging.load import load
from osteon.outputs import FORMATS
from osteon.outputs.format import Need


@pytest.fixture(scope="module")
def study(room: Any, picture: Any) -> dict[str, Any]:
    """A study of one film of 8 bits."""
    files = [("files", ("film.png", picture(2, 90, 70)))]
    found: dict[str, Any] = room.reader.post("/studies", files=files).json()["studies"][0]
    return found


def test_pixels_of_8_bits(room: Any, study: dict[str, Any], picture: Any) -> None:
    answer = room.viewer.get(f"/studies/{study['id']}/images/0/pixels")
    assert answer.headers["X-Osteon-Bits"] == "8"
    shown = np.frombuffer(answer.content, np.uint8).reshape(90, 70)
    np.testing.assert_array_equal(
        shown, cv2.imdecode(np.frombuffer(picture(2, 90, 70), np.uint8), cv2.IMREAD_GRAYSCALE)
    )
    again = room.viewer.get(
        f"/studies/{study['id']}/images/0/pixels", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert again.content == b""


@pytest.mark.parametrize("inverted", [False, True])
def test_pixels_of_dicom(room: Any, dicom: Any, inverted: bool) -> None:
    """16 bits, and never of the wrong polarity."""
    words = np.add.outer(np.arange(60) * 20, np.arange(50) * 10)
    kind = "MONOCHROME1" if inverted else "MONOCHROME2"
    data = dicom(words, PhotometricInterpretation=kind, WindowCenter=800, WindowWidth=1000)
    answer = room.reader.post("/studies", files=[("files", ("a", data))])
    study = answer.json()["studies"][0]
    pixels = room.viewer.get(f"/studies/{study['id']}/images/0/pixels")
    assert pixels.headers["X-Osteon-Bits"] == "16"
    shown = np.frombuffer(pixels.content, "<u2").reshape(60, 50).astype(float)
    window = study["images"][0]["window"]
    assert window is not None
    shown = np.clip((shown - window["low"]) / (window["high"] - window["low"]), 0, 1) * 65535
    np.testing.assert_allclose(shown / 65535, load(data)[0].pixels, atol=2e-3)
    assert (shown[0, 0] > shown[-1, -1]) == inverted


def test_thumbnail(room: Any, study: dict[str, Any], picture: Any) -> None:
    answer = room.viewer.get(f"/studies/{study['id']}/images/0/thumbnail")
    assert Image.open(io.BytesIO(answer.content)).size == (70, 90)
    large = room.reader.post("/studies", files=[("files", ("b.png", picture(4, 500, 300)))]).json()["studies"][0]["id"]
    small = room.viewer.get(f"/studies/{large}/images/0/thumbnail")
    assert Image.open(io.BytesIO(small.content)).size == (115, 192)
    assert small.headers["content-type"] == "image/jpeg"


def test_heat_map(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}/images/0"
    eight = room.viewer.get(f"{place}/heat")
    sixteen = room.viewer.get(f"{place}/heat", params={"bits": 16})
    coarse, fine = (cv2.imdecode(np.frombuffer(one.content, np.uint8), -1) for one in (eight, sixteen))
    assert study["reading"]["findings"]
    assert (coarse.dtype, fine.dtype) == (np.uint8, np.uint16)
    np.testing.assert_allclose(coarse / 255, fine / 65535, atol=0.003)
    x0, y0, x1, y1 = map(float, eight.headers["X-Osteon-Extent"].split(","))
    assert x0 <= 0 <= 70 <= x1
    assert y0 <= 0 <= 90 <= y1
    coloured = room.viewer.get(f"{place}/heat.png", params={"size": 180})
    picture = Image.open(io.BytesIO(coloured.content))
    assert (picture.size, picture.mode) == ((140, 180), "RGBA")
    assert room.viewer.get(f"{place}/heat", params={"bits": 9}).status_code == 422
    assert room.viewer.get(f"/studies/{study['id']}/images/5/heat").status_code == 404


def test_reports(room: Any, study: dict[str, Any]) -> None:
    page = room.viewer.get(f"/studies/{study['id']}/report.html")
    assert "NOT FOR DIAGNOSIS" in page.text
    assert study["id"] in page.text
    assert "script" not in page.text
    assert not re.findall(r"(?:src|href)=[\"'](?!data:)", page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    paper = room.viewer.get(f"/studies/{study['id']}/report.pdf")
    assert paper.content.startswith(b"%PDF")
    overlay = room.viewer.get(f"/studies/{study['id']}/overlay.png")
    assert Image.open(io.BytesIO(overlay.content)).format == "PNG"


@pytest.mark.parametrize(
    ("born", "told"), [("19791215", "46 years"), ("20080601", "17 years"), ("20250301", "11 months"), ("", None)]
)
def test_reports_round_no_age_up(room: Any, dicom: Any, born: str, told: str | None) -> None:
    words = np.add.outer(np.arange(60) * 20, np.arange(50) * 10 + len(born) + int(born or 0) % 97)
    data = dicom(words, PatientBirthDate=born, StudyDate="20260228")
    study = room.reader.post("/studies", files=[("files", ("a", data))]).json()["studies"][0]["id"]
    page = room.viewer.get(f"/studies/{study}/report.html").text
    assert re.findall(r"<dt>Age, sex</dt><dd>([^<]*)</dd>", page) == ([] if told is None else [told])


_OF_PICTURES = [form for form in FORMATS if Need.DICOM not in form.needs]


@pytest.mark.parametrize("form", FORMATS, ids=[form.name for form in FORMATS])
def test_objects_are_made_of_dicom_images_only(room: Any, study: dict[str, Any], form: Any) -> None:
    answer = room.reader.get(f"/studies/{study['id']}/outputs/{form.name}")
    assert answer.status_code == (200 if form in _OF_PICTURES else 404)
    if form not in _OF_PICTURES:
        assert (
            room.viewer.get(f"/studies/{study['id']}/outputs/{form.name}").status_code == 403
        )  # they hold identifiers


@pytest.mark.parametrize("form", _OF_PICTURES, ids=[form.name for form in _OF_PICTURES])
def test_every_output(room: Any, study: dict[str, Any], form: Any) -> None:
    answer = room.viewer.get(f"/studies/{study['id']}/outputs/{form.name}")
    assert answer.status_code == 200
    assert study["id"] in answer.headers["Content-Disposition"]
    if answer.headers["content-type"] == "application/zip":
        assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None
    else:
        assert answer.headers["content-type"].startswith(form.media_type)


def test_readings_are_not_made_again(room: Any, study: dict[str, Any]) -> None:
    """What is shown comes from the store: change it there, and it is changed everywhere."""
    from osteon.clinic.store.tables.studies import StoredReading

    with room.context.database.session() as session:
        row = session.get(StoredReading, study["id"])
        row.content = {**row.content, "notes": ["changed in the store"]}
    assert "changed in the store" in room.viewer.get(f"/studies/{study['id']}/outputs/json").text
    assert "changed in the store" in room.viewer.get(f"/studies/{study['id']}/report.html").text


def test_original(room: Any, study: dict[str, Any], picture: Any) -> None:
    answer = room.reader.get(f"/studies/{study['id']}/files/0")
    assert answer.content == picture(2, 90, 70)
    assert answer.headers["content-type"] == "image/png"
    assert "film" not in answer.headers["Content-Disposition"]
    assert room.reader.get(f"/studies/{study['id']}/files/1").status_code == 404


def test_formats_and_images_that_are_not_there(room: Any, study: dict[str, Any]) -> None:
    for place in ("outputs/none", "images/7/pixels", "images/7/thumbnail"):
        answer = room.viewer.get(f"/studies/{study['id']}/{place}")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
    assert room.viewer.get(f"/studies/{study['id']}/images/x/pixels").status_code == 422


def test_compressed_on_the_way_to_others(rooms: Any, picture: Any) -> None:
    """Behind a proxy the client is another machine; on this one nothing is gained."""
    room = rooms(behind_proxy=("127.0.0.1",))
    headers = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https"}
    data = picture(4, 400, 400)
    study = room.reader.post("/studies", files=[("files", ("b.png", data))], headers=headers).json()["studies"][0]["id"]
    with room.viewer.stream("GET", f"/studies/{study}/images/0/pixels", headers=headers) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(gzip.decompress(b"".join(answer.iter_raw()))) == 160_000
