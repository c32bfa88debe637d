"""JSON lines: one object for each file that was read.

Files of one study share its call and probability, which are pooled over its images; findings and ``image_probability``
are the file's own.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from osteon.core.records import Reading
from osteon.core.wording.readings import note_sentences
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult


def records(reading: Reading) -> list[dict[str, Any]]:
    """The objects of a reading, one for each source file, in the order of its radiographs.

    Keys: ``source``, ``study``, ``bundle``, ``call``, ``reason``, ``probability``, ``findings`` (label, box in source
    pixels, score, whether definite), ``overlay``, ``milliseconds``, then ``image_probability`` (null where that file was
    not read) and ``notes``. ``reason`` and ``notes`` are sentences; ``refusals``, ``image_refusals`` (of that file's images)
    and ``coded_notes`` say the same as codes with values, for programs to act on. Images are indices from 0 in the study.
    """
    files: dict[str, list[int]] = {}
    for index, radiograph in enumerate(reading.radiographs):
        files.setdefault(radiograph.source, []).append(index)
    return [_record(reading, source, images) for source, images in (files or {reading.source: []}).items()]


def lines(reading: Reading) -> str:
    """The objects as JSON, one a line, each ended by a line break."""
    return "".join(json.dumps(record, allow_nan=False) + "\n" for record in records(reading))


def _record(reading: Reading, source: str, images: list[int]) -> dict[str, Any]:
    """One object; ``images`` are the indices of the file's frames within the study."""
    own = [value for index in images if not math.isnan(value := reading.image_probabilities[index])]
    return {
        "source": source,
        "study": reading.study,
        "bundle": reading.bundle,
        "call": reading.call.value,
        "reason": reading.reason,
        "probability": short(reading.probability),
        "findings": [
            {
                "label": finding.label,
                "box": [round(side, 2) for side in finding.box],
                "score": short(finding.score),
                "definite": finding.definite,
            }
            for finding in reading.findings
            if finding.image in images
        ],
        "overlay": reading.overlay,
        "milliseconds": {step: round(spent, 2) for step, spent in reading.milliseconds.items()},
        "image_probability": short(max(own, default=None)),
        "notes": list(note_sentences(reading)),
        "refusals": [refusal.to_json() for refusal in reading.refusals],
        "image_refusals": [
            {"image": index} | refusal.to_json()
            for index in images
            for refusal in (reading.image_refusals[index] if index < len(reading.image_refusals) else ())
        ],
        "coded_notes": [note.to_json() for note in reading.notes],
    }


def short(value: float | None) -> float | None:
    """Seven significant digits, the precision of the network: fewer would make ties of near probabilities."""
    return None if value is None else float(f"{value:.7g}")


def _write(result: StudyResult, destination: Path) -> None:
    with destination.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(lines(result.reading))


FORMAT = Format(
    "json", "JSON", ".jsonl", "application/x-ndjson", _write, shared=True, needs=frozenset({Need.ALL_IMAGES})
)
