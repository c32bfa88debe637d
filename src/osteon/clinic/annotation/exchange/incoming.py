"""Annotations of other files as events of a project: a reader goes on from them as from their own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from osteon.clinic.annotation.agreement.judgements import normal_labels
from osteon.clinic.annotation.payloads import SMALLEST
from osteon.clinic.annotation.records.event import EventKind
from osteon.clinic.annotation.records.project import Item, ItemImage, ItemState
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.records.read import Point, Provenance
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RegionKind
from osteon.clinic.annotation.snapshots.take import ABNORMAL, image_name

PROVENANCE: Final = str(Provenance.IMPORTED)

Payload = tuple[EventKind, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ImportedRegion:
    """A region of a file.

    Attributes:
        label: as the file calls it.
        kind: its shape.
        points: in pixels of the stored image, as in a ``Region``.
    """

    label: str
    kind: RegionKind
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class ImportedImage:
    """What a file says of an image.

    Attributes:
        keys: that it may be found by: name of its file without suffix, SOPInstanceUID, SHA-256 of the file.
        answers: 1, 0 or -1 by label, as the file calls them.
        regions: of the image.
    """

    keys: tuple[str, ...]
    answers: Mapping[str, int] = field(default_factory=dict[str, int])
    regions: tuple[ImportedRegion, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What is to be imported.

    Attributes:
        events: by item.
        unmatched: images that belong to no study of the project.
        unknown: labels that the schema does not have, with how often they occur.
        unfit: regions that the schema does not allow or that lie outside of their image.
    """

    events: Mapping[int, tuple[Payload, ...]]
    unmatched: int
    unknown: Mapping[str, int]
    unfit: int


def plan_import(content: ProjectContent, images: Iterable[ImportedImage]) -> ImportPlan:
    """Find the images of a project, and say what the file says of them in the words of its schema."""
    places = _places(content.items)
    labels = _names(content.schema)
    normal = normal_labels(content.schema)
    unknown: Counter[str] = Counter()
    unfit = unmatched = 0
    events: dict[int, list[Payload]] = {}
    for image in images:
        found = next((places[key] for key in image.keys if key in places), None)
        if found is None:
            unmatched += 1
            continue
        item, picture = found
        kept = events.setdefault(item.id, [])
        for region in image.regions:
            label = labels.get(_plain(region.label))
            if label is None:
                unknown[region.label] += 1
                continue
            payload = _region(label, region, picture, len(kept))
            if payload is None:
                unfit += 1
            else:
                kept.append((EventKind.REGION, payload))
        kept += _answers(image, picture, labels, normal, unknown, kept)
    return ImportPlan({item: tuple(kept) for item, kept in events.items() if kept}, unmatched, dict(unknown), unfit)


def _places(items: Sequence[Item]) -> dict[str, tuple[Item, ItemImage]]:
    """Images by every name that they have; a name that several images have names none."""
    found: dict[str, list[tuple[Item, ItemImage]]] = {}
    for item in items:
        if item.state is not ItemState.INCLUDED:
            continue
        for image in item.images:
            uid, frame = image.instance.sop_instance_uid, image.instance.frame
            names = {image_name(image), image.digest}
            names |= {f"{uid}:{frame}", *([uid] if frame == 1 else [])} if uid else set()
            for name in names:
                found.setdefault(name, []).append((item, image))
    return {name: places[0] for name, places in found.items() if len(places) == 1}


def _names(schema: LabelSchema) -> dict[str, Label]:
    """Labels that may be said, by identifier, name and alias."""
    found: dict[str, Label] = {}
    for label in schema.walk():
        if label.selectable:
            for name in (label.id, label.name, *label.aliases):
                found.setdefault(_plain(name), label)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _region(label: Label, region: ImportedRegion, image: ItemImage, number: int) -> dict[str, Any] | None:
    """The payload of a region; None where the schema or the image does not allow it."""
    if label.scope is not LabelScope.REGION:
        return None
    kind, points = region.kind, region.points
    if kind not in label.kinds:
        if kind is not RegionKind.POLYGON or RegionKind.BOX not in label.kinds:
            return None
        across, down = [x for x, _ in points], [y for _, y in points]
        kind, points = RegionKind.BOX, ((min(across), min(down)), (max(across), max(down)))
    inside = [(min(max(x, 0.0), float(image.columns)), min(max(y, 0.0), float(image.rows))) for x, y in points]
    across, down = [x for x, _ in inside], [y for _, y in inside]
    if (
        kind in (RegionKind.BOX, RegionKind.POLYGON)
        and min(max(across) - min(across), max(down) - min(down)) < SMALLEST
    ):
        return None
    return {
        "id": f"imported-{image.position}-{number}",
        "label": label.id,
        "image": image.position,
        "kind": str(kind),
        "points": [list(point) for point in inside],
        "provenance": PROVENANCE,
    }


def _answers(
    image: ImportedImage,
    picture: ItemImage,
    labels: Mapping[str, Label],
    normal: frozenset[str],
    unknown: Counter[str],
    kept: Sequence[Payload],
) -> list[Payload]:
    """Answers of the image, and of the study where a label is one of the study; what is unknown is not said."""
    found: list[Payload] = []
    drawn = any(payload["image"] == picture.position for kind, payload in kept if kind is EventKind.REGION)
    for name, value in image.answers.items():
        label = labels.get(_plain(name))
        if label is None:
            if _plain(name) == ABNORMAL and value == 0 and not drawn:
                found += [
                    _answer(labels[normal_label], 1, picture) for normal_label in normal if normal_label in labels
                ]
            elif _plain(name) != ABNORMAL and value == 1:
                unknown[name] += 1
        elif label.scope is not LabelScope.REGION and value in (0, 1):
            found.append(_answer(label, value, picture))
    return found


def _answer(label: Label, value: int, image: ItemImage) -> Payload:
    place = None if label.scope is LabelScope.STUDY else image.position
    return EventKind.ANSWER, {"label": label.id, "value": value, "image": place}
