"""From a reading that was just made to an observation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from osteon.bundle.archive import Bundle
from osteon.core.records import Radiograph, Reading
from osteon.imaging.sniff import Kind
from osteon.inference.engine import InferenceEngine
from osteon.inference.stream import read_studies
from osteon.inference.studies import Study
from osteon.monitoring.headers import header_facts
from osteon.monitoring.measure import measure_pixels
from osteon.monitoring.observation import Observation


def observe(reading: Reading, time: datetime) -> Observation:
    """An observation of a reading with its radiographs in memory; files are asked for their size, and DICOM for its header.

    Args:
        reading: with radiographs.
        time: when the study came, with its zone.
    """
    categories: dict[str, str] = {}
    each: list[dict[str, float]] = []
    for radiograph in reading.radiographs:
        facts, quantities = header_facts(Path(radiograph.source)) if radiograph.format == Kind.DICOM else ({}, {})
        categories = facts | categories
        each.append(quantities | image_quantities(radiograph))
    first = reading.radiographs
    sexes = {radiograph.sex for radiograph in first if radiograph.sex is not None}
    stated = {
        "sex": sexes.pop().value if len(sexes) == 1 else None,
        "view": next((one.view.value for one in first if one.view is not None), None),
        "body_part": next((one.body_part.value for one in first if one.body_part is not None), None),
        "format": first[0].format if first else None,
        "call": reading.call.value,
        "refusal": reading.refusals[0].code.value if reading.refusals else "none",
    }
    age = next((one.age for one in first if one.age is not None), None)
    numbers: dict[str, float | None] = {
        "age": age,
        "images": float(len(first)),
        "probability": reading.probability,
        "boxes": float(len(reading.findings)) if reading.finding_labels and not reading.refusals else None,
    }
    return Observation(
        time,
        reading.bundle,
        categories | {name: value for name, value in stated.items() if value is not None},
        mean_quantities(each) | {name: value for name, value in numbers.items() if value is not None},
    )


class Observed(NamedTuple):
    """What was read to be observed.

    Attributes:
        observations: of the studies that could be read.
        failed: files that could not.
    """

    observations: tuple[Observation, ...]
    failed: int


def observe_studies(bundle: Bundle, studies: Iterable[Study], time: datetime, jobs: int = 1) -> Observed:
    """Read studies with a bundle; pixels are let go at once, only what was observed stays.

    Args:
        bundle: verified.
        studies: their files.
        time: of all observations, with its zone.
        jobs: studies read at the same time.

    Raises:
        BundleError: a graph of the bundle cannot be run.
    """
    engine = InferenceEngine(bundle, threads=1 if jobs > 1 else None)
    found: list[Observation] = []
    failed = 0
    for outcome in read_studies(engine, studies, jobs):
        failed += len(outcome.failures)
        if outcome.reading is not None:
            found.append(observe(outcome.reading, time))
    return Observed(tuple(found), failed)


def image_quantities(radiograph: Radiograph) -> dict[str, float]:
    """Quantities of one image."""
    path = Path(radiograph.source)
    size = path.stat().st_size if path.is_file() else 0
    found = {"rows": float(radiograph.height), "columns": float(radiograph.width), "bits": float(radiograph.bits)}
    if size:
        found["bytes_per_pixel"] = size / radiograph.pixels.size
    return found | measure_pixels(radiograph.pixels)


def mean_quantities(images: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each quantity over those images of a study that have it."""
    names = dict.fromkeys(name for image in images for name in image)
    values = {name: [image[name] for image in images if name in image] for name in names}
    return {name: sum(held) / len(held) for name, held in values.items()}
