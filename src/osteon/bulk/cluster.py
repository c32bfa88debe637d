"""Units read on a Ray cluster: each actor opens the bundle once, and writes its rows itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from osteon.bulk.read_unit import Done, read_unit
from osteon.bulk.table import Table
from osteon.bulk.unit import Unit
from osteon.core.errors import OsteonError
from osteon.core.labels import BodyPart

WAITING: Final = 2
"""Units that each actor may have, the one that it reads among them: more would only be listed early."""

ATTEMPTS: Final = 5
"""How often a unit is begun again whose actor died; a unit that kills each of them is at fault itself."""


class UnitReader:
    """The actor: an engine and the table.

    Args:
        bundle: name or path.
        folder: of the table.
        body_part: shown, where files do not state it.
        threads: of a forward pass.
    """

    def __init__(self, bundle: str, folder: str, body_part: BodyPart | None, threads: int) -> None:
        from osteon.bundle.archive import open_bundle
        from osteon.inference.engine import InferenceEngine

        self._engine = InferenceEngine(open_bundle(bundle), threads)
        self._table = Table(Path(folder))
        self._body_part = body_part

    def read(self, unit: Unit) -> Done:
        """Read a unit and write its rows."""
        return read_unit(self._engine, self._table, unit, body_part=self._body_part)


@dataclass(frozen=True, slots=True)
class ClusterReaders:
    """Actors on all machines of the cluster that is joined, see ``osteon.cluster``.

    Attributes:
        bundle: name or path; every machine has it.
        folder: of the table, which every machine sees.
        body_part: shown, where files do not state it.
        threads: of a forward pass, and processors of an actor.
        actors: how many; None: as many as the cluster has processors for.
    """

    bundle: str
    folder: Path
    body_part: BodyPart | None
    threads: int = 1
    actors: int | None = None

    def read(self, units: Iterator[Unit]) -> Iterator[Done]:
        """Read units and write their rows; what became of each, in the order in which they end.

        Raises:
            OsteonError: a unit could not be read: its actors died again and again, or its rows could not be written.
        """
        import ray
        from ray.exceptions import RayError, RayTaskError

        count = self.actors or max(1, int(ray.cluster_resources().get("CPU", 1)) // self.threads)
        kind: Any = ray.remote(UnitReader).options(  # pyright: ignore[reportUnknownMemberType]
            num_cpus=self.threads, max_restarts=-1, max_task_retries=ATTEMPTS
        )
        actors = [kind.remote(self.bundle, str(self.folder), self.body_part, self.threads) for _ in range(count)]
        running: dict[Any, tuple[Any, Unit]] = {}
        loads = dict.fromkeys(range(count), 0)
        try:
            while True:
                while loads[free := min(loads, key=loads.__getitem__)] < WAITING:
                    unit = next(units, None)
                    if unit is None:
                        break
                    running[actors[free].read.remote(unit)] = (free, unit)
                    loads[free] += 1
                if not running:
                    return
                (ended, *_), _ = ray.wait([*running], num_returns=1)
                index, unit = running.pop(ended)
                loads[index] -= 1
                yield ray.get(ended)
        except RayTaskError as error:
            raise error.cause if isinstance(error.cause, OsteonError) else _failed(error) from error
        except RayError as error:
            raise _failed(error) from error
        finally:
            for actor in actors:
                ray.kill(actor)


def _failed(error: Exception) -> OsteonError:
    return OsteonError(
        "a part could not be read on the cluster",
        got=type(error).__name__,
        hint="What was read is kept: the same command goes on. Read the part's files without --ray to see which one it is.",
    )
