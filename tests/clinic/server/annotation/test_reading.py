"""Two annotators read, an adjudicator decides: the whole way over the API of a real server."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from tests.clinic.server.annotation.conftest import NOTHING, Desk, batch, box, said

Desks = Callable[..., Desk]


def test_two_read_and_one_decides(desks: Desks) -> None:
    desk = desks("ann", "bob", studies=2, adjudicator="cat")
    assert sum(desk.assign()["made"].values()) == 4
    assert desk.assign()["made"] == {}, "what is assigned stays, and nothing is added"
    queues = {name: desk.queue(name) for name in ("ann", "bob")}
    assert [len(queue) for queue in queues.values()] == [2, 2]
    for position, one in enumerate(queues["ann"]):
        drawn = [*said(1), box("a1", 100, 100, 200, 220)] if position == 0 else NOTHING
        desk.finish("ann", one["assignment"], *drawn)
    cases = desk.people["cat"].get(f"{desk.path}/adjudications", params={"state": "ready"}).json()
    assert cases["total"] == 0, "nobody sees what the other still has to read"
    for one in queues["bob"]:
        desk.finish("bob", one["assignment"], *NOTHING)
    cases = desk.people["cat"].get(f"{desk.path}/adjudications").json()
    assert cases["total"] == 1, "studies on which they agree are not shown"
    item = cases["items"][0]["item"]
    case = desk.people["cat"].get(f"{desk.path}/items/{item}").json()
    assert [read["reader"] for read in case["reads"]] == ["Reader A", "Reader B"]
    assert {(found["label"], found["image"]) for found in case["labels"]} == {("fractured", None), ("no_fracture", 0)}
    (region,) = case["regions"]
    assert len(region["regions"]) == len(region["missing"]) == 1
    assert desk.people["cat"].get(f"{desk.path}/items/{item}/images/0/pixels").status_code == 200

    back = desk.people["cat"].post(
        f"{desk.path}/items/{item}/returns", json={"reads": [region["missing"][0]], "reason": "Look at the ulna."}
    )
    (again,) = back.json()["assignments"]
    task = desk.people["bob"].get(f"/assignments/{again}").json()
    assert (task["state"], task["round"], task["sent_back"]) == ("open", 2, "Look at the ulna.")
    assert desk.people["cat"].get(f"{desk.path}/items/{item}").status_code == 409
    changed = [*said(1), ("answer", {"label": "no_fracture", "value": None, "image": 0}), box("b1", 104, 98, 205, 220)]
    desk.finish("bob", again, *changed)
    case = desk.people["cat"].get(f"{desk.path}/items/{item}").json()
    assert case["labels"] == case["regions"] == []
    assert len(case["earlier"]) == 1, "every read is kept"

    made = desk.people["cat"].post(f"{desk.path}/items/{item}/consensus", json={"rule": "majority", "sign": True})
    assert made.status_code == 201, made.text
    assert made.json()["regions"][0]["points"] == [[102.0, 99.0], [202.5, 220.0]]
    again = desk.people["cat"].post(f"{desk.path}/items/{item}/consensus", json={"rule": "any"})
    assert again.status_code == 409, "what is signed is locked"
    assert desk.lead.post(f"{desk.path}/consensus", json={"rule": "majority", "sign": True}).json() == {"decided": 1}
    progress = desk.lead.get(f"{desk.path}/progress").json()
    assert (progress["items"], progress["ready"], progress["decided"]) == ({"locked": 2}, 0, 2)
    assert [one["states"] for one in progress["readers"]] == [{"finished": 2}, {"finished": 2}]
    assert len(desk.lead.get(f"{desk.path}/reads").json()["items"]) == 5

    agreement = desk.lead.get(f"{desk.path}/agreement", params={"resamples": 100})
    assert agreement.status_code == 200, agreement.text
    assert (agreement.json()["read_twice"], agreement.json()["agreed"]) == (2, 2)
    report = desk.lead.get(f"{desk.path}/agreement.html", params={"resamples": 100})
    assert report.text.startswith("<!")
    taken = desk.lead.post(f"{desk.path}/snapshots", json={"name": "first"})
    assert taken.status_code == 201, taken.text
    assert desk.lead.post(f"{desk.path}/snapshots", json={}).json()["id"] == taken.json()["id"], "nothing has changed"
    file = desk.lead.get(f"{desk.path}/snapshots/{taken.json()['id']}/file").json()
    assert len(file["studies"]) == taken.json()["studies"] == 2
    assert desk.people["ann"].get(f"{desk.path}/snapshots").status_code == 403


def test_a_read_that_breaks_rules_is_not_finished(desks: Desks) -> None:
    desk = desks("ann")
    desk.assign()
    (one,) = desk.queue("ann")
    answer = desk.send("ann", one["assignment"], ("finish", {}))
    (outcome,) = answer["outcomes"]
    assert outcome["fate"] == "refused"
    assert {tuple(rule["labels"]) for rule in outcome["missing"]} == {
        ("fractured", "hardware"),
        ("no_fracture", "fracture"),
    }
    desk.send("ann", one["assignment"], *NOTHING, box("r1", 10, 10, 50, 60))
    (outcome,) = desk.send("ann", one["assignment"], ("finish", {}))["outcomes"]
    assert [(rule["kind"], rule["label"]) for rule in outcome["missing"]] == [("excludes", "no_fracture")]
    desk.finish("ann", one["assignment"], ("region_removed", {"id": "r1"}))
    late = desk.send("ann", one["assignment"], box("r2", 10, 10, 50, 60))["outcomes"][0]
    assert late["fate"] == "refused"
    assert "finished" in late["problem"]["detail"]


@pytest.mark.parametrize(
    ("kind", "payload", "word"),
    [
        ("region", {"id": "r", "label": "nonsense", "image": 0, "kind": "box", "points": [[1, 1], [9, 9]]}, "label"),
        ("region", {"id": "r", "label": "fracture", "image": 9, "kind": "box", "points": [[1, 1], [9, 9]]}, "image"),
        ("region", {"id": "r", "label": "fracture", "image": 0, "kind": "point", "points": [[1, 1]]}, "regions"),
        ("region", {"id": "r", "label": "fracture", "image": 0, "kind": "box", "points": [[9, 9], [1, 1]]}, "box"),
        (
            "region",
            {"id": "r", "label": "fracture", "image": 0, "kind": "box", "points": [[1, 1], [9, 600]]},
            "outside",
        ),
        ("answer", {"label": "fractured", "value": 1, "image": 0}, "study"),
        ("answer", {"label": "fractured", "value": 2}, "payload"),
        ("answer", {"label": "no_fracture", "value": 1}, "image"),
        ("active", {"seconds": 3600}, "payload"),
        ("skip", {}, "payload"),
        ("sent_back", {"reason": "me"}, "send"),
        ("proposal", {"number": 0, "decision": "rejected"}, "proposals"),
    ],
)
def test_events_that_make_no_sense(
    desks: Desks, kind: str, payload: dict[str, Any], word: str, kept: dict[str, Any]
) -> None:
    desk = kept.setdefault("desk", None) or desks("ann")
    if kept["desk"] is None:
        kept["desk"] = desk
        desk.assign()
    (one,) = desk.queue("ann")
    answer = desk.send("ann", one["assignment"], (kind, payload), ("active", {"seconds": 1}))
    refused, other = answer["outcomes"]
    assert refused["fate"] == "refused"
    assert word in str(refused["problem"])
    assert other["fate"] == "kept", "it does not hinder those after it"


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return {}


def test_an_event_that_comes_twice_is_kept_once(desks: Desks) -> None:
    desk = desks("ann")
    desk.assign()
    (one,) = desk.queue("ann")
    body = batch(*said(1), box("r1", 10, 10, 90, 90))
    path = f"/assignments/{one['assignment']}/events"
    first = desk.people["ann"].post(path, json=body).json()
    body["events"].append({"id": str(uuid.uuid4()), "kind": "finish", "payload": {}})
    second = desk.people["ann"].post(path, json=body).json()
    assert [got["fate"] for got in first["outcomes"]] == ["kept"] * 3
    assert [got["fate"] for got in second["outcomes"]] == ["known"] * 3 + ["kept"]
    third = desk.people["ann"].post(path, json=body).json()
    assert [got["fate"] for got in third["outcomes"]] == ["known"] * 4, "also after it was finished"
    assert (third["sequence"], third["state"]) == (4, "finished")
    events = desk.people["ann"].get(path).json()["events"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]


def test_proposals_come_after_the_own_read(desks: Desks) -> None:
    desk = desks("ann", arm="after_own")
    desk.assign()
    (one,) = desk.queue("ann")
    path = f"/assignments/{one['assignment']}"
    assert desk.people["ann"].get(path).json()["proposals"] is None
    desk.finish("ann", one["assignment"], *NOTHING)
    task = desk.people["ann"].get(path).json()
    assert task["state"] == "aided"
    assert task["proposals"], "the model of the tests has a box on this picture"
    proposal = task["proposals"][0]
    decided = ("proposal", {"number": proposal["number"], "decision": "accepted", "id": "p1"})
    desk.send(
        "ann", one["assignment"], decided, *said(1), ("answer", {"label": "no_fracture", "value": None, "image": 0})
    )
    (region,) = desk.people["ann"].get(path).json()["regions"]
    assert (region["provenance"], region["proposal"]) == ("proposed-accepted", proposal["number"])
    (x0, y0), (x1, y1) = proposal["points"]
    desk.finish("ann", one["assignment"], box("p1", x0 + 2, y0, x1, y1))
    (first, last) = desk.lead.get(f"{desk.path}/reads").json()["items"]
    assert (first["stage"], first["regions"], first["model"]) == ("unaided", [], "")
    assert (last["stage"], last["regions"][0]["provenance"]) == ("aided", "proposed-edited")
    assert last["regions"][0]["model"] == last["model"] != ""


def test_skipping_questions_and_screening(desks: Desks) -> None:
    desk = desks("ann", studies=2)
    desk.assign()
    first, second = desk.queue("ann")
    desk.send("ann", first["assignment"], ("question", {"text": "Is this a hand?"}), ("skip", {"reason": "too dark"}))
    (question,) = desk.lead.get(f"{desk.path}/questions").json()
    assert question["text"] == "Is this a hand?"
    assert desk.queue("ann", state="skipped")[0]["assignment"] == first["assignment"]
    listed = desk.lead.get(f"{desk.path}/assignments", params={"state": "open"}).json()["items"]
    path = f"{desk.path}/items/{listed[0]['item']}"
    (row,) = [one for one in desk.lead.get(f"{desk.path}/items").json()["items"] if one["id"] == listed[0]["item"]]
    assert desk.lead.get(f"{path}/images/{row['images'] - 1}/thumbnail").status_code == 200
    assert desk.lead.get(f"{path}/images/{row['images']}/thumbnail").status_code == 404
    own = desk.lead.get(f"{desk.path}/assignments", params={"item": listed[0]["item"]}).json()["items"]
    assert own == listed, "of one study"
    assert desk.lead.patch(path, json={"included": False}).status_code == 409, "not without a reason"
    assert desk.lead.patch(path, json={"included": False, "reason": "shows a foot"}).status_code == 204
    assert [one["assignment"] for one in desk.queue("ann")] == [first["assignment"]]
    assert desk.people["ann"].get(f"/assignments/{second['assignment']}").status_code == 404
    assert desk.lead.patch(path, json={"included": True}).status_code == 204
    assert len(desk.queue("ann")) == 2


def test_more_reads_later_leave_what_is_done(desks: Desks) -> None:
    desk = desks("ann", "bob", studies=4, readers_per_study=1)
    assert sorted(desk.assign()["made"].values()) == [2, 2]
    (one, _) = desk.queue("ann")
    desk.finish("ann", one["assignment"], *NOTHING)
    before = {found["id"] for found in desk.lead.get(f"{desk.path}/assignments").json()["items"]}
    assert desk.lead.patch(desk.path, json={"readers_per_study": 2, "repeat_share": 0.5}).status_code == 200
    made = desk.assign()
    assert sorted(made["made"].values()) == [4, 4]
    assert made["repeats"] == 4
    after = desk.lead.get(f"{desk.path}/assignments").json()["items"]
    assert before < {found["id"] for found in after}
    assert [found["state"] for found in after if found["id"] == one["assignment"]] == ["finished"]
    seen = desk.queue("ann")
    assert len(seen) == 6
    assert set(seen[0]) == {"assignment", "position", "state", "round"}, "a repeat is not marked"


def test_a_closed_project_takes_nothing(desks: Desks) -> None:
    desk = desks("ann")
    desk.assign()
    (one,) = desk.queue("ann")
    assert desk.lead.patch(desk.path, json={"closed": True}).status_code == 200
    refused = desk.people["ann"].post(f"/assignments/{one['assignment']}/events", json=batch(*NOTHING))
    assert (refused.status_code, refused.json()["detail"]) == (409, "the project is closed")
    assert desk.lead.post(f"{desk.path}/assignments", json={}).status_code == 409
    assert desk.lead.patch(desk.path, json={"closed": False}).status_code == 200
    desk.finish("ann", one["assignment"], *NOTHING)


def test_a_schema_of_ones_own_is_checked_by_its_text(desks: Desks) -> None:
    lead = desks("ann").lead
    good = "name: own\ntitle: Own\nlabels:\n  - {id: spot, name: Spot, scope: region, kinds: [point]}\n"
    for text, faults in (
        (good, []),
        (good.replace("point", "blob"), [(4, "labels.0.kinds.0")]),
        ("labels: [", [(None, "")]),
    ):
        answer = lead.post("/label-schemas/check", json={"text": text})
        assert answer.status_code == 200, answer.text
        found = answer.json()
        assert [(one["line"], one["field"]) for one in found["faults"]] == faults
        assert (found["content"] is None) == bool(faults)
        if not faults:
            made = lead.post("/projects", json={"name": "Own", "label_schema": found["content"]})
            assert made.json()["label_schema"] == found["label_schema"]
