"""A reading survives the store whole."""

from __future__ import annotations

import json
import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from osteon.clinic.store.studies.readings import dump, heat_values, restore, restore_heat
from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Radiograph, Reading

UNIT = st.floats(0, 1)
MAYBE = st.one_of(UNIT, st.just(math.nan))
SIDE = st.floats(-1e4, 1e4)
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)

VALUES = st.dictionaries(
    WORDS, st.one_of(WORDS, st.integers(), UNIT, st.booleans(), st.lists(WORDS).map(tuple)), max_size=3
)
REFUSALS = st.builds(Refusal, st.sampled_from(RefusalCode), VALUES)
NOTES = st.builds(Note, st.sampled_from(NoteCode), VALUES, st.lists(st.integers(0, 3), max_size=2).map(tuple))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(SIDE), draw(SIDE)
    return Box(x, y, x + draw(st.floats(0.5, 1e3)), y + draw(st.floats(0.5, 1e3)))


@st.composite
def heats(draw: st.DrawFn) -> HeatMap:
    rows, columns = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    values = draw(st.lists(UNIT, min_size=rows * columns, max_size=rows * columns))
    shaped = np.array(values, np.float32).reshape(rows, columns)
    return HeatMap(shaped, draw(boxes()), draw(WORDS), draw(st.integers(0, 3)))


@st.composite
def readings(draw: st.DrawFn) -> Reading:
    call = draw(st.sampled_from(Call))
    abstains = call is Call.ABSTAIN
    return Reading(
        source=draw(WORDS),
        study=draw(WORDS),
        bundle=draw(WORDS),
        call=call,
        refusals=tuple(draw(st.lists(REFUSALS, min_size=1, max_size=3))) if abstains else (),
        probability=None if abstains else draw(UNIT),
        probabilities=draw(st.dictionaries(WORDS, UNIT, max_size=3)),
        image_probabilities=tuple(draw(st.lists(MAYBE, max_size=3))),
        image_refusals=tuple(tuple(row) for row in draw(st.lists(st.lists(REFUSALS, max_size=2), max_size=3))),
        image_labels=tuple(tuple(row) for row in draw(st.lists(st.lists(MAYBE, max_size=3), max_size=3))),
        image_classifier=tuple(draw(st.lists(MAYBE, max_size=3))),
        doubt=draw(UNIT),
        definite=draw(UNIT),
        findings=tuple(
            draw(
                st.lists(
                    st.builds(Finding, WORDS, boxes(), UNIT, st.integers(0, 5), st.booleans()),
                    max_size=3,
                )
            )
        ),
        finding_labels=tuple(draw(st.lists(WORDS, max_size=2))),
        heat_maps=tuple(draw(st.lists(heats(), max_size=2))),
        milliseconds=draw(st.dictionaries(WORDS, st.floats(0, 1e6), max_size=3)),
        notes=tuple(draw(st.lists(NOTES, max_size=3))),
    )


@settings(max_examples=60, deadline=None)
@given(readings())
def test_round_trip(reading: Reading) -> None:
    """Every field comes back, through the JSON that databases keep; heat maps within half a step of 16 bits."""
    content = json.loads(json.dumps(dump(reading), allow_nan=False))
    back = restore(content)
    for name in Reading.__dataclass_fields__:
        before, after = getattr(reading, name), getattr(back, name)
        if name == "heat_maps":
            for one, other in zip(before, after, strict=True):
                assert (one.extent, one.label, one.image) == (other.extent, other.label, other.image)
                assert other.values.dtype == np.float32
                np.testing.assert_allclose(one.values, other.values, atol=0.5 / 65535 + 1e-7)
        else:
            np.testing.assert_equal(after, before)
    assert dump(back) == content


def test_radiographs_are_put_back() -> None:
    film = Radiograph(np.zeros((4, 5), np.float32))
    heat = HeatMap(np.full((2, 2), 0.5, np.float32), Box(-1, 0, 6, 4), "fracture")
    reading = Reading("s", "s", "b@1", Call.DOUBT, probability=0.3, heat_maps=(heat,), image_probabilities=(0.3,))
    back = restore(dump(reading), [film])
    assert back.radiographs == (film,)
    content = dump(reading)
    assert heat_values(content["heat_maps"][0]).tolist() == [[32768, 32768], [32768, 32768]]
    assert restore_heat(content, 0) is not None
    assert restore_heat(content, 1) is None
