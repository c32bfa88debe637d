"""Growth plates: a long bone divided into shaft and epiphysis, according to skeletal maturity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from osteon.phantom.geometry.shapes import Bone, Cut, End, Part
from osteon.phantom.geometry.silhouettes import profile


def with_epiphysis(
    bone: Bone, maturity: float, height: float, *, at_stop: bool = True, gap: float = 2.2, flare: float = 1.0
) -> tuple[Bone, ...]:
    """Divide a bone at a growth plate.

    Args:
        bone: a bone of one part.
        maturity: 0 (no ossification centre yet) to 1 (growth plate closed: the bone is returned whole).
        height: height of the mature epiphysis, mm.
        at_stop: at the far end of the part instead of its start.
        gap: width of the plate in a small child, mm.
        flare: width of the mature epiphysis relative to the shaft's end.

    Returns:
        the bone; or shaft and epiphysis; or the shaft alone.
    """
    if maturity >= 1.0:
        return (bone,)
    part = bone.parts[0]
    width = gap * (1.0 - 0.65 * maturity)
    sign = 1.0 if at_stop else -1.0
    border = part.length - height if at_stop else height
    u, v = (float(x) for x in part.axis[part.station(border)])
    waves = ((0.22, 0.07, 0.4 + border, 0.25), (0.43, 0.2, 1.7 + border, 0.15))
    plate = Cut((u, v, border), (0.0, 0.0, -sign), width, waves, plate=0.6)
    shaft = replace(bone, parts=(replace(part, cuts=(*part.cuts, plate)),))
    size = min(1.0, 0.35 + 0.9 * maturity) if maturity > 0 else 0.0
    if size * height < 1.0:
        return (shaft,)
    return (shaft, replace(bone, parts=(_centre(part, border, height, width, size, flare, at_stop=at_stop),)))


def _centre(part: Part, border: float, height: float, gap: float, size: float, flare: float, *, at_stop: bool) -> Part:
    """The ossification centre: what the part has beyond the plate, shrunk and rounded."""
    middle = border + (0.5 * height if at_stop else -0.5 * height)
    row = part.station(middle)
    radii = part.radii[row].astype(float) * size * flare
    tall = (height - 0.5 * gap) * (0.45 + 0.55 * size)
    near = border + 0.5 * gap if at_stop else border - 0.5 * gap - tall
    u, v = (float(x) for x in part.axis[row])
    joint = part.stop if at_stop else part.start
    ends = End(rounding=0.55 * tall, plate=0.6), replace(joint, rounding=0.7 * tall, plate=0.6)
    first, last = ends if at_stop else (ends[1], ends[0])
    knots = [(0.0, *(radii * (0.97 if at_stop else 0.9))), (1.0, *(radii * (0.9 if at_stop else 0.97)))]
    return replace(
        part,
        origin=part.point(u, v, near),
        length=tall,
        radii=np.maximum(profile(tall, knots), 0.3),
        axis=profile(tall, [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0)]),
        cortex=profile(tall, [(0.0, 0.5), (1.0, 0.5)])[:, 0],
        trabecular=profile(tall, [(0.0, 0.3), (1.0, 0.3)])[:, 0],
        start=first,
        stop=last,
        cuts=(),
        dent=None,
    )
