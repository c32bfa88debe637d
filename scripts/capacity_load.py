"""What the model of capacity assumes, and the studies of a day that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from capacity_queue import Seconds, arrivals_of_day


@dataclass(frozen=True)
class Assumed:
    """What is not measured.

    Attributes:
        studies: a day.
        images: weights of the numbers of images of a study.
        kinds: shares of the kinds of file of ``service-times.json``.
        curve: weights of the 24 hours of the day.
        quiet: seconds without a further image after which a study is read (setting ``dicom.quiet_seconds``).
        target: seconds from arrival to result within which 95 % of studies must be, quiet time included.
        delivery: seconds that the results of a study occupy an association: docs/pacs.md, ``benchmarks/pacs.py``, which measures
            all between acknowledgement and commitment but quiet time and reading.
        kept_days: for which files are kept.
        table_row: bytes of a row of an archive's table.
        archive: images that are to be read in a month.
        core_hour: price of a core for an hour.
        gib_hour: of a GiB of memory for an hour.
        tb_month: of a TB (10¹² bytes) of storage for a month.
        seed: of chance.
        days: that are simulated.
    """

    studies: float = 100_000
    images: Mapping[int, float] = field(default_factory=lambda: {1: 0.2, 2: 0.5, 3: 0.2, 4: 0.1})
    kinds: Mapping[str, float] = field(default_factory=lambda: {"CR DICOM": 0.8, "large JPEG": 0.2})
    curve: tuple[float, ...] = (1, 1, 1, 1, 1, 1, 2, 4, 8, 10, 10, 10, 8, 8, 9, 9, 8, 6, 5, 4, 3, 2, 2, 1)
    quiet: float = 30.0
    target: float = 40.0
    delivery: float = 0.51
    kept_days: float = 30.0
    table_row: float = 150.0
    archive: float = 50e6
    core_hour: float = 0.04
    gib_hour: float = 0.005
    tb_month: float = 20.0
    seed: int = 1
    days: int = 3


@dataclass(frozen=True)
class Drawn:
    """A simulated day's studies: when they come, and what each costs each part, (studies,) in seconds."""

    arrivals: Seconds
    receive: Seconds
    database: Seconds
    work: Seconds


def draw(assumed: Assumed, times: Mapping[str, Any], seed: int) -> Drawn:
    """Studies of one day.

    Args:
        assumed: the load.
        times: content of ``service-times.json``.
        seed: of chance.
    """
    generator = np.random.default_rng(seed)
    arrivals = arrivals_of_day(assumed.studies, assumed.curve, generator)
    counts = generator.choice(list(assumed.images), len(arrivals), p=shares(assumed.images))
    owner = np.repeat(np.arange(len(arrivals)), counts)
    kinds = generator.choice(len(assumed.kinds), len(owner), p=shares(assumed.kinds))
    receive, work, database = np.zeros(len(owner)), np.zeros(len(owner)), np.zeros(len(owner))
    for index, name in enumerate(assumed.kinds):
        of_kind, cost = kinds == index, times["kinds"][name]
        reading = np.asarray(cost["reading_cpu_s"])
        receive[of_kind] = cost["intake_cpu_s"]
        database[of_kind] = cost["intake_database_cpu_s"] + cost["worker_database_cpu_s"]
        besides = max(0.0, cost["worker_cpu_s"] - float(reading.mean()))
        work[of_kind] = generator.choice(reading, int(of_kind.sum())) + besides

    def of_studies(seconds: Seconds) -> Seconds:
        return np.bincount(owner, weights=seconds, minlength=len(arrivals)).astype(np.float64)

    return Drawn(arrivals, of_studies(receive), of_studies(database), of_studies(work))


def shares(weights: Mapping[Any, float]) -> Seconds:
    """Weights as shares of 1, in their order."""
    values = np.asarray(list(weights.values()), float)
    return values / values.sum()
