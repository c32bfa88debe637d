"""Whether what a reader says keeps the rules of the label schema."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osteon.clinic.annotation.records.read import Answer, Region
from osteon.clinic.annotation.schema.records import LabelSchema, LabelScope, Rule, RuleKind


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that is broken.

    Attributes:
        kind: of the rule.
        labels: that the rule is about, and that are missing or too many.
        image: position of the image; None for rules about the study.
        label: of ``excludes``.
    """

    kind: RuleKind
    labels: tuple[str, ...]
    image: int | None = None
    label: str = ""


class Presence:
    """Which labels are present where: said themselves, or by a label below them.

    Args:
        schema: the labels.
        answers: what is said of study and images.
        regions: what is marked.
    """

    def __init__(self, schema: LabelSchema, answers: Iterable[Answer], regions: Iterable[Region]) -> None:
        self._answered = {(answer.label, answer.image) for answer in answers}
        said = [(answer.label, answer.image) for answer in answers if answer.value == 1]
        said += [(region.label, region.image) for region in regions]
        self._present = {(name, image) for label, image in said for name in (label, *schema.ancestors(label))}

    def present(self, label: str, image: int | None) -> bool:
        """Whether a label is present on an image, or in the study (None)."""
        return (label, image) in self._present

    def anywhere(self, label: str) -> bool:
        """Whether a label is present in the study or on any image."""
        return any(name == label for name, _ in self._present)

    def answered(self, label: str, image: int | None) -> bool:
        """Whether there is an answer: present, absent or unknown."""
        return (label, image) in self._answered


def broken(
    schema: LabelSchema, answers: Sequence[Answer], regions: Sequence[Region], images: Iterable[int]
) -> tuple[Broken, ...]:
    """The rules that a read breaks, in the order of the schema and of the images.

    Args:
        schema: with the rules.
        answers: of the read.
        regions: of the read.
        images: positions of all images of the study.
    """
    presence = Presence(schema, answers, regions)
    scopes = {label.id: label.scope for label in schema.walk()}
    positions = tuple(images)
    found: list[Broken] = []
    for rule in schema.rules:
        if (
            rule.kind is RuleKind.EXCLUDES
            and len({scopes[name] is LabelScope.STUDY for name in (rule.label, *rule.labels)}) > 1
        ):
            found += _excluded_anywhere(rule, presence)
            continue
        places = (None,) if scopes[rule.labels[0]] is LabelScope.STUDY else positions
        for place in places:
            found += _broken_at(rule, presence, place)
    return tuple(found)


def _excluded_anywhere(rule: Rule, presence: Presence) -> list[Broken]:
    """A label of the study that excludes some of images, or the other way round."""
    if not presence.anywhere(rule.label):
        return []
    clash = tuple(name for name in rule.labels if presence.anywhere(name))
    return [Broken(rule.kind, clash, None, rule.label)] if clash else []


def _broken_at(rule: Rule, presence: Presence, image: int | None) -> list[Broken]:
    present = tuple(name for name in rule.labels if presence.present(name, image))
    match rule.kind:
        case RuleKind.EXCLUDES:
            clash = present if presence.present(rule.label, image) else ()
            return [Broken(rule.kind, clash, image, rule.label)] if clash else []
        case RuleKind.REQUIRED:
            open_ones = tuple(name for name in rule.labels if not presence.answered(name, image))
            return [Broken(rule.kind, open_ones, image)] if open_ones else []
        case RuleKind.ONE_OF:
            return [] if len(present) == 1 else [Broken(rule.kind, present or rule.labels, image)]
        case RuleKind.SOME_OF:
            return [] if present else [Broken(rule.kind, rule.labels, image)]
