"""Images join their study however they arrive, and two patients are never one study."""

from __future__ import annotations

import io
import itertools
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from osteon.clinic.intake import Upload
from osteon.clinic.patients.identity import stored_identity
from osteon.clinic.store.files import Files
from osteon.clinic.store.studies import removal, studies, versions
from osteon.clinic.store.studies.queue import take
from osteon.clinic.store.tables.base import now
from osteon.clinic.store.tables.studies import Opinion, Original, State, StoredReading, Study
from osteon.imaging.heading import Heading
from osteon.imaging.patient_identity import contradictory

Store = Any
Film = Callable[..., bytes]
UID = "1.2.826.0.1.3680043.8.498.7"


@pytest.fixture
def film(dicom: Any) -> Film:
    """DICOM films of one study: ``film(seed, PatientID=...)``, each the same whenever it is made."""
    numbers = itertools.count()
    made: dict[Any, bytes] = {}

    def make(seed: int, **elements: Any) -> bytes:
        key = (seed, *sorted(elements.items()))
        if key not in made:
            words = np.random.default_rng(seed).integers(0, 4095, (80, 60))
            instance = f"{UID}.{next(numbers)}.{seed}"
            made[key] = dicom(words, **{"StudyInstanceUID": UID, "SOPInstanceUID": instance, **elements})
        return made[key]

    return make


def send(store: Store, *films: bytes, **options: Any) -> Any:
    taken = store.intake.take([Upload(f"{n}.dcm", io.BytesIO(one)) for n, one in enumerate(films)], **options)
    store.worker.wake()
    return taken


def listed(store: Store) -> list[Study]:
    with store.database.session() as session:
        return list(studies.listed(session, studies.Filter(), "time", 50).studies)


def read_all(store: Store) -> None:
    for one in listed(store):
        assert store.worker.waiters.wait(one.id, 30)


def test_image_by_image_is_one_study(store: Store, film: Film) -> None:
    """Front, then side, then both: one row, whose result is the third only if something was new."""
    front, side = film(1), film(2)
    store.worker.start()
    first = send(store, front).arrivals[0]
    read_all(store)
    second = send(store, side).arrivals[0]
    assert (second.new, second.added, second.replaces) == (True, (0,), first.study)
    read_all(store)
    third = send(store, front, side).arrivals[0]
    assert (third.study, third.new, third.known) == (second.study, False, (0, 1))
    (row,) = listed(store)
    assert (row.id, row.version, row.view_count, row.state) == (second.study, 2, 2, "done")
    with store.database.session() as session:
        chain = versions.versions(session, row.examination)
        assert [(one.id, one.newer) for one in chain] == [(first.study, second.study), (second.study, None)]
        assert {one.study_id for one in session.scalars(select(StoredReading))} == {first.study, second.study}
        assert versions.predecessors(session, [row])[row.id].id == first.study
        assert [len(studies.images(session, one.id)) for one in chain] == [1, 2]


def test_study_that_waits_just_grows(store: Store, film: Film) -> None:
    sent = [send(store, film(seed)).arrivals[0] for seed in range(5)]
    assert len({one.study for one in sent}) == 1
    assert [one.position_pairs for one in sent] == [((seed, 0),) for seed in range(5)]
    (row,) = listed(store)
    assert (row.version, row.view_count) == (1, 5)


