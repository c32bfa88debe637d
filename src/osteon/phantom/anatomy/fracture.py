"""Fractures: rough planes that divide a bone in three dimensions, and the motion of the distal fragment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from osteon.phantom.anatomy.crack import course
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.geometry.shapes import Bone, Cut, Part
from osteon.phantom.geometry.space import Motion, Vector, rotation

FINE: int = 30
"""Samples along a ray through a cracked bone: the gap is narrow."""

PATTERNS: tuple[str, ...] = ("transverse", "oblique", "spiral", "comminuted", "greenstick", "hairline", "torus")


@dataclass(frozen=True, slots=True)
class Plan:
    """Parameters of a fracture.

    Attributes:
        bone: name of the bone.
        s: where along its shaft part, mm.
        pattern: one of `PATTERNS`.
        slope: angle between the fracture plane and the bone's cross-section, degrees.
        bearing: direction in which the plane slopes, degrees from the part's u towards its v.
        gap: mm.
        displacement: sideways shift of the far fragment, mm.
        overlap: shortening, mm.
        angulation: degrees.
        toward: direction of displacement and angulation, degrees from u towards v.
        roughness: amplitude of the plane's waves, mm.
    """

    bone: str
    s: float
    pattern: str
    slope: float = 0.0
    bearing: float = 0.0
    gap: float = 0.6
    displacement: float = 0.0
    overlap: float = 0.0
    angulation: float = 0.0
    toward: float = 0.0
    roughness: float = 0.5


def break_bone(
    bones: tuple[Bone, ...],
    plan: Plan,
    random: np.random.Generator,
    carried: frozenset[int],
    motion: Motion | None = None,
) -> tuple[tuple[Bone, ...], Lesion, Motion]:
    """Break a bone, and move what is attached to its far fragment along with it.

    Args:
        bones: of the limb.
        plan: the fracture.
        random: source of the roughness.
        carried: segments that move with the far fragment.
        motion: the far fragment's motion, if another fracture has already set it (`carried` is not moved again then).

    Returns:
        the bones of the limb, the lesion, and the motion of the far fragment.

    Raises:
        ValueError: no bone has that name.
    """
    candidates = [i for i, bone in enumerate(bones) if bone.name == plan.bone]
    if not candidates:
        raise ValueError(f"expected one of {sorted({bone.name for bone in bones})}, got {plan.bone!r}")
    index = max(candidates, key=lambda i: bones[i].parts[0].length)
    bone = replace(bones[index], samples=FINE) if plan.pattern == "hairline" else bones[index]
    part = bone.parts[0]
    if plan.pattern == "torus":
        swollen = replace(bone, parts=(_torus(part, plan), *bone.parts[1:]))
        zone = (replace(bone, parts=(_slab(swollen.parts[0], _cut(part, plan, ()), 7.0),)),)
        still = Motion(np.eye(3), part.origin, np.zeros(3))
        lesion = Lesion("fracture", zone, (swollen,), (bone,), _truth(plan))
        return (*bones[:index], swollen, *bones[index + 1 :]), lesion, still
    waves = _waves(random, plan.roughness)
    cut = _cut(part, plan, waves)
    if plan.pattern == "hairline":
        half_width = float(part.radii[part.station(plan.s)].mean())
        cut = replace(cut, course=course(random, plan.bearing, plan.gap, half_width))
        cracked = replace(bone, parts=(replace(part, cuts=(*part.cuts, replace(cut, crack=True))), *bone.parts[1:]))
        zone = (replace(bone, parts=(_slab(part, cut, 3.0),)),)
        still = Motion(np.eye(3), part.origin, np.zeros(3))
        lesion = Lesion("fracture", zone, (cracked,), (bone,), _truth(plan))
        return (*bones[:index], cracked, *bones[index + 1 :]), lesion, still
    near, far = _keep(part, _opposite(cut)), _keep(part, cut)
    carry = motion is None
    motion = motion or _motion(part, plan)
    pieces = [replace(bone, parts=(near,)), replace(bone, parts=(far, *bone.parts[1:])).moved(motion)]
    zone = [
        replace(bone, parts=(_slab(part, cut, 3.0),)),
        replace(bone, parts=(_slab(part, cut, 3.0),)).moved(motion),
    ]
    if plan.pattern == "comminuted":
        pieces[0], wedge = _butterfly(bone, near, plan, random)
        pieces.append(wedge)
        zone.append(wedge)
    border = part.centre(plan.s)
    rest = []
    for i, other in enumerate(bones):
        if i == index:
            continue
        beyond = other.name == plan.bone and _middle(other) @ part.frame[2] > border @ part.frame[2]
        rest.append(other.moved(motion) if beyond or (carry and other.segment in carried) else other)
    lesion = Lesion("fracture", tuple(zone), tuple(pieces), (bone,), _truth(plan))
    return (*rest, *pieces), lesion, motion


def _middle(bone: Bone) -> Vector:
    return bone.parts[0].centre(0.5 * bone.parts[0].length)


def _truth(plan: Plan) -> dict[str, float | str]:
    return {
        "bone": plan.bone,
        "pattern": plan.pattern,
        "s_mm": round(plan.s, 3),
        "gap_mm": round(plan.gap, 3),
        "displacement_mm": round(plan.displacement, 3),
        "overlap_mm": round(plan.overlap, 3),
        "angulation_deg": round(plan.angulation, 3),
    }


def _cut(part: Part, plan: Plan, waves: tuple[tuple[float, float, float, float], ...]) -> Cut:
    u, v = (float(x) for x in part.axis[part.station(plan.s)])
    tilt, bearing = np.deg2rad(plan.slope), np.deg2rad(plan.bearing)
    normal = (float(np.sin(tilt) * np.cos(bearing)), float(np.sin(tilt) * np.sin(bearing)), float(np.cos(tilt)))
    return Cut((u, v, plan.s), normal, plan.gap, waves)


def _waves(random: np.random.Generator, amplitude: float) -> tuple[tuple[float, float, float, float], ...]:
    """A rough surface: waves of 12 to 1.2 mm, the shorter the lower."""
    rows: list[tuple[float, float, float, float]] = []
    for length in (11.0, 6.0, 3.4, 2.0, 1.2):
        k = 2 * np.pi / length
        a, b = random.normal(0.0, 1.0, 2)
        size = float(np.hypot(a, b)) + 1e-6
        rows.append(
            (
                float(k * a / size),
                float(k * b / size),
                float(random.uniform(0, 6.28)),
                amplitude * (length / 6.0) ** 0.7,
            )
        )
    return tuple(rows)


def _opposite(cut: Cut) -> Cut:
    """The same plane, keeping the other side."""
    a, b, c = cut.normal
    waves = tuple((*row[:3], -row[3]) for row in cut.waves)
    opposite = cut.course.opposite() if cut.course is not None else None
    return replace(cut, normal=(-a, -b, -c), waves=waves, course=opposite)


def _keep(part: Part, *cuts: Cut) -> Part:
    return replace(part, cuts=(*part.cuts, *cuts))


def _slab(part: Part, cut: Cut, width: float) -> Part:
    """The piece of a part within half a width of a cut."""
    thick = replace(cut, gap=-width, crack=False)
    return _keep(part, thick, _opposite(thick))


def _across(part: Part, degrees: float) -> Vector:
    angle = np.deg2rad(degrees)
    return np.cos(angle) * part.frame[0] + np.sin(angle) * part.frame[1]


def _motion(part: Part, plan: Plan) -> Motion:
    """Tilt of the far fragment about the break (a greenstick hinges on the cortex that held), then shift."""
    toward, along = _across(part, plan.toward), part.frame[2]
    pivot = part.centre(plan.s)
    if plan.pattern == "greenstick":
        pivot = pivot + toward * float(part.radii[part.station(plan.s)].mean())
    hinge = np.cross(along, toward)
    shift = plan.displacement * toward - plan.overlap * along
    return Motion(rotation(hinge, plan.angulation), pivot, shift)


def _torus(part: Part, plan: Plan) -> Part:
    """A buckled cortex: a low bulge with a dip above it."""
    stations = np.arange(len(part.cortex), dtype=np.float32) * (part.length / (len(part.cortex) - 1))
    width = 0.011 * part.length + 0.8
    x = (stations - plan.s) / width
    bulge = plan.displacement * (np.exp(-0.5 * x**2) - 0.35 * np.exp(-0.5 * (x + 2.4) ** 2))
    angle = np.deg2rad(plan.toward)
    shares = np.clip([-np.cos(angle), np.cos(angle), -np.sin(angle), np.sin(angle)], 0.25, 1.0)
    radii = part.radii + (bulge[:, None] * shares[None, :]).astype(np.float32)
    trabecular = part.trabecular + (0.12 * np.exp(-0.5 * (x - 0.3) ** 2)).astype(np.float32)
    return replace(part, radii=radii, trabecular=trabecular)


def _butterfly(bone: Bone, near: Part, plan: Plan, random: np.random.Generator) -> tuple[Bone, Bone]:
    """Split a wedge from the near fragment and push it aside."""
    side = plan.bearing + 180.0 + float(random.uniform(-40, 40))
    second = replace(
        plan, slope=float(random.uniform(48, 62)), bearing=side, s=plan.s - float(random.uniform(1, 5)), gap=0.5
    )
    cut = _cut(near, second, _waves(random, 0.3))
    body = replace(bone, parts=(_keep(near, _opposite(cut)),))
    wedge = replace(bone, parts=(_keep(near, cut),))
    push = Motion(
        rotation(near.frame[1], float(random.uniform(-12, 12))), near.centre(plan.s), -_across(near, side) * 0.0
    )
    out = _across(near, side) * float(random.uniform(1.5, 3.5)) + near.frame[2] * float(random.uniform(0.0, 2.5))
    return body, wedge.moved(replace(push, shift=out))
