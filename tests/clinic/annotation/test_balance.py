"""Studies are distributed evenly, reproducibly, and what is there stays."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osteon.clinic.annotation.balance import APART, Pair, distribute, queue, repeats
from osteon.core.errors import DataError


@given(
    items=st.integers(0, 60),
    readers=st.integers(1, 7),
    data=st.data(),
    seed=st.integers(0, 2**31),
)
def test_each_study_gets_as_many_different_readers_and_loads_differ_by_one_at_most(
    items: int, readers: int, data: st.DataObject, seed: int
) -> None:
    per_item = data.draw(st.integers(1, readers))
    pairs = distribute(range(items), range(readers), per_item, seed)
    assert len({(pair.item, pair.reader) for pair in pairs}) == len(pairs) == items * per_item
    assert Counter(pair.item for pair in pairs) == Counter(dict.fromkeys(range(items), per_item))
    loads = Counter(dict.fromkeys(range(readers), 0)) + Counter(pair.reader for pair in pairs)
    counts = [loads[reader] for reader in range(readers)]
    assert max(counts) - min(counts) <= 1
    assert pairs == distribute(list(reversed(range(items))), list(reversed(range(readers))), per_item, seed)


@given(items=st.integers(1, 40), seed=st.integers(0, 1000), more=st.integers(1, 4))
def test_what_is_there_stays_and_more_reads_only_add(items: int, seed: int, more: int) -> None:
    first = distribute(range(items), range(5), 1, seed)
    there: dict[int, set[int]] = {}
    for pair in first:
        there.setdefault(pair.item, set()).add(pair.reader)
    added = distribute(range(items), range(5), 1 + more, seed, there)
    assert not {(pair.item, pair.reader) for pair in added} & {(pair.item, pair.reader) for pair in first}
    assert len(added) == items * more
    loads = Counter(pair.reader for pair in (*first, *added))
    # who has a study already cannot even out the last ones
    assert max(loads.values()) - min(loads[reader] for reader in range(5)) <= 3


def test_pairs_of_readers_are_balanced_too() -> None:
    pairs = distribute(range(600), range(4), 2, 3)
    by_item: dict[int, list[int]] = {}
    for pair in pairs:
        by_item.setdefault(pair.item, []).append(pair.reader)
    together = Counter(tuple(sorted(group)) for group in by_item.values())
    assert set(together) == set(combinations(range(4), 2))
    assert max(together.values()) - min(together.values()) <= 10


def test_another_seed_gives_other_pairs() -> None:
    assert distribute(range(50), range(5), 2, 1) != distribute(range(50), range(5), 2, 2)


def test_too_few_readers_are_told() -> None:
    with pytest.raises(DataError, match="too few annotators"):
        distribute([1], [1, 2], 3, 0)


def test_some_of_the_readers_can_begin() -> None:
    first = distribute([1, 2], [7], 2, 0, partly=True)
    assert {(pair.item, pair.reader) for pair in first} == {(1, 7), (2, 7)}


def test_who_is_barred_gets_nothing() -> None:
    pairs = distribute([1, 2], [1, 2], 1, 0, barred={1: {1}, 2: {1, 2}})
    assert pairs == [Pair(1, 2)]


@given(share=st.floats(0, 1), count=st.integers(0, 50), seed=st.integers(0, 99))
def test_repeats_are_of_own_studies_once(share: float, count: int, seed: int) -> None:
    made = repeats({7: range(count)}, share, seed)
    assert len({pair.item for pair in made}) == len(made)
    assert abs(len(made) - share * count) < 1
    assert all(pair.repeat and pair.item < count for pair in made)
    assert repeats({7: range(count)}, share, seed, made) == []


@given(count=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_repeat_lies_well_after_the_first(count: int, seed: int) -> None:
    pairs = [Pair(item, 1) for item in range(count)]
    again = repeats({1: range(count)}, 0.3, seed)
    line = queue([*pairs, *again], {}, seed)
    assert sorted(line, key=repr) == sorted([*pairs, *again], key=repr)
    for pair in again:
        first, second = line.index(Pair(pair.item, 1)), line.index(pair)
        assert second - first >= min(APART, count - 1 - [p.item for p in line if not p.repeat].index(pair.item))


def test_the_queue_follows_the_rank_and_what_has_none_comes_last() -> None:
    pairs = [Pair(item, 1) for item in (1, 2, 3, 4)]
    assert [pair.item for pair in queue(pairs, {1: 0.3, 2: 0.1, 4: 0.2}, 0)] == [2, 4, 1, 3]
