"""Each reason to look at a file has a sentence, which says how much text was found."""

from __future__ import annotations

from osteon.deidentify.flag import WORDS, Flag, FlagCode, text_flag


def test_every_code_has_a_sentence_of_its_own() -> None:
    assert set(WORDS) == set(FlagCode)
    assert len(set(WORDS.values())) == len(FlagCode)


def test_text_is_counted() -> None:
    assert text_flag(3, blanked=False) == Flag(FlagCode.TEXT_LEFT, 3)
    assert str(text_flag(2, blanked=True)).startswith("2 line(s) of text found in the pixels, blanked")
