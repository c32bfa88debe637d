"""From a project to a snapshot: consensus where there is one, the one read where there is only one reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from osteon.clinic.annotation.agreement.judgements import Judgements, normal_labels
from osteon.clinic.annotation.agreement.records import Level, Variable
from osteon.clinic.annotation.agreement.regions import COMPARED, corners
from osteon.clinic.annotation.decide import decide
from osteon.clinic.annotation.disagreement import counted
from osteon.clinic.annotation.records.consensus import Consensus, ConsensusRule
from osteon.clinic.annotation.records.project import Item, ItemImage, ItemState
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Read, Region
from osteon.clinic.annotation.schema.records import LabelScope, RegionKind
from osteon.core.errors import DataError
from osteon.core.labels import UNKNOWN
from osteon.core.snapshot import Snapshot, SnapshotImage, SnapshotRegion, SnapshotStudy

ABNORMAL: Final = "abnormal"
"""Label of an image on which anything was found; added where the schema says what is normal and has no such label."""

ONE_READER: Final = "one_reader"

NAME: Final = 20
"""Hexadecimal digits of the file's SHA-256 in the name of an image: 80 bits, which do not collide."""


def take(content: ProjectContent, created: datetime, rule: ConsensusRule | None = None) -> Snapshot:
    """A snapshot of all studies that are decided.

    Args:
        content: of the project.
        created: the time to state.
        rule: decides studies that several readers finished and nobody decided; without it they are left out.

    Raises:
        DataError: nothing is decided yet, or the rule is that of a person.
    """
    if rule is ConsensusRule.PERSON:
        raise DataError("a person is no rule", expected="majority, any, all or weighted")
    maker = _Maker(content)
    reads: dict[int, list[Read]] = {}
    for read in content.reads:
        reads.setdefault(read.item, []).append(read)
    agreed = {one.item: one for one in content.consensus}
    left_out: Counter[str] = Counter()
    studies: list[SnapshotStudy] = []
    for item in content.items:
        said = counted(reads.get(item.id, []))
        found = _decided(content, item, said, agreed.get(item.id), rule)
        if isinstance(found, str):
            left_out[found] += 1
            continue
        how, spoken = found
        studies.append(maker.study(item, spoken, how, said, left_out))
    if not studies:
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise DataError(
            "nothing of the project is decided yet",
            expected="a study that is read, and of several readers decided",
            got=reasons or "no studies",
            hint="Adjudicate, or let a rule decide (--rule majority).",
        )
    return Snapshot(
        project=content.project.name,
        schema_name=content.schema.name,
        schema_version=content.project.schema_version,
        labels=maker.labels,
        created=created,
        seed=content.project.seed,
        studies=tuple(studies),
        left_out=dict(sorted(left_out.items())),
    )


def _decided(
    content: ProjectContent, item: Item, said: list[Read], agreed: Consensus | None, rule: ConsensusRule | None
) -> tuple[str, Read | Consensus] | str:
    """How a study was decided and what holds, or the reason why it is left out."""
    if item.state is ItemState.SCREENED_OUT:
        return "screened_out"
    if agreed is not None:
        return str(agreed.rule), agreed
    if not said:
        return "not_read"
    if any(read.schema_version != content.project.schema_version for read in said):
        return "other_schema"
    if len(said) < content.project.readers_per_study:
        return "not_finished"
    if len(said) == 1:
        return ONE_READER, said[0]
    if rule is None:
        return "not_decided"
    answers, regions = decide(said, rule, content.project.box_iou)
    numbers = tuple(read.id for read in said)
    last = max(read.finished for read in said)
    return str(rule), Consensus(0, item.id, rule, answers, regions, numbers, "", last)


