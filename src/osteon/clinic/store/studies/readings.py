"""A reading as the store keeps it, and back.

Pixels are not kept: the originals are there, and decoding them again gives the same. Everything that was said is kept, so
that pictures and reports are made of the reading that was made, and never of a new one. Probabilities keep every digit;
heat maps are kept with 16 bits, which is finer than any screen shows.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from osteon.core.errors import StoreError
from osteon.core.geometry import Box
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading

VERSION: Final = 1
"""Of this form; a store may hold older ones."""

_FULL: Final = 65535

Content = dict[str, Any]


def dump(reading: Reading) -> Content:
    """All of a reading but its radiographs, as values of JSON."""
    return {
        "version": VERSION,
        "source": reading.source,
        "study": reading.study,
        "bundle": reading.bundle,
        "call": reading.call.value,
        "reason": reading.reason,
        "probability": reading.probability,
        "probabilities": list(map(list, reading.probabilities.items())),
        "image_probabilities": _unread(reading.image_probabilities),
        "image_labels": [_unread(row) for row in reading.image_labels],
        "image_classifier": _unread(reading.image_classifier),
        "doubt": reading.doubt,
        "definite": reading.definite,
        "findings": [
            {
                "label": one.label,
                "box": list(one.box),
                "score": one.score,
                "image": one.image,
                "definite": one.definite,
            }
            for one in reading.findings
        ],
        "finding_labels": list(reading.finding_labels),
        "heat_maps": [_dump_heat(one) for one in reading.heat_maps],
        "milliseconds": dict(reading.milliseconds),
        "notes": list(reading.notes),
    }


def restore(content: Mapping[str, Any], radiographs: Sequence[Radiograph] = ()) -> Reading:
    """The reading that was kept.

    Args:
        content: from ``dump``.
        radiographs: of the study, decoded again; none where only words are wanted.

    Raises:
        StoreError: it was written by a newer Osteon.
    """
    if content["version"] > VERSION:
        raise StoreError("the reading was stored by a newer version of Osteon", hint="Update osteon.")
    return Reading(
        source=content["source"],
        study=content["study"],
        bundle=content["bundle"],
        call=Call(content["call"]),
        reason=content["reason"],
        probability=content["probability"],
        probabilities=dict(content["probabilities"]),
        image_probabilities=_read(content["image_probabilities"]),
        image_labels=tuple(_read(row) for row in content["image_labels"]),
        image_classifier=_read(content["image_classifier"]),
        doubt=content["doubt"],
        definite=content["definite"],
        findings=tuple(
            Finding(one["label"], Box(*one["box"]), one["score"], one["image"], one["definite"])
            for one in content["findings"]
        ),
        finding_labels=tuple(content["finding_labels"]),
        heat_maps=tuple(_restore_heat(one) for one in content["heat_maps"]),
        radiographs=tuple(radiographs),
        milliseconds=content["milliseconds"],
        notes=tuple(content["notes"]),
    )


def anonymous(reading: Reading, study: str, sources: Sequence[str]) -> Reading:
    """A reading that names neither the patient nor anything outside of the store.

    Args:
        reading: as it comes from the reader.
        study: identifier of the study in the store.
        sources: what each radiograph's file is called instead.
    """
    films = tuple(
        replace(film, source=source, identifiers=Identifiers(study=study, image=source))
        for film, source in zip(reading.radiographs, sources, strict=True)
    )
    return replace(reading, source=study, study=study, radiographs=films)


def heat_values(content: Mapping[str, Any]) -> NDArray[np.uint16]:
    """The values of a stored heat map: uint16, shape (h, w)."""
    packed = base64.b64decode(content["values"])
    return np.frombuffer(packed, "<u2").reshape(content["rows"], content["columns"]).astype(np.uint16)


def heat_of(content: Mapping[str, Any], image: int) -> Mapping[str, Any] | None:
    """The stored heat map of an image, or None."""
    return next((one for one in content["heat_maps"] if one["image"] == image), None)


def restore_heat(content: Mapping[str, Any], image: int) -> HeatMap | None:
    """The heat map of an image, or None."""
    found = heat_of(content, image)
    return None if found is None else _restore_heat(found)


def _dump_heat(heat: HeatMap) -> dict[str, Any]:
    values = np.rint(np.clip(heat.values, 0.0, 1.0) * _FULL).astype("<u2")
    return {
        "label": heat.label,
        "image": heat.image,
        "extent": list(heat.extent),
        "rows": values.shape[0],
        "columns": values.shape[1],
        "values": base64.b64encode(values.tobytes()).decode("ascii"),
    }


def _restore_heat(content: Mapping[str, Any]) -> HeatMap:
    values = heat_values(content).astype(np.float32) / np.float32(_FULL)
    return HeatMap(values, Box(*content["extent"]), content["label"], content["image"])


def _unread(values: Sequence[float]) -> list[float | None]:
    """JSON has no NaN."""
    return [None if math.isnan(value) else value for value in values]


def _read(values: Sequence[float | None]) -> tuple[float, ...]:
    return tuple(math.nan if value is None else value for value in values)
