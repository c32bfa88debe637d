"""Which files belong to one study: the one rule, for the command line and for uploads.

- DICOM files of one StudyInstanceUID are one study, unless their headers contradict each other about the patient: images of two
  patients are never read together. A file that states nothing of its patient belongs to the only patient of its
  StudyInstanceUID, and stands alone where there are several.
- Files without a StudyInstanceUID are a study each, unless whoever brings them says which belong together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from osteon.imaging.patient_identity import combined, contradictory

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member(Generic[T]):
    """A file, as the rule sees it.

    Attributes:
        item: what the caller has for it.
        position: among the files, from 0.
        study: StudyInstanceUID; empty where there is none.
        patient: what the file states of its patient, see ``patient_identity``.
        content: the same for copies of one file, and no others.
        companions: files without a StudyInstanceUID are one study where this is the same, and not empty.
    """

    item: T
    position: int
    study: str = ""
    patient: Mapping[str, str] = field(default_factory=dict[str, str])
    content: str = ""
    companions: str = ""


@dataclass(slots=True)
class Group(Generic[T]):
    """Files of one study.

    Attributes:
        study: StudyInstanceUID; empty where there is none.
        patient: what they state of their patient together.
        contents: of the files that were there before, and of the members.
        members: in the order of their positions.
    """

    study: str = ""
    patient: dict[str, str] = field(default_factory=dict[str, str])
    contents: set[str] = field(default_factory=set[str])
    members: list[Member[T]] = field(default_factory=list["Member[T]"])

    @property
    def items(self) -> tuple[T, ...]:
        """What the caller has for the members."""
        return tuple(member.item for member in self.members)


def group(members: Iterable[Member[T]], existing: Callable[[str], Sequence[Group[T]]] | None = None) -> list[Group[T]]:
    """Group files by study.

    Args:
        members: the files.
        existing: the groups that are there already for a StudyInstanceUID, without members; those that fit get members.

    Returns:
        The groups that got members, in the order of their first ones.
    """
    by_study: dict[str, list[Member[T]]] = {}
    by_companions: dict[str, Group[T]] = {}
    for member in members:
        if member.study:
            by_study.setdefault(member.study, []).append(member)
        else:
            key = f"companions:{member.companions}" if member.companions else f"alone:{member.position}"
            by_companions.setdefault(key, Group()).members.append(member)
    groups = list(by_companions.values())
    for study, several in by_study.items():
        groups += _by_patient(study, several, () if existing is None else existing(study))
    for found in groups:
        found.members.sort(key=_position)
    return sorted(groups, key=lambda found: found.members[0].position)


def _by_patient(study: str, members: Sequence[Member[T]], existing: Sequence[Group[T]]) -> list[Group[T]]:
    """The files of one StudyInstanceUID by patient."""
    groups = list(existing)
    # Those that state most of their patient first: one that states nothing belongs to the only patient, if there is only one.
    for member in sorted(members, key=lambda member: (-len(member.patient), member.position)):
        chosen = _fitting(member, groups)
        if chosen is None:
            chosen = Group(study)
            groups.append(chosen)
        chosen.patient = combined(chosen.patient, member.patient)
        chosen.contents.add(member.content)
        chosen.members.append(member)
    return [found for found in groups if found.members]


def _fitting(member: Member[T], groups: Sequence[Group[T]]) -> Group[T] | None:
    """The group of a file: that of its copy, else that of its patient, else the only one that it does not contradict."""
    holding = [found for found in groups if member.content in found.contents]
    same = [found for found in groups if found.patient == member.patient]
    possible = [found for found in groups if not contradictory(found.patient, member.patient)]
    return next(iter(holding or same or (possible if len(possible) == 1 else [])), None)


def _position(member: Member[T]) -> int:
    return member.position