class _Maker:
    """Makes records of studies with the labels of one schema."""

    def __init__(self, content: ProjectContent) -> None:
        self._judgements = Judgements(content.schema)
        self._normal = normal_labels(content.schema)
        variables = {variable.id: variable for level in Level for variable in self._judgements.variables(level)}
        every = self._judgements.labels
        self._variables: dict[str, Variable] = {
            name: variables[name] for name in every if name in variables and name not in self._normal
        }
        self._adds_abnormal = bool(self._normal) and ABNORMAL not in every
        self.labels: tuple[str, ...] = (*([ABNORMAL] if self._adds_abnormal else []), *self._variables)
        self._taken: set[str] = set()
        self._names = {member.id: member.name for member in content.members}

    def study(
        self, item: Item, spoken: Read | Consensus, how: str, said: list[Read], left_out: Counter[str]
    ) -> SnapshotStudy:
        """A study; frames of objects with several are left out, since a dataset has a file for each image."""
        values = self._judgements.said(spoken)
        images: list[SnapshotImage] = []
        files = Counter(image.digest for image in item.images)
        reader = "consensus" if isinstance(spoken, Consensus) else self._names.get(spoken.reader, "")
        for image in item.images:
            if files[image.digest] > 1 or image.instance.frame > 1:
                left_out["images_of_several_frames"] += 1
                continue
            if image.digest in self._taken:
                left_out["images_in_several_studies"] += 1
                continue
            self._taken.add(image.digest)
            images.append(self._image(item, image, values, spoken, reader, left_out))
        return SnapshotStudy(
            study=item.examination or str(item.id),
            patient=item.patient,
            age=item.age,
            sex=item.sex,
            year=item.year,
            decided=how,
            readers=len(said),
            images=tuple(images),
        )

    def _image(
        self,
        item: Item,
        image: ItemImage,
        values: Mapping[tuple[str, int | None], int],
        spoken: Read | Consensus,
        reader: str,
        left_out: Counter[str],
    ) -> SnapshotImage:
        labels = {name: self._value(dict(values), variable, item, image) for name, variable in self._variables.items()}
        if self._adds_abnormal:
            labels = {ABNORMAL: self._abnormal(labels, values, image)} | labels
        own = [region for region in spoken.regions if region.image == image.position]
        left_out["regions_without_area"] += sum(1 for region in own if region.kind not in COMPARED)
        regions = tuple(_region(region, reader) for region in own if region.kind in COMPARED)
        return snapshot_image(image, labels, regions)

    def _value(
        self, values: dict[tuple[str, int | None], int], variable: Variable, item: Item, image: ItemImage
    ) -> int:
        """What is said of a label on an image; labels of the study hold for each of its images."""
        if self._judgements.labels[variable.id].scope is LabelScope.STUDY:
            return self._judgements.of_study(values, variable, item)
        return self._judgements.of_image(values, variable, image.position)

    def _abnormal(
        self, labels: Mapping[str, int], values: Mapping[tuple[str, int | None], int], image: ItemImage
    ) -> int:
        """1 where anything was found, 0 where the reader said that nothing is there, or denied all that there may be."""
        if 1 in labels.values():
            return 1
        normal = any(values.get((name, place)) == 1 for name in self._normal for place in (image.position, None))
        return 0 if normal or UNKNOWN not in labels.values() else UNKNOWN


def snapshot_image(image: ItemImage, labels: dict[str, int], regions: tuple[SnapshotRegion, ...]) -> SnapshotImage:
    """An image of a snapshot, with what is said of it."""
    return SnapshotImage(
        name=image_name(image),
        digest=image.digest,
        rows=image.rows,
        columns=image.columns,
        format=image.format,
        view=image.view,
        laterality=image.laterality,
        body_part=image.body_part,
        spacing=image.spacing,
        labels=labels,
        regions=regions,
    )


def image_name(image: ItemImage) -> str:
    """Name of an image in snapshots and exports, which imports find it by.

    It follows from the content of its file: numbers would name another image in another project or store.
    """
    return image.digest[:NAME]


def _region(region: Region, reader: str) -> SnapshotRegion:
    flat = tuple(value for point in region.points for value in point)
    return SnapshotRegion(
        label=region.label,
        box=corners(region),
        outline=flat if region.kind is RegionKind.POLYGON else (),
        reader=reader,
    )
