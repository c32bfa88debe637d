"""Units read by this process: decoding and inference release the interpreter's lock, so threads are enough."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osteon.bulk.read_unit import Done, read_unit
from osteon.bulk.table import Table
from osteon.bulk.unit import Unit
from osteon.core.labels import BodyPart
from osteon.inference.engine import InferenceEngine


@dataclass(frozen=True, slots=True)
class LocalReaders:
    """Reads one unit after the other, several of its studies at a time.

    Attributes:
        engine: of the bundle.
        table: that gets the rows.
        body_part: shown, where files do not state it.
        jobs: studies read at the same time.
    """

    engine: InferenceEngine
    table: Table
    body_part: BodyPart | None
    jobs: int

    def read(self, units: Iterator[Unit]) -> Iterator[Done]:
        """Read units and write their rows; what became of each, in their order.

        Raises:
            DataError: the rows cannot be written.
        """
        for unit in units:
            yield read_unit(self.engine, self.table, unit, body_part=self.body_part, jobs=self.jobs)
