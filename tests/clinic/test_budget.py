"""No more is in use at once than may be, and everybody has a turn."""

from __future__ import annotations

import threading
import time

import pytest

from osteon.clinic.reading.budget import Budget, BusyError
from osteon.clinic.reading.image_cache import ImageCache


def test_never_more_than_may_be() -> None:
    budget = Budget(100)
    most, failed = 0, 0
    lock = threading.Lock()

    def use(units: int) -> None:
        nonlocal most
        for _ in range(20):
            with budget.hold(units, None):
                with lock:
                    most = max(most, budget.used)
                time.sleep(0.0005)

    threads = [threading.Thread(target=use, args=(units,)) for units in (30, 40, 50, 60, 250)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (budget.used, failed) == (0, 0)
    assert most == 250, "what needs more than there is has its turn alone"


def test_large_has_its_turn_before_small_ones_that_come_later() -> None:
    budget = Budget(10)
    budget.take(6)
    order: list[str] = []

    def use(name: str, units: int) -> None:
        with budget.hold(units, None):
            order.append(name)

    threads = [threading.Thread(target=use, args=("large", 10))]
    threads[0].start()
    time.sleep(0.1)
    threads.append(threading.Thread(target=use, args=("small", 1)))
    threads[1].start()
    time.sleep(0.1)
    assert order == []
    budget.give(6)
    for thread in threads:
        thread.join(10)
    assert order == ["large", "small"]


def test_impatience_leaves_the_place_to_others() -> None:
    budget = Budget(10, waiting=1)
    budget.take(10)
    with pytest.raises(BusyError):
        budget.take(1, 0.01)
    waiter = threading.Thread(target=budget.take, args=(1, 5))
    waiter.start()
    time.sleep(0.1)
    with pytest.raises(BusyError):
        budget.take(1, 5)
    budget.give(10)
    waiter.join(10)
    assert budget.used == 1


def test_pictures_are_bounded() -> None:
    kept = ImageCache(100)
    for number in range(5):
        kept.put(str(number), bytes(40))
    kept.put("large", bytes(101))
    assert [kept.get(str(number)) is not None for number in range(5)] == [False, False, False, True, True]
    assert kept.get("large") is None
    kept.clear()
    assert kept.get("4") is None
