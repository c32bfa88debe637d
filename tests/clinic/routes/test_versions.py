"""Versions, identifiers, labels, retries and what is done with several studies, over HTTP."""

from __future__ import annotations

import csv
import io
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest

from osteon.clinic.store.tables.studies import Study

Film = Callable[..., bytes]


@pytest.fixture
def film(dicom: Any, request: pytest.FixtureRequest) -> Film:
    """DICOM films of one study, another for each test."""
    uid = f"1.2.826.0.1.3680043.8.498.{abs(hash(request.node.nodeid)) % 10**12}"
    made: dict[Any, bytes] = {}

    def make(seed: int, **elements: Any) -> bytes:
        key = (seed, *sorted(elements.items()))
        if key not in made:
            words = np.random.default_rng(seed).integers(0, 4095, (80, 60))
            about = {"StudyInstanceUID": uid, "BodyPartExamined": "HAND", "AccessionNumber": "ACC-2026-5"}
            made[key] = dicom(words, **about | elements)
        return made[key]

    return make


def send(client: httpx.Client, *files: tuple[str, bytes], **options: Any) -> httpx.Response:
    return client.post("/studies", files=[("files", one) for one in files], **options)


def test_image_by_image(room: Any, film: Film) -> None:
    first = send(room.reader, ("front.dcm", film(1))).json()
    assert first["files"] == [{"index": 0, "source": "front.dcm", "study": first["studies"][0]["id"], "outcome": "new"}]
    assert room.reader.post(f"/studies/{first['studies'][0]['id']}/opinions", json={"agrees": True}).status_code == 201
    second = send(room.reader, ("side.dcm", film(2))).json()
    assert second["files"][0]["outcome"] == "added"
    third = send(room.reader, ("front.dcm", film(1)), ("side.dcm", film(2))).json()
    assert [one["outcome"] for one in third["files"]] == ["known", "known"]
    before, (now,) = first["studies"][0], third["studies"]
    assert second["studies"][0]["id"] == now["id"] != before["id"]
    assert (now["version"], now["previous"]["id"], now["newer"]) == (2, before["id"], None)
    assert (now["cause"], now["view_count"], now["previous"]["view_count"]) == ("images", 2, 1)
    assert now["opinion"] is None
    assert now["earlier_opinion"]["agrees"]
    listed = room.viewer.get("/studies", params={"q": now["pseudonym"]}).json()["items"]
    assert [one["id"] for one in listed] == [now["id"]]
    earlier = room.viewer.get(f"/studies/{before['id']}").json()
    assert (earlier["newer"], earlier["reading"]) == (now["id"], before["reading"])
    assert [one["id"] for one in earlier["versions"]] == [before["id"], now["id"]]
    for place in ("report.pdf", "overlay.png", "images/0/pixels", "images/0/thumbnail", "outputs/json"):
        assert room.viewer.get(f"/studies/{before['id']}/{place}").status_code == 200
    assert room.administrator.delete(f"/studies/{before['id']}").status_code == 204
    assert room.viewer.get(f"/studies/{now['id']}").status_code == 404


def test_two_patients(room: Any, film: Film) -> None:
    answer = send(room.reader, ("a", film(1, PatientID="A7")), ("b", film(2, PatientID="B7"))).json()
    one, other = answer["studies"]
    assert one["pseudonym"] != other["pseudonym"]
    for study in (one, other):
        assert study["view_count"] == 1
        assert "another patient" in study["warnings"][0].lower()
    assert room.viewer.get("/studies", params={"q": one["id"]}).json()["items"][0]["warnings"] == one["warnings"]


def test_same_instance_with_other_content(room: Any, film: Film) -> None:
    instance = {"SOPInstanceUID": "1.2.826.0.1.3680043.8.498.55"}
    assert send(room.reader, ("a", film(1, **instance))).status_code == 200
    answer = send(room.reader, ("b", film(2, **instance)))
    assert answer.status_code == 422
    assert "SOPInstanceUID" in answer.json()["detail"]
    mixed = send(room.reader, ("b", film(2, **instance)), ("c", film(3))).json()
    assert [one["outcome"] for one in mixed["files"]] == ["refused", "added"]
    assert mixed["failures"][0]["index"] == 0


def test_identifiers_are_for_those_who_may_see_them(room: Any, film: Film) -> None:
    study = send(room.reader, ("M\u00fcller front.dcm", film(1))).json()["studies"][0]
    assert study["identifiers"] is None, "not in the answer to an upload: its sender knows them"
    seen = room.reader.get(f"/studies/{study['id']}").json()
    assert seen["identifiers"]["patient"] == "SECRET7"
    assert seen["identifiers"]["accession"] == "ACC-2026-5"
    assert seen["identifiers"]["study_uid"].startswith("1.2.826")
    assert seen["identifiers"]["file_name"] == seen["files"][0]["name"] == "M\u00fcller front.dcm"
    hidden = room.viewer.get(f"/studies/{study['id']}")
    assert hidden.json()["identifiers"] is hidden.json()["files"][0]["name"] is None
    everything = hidden.text + room.viewer.get("/studies").text
    for word in ("SECRET7", "ACC-2026-5", "1.2.826", "M\u00fcller"):
        assert word not in everything
    for words in ("secret7", "acc-2026", seen["identifiers"]["study_uid"], "ller front"):
        found = [one["id"] for one in room.reader.get("/studies", params={"q": words}).json()["items"]]
        assert study["id"] in found, words
        assert room.viewer.get("/studies", params={"q": words}).json()["total"] == 0, "nor may they be guessed"


