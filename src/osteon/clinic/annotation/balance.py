"""Who reads what: n of m readers for each study, balanced, by a seed; what is there stays."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from osteon.core.errors import DataError

APART: Final = 10
"""Studies that lie at least between a study and its repeat in a reader's queue, where the queue is long enough."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A study for a reader.

    Attributes:
        item: number of the study.
        reader: number of the reader.
        repeat: whether the reader has it already, and reads it again.
    """

    item: int
    reader: int
    repeat: bool = False


def distribute(
    items: Sequence[int],
    readers: Collection[int],
    per_item: int,
    seed: int,
    there: Mapping[int, Collection[int]] | None = None,
    barred: Mapping[int, Collection[int]] | None = None,
    *,
    partly: bool = False,
) -> list[Pair]:
    """Give studies to readers until each has enough.

    Each study goes to the readers who have the fewest so far; of several, to the one who has been together with its other
    readers least often, so that pairs of readers are balanced too; of several, to one drawn by the seed. Where nothing is
    there before, the numbers of studies of two readers differ by at most 1.

    Args:
        items: all studies; their order does not matter.
        readers: who may read.
        per_item: how many readers each study gets.
        seed: the same one gives the same pairs.
        there: by study the readers who have it already, of which some may not be in ``readers`` any more.
        barred: by study the readers who must not get it, since it was taken from them; such a study may get too few.
        partly: whether studies may get fewer readers than they need, where ``readers`` are not all that there are.

    Returns:
        The new pairs, in the order in which they were made.

    Raises:
        DataError: there are fewer readers than each study needs.
    """
    if per_item > len(set(readers)) and not partly:
        raise DataError(
            "there are too few annotators for each study",
            expected=f"at least {per_item}",
            got=str(len(set(readers))),
            hint="Add members with the role annotator, or lower the number of readers for each study.",
        )
    chance = random.Random(seed)  # noqa: S311 - reproducible, and no secret
    known = {item: set(who) for item, who in (there or {}).items()}
    load = Counter(dict.fromkeys(readers, 0))
    together: Counter[tuple[int, int]] = Counter()
    for who in known.values():
        load.update(reader for reader in who if reader in load)
        together.update(combinations(sorted(who), 2))
    order = sorted(items)
    chance.shuffle(order)
    made: list[Pair] = []
    for item in order:
        has = known.setdefault(item, set())
        while len(has) < per_item:
            free = sorted(reader for reader in load if reader not in has and reader not in (barred or {}).get(item, ()))
            if not free:
                break
            chosen = min(free, key=lambda reader: (load[reader], _met(together, reader, has), chance.random()))
            together.update((min(chosen, other), max(chosen, other)) for other in has)
            has.add(chosen)
            load[chosen] += 1
            made.append(Pair(item, chosen))
    return made


def repeats(own: Mapping[int, Collection[int]], share: float, seed: int, there: Iterable[Pair] = ()) -> list[Pair]:
    """Studies that readers read a second time, for the agreement of each with themselves.

    Args:
        own: by reader the studies that they read.
        share: of them that are repeated, rounded up; 0 for none.
        seed: the same one gives the same studies.
        there: repeats that there are already; they count.
    """
    chance = random.Random(f"{seed} repeats")  # noqa: S311 - reproducible, and no secret
    before: dict[int, set[int]] = {}
    for pair in there:
        before.setdefault(pair.reader, set()).add(pair.item)
    made: list[Pair] = []
    for reader in sorted(own):
        has = before.get(reader, set())
        free = sorted(set(own[reader]) - has)
        wanted = math.ceil(share * len(own[reader]) - 1e-9) - len(has)
        made += [Pair(item, reader, repeat=True) for item in chance.sample(free, max(0, min(wanted, len(free))))]
    return made


def queue(pairs: Sequence[Pair], rank: Mapping[int, float], seed: int) -> list[Pair]:
    """The order in which one reader gets studies.

    Args:
        pairs: of one reader, repeats among them.
        rank: by study: the lowest comes first, equal ones by chance. Studies without a rank come last.
        seed: of the chance.
    """
    chance = random.Random(f"{seed} queue {pairs[0].reader if pairs else ''}")  # noqa: S311 - reproducible, and no secret
    draws = {item: chance.random() for item in sorted({pair.item for pair in pairs})}
    first = sorted(
        (pair for pair in pairs if not pair.repeat),
        key=lambda pair: (rank.get(pair.item, math.inf), draws[pair.item]),
    )
    line = list(first)
    for pair in sorted((pair for pair in pairs if pair.repeat), key=lambda pair: draws[pair.item]):
        at = next((place for place, other in enumerate(line) if other.item == pair.item and not other.repeat), -1)
        line.insert(chance.randint(min(at + 1 + APART, len(line)), len(line)), pair)
    return line


def _met(together: Counter[tuple[int, int]], reader: int, others: Iterable[int]) -> int:
    return sum(together[min(reader, other), max(reader, other)] for other in others)
