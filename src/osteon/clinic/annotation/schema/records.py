"""A label schema: a tree of labels with their scopes and SNOMED CT codes, and rules that answers must keep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from osteon.core.labels import Code


class LabelScope(StrEnum):
    """What a label is said of."""

    STUDY = "study"
    IMAGE = "image"
    REGION = "region"


class RegionKind(StrEnum):
    """The shape of a region."""

    BOX = "box"
    POLYGON = "polygon"
    POLYLINE = "polyline"
    POINT = "point"
    ANGLE = "angle"


class RuleKind(StrEnum):
    """What a rule demands; see ``Rule``."""

    EXCLUDES = "excludes"
    REQUIRED = "required"
    ONE_OF = "one_of"
    SOME_OF = "some_of"


class Scale(StrEnum):
    """Whether the labels of a choice are grades, the lowest first, or names without an order."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"


@dataclass(frozen=True, slots=True)
class Label:
    """A label, or a heading over labels.

    Attributes:
        id: lower case letters, digits and underscores; unique in the schema and never changed once used.
        name: as it is shown.
        scope: what it is said of.
        code: SNOMED CT; None where no concept fits.
        kinds: shapes that a region of it may have; only for the scope ``region``, where there is at least one.
        hotkey: one letter or digit, unique in the schema; empty where there is none.
        aliases: names of the same finding elsewhere: labels of a bundle's boxes and of imported files.
        children: labels below it. Whoever says a child of a scope says its parents of that scope too.
        selectable: False for headings that nobody may say themselves.
    """

    id: str
    name: str
    scope: LabelScope
    code: Code | None = None
    kinds: tuple[RegionKind, ...] = ()
    hotkey: str = ""
    aliases: tuple[str, ...] = ()
    children: tuple[Label, ...] = ()
    selectable: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that a finished read must keep.

    A label *is present* on an image or study where its answer is 1, or where a region has it. Labels of the scope ``study``
    concern the study; a rule among labels of the scopes ``image`` and ``region`` holds on each image for itself.

    Attributes:
        kind: ``excludes``: where ``label`` is present, none of ``labels`` is. ``required``: each of ``labels`` has an answer
            (1, 0 or unknown). ``one_of``: exactly one of ``labels`` is present. ``some_of``: at least one is.
        label: of ``excludes`` only.
        labels: identifiers; labels of the same rule are of the scope ``study``, or none of them is.
        scale: of ``one_of`` only: ``ordinal`` where ``labels`` are grades, the lowest first. Weighted kappa and ordinal alpha
            are for grades alone.
    """

    kind: RuleKind
    labels: tuple[str, ...]
    label: str = ""
    scale: Scale = Scale.NOMINAL


@dataclass(frozen=True, slots=True)
class LabelSchema:
    """A label schema.

    Attributes:
        name: lower case letters, digits and underscores.
        title: as it is shown.
        about: what it is for, and where its labels come from.
        labels: the roots of the tree, in the order in which they are shown.
        rules: see ``Rule``.
    """

    name: str
    title: str
    labels: tuple[Label, ...]
    rules: tuple[Rule, ...] = ()
    about: str = ""

    def walk(self) -> Iterator[Label]:
        """All labels, parents before their children, in the order in which they are shown."""
        waiting = list(reversed(self.labels))
        while waiting:
            label = waiting.pop()
            yield label
            waiting += reversed(label.children)

    def find(self, label: str) -> Label | None:
        """The label with an identifier."""
        return next((item for item in self.walk() if item.id == label), None)

    def ancestors(self, label: str) -> tuple[str, ...]:
        """Identifiers of the labels above a label, the nearest first; empty for roots and unknown labels."""
        parents = {child.id: item.id for item in self.walk() for child in item.children}
        found: list[str] = []
        while label in parents:
            label = parents[label]
            found.append(label)
        return tuple(found)
