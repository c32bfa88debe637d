"""How long each step of a reading takes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal

Step = Literal["prepare", "infer", "detect", "render"]


@dataclass(slots=True)
class Clock:
    """Milliseconds spent on each step.

    Args:
        detects: whether there is a detector, whose step is then reported.
    """

    detects: bool = False
    spent: dict[Step, float] = field(default_factory=dict[Step, float])

    @contextmanager
    def time(self, step: Step) -> Generator[None]:
        """Add what the block takes to a step."""
        begin = perf_counter()
        try:
            yield
        finally:
            self.spent[step] = self.spent.get(step, 0.0) + (perf_counter() - begin) * 1000.0

    def table(self, load: float) -> dict[str, float]:
        """All steps and their sum; ``load`` is what decoding took, in milliseconds."""
        steps: tuple[Step, ...] = ("prepare", "infer", *(("detect",) if self.detects else ()), "render")
        found = {"load": load} | {step: self.spent.get(step, 0.0) for step in steps}
        return found | {"total": sum(found.values())}
