"""The limits in memory, with a clock that the test turns."""

from __future__ import annotations

import pytest

from osteon.clinic.server.access import throttle
from osteon.clinic.server.access.throttle import Buckets, Throttle, network


class Clock:
    """A clock that stands still until it is turned."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_bucket_fills_with_time() -> None:
    clock = Clock()
    buckets = Buckets(2.0, 3, clock)
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]
    assert buckets.take("b") == 0.0
    clock.now = 0.5
    assert [buckets.take("a") for _ in range(2)] == [0.0, 0.5]
    clock.now = 1000.0
    assert [buckets.take("a") for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


def test_no_rate_is_no_limit() -> None:
    buckets = Buckets(0.0, 1)
    assert {buckets.take("a") for _ in range(100)} == {0.0}


def test_tables_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "ENTRIES", 10)
    buckets, tries = Buckets(1.0, 1, Clock()), Throttle(Clock())
    for number in range(50):
        buckets.take(str(number))
        tries.begin({str(number): 4})
    assert len(buckets._held) == 10
    assert len(tries._tries) == 10


def test_the_wait_doubles_and_has_an_end() -> None:
    clock = Clock()
    tries = Throttle(clock)
    waits = []
    for _ in range(40):
        assert tries.begin({"name x": 4}) == 0.0
        waits.append(tries._tries["name x"].until - clock.now)
        clock.now += waits[-1]
    assert waits[:7] == [0.0] * 3 + [2.0, 4.0, 8.0, 16.0]
    assert max(waits) == waits[-1] == throttle.LONGEST


def test_no_more_than_are_free_get_through_together() -> None:
    tries = Throttle(Clock())
    assert [tries.begin({"name x": 4, "from y": 6}) for _ in range(6)] == [0.0] * 4 + [2.0] * 2
    assert [tries.begin({"name z": 4, "from y": 6}) for _ in range(3)] == [0.0] * 2 + [2.0], (
        "tries that wait count once"
    )


def test_a_right_password_counts_for_nothing() -> None:
    tries = Throttle(Clock())
    who = {"name x": 4, "from y": 6}
    for _ in range(50):
        assert tries.begin(who) == 0.0
        tries.right(who)
    for _ in range(3):
        tries.begin(who)
    assert tries.begin(who) == 0.0
    tries.right(who)
    assert tries.begin({"name x": 4}) == 0.0
    assert tries._tries["from y"].wrong == 3, "wrong passwords of the address stay: it may guess at others"


def test_all_is_forgotten_after_a_while() -> None:
    clock = Clock()
    tries = Throttle(clock)
    for _ in range(8):
        clock.now += tries.begin({"name x": 4})
        tries.begin({"name x": 4})
    wait = tries.begin({"name x": 4})
    assert wait > 8
    clock.now += wait + throttle.LONGEST + 1
    assert [tries.begin({"name x": 4}) for _ in range(5)] == [0.0] * 4 + [2.0]


def test_clients() -> None:
    assert network("203.0.113.7") == "203.0.113.7"
    assert network("2001:db8::1") == network("2001:db8::ffff")
    assert network("2001:db8::1") != network("2001:db8:0:1::1")
    assert network("::ffff:203.0.113.7") == "203.0.113.7"
    assert len(network("x" * 1000)) == 64
