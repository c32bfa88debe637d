"""Films are sent, read, listed and removed over HTTP."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest


def send(client: httpx.Client, *files: tuple[str, bytes], **options: Any) -> httpx.Response:
    return client.post("/studies", files=[("files", one) for one in files], **options)


def test_sent_and_read_at_once(room: Any, picture: Any) -> None:
    answer = send(room.reader, ("hand.png", picture(1)), ("x.png", picture(2)))
    assert answer.status_code == 200
    assert answer.json()["failures"] == []
    first, second = answer.json()["studies"]
    assert first["state"] == second["state"] == "done"
    assert first["reading"]["records"][0]["study"] == first["id"]
    assert first["reading"]["probability"] == first["probability"]
    assert first["images"][0]["rows"] == 96
    assert first["pseudonym"] is None
    again = send(room.reader, ("other.png", picture(2)))
    assert again.json()["studies"][0] == second
    assert room.viewer.get(f"/studies/{first['id']}").json() == first


def test_two_at_once_are_one_study(room: Any, picture: Any) -> None:
    found: list[Any] = []

    def post() -> None:
        found.append(send(room.reader, ("a.png", picture(77))).json()["studies"][0])

    threads = [threading.Thread(target=post) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({one["id"] for one in found}) == 1
    assert len({one["read"] for one in found}) == 1


def test_answered_later(room: Any, picture: Any) -> None:
    headers = {"Prefer": "respond-async, wait=5"}
    answer = send(room.reader, ("a.png", picture(3)), ("b.pdf", b"%PDF-"), headers=headers)
    assert answer.status_code == 202
    assert answer.headers["Preference-Applied"] == "respond-async"
    job = answer.json()["job"]
    assert answer.headers["Location"] == f"/api/v1/jobs/{job['id']}"
    assert job["failures"][0]["source"] == "b.pdf"
    assert room.context.worker.waiters.wait(job["studies"][0], 30)
    later = room.reader.get(f"/jobs/{job['id']}").json()
    assert (later["state"], later["done"], later["total"]) == ("done", 1, 1)
    assert later["failures"][0] | {"source": ""} == job["failures"][0] | {"source": ""}
    assert later["failures"][0]["source"] == "file 2"
    assert room.reader.get("/jobs/none").status_code == 404


def test_dicom_study(room: Any, dicom: Any) -> None:
    """Two films of one patient are one study that names nobody."""
    words = np.random.default_rng(5).integers(0, 4095, (80, 60))
    about = {"StudyInstanceUID": "1.2.3", "PatientAge": "034Y", "PatientSex": "F", "ImagerPixelSpacing": [0.2, 0.2]}
    one, two = dicom(words, BodyPartExamined="HAND", **about), dicom(words + 1, BodyPartExamined="HAND", **about)
    other = dicom(words + 2, PatientID="SECRET8")
    answer = send(room.reader, ("a", one), ("b", other), ("c", two))
    assert answer.status_code == 200
    assert "secret" not in answer.text.lower()
    assert "1.2.3" not in answer.text
    pair, single = answer.json()["studies"]
    assert (pair["age"], pair["sex"], pair["body_part"], pair["view_count"]) == (34, "F", "hand", 2)
    assert pair["pseudonym"] == room.context.files.pseudonym("SECRET7")
    assert pair["pseudonym"] != single["pseudonym"]
    assert [one["index"] for one in pair["images"]] == [0, 1]
    assert pair["images"][0]["spacing"] == [0.2, 0.2]
    listed = room.viewer.get("/studies", params={"q": pair["pseudonym"].lower()}).json()
    assert [one["id"] for one in listed["items"]] == [pair["id"]]


def test_images_name_the_file_that_they_came_in(room: Any, dicom: Any) -> None:
    """Two frames of one file, then another file: the third image is of the second file."""
    words = np.random.default_rng(6).integers(0, 4095, (80, 60)).astype("<u2")
    about = {"StudyInstanceUID": "1.2.4", "BodyPartExamined": "HAND"}
    frames = dicom(words, NumberOfFrames=2, PixelData=words.tobytes() + words[::-1].tobytes(), **about)
    single = dicom(words + 1, **about)
    (study,) = send(room.reader, ("a", frames), ("b", single)).json()["studies"]
    assert [one["file"] for one in study["images"]] == [0, 0, 1]
    last = study["images"][-1]["file"]
    assert room.reader.get(f"/studies/{study['id']}/files/{last}").content == single


def test_failures_are_explained(room: Any, picture: Any) -> None:
    broken = picture(9)[:900]
    answer = send(room.reader, ("ok.png", picture(8)), ("../../bro\nken.png", broken), ("t.txt", b"hello world"))
    assert answer.status_code == 200
    assert len(answer.json()["studies"]) == 1
    failures = answer.json()["failures"]
    assert [one["index"] for one in failures] == [1, 2]
    assert "/" not in failures[0]["source"]
    assert "\n" not in failures[0]["source"]
    assert failures[0]["problem"]["status"] == 422
    assert str(room.context.files.folder) not in answer.text
    failed = room.viewer.get(f"/studies/{failures[0]['study']}").json()
    assert failed["state"] == "failed"
    assert failed["problem"] == failures[0]["problem"]
    assert failed["reading"] is None
    alone = send(room.reader, ("x.png", broken))
    assert alone.status_code == 422
    assert alone.headers["content-type"] == "application/problem+json"
    assert alone.json()["detail"] == failures[0]["problem"]["detail"]
    assert send(room.reader, ("a", b""), ("b", b"x")).json()["failures"][1]["index"] == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"content": b"x", "headers": {"content-type": "image/png"}}, 415),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, (400, 422)),
        ({"files": {"other": ("a", b"b")}}, 422),
        ({"data": {"files": "no file"}, "files": {"x": ("a", b"b")}}, 422),
        ({"files": {"files": ("a", b"b")}, "data": {"together": "perhaps"}}, 422),
        ({"files": {"files": ("a", b"b")}, "data": {"pseudonym": "x" * 65}}, 422),
        ({"files": {"files": ("a", b"b")}, "data": {"pseudonym": "x\ny"}}, 422),
        ({"files": [("files", (f"{n}", b"b")) for n in range(65)]}, 400),
    ],
)
def test_requests_that_are_wrong(room: Any, request_: dict[str, Any], status: Any) -> None:
    answer = room.reader.post("/studies", **request_)
    assert answer.status_code in (status if isinstance(status, tuple) else (status,)), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_worklist(rooms: Any, picture: Any) -> None:
    room = rooms()
    files = [(f"{seed}.png", picture(seed)) for seed in range(30, 38)]
    studies = send(room.reader, *files, data={"pseudonym": "Case 5"}).json()["studies"]
    send(room.reader, ("x", picture(1)[:500]))
    order = {"fracture": 0, "doubt": 1, "abstain": 2, None: 3, "no fracture": 4}
    page = room.viewer.get("/studies").json()
    assert page["total"] == len(page["items"]) == 9
    assert page["next"] is None
    ranks = [(order[one["call"]], -(one["probability"] or 0)) for one in page["items"]]
    assert ranks == sorted(ranks)
    assert [one["urgency"] for one in page["items"]] == [rank for rank, _ in ranks]
    assert room.viewer.get("/studies", params={"q": "case"}).json()["total"] == 8
    seen: list[str] = []
    cursor = None
    while True:
        part = room.viewer.get("/studies", params={"limit": 4, "sort": "time"} | ({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in part.json()["items"]]
        cursor = part.json()["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 9
    call = studies[0]["call"]
    wanted = room.viewer.get("/studies", params={"call": [call, "abstain"], "state": "done"}).json()
    assert {one["call"] for one in wanted["items"]} <= {call, "abstain"}
    assert room.viewer.get("/studies", params={"state": "failed"}).json()["total"] == 1
    assert room.viewer.get("/studies", params={"since": "2100-01-01T00:00:00Z"}).json()["total"] == 0
    for wrong in ({"cursor": "x"}, {"limit": 0}, {"sort": "name"}, {"call": "no"}, {"cursor": "W10"}):
        assert room.viewer.get("/studies", params=wrong).status_code == 422


def test_roles_and_removal(room: Any, picture: Any) -> None:
    study = send(room.reader, ("a.png", picture(50))).json()["studies"][0]["id"]
    assert send(room.viewer, ("a.png", picture(50))).status_code == 403
    assert httpx.get(f"{room.url}/studies").status_code == 401
    assert room.viewer.get(f"/studies/{study}/files/0").status_code == 403
    assert room.reader.delete(f"/studies/{study}").status_code == 403
    assert room.administrator.delete(f"/studies/{study}").status_code == 204
    assert room.administrator.delete(f"/studies/{study}").status_code == 404
    for place in ("", "/images/0/pixels", "/images/0/thumbnail", "/images/0/heat", "/overlay.png", "/report.html"):
        assert room.viewer.get(f"/studies/{study}{place}").status_code == 404
    assert send(room.reader, ("a.png", picture(50))).json()["studies"][0]["id"] != study


def test_full_queue(rooms: Any, picture: Any) -> None:
    room = rooms(queue=3)
    room.context.worker.stop()
    later = {"Prefer": "respond-async"}
    assert send(room.reader, *[(f"{n}", picture(n)) for n in range(3)], headers=later).status_code == 202
    full = send(room.reader, ("a", picture(60)), headers=later)
    assert full.status_code == 429
    assert int(full.headers["Retry-After"]) > 0
    assert room.viewer.get("/studies").json()["total"] == 3


def test_opinions(room: Any, picture: Any) -> None:
    study = send(room.reader, ("a.png", picture(51))).json()["studies"][0]["id"]
    assert room.reader.get(f"/studies/{study}/opinions").json() == []
    for agrees, words in ((True, ""), (False, "An old fracture <b>&")):
        answer = room.reader.post(f"/studies/{study}/opinions", json={"agrees": agrees, "note": words})
        assert answer.status_code == 201
    kept = room.reader.get(f"/studies/{study}/opinions").json()
    assert [one["agrees"] for one in kept] == [True, False]
    assert kept[1]["author"] == "key:reader"
    assert room.viewer.get(f"/studies/{study}").json()["opinion"] == kept[1]
    long = {"agrees": True, "note": "x" * 2001}
    assert room.reader.post(f"/studies/{study}/opinions", json=long).status_code == 422
    assert room.viewer.post(f"/studies/{study}/opinions", json={"agrees": True}).status_code == 403
    assert room.reader.post("/studies/none/opinions", json={"agrees": True}).status_code == 404


def test_sample_films(rooms: Any, samples: Path) -> None:
    """The samples with the shipped bundle: what the command line says of them."""
    import osteon

    room = rooms(bundle="fracatlas")
    files = sorted(samples.iterdir())
    answer = send(room.reader, *[(one.name, one.read_bytes()) for one in files])
    found = [(one["call"], one["probability"]) for one in answer.json()["studies"]]
    assert found == [(one.call.value, one.probability) for one in osteon.read([str(one) for one in files])]
    about = room.viewer.get("/bundles").json()
    assert about[0]["identity"] == answer.json()["studies"][0]["bundle"]
    card = room.viewer.get("/bundles/fracatlas/card")
    assert card.headers["content-type"].startswith("text/markdown")
    page = room.viewer.get("/bundles/fracatlas/card", headers={"Accept": "text/html"})
    assert "<table>" in page.text
    assert "<script" not in page.text
    assert room.viewer.get("/bundles/other/card").status_code == 404
