"""Senders choose no pseudonym of the store's form, and are told where one may be a name."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from osteon.clinic.patients.pseudonyms import built_like_name, check_pseudonym, resembles_name
from osteon.clinic.store.files import SHORT, Files
from osteon.core.errors import InputError


@pytest.mark.parametrize(
    "reserved",
    [
        "P-TLGMNA",
        "p-tlgmna",
        " P-TLGMNA",
        "P\u2011TLGMNA",
        "P\u2013TLGMNA",
        "P\u2212TLGMNA",
        "\uff30\uff0dTLGMNA",
        "\u0420-TLGMNA",
        "\u03a1-TLGMNA",
        "P -TLGMNA",
        "P\u200b-TLGMNA",
        "P-TLGMNAB4TZW2A",
        "P-1",
    ],
)
def test_reserved_form(reserved: str) -> None:
    with pytest.raises(InputError, match="reserved"):
        check_pseudonym(reserved)


@pytest.mark.parametrize("free", ["Case 5", "CASE-12", "PX-7", "12-P", "Patient 7", "\u60a3\u8005 7"])
def test_other_forms(free: str) -> None:
    check_pseudonym(free)
    assert not resembles_name(free)


@pytest.mark.parametrize(
    "name",
    [
        "Anna M\u00fcller",
        "M\u00fcller, Anna",
        "M\u00fcller^Anna",
        "Mr. Smith 3",
        "A.B.",
        "Anna 12.03.1950",
        "Ann 19500312",
    ],
)
def test_names(name: str) -> None:
    assert resembles_name(name)


def test_labels_may_be_words() -> None:
    assert not built_like_name("left wrist, after cast 2")
    assert not built_like_name("control")
    assert built_like_name("Smith, John")


def test_no_two_patients_share_a_pseudonym(tmp_path: Path) -> None:
    """Of 200,000 patients 14 to 17 pairs shared one of 30 bits; with 65 bits none of all that there are do."""
    files = Files(tmp_path)
    names = {files.pseudonym(f"{number:08}") for number in range(40_000)}
    assert len(names) == 40_000
    one = names.pop()
    assert len(base64.b32decode(one[2:] + "===")) * 8 >= 60
    assert SHORT.match(one)
