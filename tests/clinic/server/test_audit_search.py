"""The audit log is searched by person, action, study and time, and taken along as a table."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from osteon.clinic.role import Role
from osteon.clinic.store.audit import audit

DAY = datetime(2026, 2, 3, 10, tzinfo=UTC)
STUDY = "5f0c9a1e7b2d4c86aa10"

WRITTEN = (
    audit.Entry("Anna", "reader", "see study", STUDY, "10.0.0.1", time=DAY.replace(day=1)),
    audit.Entry("Anna", "reader", "see image", f"{STUDY}/0", "10.0.0.1", time=DAY),
    audit.Entry("Berta", "viewer", "list studies", "", "10.0.0.2", detail=f"other {STUDY} more", time=DAY),
    audit.Entry("", "", "log in", "", "10.0.0.3", "failed", time=DAY.replace(day=4)),
    audit.Entry("Berta", "viewer", "GET /api/v1/users", "", "10.0.0.2", "refused", time=DAY.replace(day=5)),
    audit.Entry("=1+1", "reader", "see study", "x_y%z", "10.0.0.4", time=DAY.replace(day=6)),
)


@pytest.fixture(scope="module")
def client(rooms: Any) -> Any:
    room = rooms(rate=0)
    with room.context.database.session() as session:
        audit.write(session, *WRITTEN)
    return room.with_key(Role.ADMINISTRATOR)


FILTERS = [
    ({"person": "anna"}, [0, 1]),
    ({"person": "BERT"}, [2, 4]),
    ({"action": "see"}, [0, 1, 5]),
    ({"action": "list studies"}, [2]),
    ({"subject": STUDY}, [0, 1, 2]),
    ({"subject": f"{STUDY}/0"}, [1]),
    ({"subject": "x_y%z"}, [5]),
    ({"subject": "%"}, []),
    ({"result": "failed"}, [3]),
    ({"result": "refused"}, [4]),
    ({"address": "10.0.0.2"}, [2, 4]),
    ({"since": "2026-02-03", "until": "2026-02-04"}, [1, 2, 3]),
    ({"since": "2026-02-03T10:00:01Z", "until": "2026-02-04T10:00:00+00:00"}, []),
    ({"until": "2026-02-02"}, [0]),
    ({"person": "anna", "action": "see", "since": "2026-02-02"}, [1]),
]


@pytest.mark.parametrize(("wanted", "places"), FILTERS)
def test_filters(client: Any, wanted: dict[str, str], places: list[int]) -> None:
    until = {"until": "2026-03-01", **wanted}
    found = client.get("/audit", params=until).json()["items"]
    expected = [(one.person, one.action, one.subject, one.detail) for one in WRITTEN]
    got = [(one["person"], one["action"], one["subject"], one["detail"]) for one in reversed(found)]
    assert got == [expected[place] for place in places]
    table = list(csv.DictReader(io.StringIO(client.get("/audit.csv", params=until).text)))
    assert [row["action"] for row in reversed(table)] == [WRITTEN[place].action for place in places]


def test_pages_of_a_search(client: Any) -> None:
    first = client.get("/audit", params={"subject": STUDY, "limit": 2}).json()
    assert [one["action"] for one in first["items"]] == ["list studies", "see image"]
    rest = client.get("/audit", params={"subject": STUDY, "limit": 2, "before": first["next"]}).json()
    assert [one["action"] for one in rest["items"]] == ["see study"]
    assert rest["next"] is None


def test_the_table_is_whole_and_harmless(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from osteon.clinic.server.routes.administration import audit as route

    monkeypatch.setattr(route, "GROUP", 2)
    answer = client.get("/audit.csv", params={"until": "2026-03-01"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert rows[0] == ["id", "time", "person", "role", "action", "subject", "detail", "address", "result"]
    assert len(rows) == 1 + len(WRITTEN)
    assert rows[1][1:3] == ["2026-02-06T10:00:00.000+00:00", "'=1+1"], "a spreadsheet computes nothing"
    last = client.get("/audit").json()["items"][0]
    assert (last["action"], last["person"]) == ("export audit log", "key:of administrator")


def test_it_is_for_administrators(rooms: Any) -> None:
    room = rooms()
    for path in ("/audit", "/audit.csv"):
        assert room.with_key(Role.READER).get(path).status_code == 403


@pytest.mark.parametrize("wrong", [{"since": "2020"}, {"until": "soon"}, {"result": "fine"}, {"before": "0"}])
def test_what_cannot_be_searched_for(client: Any, wrong: dict[str, str]) -> None:
    answer = client.get("/audit", params=wrong)
    assert answer.status_code == 422
    assert answer.json()["title"] == "The request is not valid"


def test_a_wrong_cursor_or_year_of_the_worklist_is_named_for_what_it_is(client: Any) -> None:
    wrong = client.get("/studies", params={"cursor": "nonsense"}).json()
    assert (wrong["status"], wrong["title"]) == (422, "The request is not valid")
    assert "cursor" in wrong["detail"]
    year = client.get("/studies", params={"since": "2020"}).json()
    assert year["status"] == 422
    assert "2026-02-03" in year["errors"][0]["problem"]
