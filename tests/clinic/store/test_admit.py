"""Studies come in once, whoever sends them how often, and whoever removes what meanwhile."""

from __future__ import annotations

import io
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from osteon.clinic.intake import Upload, base_name
from osteon.clinic.store.studies import jobs, removal, studies
from osteon.clinic.store.studies.admit import FullError
from osteon.clinic.store.studies.queue import ATTEMPTS, fail, finish, give_back, take
from osteon.clinic.store.tables.studies import Image, Original, State, StoredReading, Study
from osteon.core.errors import StoreError

Store = Any
Film = Callable[[int], bytes]


@pytest.fixture
def film(picture: Film) -> Film:
    """Films by their seeds."""
    return picture


def upload(data: bytes, name: str = "film.png") -> Upload:
    return Upload(name, io.BytesIO(data))


def count(store: Store, table: type) -> int:
    with store.database.session() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_same_image_is_one_study(store: Store, film: Film) -> None:
    first = store.intake.take([upload(film(1)), upload(film(2)), upload(film(1), "other.png")])
    assert [one.new for one in first.arrivals] == [True, True]
    assert [one.positions for one in first.arrivals] == [(0, 2), (1,)]
    again = store.intake.take([upload(film(2))])
    assert [(one.study, one.new) for one in again.arrivals] == [(first.arrivals[1].study, False)]
    assert (count(store, Study), count(store, Original)) == (2, 2)


def test_many_at_once(stores: Callable[..., Store], film: Film) -> None:
    """Several senders, each with the same films in another order."""
    store = stores()
    films = [film(seed) for seed in range(6)]
    found: list[set[str]] = []

    def send(turn: int) -> None:
        ordered = films[turn % 6 :] + films[: turn % 6]
        found.append({one.study for one in store.intake.take([upload(one) for one in ordered]).arrivals})

    threads = [threading.Thread(target=send, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set.union(*found)) == 6
    assert (count(store, Study), count(store, Original)) == (6, 6)


def test_together(store: Store, film: Film) -> None:
    taken = store.intake.take([upload(film(1), "front.png"), upload(film(2), "x_LAT.png")], together=True)
    assert len(taken.arrivals) == 1
    with store.database.session() as session:
        views = [one.view for one in studies.originals(session, taken.arrivals[0].study)]
    assert views == ["frontal", "lateral"]


def test_refusals_do_not_stop_the_others(store: Store, film: Film) -> None:
    taken = store.intake.take([upload(b""), upload(film(1)), upload(b"%PDF-1.7"), upload(b"PK\x03\x04")])
    assert [one.position for one in taken.refusals] == [0, 2, 3]
    assert [one.positions for one in taken.arrivals] == [(1,)]


def test_full_queue_takes_nothing(stores: Callable[..., Store], film: Film) -> None:
    store = stores(most=2)
    store.intake.take([upload(film(1))])
    with pytest.raises(FullError):
        store.intake.take([upload(film(2)), upload(film(3))])
    assert count(store, Study) == 1
    store.intake.take([upload(film(1))])  # which is there already
    store.intake.take([upload(film(2))])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("hand.png", "hand.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\patients\\x.dcm", "x.dcm"),
        ("a\nb\x07\x1b[31m\u202ec.png", "a_b__[31m_c.png"),
        ("", ""),
        ("..", ".."),
        ("x" * 300 + ".png", "x" * 107 + "..." + "xxxxxx.png"),
    ],
)
def test_names_as_they_are_shown(name: str, shown: str) -> None:
    assert base_name(name) == shown


def test_lease_and_reading_are_one(store: Store, film: Film) -> None:
    """A study that passed to another process is not finished by the first."""
    taken = store.intake.take([upload(film(1))])
    store.worker.start()
    assert store.worker.waiters.wait(taken.arrivals[0].study, 20)
    store.worker.stop()
    assert (count(store, StoredReading), count(store, Image)) == (1, 1)
    store.intake.take([upload(film(2))])
    task = take(store.database, "one")
    assert task is not None
    assert take(store.database, "two") is None
    assert give_back(store.database, "other") == 0
    assert give_back(store.database, None) == 1
    again = take(store.database, "two")
    assert again is not None
    assert again.study == task.study
    assert not fail(store.database, task, "one", {"kind": "InputError", "problem": "late"})
    with store.database.session() as session:
        content = session.scalar(select(StoredReading.content))
        values = {"call": "doubt", "probability": 0.5, "urgency": 1, "sort_key": 0.5, "view_count": 1, "refusals": ()}
    from osteon.clinic.store.studies.queue import Result

    result = Result(values, content or {}, [image_row()], {})
    assert not finish(store.database, task, "one", result)
    assert finish(store.database, again, "two", result)
    assert not finish(store.database, again, "two", result)
    assert count(store, StoredReading) == 2


def image_row() -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("row_spacing", "column_spacing", "view", "laterality", "body_part", "probability", "window_low", "window_high")
    )
    numbers = {"position": 0, "original": 0, "frame": 0, "rows": 4, "columns": 4, "bits": 8}
    return {**nothing, **numbers, "format": "PNG", "notes": (), "refusals": (), "heat": False, "thumbnail": b"x"}


def test_what_ends_processes_is_given_up(store: Store, film: Film) -> None:
    study = store.intake.take([upload(film(1))]).arrivals[0].study
    for _ in range(ATTEMPTS):
        assert take(store.database, "dies") is not None
        give_back(store.database, None)
    store.worker.start()
    assert store.worker.waiters.wait(study, 20)
    with store.database.session() as session:
        row = studies.find(session, study)
        assert row is not None
        assert row.state == State.FAILED
        assert row.problem is not None
        assert "ended" in row.problem["problem"]
    store.worker.stop()
    # Who sends it again may try again.
    assert store.intake.take([upload(film(1))]).arrivals[0].new


