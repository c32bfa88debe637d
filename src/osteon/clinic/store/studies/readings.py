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
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from osteon.clinic.store.tables.coded import restore_notes
from osteon.core.codes.note import Note
from osteon.core.codes.refusal import Refusal
from osteon.core.errors import StoreError
from osteon.core.geometry import Box
from osteon.core.instance import InstanceRef
from osteon.core.labels import Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading
from osteon.core.wording.stored import stored_refusals, stored_unread

VERSION: Final = 2
"""Of this form; a store may hold older ones. Version 1 has sentences in place of refusals and notes."""

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
        "refusals": [refusal.to_json() for refusal in reading.refusals],
        "probability": reading.probability,
        "probabilities": list(map(list, reading.probabilities.items())),
        "image_probabilities": _unread(reading.image_probabilities),
        "image_refusals": [[refusal.to_json() for refusal in refusals] for refusals in reading.image_refusals],
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
        "notes": [note.to_json() for note in reading.notes],
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
    said = _coded(content) if content["version"] > 1 else _sentences(content)
    return Reading(
        source=content["source"],
        study=content["study"],
        bundle=content["bundle"],
        call=Call(content["call"]),
        refusals=said.refusals,
        probability=content["probability"],
        probabilities=dict(content["probabilities"]),
        image_probabilities=_read(content["image_probabilities"]),
        image_refusals=said.image_refusals,
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
        notes=said.notes,
    )


class _Said(NamedTuple):
    """What a stored reading refuses and notes."""

    refusals: tuple[Refusal, ...]
    image_refusals: tuple[tuple[Refusal, ...], ...]
    notes: tuple[Note, ...]


def _coded(content: Mapping[str, Any]) -> _Said:
    """From codes and values."""
    return _Said(
        tuple(Refusal.from_json(record) for record in content["refusals"]),
        tuple(tuple(Refusal.from_json(record) for record in records) for records in content["image_refusals"]),
        restore_notes(content["notes"]),
    )


def _sentences(content: Mapping[str, Any]) -> _Said:
    """From sentences, as version 1 has them: some notes say which images were not read, and why."""
    image_refusals: list[tuple[Refusal, ...]] = [() for _ in content["image_probabilities"]]
    notes: list[str] = []
    for sentence in content["notes"]:
        unread = stored_unread(sentence)
        if unread is None:
            notes.append(sentence)
            continue
        images, refusals = unread
        for image in images:
            image_refusals[image] = refusals
    return _Said(stored_refusals(content["reason"]), tuple(image_refusals), restore_notes(notes))


def anonymous(reading: Reading, study: str, sources: Sequence[str]) -> Reading:
    """A reading that names neither the patient nor anything outside of the store.

    Args:
        reading: as inference gives it.
        study: identifier of the study in the store.
        sources: what each radiograph's file is called instead.
    """
    radiographs = tuple(
        replace(
            radiograph,
            source=source,
            identifiers=Identifiers(
                study=study, instance=InstanceRef(frame=radiograph.identifiers.instance.frame), file_name=source
            ),
        )
        for radiograph, source in zip(reading.radiographs, sources, strict=True)
    )
    return replace(reading, source=study, study=study, radiographs=radiographs)


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
