"""What a label schema must keep besides its form; each fault says at which place of the file it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, Rule, RuleKind, Scale
from osteon.core.errors import DataError

DEEPEST = 6
"""Levels of the tree."""

Place = tuple[str | int, ...]
"""Where something stands: keys and numbers (from 0) from the top of the file."""


@dataclass(frozen=True, slots=True)
class SchemaFault:
    """Something that a label schema may not be.

    Attributes:
        place: where it stands.
        error: what is wrong.
    """

    place: Place
    error: DataError


def check(schema: LabelSchema) -> None:
    """Check identifiers, hotkeys, scopes and rules.

    Raises:
        DataError: something does not fit: the first fault.
    """
    for fault in faults(schema):
        raise fault.error


def faults(schema: LabelSchema) -> Iterator[SchemaFault]:
    """Everything that does not fit."""
    placed = list(_placed(schema.labels, ("labels",)))
    labels = {label.id: label for _, label in placed}
    yield from _unique("identifier", [((*place, "id"), label.id) for place, label in placed])
    yield from _unique("hotkey", [((*place, "hotkey"), label.hotkey) for place, label in placed if label.hotkey])
    # A label may have the same alias twice in another case.
    aliases = {
        (label.id, alias.casefold()): (*place, "aliases", number)
        for place, label in placed
        for number, alias in enumerate(label.aliases)
    }
    yield from _unique("alias", [(place, alias) for (_, alias), place in aliases.items()])
    if not any(label.selectable for _, label in placed):
        yield SchemaFault(("labels",), DataError("a label schema needs a label that can be said", got="headings only"))
    for place, label in placed:
        if len(place) > 2 * DEEPEST:
            error = DataError("the tree of labels is too deep", expected=f"at most {DEEPEST} levels", got=label.id)
            yield SchemaFault((*place, "id"), error)
        if (label.scope is LabelScope.REGION) != bool(label.kinds):
            expected = "at least one kind" if label.scope is LabelScope.REGION else "kinds for regions only"
            error = DataError(f"the label {label.id} does not fit its scope {label.scope}", expected=expected)
            yield SchemaFault((*place, "kinds"), error)
    for number, rule in enumerate(schema.rules):
        yield from _rule_faults(rule, labels, ("rules", number))


def _placed(labels: tuple[Label, ...], place: Place) -> Iterator[tuple[Place, Label]]:
    """All labels with where they stand, parents before their children."""
    waiting = [((*place, number), label) for number, label in enumerate(labels)][::-1]
    while waiting:
        there, label = waiting.pop()
        yield there, label
        waiting += [((*there, "children", number), child) for number, child in enumerate(label.children)][::-1]


def _rule_faults(rule: Rule, labels: dict[str, Label], place: Place) -> Iterator[SchemaFault]:
    named = [*rule.labels, *([rule.label] if rule.label else [])]
    unknown = sorted(set(named) - set(labels))
    if unknown:
        error = DataError(f"a rule {rule.kind} names labels that there are not", got=", ".join(unknown))
        yield SchemaFault((*place, "labels" if set(rule.labels) & set(unknown) else "label"), error)
        return
    if (rule.kind is RuleKind.EXCLUDES) != bool(rule.label):
        expected = "label and labels" if rule.kind is RuleKind.EXCLUDES else "labels only"
        yield SchemaFault(place, DataError(f"a rule {rule.kind} is not complete", expected=expected))
    if rule.label in rule.labels:
        yield SchemaFault((*place, "label"), DataError("a label cannot exclude itself", got=rule.label))
    if rule.scale is not Scale.NOMINAL and rule.kind is not RuleKind.ONE_OF:
        error = DataError(f"a rule {rule.kind} has no scale", expected=f"scale only with {RuleKind.ONE_OF}")
        yield SchemaFault((*place, "scale"), error)
    of_study = {labels[name].scope is LabelScope.STUDY for name in named}
    if len(of_study) > 1 and rule.kind is not RuleKind.EXCLUDES:
        problem = f"a rule {rule.kind} mixes labels of the study with labels of images or regions"
        yield SchemaFault((*place, "labels"), DataError(problem, got=", ".join(named)))
    regions = [name for name in rule.labels if labels[name].scope is LabelScope.REGION]
    if rule.kind is RuleKind.REQUIRED and regions:
        problem = "only labels of studies and images can be required"
        error = DataError(problem, got=", ".join(regions), hint="Use some_of for regions.")
        yield SchemaFault((*place, "labels"), error)


def _unique(noun: str, values: list[tuple[Place, str]]) -> Iterator[SchemaFault]:
    """A fault for each value that was there before, at its later place."""
    seen: set[str] = set()
    for place, value in values:
        if value in seen:
            yield SchemaFault(place, DataError(f"each {noun} may be there once", got=value))
        seen.add(value)
