"""Which bundle reads an instance."""

from __future__ import annotations

from collections.abc import Sequence

from osteon.clinic.dicom.receive.facts import Facts
from osteon.clinic.dicom.settings import Rule


def rule_for(rules: Sequence[Rule], facts: Facts, sender: str) -> Rule | None:
    """The first rule that an instance fits; a rule without conditions where there are none; None where none fits.

    Args:
        rules: of the settings, in order.
        facts: of the instance.
        sender: AE title, or ``key:NAME``.
    """
    if not rules:
        return Rule()
    return next((rule for rule in rules if fits(rule, facts, sender)), None)


def fits(rule: Rule, facts: Facts, sender: str) -> bool:
    """Whether an instance fulfils all conditions of a rule; what its header does not state fulfils none."""
    modalities = {modality.upper() for modality in rule.modalities}
    return (
        (not modalities or facts.modality in modalities)
        and (not rule.body_parts or facts.body_part in rule.body_parts)
        and (not rule.views or facts.view in rule.views)
        and (not rule.senders or sender in rule.senders)
        and (rule.minimum_age is None or (facts.age is not None and facts.age >= rule.minimum_age))
        and (rule.maximum_age is None or (facts.age is not None and facts.age <= rule.maximum_age))
        and (not rule.descriptions or any(word.casefold() in facts.descriptions for word in rule.descriptions))
    )
