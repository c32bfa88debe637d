"""All of a project, for agreement, snapshots and exports."""

from __future__ import annotations

from dataclasses import dataclass

from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import Assignment, Item, Member, Project
from osteon.clinic.annotation.records.read import Read
from osteon.clinic.annotation.schema.records import LabelSchema


@dataclass(frozen=True, slots=True)
class ProjectContent:
    """A project with everything in it that was acknowledged when it was loaded.

    Attributes:
        project: with its settings.
        schema: the version that the project has now.
        members: of all roles, also former ones who have reads.
        items: all studies, with those that were screened out.
        assignments: all, with withdrawn ones.
        reads: finished and skipped ones of all rounds and stages, in the order in which they were finished.
        consensus: the latest of each study that has one.
    """

    project: Project
    schema: LabelSchema
    members: tuple[Member, ...]
    items: tuple[Item, ...]
    assignments: tuple[Assignment, ...]
    reads: tuple[Read, ...]
    consensus: tuple[Consensus, ...]