def test_image_that_comes_while_its_study_is_read(store: Store, film: Film) -> None:
    first = send(store, film(1)).arrivals[0].study
    assert take(store.database, "busy") is not None
    second, third = (send(store, film(seed)).arrivals[0] for seed in (2, 3))
    assert second.study == third.study != first
    assert (second.replaces, third.replaces) == (first, None)
    (row,) = listed(store)
    assert (row.version, row.view_count) == (2, 3)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"PatientID": "A"}, {"PatientID": "B"}),
        ({"PatientID": "A", "IssuerOfPatientID": "X"}, {"PatientID": "A", "IssuerOfPatientID": "Y"}),
        ({"PatientBirthDate": "19500101"}, {"PatientBirthDate": "19600101"}),
        ({"PatientSex": "F"}, {"PatientSex": "M"}),
        ({"PatientName": "Adams^Ann"}, {"PatientName": "Brown^Bea"}),
        ({"PatientName": "Adams^Ann"}, {"PatientName": "Adams^Bea"}),
        ({"PatientID": "", "PatientName": "Adams^Ann"}, {"PatientID": "", "PatientName": "Brown^Bea"}),
    ],
)
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_patients_are_two_studies(store: Store, film: Film, one: Any, other: Any, at_once: bool) -> None:
    films = film(1, **one), film(2, **other), film(3, **one)
    sent = [send(store, *films)] if at_once else [send(store, each) for each in films]
    arrivals = [arrival for taken in sent for arrival in taken.arrivals]
    assert len({arrival.study for arrival in arrivals}) == 2
    store.worker.start()
    read_all(store)
    rows = listed(store)
    assert sorted(row.view_count for row in rows) == [1, 2]
    with store.database.session() as session:
        assert versions.shared_uids(session, rows) == {UID}
    removal.remove(store.database, store.files, rows[0].id)
    with store.database.session() as session:
        assert versions.shared_uids(session, rows[1:]) == set()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_same_patient_written_in_other_words(store: Store, film: Film) -> None:
    """Padding, case, accents and separators of names tell nobody apart, nor does what only one file states."""
    send(store, film(1, PatientID="7", PatientName="M\u00fcller^Anna", SpecificCharacterSet="ISO_IR 192"))
    send(store, film(2, PatientID=" 7 ", PatientName="MULLER^ANNA"))
    send(store, film(3, PatientID="7", PatientName="Muller^ Anna^Maria", PatientBirthDate="19500101", PatientSex="F"))
    send(store, film(4, PatientID="7", PatientName="Meier^Anna", PatientBirthDate="19500101"))  # her name was corrected
    send(store, film(5, PatientID="", PatientName=""))
    (row,) = listed(store)
    assert row.view_count == 5


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nobody_knows_to_which_of_two_patients_an_image_belongs(store: Store, film: Film) -> None:
    send(store, film(3, PatientID="", PatientName=""), film(1, PatientID="A"), film(2, PatientID="B"))
    assert sorted(row.view_count for row in listed(store)) == [1, 1, 1]


def test_what_is_kept_of_patients_names_nobody(files: Files) -> None:
    found = stored_identity(Heading(patient="7", name="Adams^Ann", born="19500101", sex="F"), files)
    assert set(found) == {"number", "family", "given", "born", "sex"}
    assert not any(word in str(found).lower() for word in ("adams", "1950"))
    assert contradictory(found, stored_identity(Heading(patient="8"), files))
    assert not contradictory(found, {})


def test_other_content_under_the_same_instance_is_refused(store: Store, film: Film) -> None:
    """Nothing is lost silently, and nothing is replaced."""
    one = film(1, SOPInstanceUID=f"{UID}.9")
    other = film(2, SOPInstanceUID=f"{UID}.9")
    elsewhere = film(3, SOPInstanceUID=f"{UID}.9", StudyInstanceUID=f"{UID}.8")
    taken = send(store, one, other)
    assert [one.position for one in taken.refusals] == [1]
    assert "SOPInstanceUID" in str(taken.refusals[0].error)
    for again in (other, elsewhere):
        assert [one.position for one in send(store, again).refusals] == [0]
    assert send(store, one).arrivals[0].known == (0,)
    (row,) = listed(store)
    assert row.view_count == 1
    assert len([name for group in store.files.digests() for name in group]) == 1
    removal.remove(store.database, store.files, row.id)
    assert send(store, other).arrivals[0].new


