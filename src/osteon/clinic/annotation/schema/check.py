"""Rules for a label schema beyond its form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from osteon.clinic.annotation.schema.records import Label, LabelSchema, LabelScope, Rule, RuleKind
from osteon.core.errors import DataError

DEEPEST = 6
"""Levels of the tree."""


def check(schema: LabelSchema) -> None:
    """Check identifiers, hotkeys, scopes and rules.

    Raises:
        DataError: something does not fit.
    """
    labels = {label.id: label for label in schema.walk()}
    _unique("identifier", (label.id for label in schema.walk()))
    _unique("hotkey", (label.hotkey for label in schema.walk() if label.hotkey))
    aliases = ({alias.casefold() for alias in label.aliases} for label in schema.walk())
    _unique("alias", (alias for group in aliases for alias in group))
    if not any(label.selectable for label in schema.walk()):
        raise DataError("a label schema needs a label that can be said", got="headings only")
    for label in labels.values():
        if len(schema.ancestors(label.id)) >= DEEPEST:
            raise DataError("the tree of labels is too deep", expected=f"at most {DEEPEST} levels", got=label.id)
        _check_kinds(label)
    for rule in schema.rules:
        _check_rule(rule, labels)


def _check_kinds(label: Label) -> None:
    if (label.scope is LabelScope.REGION) != bool(label.kinds):
        expected = "at least one kind" if label.scope is LabelScope.REGION else "kinds for regions only"
        raise DataError(f"the label {label.id} does not fit its scope {label.scope}", expected=expected)


def _check_rule(rule: Rule, labels: dict[str, Label]) -> None:
    named = [*rule.labels, *([rule.label] if rule.label else [])]
    unknown = sorted(set(named) - set(labels))
    if unknown:
        raise DataError(f"a rule {rule.kind} names labels that there are not", got=", ".join(unknown))
    if (rule.kind is RuleKind.EXCLUDES) != bool(rule.label):
        expected = "label and labels" if rule.kind is RuleKind.EXCLUDES else "labels only"
        raise DataError(f"a rule {rule.kind} is not complete", expected=expected)
    if rule.label in rule.labels:
        raise DataError("a label cannot exclude itself", got=rule.label)
    of_study = {labels[name].scope is LabelScope.STUDY for name in named}
    if len(of_study) > 1 and rule.kind is not RuleKind.EXCLUDES:
        raise DataError(
            f"a rule {rule.kind} mixes labels of the study with labels of images or regions", got=", ".join(named)
        )
    regions = [name for name in rule.labels if labels[name].scope is LabelScope.REGION]
    if rule.kind is RuleKind.REQUIRED and regions:
        raise DataError(
            "only labels of studies and images can be required", got=", ".join(regions), hint="Use some_of for regions."
        )


def _unique(noun: str, values: Iterable[str]) -> None:
    twice = sorted(value for value, count in Counter(values).items() if count > 1)
    if twice:
        raise DataError(f"each {noun} may be there once", got=", ".join(twice))
