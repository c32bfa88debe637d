"""The outcome of a test, and the time that it may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from osteon.core.codes.check import Check, CheckCause, CheckStep

SECONDS: Final = 10.0
"""A whole test takes no longer, whatever the other side does."""

_LEAST: Final = 0.05


class CheckError(Exception):
    """A step failed: those after it are not tried."""

    def __init__(self, cause: CheckCause, detail: str = "") -> None:
        self.cause = cause
        self.detail = detail[:200]
        super().__init__(cause)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test found.

    Attributes:
        checks: the steps that were tried; only the last one may have failed.
        seconds: that it took.
    """

    checks: tuple[Check, ...]
    seconds: float

    @property
    def failed(self) -> Check | None:
        """The step that failed."""
        return next((check for check in self.checks if check.cause is not None), None)


class Deadline:
    """How much of the time of a test is left."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds.

        Raises:
            CheckError: none.
        """
        left = self._end - monotonic()
        if left < _LEAST:
            raise CheckError(CheckCause.TIMEOUT)
        return left


Step = tuple[CheckStep, Callable[[Deadline], object]]
"""A step and what tries it, which raises ``CheckError`` where it fails."""


def try_steps(*steps: Step, seconds: float = SECONDS) -> Outcome:
    """Try one step after the other, until one fails."""
    begin, deadline = monotonic(), Deadline(seconds)
    checks: list[Check] = []
    for step, attempt in steps:
        try:
            attempt(deadline)
        except CheckError as error:
            checks.append(Check(step, error.cause, error.detail))
            break
        checks.append(Check(step))
    return Outcome(tuple(checks), monotonic() - begin)
