"""Measurements, boxes and verdicts are kept with the study, in pixels of the image."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

LINE = {"image": 0, "kind": "length", "points": [[10, 20], [40, 60]]}


@pytest.fixture
def study(room: Any, picture: Any, request: pytest.FixtureRequest) -> dict[str, Any]:
    """A study of its own for each test, with boxes."""
    seed = 3 * (200 + sum(map(ord, request.node.name))) + 2
    found: dict[str, Any] = room.reader.post("/studies", files=[("files", ("a.png", picture(seed)))]).json()["studies"][
        0
    ]
    assert found["reading"]["findings"]
    return found


def test_a_length_is_kept_moved_and_removed(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}/marks"
    made = room.reader.post(place, json=LINE)
    assert made.status_code == 201, made.text
    mark = made.json()
    assert (mark["value"], mark["unit"], mark["author"]) == (50.0, "px", "key:reader")
    assert room.viewer.get(place).json() == [mark]
    moved = room.reader.put(f"{place}/{mark['id']}", json={"points": [[0, 0], [0, 30.5]]}).json()
    assert (moved["value"], moved["points"]) == (30.5, [[0, 0], [0, 30.5]])
    assert room.administrator.put(f"{place}/{mark['id']}", json={"points": [[0, 0], [0, 3]]}).status_code == 403
    assert room.viewer.delete(f"{place}/{mark['id']}").status_code == 403
    assert room.administrator.delete(f"{place}/{mark['id']}").status_code == 204
    assert room.viewer.get(place).json() == []
    assert room.reader.delete(f"{place}/{mark['id']}").status_code == 404
    assert room.reader.delete(f"{place}/{10**20}").status_code in {404, 422}


@pytest.mark.parametrize(("kind", "body"), [("marks", LINE), ("opinions", {"agrees": True})], ids=["marks", "opinions"])
def test_of_two_who_delete_at_once_one_is_told_that_it_is_gone(
    room: Any, study: dict[str, Any], kind: str, body: dict[str, Any]
) -> None:
    place = f"/studies/{study['id']}/{kind}"
    for _ in range(5):
        made = room.reader.post(place, json=body).json()
        with ThreadPoolExecutor(2) as pool:
            both = [pool.submit(room.reader.delete, f"{place}/{made['id']}") for _ in range(2)]
        assert sorted(one.result().status_code for one in both) == [204, 404]


def test_lengths_are_millimetres_by_the_file_or_by_hand(room: Any, dicom: Any, study: dict[str, Any]) -> None:
    words = np.add.outer(np.arange(90) * 20, np.arange(80) * 10)
    sent = room.reader.post("/studies", files=[("files", ("a", dicom(words, ImagerPixelSpacing=[0.2, 0.2])))]).json()
    place = f"/studies/{sent['studies'][0]['id']}/marks"
    assert room.reader.post(place, json=LINE).json()["value"] == 10.0
    place = f"/studies/{study['id']}/marks"
    room.reader.post(place, json=LINE)
    scale = {"image": 0, "kind": "calibration", "points": [[0, 0], [0, 10]], "millimetres": 2.5}
    made = room.reader.post(place, json=scale).json()
    line = room.viewer.get(place).json()[0]
    assert (line["value"], line["unit"], line["calibrated"]) == (12.5, "mm", True)
    room.reader.put(f"{place}/{made['id']}", json={"points": [[0, 0], [0, 10]], "millimetres": 5})
    assert room.viewer.get(place).json()[0]["value"] == 25.0


def test_boxes_are_accepted_rejected_and_added(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}/marks"
    found = study["reading"]["findings"][0]
    x0, y0, x1, y1 = found["box"]
    verdict = {"image": found["image"], "kind": "verdict", "points": [[x0, y0], [x1, y1]], "label": found["label"]}
    assert room.reader.post(place, json={**verdict, "accepted": False}).status_code == 201
    assert room.reader.post(place, json={**verdict, "accepted": True}).status_code == 201
    assert room.administrator.post(place, json={**verdict, "accepted": False}).status_code == 201
    kept = room.viewer.get(place).json()
    assert [(mark["author"], mark["accepted"]) for mark in kept] == [("key:reader", True), ("key:administrator", False)]
    other = {**verdict, "points": [[x0 + 1, y0], [x1, y1]], "accepted": True}
    assert room.reader.post(place, json=other).status_code == 422
    missed = {"image": 0, "kind": "box", "points": [[50, 70], [-20, 30]], "label": "fracture"}
    assert room.reader.post(place, json=missed).json()["points"] == [[0, 30], [50, 70]]
    report = room.viewer.get(f"/studies/{study['id']}/report.html").text
    assert "Missed by the network: fracture at x 0 to 50, y 30 to 70, key:reader" in report
    assert "Box of the network accepted" in report


@pytest.mark.parametrize(
    "body",
    [
        {**LINE, "points": [[1, 2]]},
        {**LINE, "points": [[1, 2], [1, 2]]},
        {**LINE, "points": [[1, 2], [3, 4], [5, 6]]},
        {**LINE, "points": [[1, 2], [3, 1e9]]},
        {**LINE, "image": 1},
        {**LINE, "image": -1},
        {**LINE, "image": 10**20},
        {**LINE, "label": "x"},
        {**LINE, "millimetres": 3},
        {**LINE, "accepted": True},
        {**LINE, "kind": "calibration"},
        {**LINE, "kind": "calibration", "millimetres": 0},
        {**LINE, "kind": "angle"},
        {**LINE, "kind": "box", "points": [[-5, -5], [0, 0]]},
        {**LINE, "kind": "box", "label": "a\x00"},
        {**LINE, "kind": "verdict", "accepted": True},
        {**LINE, "kind": "none"},
        {"image": 0, "kind": "angle", "points": [[1, 1], [1, 1], [2, 2]]},
        {"image": 0, "kind": "cobb", "points": [[1, 1], [2, 2], [3, 3], [3, 3]]},
    ],
    ids=str,
)
def test_what_is_no_mark_is_refused(room: Any, study: dict[str, Any], body: dict[str, Any]) -> None:
    answer = room.reader.post(f"/studies/{study['id']}/marks", json=body)
    assert answer.status_code == 422, answer.text
    assert room.reader.get(f"/studies/{study['id']}/marks").json() == []


def test_numbers_that_json_cannot_write_are_refused(room: Any, study: dict[str, Any]) -> None:
    body = '{"image": 0, "kind": "length", "points": [[0, 0], [NaN, Infinity]]}'
    headers = {"Content-Type": "application/json"}
    assert room.reader.post(f"/studies/{study['id']}/marks", content=body, headers=headers).status_code == 422


def test_a_moved_mark_is_checked_as_a_new_one(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}/marks"
    mark = room.reader.post(place, json=LINE).json()["id"]
    for points in ([[1, 1], [1, 1]], [[1, 1], [2, 2], [3, 3]]):
        assert room.reader.put(f"{place}/{mark}", json={"points": points}).status_code == 422
    assert room.reader.get(place).json()[0]["points"] == LINE["points"]


def test_marks_go_with_their_study(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}"
    room.reader.post(f"{place}/marks", json=LINE)
    assert room.administrator.delete(place).status_code == 204
    assert room.reader.get(f"{place}/marks").status_code == 404
    assert study["id"] not in room.reader.get("/annotations").text


def test_they_are_taken_along(room: Any, study: dict[str, Any]) -> None:
    place = f"/studies/{study['id']}"
    note = '=HYPERLINK("http://elsewhere", "an old fracture")'
    room.reader.post(f"{place}/opinions", json={"agrees": False, "note": note, "call": "doubt"})
    room.reader.post(f"{place}/marks", json=LINE)
    found = room.viewer.get(f"{place}/annotations").json()
    assert [(row["type"], row["study"], row["note"], row["value"]) for row in found] == [
        ("opinion", study["id"], note, None),
        ("length", study["id"], None, 50.0),
    ]
    assert found[0]["network_call"] == study["call"]
    answer = room.viewer.get(f"{place}/annotations", params={"format": "csv"})
    assert study["id"] in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["type"] for row in rows] == ["opinion", "length"]
    assert rows[0]["note"] == f"'{note}"
    assert rows[1]["points"] == "10 20; 40 60"
    every = list(csv.DictReader(io.StringIO(room.reader.get("/annotations").text)))
    assert [row for row in every if row["study"] == study["id"]] == rows
    whole = room.reader.get("/annotations", params={"format": "json"}).json()
    assert [row for row in whole if row["study"] == study["id"]] == found
    assert room.viewer.get("/annotations").status_code == 403
    assert room.viewer.get(f"{place}/annotations", params={"format": "xml"}).status_code == 422


def test_overlays_have_a_name_for_each_image_and_study(room: Any, picture: Any) -> None:
    files = [("files", ("a.png", picture(902))), ("files", ("b.png", picture(905)))]
    study = room.reader.post("/studies", files=files, data={"together": "true"}).json()["studies"][0]["id"]
    names = set()
    for place in ("overlay.png", "images/0/overlay.png", "images/1/overlay.png", "report.pdf"):
        answer = room.viewer.get(f"/studies/{study}/{place}")
        assert answer.status_code == 200
        names.add(answer.headers["Content-Disposition"].partition("filename=")[2])
    stems = ("overlay.png", "1-overlay.png", "2-overlay.png", "report.pdf")
    assert names == {f'"{study}-{stem}"' for stem in stems}
    assert room.viewer.get(f"/studies/{study}/images/2/overlay.png").status_code == 404


def test_what_was_drawn_stays_with_its_image_in_newer_versions(room: Any, dicom: Any) -> None:
    """Another image joins the study, and comes to lie before the first one or after it: lines stay on their image."""
    uid = "1.2.826.0.1.3680043.8.498.901"

    def film(number: int) -> tuple[str, tuple[str, bytes]]:
        words = np.add.outer(np.arange(90) * 20, np.arange(80) * 10 + 7 * number)
        return "files", (f"{number}", dicom(words, StudyInstanceUID=uid, SOPInstanceUID=f"{uid}.{number}"))

    first = room.reader.post("/studies", files=[film(1)]).json()["studies"][0]
    place = f"/studies/{first['id']}"
    line = room.reader.post(f"{place}/marks", json=LINE).json()
    room.reader.post(f"{place}/opinions", json={"agrees": False, "note": "Of the first one."})
    second = room.reader.post("/studies", files=[film(2)]).json()["studies"][0]
    assert (second["version"], second["view_count"]) == (2, 2)
    (carried,) = room.viewer.get(f"/studies/{second['id']}/marks").json()
    assert (carried["id"], carried["points"]) == (line["id"], line["points"])
    images = {image["file"]: image["index"] for image in second["images"]}
    assert carried["image"] == images[0]
    report = room.viewer.get(f"/studies/{second['id']}/report.html").text
    assert "of version 1, " in report
    assert "Of the first one." in report
    assert f"on image {carried['image'] + 1}, key:reader" in report
    assert "a newer version has replaced it" in room.viewer.get(f"{place}/report.html").text
    moved = room.reader.put(f"/studies/{second['id']}/marks/{line['id']}", json={"points": [[0, 0], [0, 9]]})
    assert moved.json()["points"] == [[0, 0], [0, 9]]
    rows = room.reader.get("/annotations", params={"format": "json"}).json()
    assert len([row for row in rows if row["study"] in {first["id"], second["id"]}]) == 2, "none is told twice"
    assert room.reader.delete(f"/studies/{second['id']}/marks/{line['id']}").status_code == 204
    assert room.viewer.get(f"{place}/marks").json() == []
