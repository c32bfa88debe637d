"""Errors as the store keeps them."""

from __future__ import annotations

from pathlib import Path

from osteon.clinic.store.faults import dump, restore
from osteon.core.codes.fault import FaultCode
from osteon.core.errors import BundleError, InputError


def test_a_code_is_kept_with_its_values() -> None:
    error = InputError(FaultCode.TOO_MANY_FRAMES, {"frames": 9, "limit": 4})
    kept = dump(error)
    assert (kept["code"], kept["values"]) == ("too_many_frames", {"frames": 9, "limit": 4})
    found = restore(kept)
    assert isinstance(found, InputError)
    assert (found.code, str(found)) == (error.code, str(error))


def test_a_path_of_this_machine_is_kept_neither_in_words_nor_in_values() -> None:
    error = InputError(FaultCode.FILE_MISSING, {"source": "/store/originals/ab"})
    assert "/store" not in str(dump(error, Path("/store")))
    assert restore(dump(error, Path("/store"))).problem == "the file does not exist"
    assert "/store" in str(dump(error, Path("/elsewhere")))


def test_what_another_version_kept_has_its_sentence() -> None:
    words = {"problem": "the film is torn", "got": "half", "hint": "Take another one."}
    for kept in ({"kind": "InputError", **words}, {"kind": "InputError", **words, "code": "of_a_newer_version"}):
        found = restore(kept)
        assert isinstance(found, InputError)
        assert (found.code, found.problem, found.got, found.hint) == (FaultCode.OTHER, *words.values())


def test_other_errors_keep_their_class() -> None:
    found = restore(dump(BundleError("the bundle is gone", hint="Install it.")))
    assert type(found) is BundleError
    assert str(found) == "the bundle is gone. Install it."
