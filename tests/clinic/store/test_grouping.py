"""The same files are the same studies, whether they lie in a folder or are uploaded."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from osteon.clinic.intake import Upload
from osteon.inference.grouping import Group, Member, group
from osteon.inference.studies import discover

Store = Any
ANN = {"PatientID": "1", "PatientName": "Adams^Ann", "PatientBirthDate": "19500101", "PatientSex": "F"}
BOB = {"PatientID": "2", "PatientName": "Brown^Bob", "PatientBirthDate": "19600101", "PatientSex": "M"}
NOBODY = {"PatientID": "", "PatientName": ""}


@dataclass(frozen=True)
class File:
    """A file of a case: DICOM with a StudyInstanceUID and what else it states, or a PNG where it has no elements.

    Attributes:
        study: last part of its StudyInstanceUID; empty for none.
        elements: of DICOM.
        copy: the position of the file that it is a copy of.
    """

    study: str = ""
    elements: dict[str, str] | None = field(default_factory=lambda: ANN)
    copy: int | None = None


PICTURE = File(elements=None)

CASES: dict[str, tuple[Sequence[File], Sequence[set[int]]]] = {
    "two studies of one patient": ([File("1"), File("2"), File("1")], [{0, 2}, {1}]),
    "one file": ([File("1")], [{0}]),
    "two patients under one UID": ([File("1"), File("1", BOB), File("1")], [{0, 2}, {1}]),
    "two spellings of one patient": ([File("1"), File("1", ANN | {"PatientName": "ADAMS^Anna"})], [{0, 1}]),
    "another name alone is another patient": (
        [
            File("1", {"PatientID": "", "PatientName": "Adams^Ann"}),
            File("1", {"PatientID": "", "PatientName": "Brown^Bob"}),
        ],
        [{0}, {1}],
    ),
    "nobody belongs to the only patient": ([File("1", NOBODY), File("1")], [{0, 1}]),
    "nobody stands alone beside two patients": ([File("1", NOBODY), File("1"), File("1", BOB)], [{0}, {1}, {2}]),
    "two without a patient are one study": ([File("1", NOBODY), File("1", NOBODY)], [{0, 1}]),
    "a missing birth date contradicts nothing": (
        [File("1", {"PatientID": "1", "PatientName": "Adams^Ann"}), File("1")],
        [{0, 1}],
    ),
    "another issuer of the number": (
        [File("1", ANN | {"IssuerOfPatientID": "A"}), File("1", ANN | {"IssuerOfPatientID": "B"})],
        [{0}, {1}],
    ),
    "a copy goes where the first goes": ([File("1"), File("1", copy=0), File("1", BOB)], [{0, 1}, {2}]),
    "DICOM without a UID stands alone": ([File(""), File(""), File("1")], [{0}, {1}, {2}]),
    "pictures stand alone": ([PICTURE, File("1"), PICTURE, File("1")], [{0}, {1, 3}, {2}]),
    "a UID of another length": ([File("1"), File("11"), File("1" * 30)], [{0}, {1}, {2}]),
}


@pytest.fixture
def contents(dicom: Callable[..., bytes], picture: Callable[..., bytes]) -> Callable[[Sequence[File]], list[bytes]]:
    """The bytes of each file of a case."""

    def make(files: Sequence[File]) -> list[bytes]:
        made: list[bytes] = []
        for position, file in enumerate(files):
            if file.copy is not None:
                made.append(made[file.copy])
            elif file.elements is None:
                made.append(picture(position))
            else:
                words = np.random.default_rng(position).integers(0, 4095, (80, 60))
                uid = f"1.2.826.0.1.3680043.8.498.{file.study}" if file.study else ""
                made.append(dicom(words, StudyInstanceUID=uid, **file.elements))
        return made

    return make


def in_a_folder(data: Sequence[bytes], folder: Path) -> list[set[int]]:
    folder.mkdir()
    for position, content in enumerate(data):
        (folder / f"{position:03}").write_bytes(content)
    return [{int(file.name) for file in study.files} for study in discover([folder]).studies]


def uploaded(store: Store, data: Sequence[bytes]) -> list[set[int]]:
    taken = store.intake.take([Upload(f"{position}", io.BytesIO(one)) for position, one in enumerate(data)])
    assert not taken.refusals
    return [set(arrival.positions) for arrival in taken.arrivals]


@pytest.mark.parametrize("name", CASES)
def test_command_line_and_upload_agree(
    name: str, contents: Callable[[Sequence[File]], list[bytes]], store: Store, tmp_path: Path
) -> None:
    files, expected = CASES[name]
    data = contents(files)
    assert in_a_folder(data, tmp_path / "folder") == expected
    assert uploaded(store, data) == expected


def test_the_order_of_files_changes_nothing(contents: Callable[[Sequence[File]], list[bytes]], tmp_path: Path) -> None:
    """Backwards the studies have the same files, and stand where their first one does."""
    for number, (files, expected) in enumerate(CASES.values()):
        last = len(files) - 1
        backwards = [{last - position for position in study} for study in expected]
        found = in_a_folder(contents(files)[::-1], tmp_path / str(number))
        assert found == sorted(backwards, key=min)


def test_what_is_there_gets_what_fits() -> None:
    """Of two patients that are there, one file fits the first, another neither; a copy goes where the content is."""
    ann, bob = {"number": "1"}, {"number": "2"}
    there: list[Group[str]] = [Group("uid", dict(ann), {"a"}), Group("uid", dict(bob), {"b"})]
    members = [
        Member("copy of b", 0, "uid", {}, "b"),
        Member("new of ann", 1, "uid", ann, "c"),
        Member("nobody", 2, "uid", {}, "d"),
        Member("elsewhere", 3, "other", ann, "e"),
    ]
    found = group(members, lambda uid: there if uid == "uid" else [])
    assert [one.items for one in found] == [("copy of b",), ("new of ann",), ("nobody",), ("elsewhere",)]
    assert found[0] is there[1]
    assert found[1] is there[0]


def test_companions_are_one_study() -> None:
    members = [Member(position, position, companions="x" if position % 2 else "") for position in range(5)]
    assert [one.items for one in group(members)] == [(0,), (1, 3), (2,), (4,)]