def test_ages_are_whole(room: Any, film: Film) -> None:
    born = {"PatientBirthDate": "19790318", "AcquisitionDate": "20260203"}
    study = send(room.reader, ("a", film(1, **born))).json()["studies"][0]
    assert (study["age"], study["age_months"]) == (46, None)
    with room.context.database.session() as session:
        row = session.get(Study, study["id"])
        assert row.age == 46.0, "nor does the store know better"
    for place in ("report.html", "outputs/json", "outputs/csv"):
        assert "46." not in room.reader.get(f"/studies/{study['id']}/{place}").text.replace("46.0", "")
    baby = film(2, PatientID="B", PatientAge="011M", StudyInstanceUID="1.2.826.0.1.3680043.8.498.11")
    study = send(room.reader, ("a", baby)).json()["studies"][0]
    assert (study["age"], study["age_months"]) == (pytest.approx(11 / 12), 11)


def test_labels_and_pseudonyms(room: Any, picture: Any) -> None:
    answer = send(room.reader, ("a.png", picture(300)), data={"label": "bed 4, left", "pseudonym": "Anna M\u00fcller"})
    assert answer.json()["studies"][0]["label"] == "bed 4, left"
    assert "name" in answer.json()["warnings"][0]
    assert "name" in answer.json()["studies"][0]["warnings"][0]
    # Not "bed": the identifier of another study, of random hexadecimal digits, may have these letters.
    assert room.viewer.get("/studies", params={"q": "left 4"}).json()["total"] == 1
    for taken in ("P-TLGMNA", "p-tlgmnabcdefg"):
        refused = send(room.reader, ("a.png", picture(301)), data={"pseudonym": taken})
        assert refused.status_code == 422
        assert "reserved" in refused.json()["detail"]
    for wrong in ("x" * 121, "P-TLGMNA", "p\u2011tlgmna"):
        assert send(room.reader, ("a.png", picture(301)), data={"label": wrong}).status_code == 422
    assert send(room.reader, ("a.png", picture(301)), data={"label": "P-A left"}).status_code == 200


def test_retry(room: Any, picture: Any) -> None:
    send(room.reader, ("a.png", picture(302)[:600]))
    failed = room.viewer.get("/studies", params={"state": "failed"}).json()["items"][0]["id"]
    assert room.viewer.post(f"/studies/{failed}/retry").status_code == 403
    again = room.reader.post(f"/studies/{failed}/retry")
    assert (again.status_code, again.json()["state"]) == (202, "queued")
    assert room.context.worker.waiters.wait(failed, 30)
    assert room.viewer.get(f"/studies/{failed}").json()["state"] == "failed"
    good = send(room.reader, ("a.png", picture(303))).json()["studies"][0]["id"]
    assert room.reader.post(f"/studies/{good}/retry").status_code == 409
    assert room.reader.post("/studies/none/retry").status_code == 404


def test_filters(rooms: Any, picture: Any) -> None:
    room = rooms()
    studies = [send(room.reader, ("a.png", picture(seed))).json()["studies"][0]["id"] for seed in range(310, 314)]
    moment = datetime(2026, 2, 3, 12, tzinfo=UTC)
    with room.context.database.session() as session:
        for number, study in enumerate(studies):
            session.get(Study, study).received = moment + timedelta(days=number)
    for study, agrees in ((studies[0], True), (studies[1], True), (studies[1], False)):
        room.reader.post(f"/studies/{study}/opinions", json={"agrees": agrees})

    def ids(**params: Any) -> list[str]:
        return [one["id"] for one in room.viewer.get("/studies", params=params).json()["items"]]

    assert ids(sort="oldest") == studies
    assert ids(sort="time") == studies[::-1]
    assert ids(sort="oldest", opinion="agree") == studies[:1]
    assert ids(sort="oldest", opinion="disagree") == studies[1:2]
    assert ids(sort="oldest", opinion=["none", "agree"]) == [studies[0], *studies[2:]]
    assert ids(sort="oldest", since="2026-02-04", until="2026-02-05") == studies[1:3], "days, both with their end"
    assert ids(sort="oldest", until="2026-02-04T12:00:00Z") == studies[:1]
    first = room.viewer.get("/studies", params={"sort": "oldest", "limit": 3}).json()
    assert ids(sort="oldest", cursor=first["next"]) == studies[3:]
    for wrong in (
        {"since": "2020"},
        {"until": "1e9"},
        {"opinion": "perhaps"},
        {"sort": "time", "cursor": first["next"]},
    ):
        assert room.viewer.get("/studies", params=wrong).status_code == 422, wrong
    assert room.viewer.get("/studies", params={"q": "\0"}).status_code == 200


