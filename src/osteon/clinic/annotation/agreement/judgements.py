"""What a read says of a label: of an image, of a study; what it does not say stays unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from osteon.clinic.annotation.agreement.records import Level, Variable
from osteon.clinic.annotation.records.consensus import Consensus
from osteon.clinic.annotation.records.project import Item
from osteon.clinic.annotation.records.read import Read
from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, RuleKind, Scale
from osteon.core.labels import UNKNOWN

PRESENCE: Final = ("absent", "present")
"""Categories of a label."""

NORMAL: Final = frozenset({"normal", "no_finding", "no_fracture"})
"""Labels that say that nothing is there, whether or not a rule says so."""


def normal_labels(schema: LabelSchema) -> frozenset[str]:
    """Labels that say that nothing is there: they exclude the others (rule ``excludes``), or are called so."""
    ids = {label.id for label in schema.walk()}
    excluding = {rule.label for rule in schema.rules if rule.kind is RuleKind.EXCLUDES}
    return frozenset((excluding | NORMAL) & ids)


class Judgements:
    """What reads of one schema say."""

    def __init__(self, schema: LabelSchema) -> None:
        """Take the tree of labels apart."""
        self.labels: dict[str, Label] = {label.id: label for label in schema.walk()}
        self._above = {
            name: tuple(other for other in schema.ancestors(name) if self.labels[other].scope is label.scope)
            for name, label in self.labels.items()
        }
        self._choices = [rule for rule in schema.rules if rule.kind is RuleKind.ONE_OF]
        self._denied = self._deniable(schema)

    def _deniable(self, schema: LabelSchema) -> frozenset[str]:
        """Labels that a finished read denies by not saying them.

        These are regions, and labels among which a rule makes the reader choose, with the labels above them. An answer
        that no rule asked for, and that was not given, stays unknown.
        """
        asked = {label.id for label in self.labels.values() if label.scope is LabelScope.REGION}
        for rule in schema.rules:
            if rule.kind is not RuleKind.REQUIRED:
                asked |= {rule.label, *rule.labels} & self.labels.keys()
        return frozenset(asked | {above for label in asked for above in self._above[label]})

    def variables(self, level: Level) -> tuple[Variable, ...]:
        """What is judged at the level of studies or images: labels, and choices among several (rule ``one_of``)."""
        fits = [label for label in self.labels.values() if level is Level.STUDY or label.scope is not LabelScope.STUDY]
        found = [Variable(label.id, label.name, PRESENCE) for label in fits]
        known = {label.id for label in fits}
        for rule in self._choices:
            choice = rule.labels
            if len(choice) > 2 and known.issuperset(choice):
                names = [self.labels[name].name for name in choice]
                ordered = rule.scale is Scale.ORDINAL
                found.append(Variable("|".join(choice), " / ".join(names), choice, choice=True, ordered=ordered))
        return tuple(found)

    def said(self, read: Read | Consensus) -> dict[tuple[str, int | None], int]:
        """Values by label and image (None for the study); labels above a present one are present."""
        values = {(answer.label, answer.image): answer.value for answer in read.answers}
        values |= {(region.label, region.image): 1 for region in read.regions}
        for (label, image), value in list(values.items()):
            if value == 1:
                values |= {(above, image): 1 for above in self._above.get(label, ())}
        return values

    def of_image(self, said: dict[tuple[str, int | None], int], variable: Variable, image: int) -> int:
        """Number of the category that a read gives an image, or ``UNKNOWN``."""
        return self._judged(variable, lambda label: self._image(said, label, image))

    def of_study(self, said: dict[tuple[str, int | None], int], variable: Variable, item: Item) -> int:
        """Number of the category that a read gives a study, or ``UNKNOWN``: of labels of images that of any image."""
        return self._judged(variable, lambda label: self._study(said, label, len(item.images)))

    def _judged(self, variable: Variable, value: Callable[[str], int]) -> int:
        if not variable.choice:
            return value(variable.id)
        given = [place for place, label in enumerate(variable.categories) if value(label) == 1]
        # Several images of a study may be of several grades: the highest is that of the study. Names have no highest.
        return given[-1] if variable.ordered and given else given[0] if len(given) == 1 else UNKNOWN

    def _image(self, said: dict[tuple[str, int | None], int], label: str, image: int) -> int:
        return said.get((label, image), 0 if label in self._denied else UNKNOWN)

    def _study(self, said: dict[tuple[str, int | None], int], label: str, images: int) -> int:
        if self.labels[label].scope is LabelScope.STUDY:
            return said.get((label, None), 0 if label in self._denied else UNKNOWN)
        values = [self._image(said, label, image) for image in range(images)]
        if 1 in values:
            return 1
        return UNKNOWN if not values or UNKNOWN in values else 0
