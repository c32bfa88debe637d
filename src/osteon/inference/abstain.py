"""Reasons not to read a radiograph.

A refusal is worth more than a guess on a film that the network has never seen the like of. Each rule gives a reason in
words for the user; none of them ever states what the file says of the patient.
"""

from __future__ import annotations

from osteon.bundle.manifest import Indication
from osteon.core.records import Radiograph
from osteon.imaging.quality import defects


def reasons_before(radiograph: Radiograph, indication: Indication) -> tuple[str, ...]:
    """Why this radiograph must not be shown to the network, as far as file and pixels tell; empty where it may."""
    found: list[str] = []
    part = radiograph.body_part
    if part is not None and part not in indication.body_parts:
        allowed = ", ".join(one.value for one in indication.body_parts)
        found.append(f"body part {part.value} is outside the bundle's indication ({allowed})")
    age = radiograph.age
    if age is not None and not indication.minimum_age <= age <= indication.maximum_age:
        span = f"{indication.minimum_age:g} to {indication.maximum_age:g} years"
        found.append(f"the patient's age is outside the bundle's indication ({span})")
    if min(radiograph.height, radiograph.width) < indication.minimum_side:
        size = f"{radiograph.width} x {radiograph.height}"
        found.append(f"the image is too small: {size} pixels, at least {indication.minimum_side} a side are needed")
    return (*found, *defects(radiograph))


def reason_after(novelty: float | None, indication: Indication) -> str:
    """Why the network's answer must not be given, as far as its novelty output tells; empty where it may."""
    limit = indication.maximum_novelty
    if novelty is None or limit is None or novelty <= limit:
        return ""
    return (
        f"the image is unlike the radiographs that the bundle was trained on (novelty {novelty:.3g}, limit {limit:.3g})"
    )


def notes(radiograph: Radiograph) -> tuple[str, ...]:
    """What could not be checked, for the user."""
    unknown = [] if radiograph.body_part else ["the body part is not stated, so the indication was not checked for it"]
    return (*radiograph.notes, *unknown)