def test_several_at_once(room: Any, film: Film, picture: Any) -> None:
    study = send(room.reader, ("=cmd.dcm", film(1))).json()["studies"][0]["id"]
    other = send(room.reader, ("b.png", picture(320)), data={"label": "=1+1"}).json()["studies"][0]["id"]
    room.reader.post(f"/studies/{other}/opinions", json={"agrees": False, "note": "old, healed\nfracture"})
    wanted = {"studies": [study, "none", other, study]}
    assert room.viewer.post("/studies/export", json=wanted).status_code == 403
    answer = room.reader.post("/studies/export", json=wanted)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [one["id"] for one in rows] == [study, other]
    assert (rows[1]["opinion"], rows[1]["note"], rows[1]["label"]) == ("disagree", "old, healed\nfracture", "'=1+1")
    assert "SECRET7" not in answer.text
    whole = room.reader.post("/studies/export", json=wanted, params={"format": "json", "identifiers": True}).json()
    assert whole["studies"][0]["identifiers"]["patient"] == "SECRET7"
    assert room.reader.post("/studies/delete", json=wanted).status_code == 403
    assert room.administrator.post("/studies/delete", json={"studies": []}).status_code == 422
    for hostile in ("\0", "x" * 65, "../x", "%"):
        for place in ("export", "delete"):
            assert room.administrator.post(f"/studies/{place}", json={"studies": [hostile]}).status_code == 422
    gone = room.administrator.post("/studies/delete", json=wanted).json()
    assert gone == {"removed": [study, other], "missing": ["none"]}
    assert room.viewer.get(f"/studies/{study}").status_code == 404


def test_deleted_while_its_upload_waits(rooms: Any, picture: Any) -> None:
    """The one who waits is told at once, and a job of what is gone is none."""
    room = rooms()
    room.context.worker._ready = lambda: False
    found: list[httpx.Response] = []
    waiter = threading.Thread(target=lambda: found.append(send(room.reader, ("a.png", picture(330)))))
    waiter.start()
    while not (listed := room.viewer.get("/studies").json()["items"]):
        time.sleep(0.02)
    begun = time.monotonic()
    assert room.administrator.delete(f"/studies/{listed[0]['id']}").status_code == 204
    waiter.join(20)
    assert time.monotonic() - begun < 10
    assert found[0].status_code == 422, found[0].text
    assert "removed" in found[0].json()["detail"]


def test_read_again_with_another_bundle(rooms: Any, blobs: Any, film: Film, tmp_path_factory: Any) -> None:
    other = blobs.make(
        tmp_path_factory.mktemp("other") / "other.osteon", blobs.both().model_copy(update={"name": "second"})
    )
    room = rooms(further_bundles=(str(other),))
    first, second = room.viewer.get("/bundles").json()
    assert (first["default"], second["default"]) == (True, False)
    assert first["box_thresholds"]["shown"] <= first["box_thresholds"]["definite"]
    study = send(room.reader, ("a", film(1))).json()["studies"][0]["id"]
    assert room.reader.post(f"/studies/{study}/read", json={"bundle": "none"}).status_code == 404
    assert room.reader.post(f"/studies/{study}/read", json={"bundle": first["name"]}).status_code == 409
    again = room.reader.post(f"/studies/{study}/read", json={"bundle": second["name"]})
    assert again.status_code == 202
    assert (again.json()["version"], again.json()["cause"]) == (2, "bundle")
    assert room.context.worker.waiters.wait(again.json()["id"], 30)
    read = room.viewer.get(f"/studies/{again.json()['id']}").json()
    assert read["bundle"] == read["reading"]["bundle"] == second["identity"]
    assert room.reader.post(f"/studies/{study}/read", json={"bundle": second["name"]}).status_code == 409
    assert send(room.reader, ("a", film(1))).json()["studies"][0]["id"] == read["id"], "nothing is read once more"
    assert room.viewer.get(f"/bundles/{second['name']}/card").status_code == 200


def test_storage(room: Any, picture: Any) -> None:
    send(room.reader, ("a.png", picture(340)))
    assert room.reader.get("/storage").status_code == 403
    told = room.administrator.get("/storage").json()
    assert told["disk"]["enough"]
    assert 0 < told["held"]["studies"] <= told["held"]["versions"]
    assert told["held"]["bytes"] > 0
    assert told["retention"]["study_days"] is None
    assert not told["retention"]["suspended"]
    assert room.administrator.post("/storage/clock").status_code == 200
    assert room.viewer.get("/ready").json() | {"bundle": ""} == {
        "ready": True,
        "database": True,
        "bundle": "",
        "worker": True,
        "dicom": True,
        "space": True,
        "store": True,
    }
