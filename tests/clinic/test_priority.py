"""What reads films yields to what answers requests."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from osteon.clinic.reading.priority import NICENESS, TURN, ShortTurns, made_lowered
from osteon.inference.engine import InferenceEngine

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="niceness counts by process here")


def niceness() -> dict[int, int]:
    """Of each thread of this process."""
    found = {}
    for one in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # a thread that ended meanwhile
            found[int(one.name)] = os.getpriority(os.PRIO_PROCESS, int(one.name))
    return found


def test_threads_of_a_network_have_a_lower_priority(small_bundle: Any) -> None:
    own = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    before = niceness()
    reader = made_lowered(lambda: InferenceEngine(small_bundle, 3))
    after = niceness()
    made = [after[thread] for thread in after.keys() - before.keys()]
    assert len(made) >= 2
    assert set(made) == {min(19, own + NICENESS)}
    assert all(after[thread] == before[thread] for thread in before.keys() & after.keys())
    assert reader.manifest == small_bundle.manifest


def test_what_making_raises_is_raised() -> None:
    with pytest.raises(KeyError, match="x"):
        made_lowered(lambda: {}["x"])


def test_turns_are_short_as_long_as_anything_is_read() -> None:
    usual, turns = sys.getswitchinterval(), ShortTurns()
    with turns:
        with turns:
            assert sys.getswitchinterval() == pytest.approx(TURN)
        assert sys.getswitchinterval() == pytest.approx(TURN)
    assert sys.getswitchinterval() == pytest.approx(usual)
