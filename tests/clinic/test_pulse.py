"""A thousand things that happen at once are one or two events."""

from __future__ import annotations

import threading
import time

from osteon.clinic.pulse import Pulse


def test_many_beats_are_told_once_and_once_more_at_the_end() -> None:
    told: list[float] = []
    pulse = Pulse(lambda: told.append(time.monotonic()), 0.3)
    threads = [threading.Thread(target=lambda: [pulse.beat() for _ in range(200)]) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(0.8)
    assert len(told) == 2, "at once, and when the moment is over: what came last is told, too"
    assert told[1] - told[0] >= 0.29
    pulse.beat()
    assert len(told) == 3
