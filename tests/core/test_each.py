"""A function called for many items in threads."""

from __future__ import annotations

import threading

import pytest

from osteon.core.each import AHEAD, InThreads


def test_results_come_in_the_order_of_the_items() -> None:
    assert list(InThreads(3)(str, range(50))) == [str(number) for number in range(50)]
    assert list(InThreads(3)(str, [])) == []


def test_few_results_wait_to_be_taken() -> None:
    called: list[int] = []
    guard = threading.Lock()

    def call(number: int) -> int:
        with guard:
            called.append(number)
        return number

    results = InThreads(2)(call, range(100))
    assert next(results) == 0
    assert len(called) <= 2 * AHEAD
    assert list(results) == list(range(1, 100))


def test_an_error_comes_where_its_result_would() -> None:
    results = InThreads(2)(lambda number: 1 / number, [2, 1, 0])
    assert [next(results), next(results)] == [0.5, 1.0]
    with pytest.raises(ZeroDivisionError):
        next(results)