def test_removed_files_that_others_need_stay(store: Store, film: Film) -> None:
    shared, own = film(1), film(2)
    pair = store.intake.take([upload(shared), upload(own)], together=True).arrivals[0].study
    single = store.intake.take([upload(shared)]).arrivals[0].study
    with store.database.session() as session:
        digests = [one.digest for one in studies.originals(session, pair)]
    assert removal.remove(store.database, store.files, pair).studies
    assert [store.files.path(digest).exists() for digest in digests] == [True, False]
    assert removal.remove(store.database, store.files, single).studies
    assert not store.files.path(digests[0]).exists()
    assert not removal.remove(store.database, store.files, single).studies
    assert count(store, Original) == 0


def test_removing_and_sending_at_once(store: Store, film: Film) -> None:
    """Whatever the order, a study that was acknowledged has its files."""
    data = film(7)

    def send() -> None:
        for _ in range(15):
            try:
                store.intake.take([upload(data)])
            except StoreError:  # removed while it came in: not acknowledged
                continue

    def remove() -> None:
        for _ in range(30):
            with store.database.session() as session:
                found = list(session.scalars(select(Study.id)))
            for study in found:
                removal.remove(store.database, store.files, study)

    threads = [threading.Thread(target=send), threading.Thread(target=send), threading.Thread(target=remove)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.database.session() as session:
        for digest in session.scalars(select(Original.digest)):
            assert store.files.path(digest).exists()


def test_jobs(store: Store, film: Film) -> None:
    taken = store.intake.take([upload(film(1)), upload(b"x"), upload(film(2)[:200])])
    with store.database.session() as session:
        job = jobs.start(session, taken.arrivals, [(1, {"kind": "InputError", "problem": "no"})])
    store.worker.start()
    for one in taken.arrivals:
        assert store.worker.waiters.wait(one.study, 20)
    with store.database.session() as session:
        found = jobs.progress(session, job)
        assert jobs.progress(session, "none") is None
    assert found is not None
    assert (found.state, found.done, found.total) == (State.DONE, 2, 2)
    assert [one.position for one in found.failures] == [1, 2]


def test_what_was_queued_before_the_start_is_read_at_once(
    store: Store, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osteon.clinic.reading.worker.POLL", 600.0)
    study = store.intake.take([upload(film(1))]).arrivals[0].study
    store.worker.start()
    assert store.worker.waiters.wait(study, 60)


def test_pages_of_the_worklist(store: Store, tmp_path: Path, film: Film) -> None:
    del tmp_path
    taken = store.intake.take([upload(film(seed)) for seed in range(7)])
    store.worker.start()
    for one in taken.arrivals:
        assert store.worker.waiters.wait(one.study, 20)
    with store.database.session() as session:
        for index, row in enumerate(session.scalars(select(Study).order_by(Study.id))):
            row.urgency, row.sort_key, row.pseudonym = index % 3, (index % 2) / 2, f"P-{index}%_"
    for sort in ("urgency", "time"):
        seen: list[Study] = []
        cursor = None
        while True:
            with store.database.session() as session:
                page = studies.listed(session, studies.Filter(), sort, 3, cursor)
            assert page.total == 7
            seen += page.studies
            cursor = page.following
            if cursor is None:
                break
        assert len({one.id for one in seen}) == len(seen) == 7
        if sort == "urgency":
            keys = [(one.urgency, one.sort_key, one.id) for one in seen]
            assert keys == sorted(keys)
        else:
            times = [(one.received, one.id) for one in seen]
            assert times == sorted(times, reverse=True)
    with store.database.session() as session:
        for words, number in (("p-3", 1), ("%_", 7), ("3%", 1), ("%3", 0), (seen[0].id, 1)):
            assert studies.listed(session, studies.Filter(words=words), "time", 10).total == number, words
        since = studies.Filter(since=seen[0].received)
        assert studies.listed(session, since, "time", 10).total >= 1


def test_refused_uploads_leave_nothing(stores: Callable[..., Store], film: Film) -> None:
    store = stores(most=2)
    store.intake.take([upload(film(1))])
    with pytest.raises(FullError):
        store.intake.take([upload(film(2)), upload(film(3)), upload(film(1))])
    assert len([name for group in store.files.digests() for name in group]) == 1
    store.intake.take([upload(film(2))])
    with pytest.raises(FullError):
        store.intake.take([upload(film(3))])
    assert len([name for group in store.files.digests() for name in group]) == 2


def test_what_a_killed_process_left_is_removed(store: Store, film: Film) -> None:
    study = store.intake.take([upload(film(1))]).arrivals[0].study
    old, young = store.files.put(b"left long ago"), store.files.put(b"just put")
    (store.files.folder / "files" / "new" / "draft").write_bytes(b"half")
    for digest in (old, *(name for group in store.files.digests() for name in group if name != young)):
        os.utime(store.files.path(digest), (1, 1))
    store.worker.start()
    assert store.worker.waiters.wait(study, 20)
    end = time.monotonic() + 20
    while store.files.path(old).exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not store.files.path(old).exists()
    assert store.files.path(young).exists()
    assert not list((store.files.folder / "files" / "new").iterdir())
    with store.database.session() as session:
        assert all(store.files.path(one.digest).exists() for one in studies.originals(session, study))
