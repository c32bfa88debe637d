"""Which rule an instance fits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from osteon.clinic.dicom.receive.facts import read_facts
from osteon.clinic.dicom.receive.rules import fits, rule_for
from osteon.clinic.dicom.rule import Rule


@pytest.mark.parametrize(
    ("conditions", "fitting"),
    [
        ({}, True),
        ({"minimum_age": 18}, False),
        ({"maximum_age": 17}, True),
        ({"minimum_age": 9, "maximum_age": 9}, True),
        ({"descriptions": ["FOREARM"]}, True),
        ({"descriptions": ["spine", "trauma"]}, True),
        ({"descriptions": ["spine"]}, False),
        ({"descriptions": ["trauma"], "modalities": ["DX"]}, False),
        ({"senders": ["CR2"]}, False),
    ],
)
def test_all_conditions_count(
    film: Callable[..., bytes], put: Callable[[bytes], Path], conditions: dict[str, Any], *, fitting: bool
) -> None:
    content = film(1, PatientAge="009Y", StudyDescription="Forearm left", ProtocolName="Child, trauma", Modality="CR")
    facts = read_facts(put(content))
    assert fits(Rule(**conditions), facts, "CR1") is fitting


@pytest.mark.parametrize("conditions", [{"minimum_age": 0}, {"maximum_age": 150}, {"descriptions": ["forearm"]}])
def test_what_is_not_stated_fits_nothing(
    film: Callable[..., bytes], put: Callable[[bytes], Path], conditions: dict[str, Any]
) -> None:
    facts = read_facts(put(film(1)))
    assert not fits(Rule(**conditions), facts, "CR1")
    assert rule_for([Rule(**conditions), Rule(bundle="rest")], facts, "CR1") == Rule(bundle="rest")


def test_ages_that_nobody_has_are_refused() -> None:
    with pytest.raises(ValidationError, match="nobody fits it"):
        Rule(minimum_age=18, maximum_age=5)