def test_opinions_on_earlier_versions_stay(store: Store, film: Film) -> None:
    store.worker.start()
    first = send(store, film(1)).arrivals[0].study
    read_all(store)
    with store.database.session() as session:
        session.add(Opinion(study_id=first, author="r", agrees=False, note="n", created=now(), bundle="b"))
    send(store, film(2))
    read_all(store)
    (row,) = listed(store)
    with store.database.session() as session:
        assert studies.latest_opinions(session, [row.id]) == {}
        opinion, version = studies.earlier_opinions(session, [row])[row.id]
        assert (opinion.study_id, version) == (first, 1)
        assert studies.listed(session, studies.Filter(judged=["none"]), "time", 9).total == 1
        assert studies.listed(session, studies.Filter(judged=["disagree"]), "time", 9).total == 0


def test_many_senders_of_one_study(store: Store, film: Film) -> None:
    """In parallel, each image by two senders, while it is read: one study that has each image once."""
    films = [film(seed) for seed in range(8)]
    store.worker.start()
    faults: list[Exception] = []

    def deliver(turn: int) -> None:
        try:
            for one in films[turn:] + films[:turn]:
                send(store, one)
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)

    threads = [threading.Thread(target=deliver, args=(turn,)) for turn in (0, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    read_all(store)
    (row,) = listed(store)
    assert (row.view_count, row.state) == (8, "done")
    with store.database.session() as session:
        digests = [one.digest for one in studies.originals(session, row.id)]
        numbers = [one.version for one in versions.versions(session, row.examination)]
    assert len(digests) == len(set(digests)) == 8
    assert numbers == list(range(1, row.version + 1))


def test_delete_while_images_come_in(store: Store, film: Film) -> None:
    """Every image that was acknowledged after the last deletion is there, with its file."""
    films = [film(seed) for seed in range(4)]

    def delete() -> None:
        for _ in range(20):
            for row in listed(store):
                removal.remove(store.database, store.files, row.id)

    def deliver() -> None:
        for _ in range(5):
            for one in films:
                assert send(store, one).arrivals

    threads = [threading.Thread(target=delete), threading.Thread(target=deliver), threading.Thread(target=deliver)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    send(store, *films)
    (row,) = listed(store)
    with store.database.session() as session:
        assert len(studies.originals(session, row.id)) == 4
        for digest in session.scalars(select(Original.digest)):
            assert store.files.path(digest).exists()


def test_failed_study_gets_its_missing_image(store: Store, film: Film) -> None:
    """A broken image alone fails; the sound one that follows is read in the same version."""
    broken = film(1)[:900]
    study = send(store, broken).arrivals[0].study
    store.worker.start()
    read_all(store)
    assert listed(store)[0].state == State.FAILED
    assert send(store, film(2)).arrivals[0].study == study
    read_all(store)
    (row,) = listed(store)
    assert (row.state, row.version) == (State.DONE, 1)


def test_removal_takes_all_versions(store: Store, film: Film) -> None:
    store.worker.start()
    first = send(store, film(1)).arrivals[0].study
    read_all(store)
    second = send(store, film(2)).arrivals[0].study
    assert removal.remove(store.database, store.files, first).studies == (first, second)
    assert listed(store) == []
    assert not [name for group in store.files.digests() for name in group]


def test_identifiers_that_are_too_long(store: Store, dicom: Any) -> None:
    """Two UIDs or numbers that begin alike are two; what is kept of them fits, whatever it holds."""
    words = np.random.default_rng(1).integers(0, 4095, (80, 60))
    long = "1.2." + "3" * 70
    about = {"AccessionNumber": "A" * 90}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        films = [
            dicom(words, StudyInstanceUID=f"{long}.{uid}", PatientID=f"{'7' * 80}{patient}", **about)
            for uid, patient in ((1, 1), (2, 1), (1, 2))
        ]
    send(store, *films)
    rows = listed(store)
    assert len(rows) == 3
    assert len({row.pseudonym for row in rows}) == 2
    assert {len(row.patient or "") for row in rows} == {64}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_study_that_would_be_too_large(store: Store, film: Film) -> None:
    store.intake._study_pixels = 10_000  # two films of 4,800 pixels
    send(store, film(1))
    taken = send(store, film(2), film(3))
    assert [one.position for one in taken.refusals] == [1]
    assert listed(store)[0].view_count == 2
