"""Which fractures occur where, and their orientation to the two views: the clinical part of the simulator."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from osteon.core.labels import View
from osteon.phantom.anatomy.arm import FOREARM, HAND, HUMERUS_LENGTH
from osteon.phantom.anatomy.fracture import Plan, break_bone
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.anatomy.soft import Capsule
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.geometry.space import Motion

SITES: dict[str, tuple[float, float]] = {"proximal": (0.10, 0.27), "midshaft": (0.38, 0.62), "distal": (0.82, 0.925)}
"""Where along the forearm's bones a fracture of each class is, as a share of the bone's length."""

BELOW_ELBOW = frozenset(range(HAND, 20))
BELOW_HUMERUS = frozenset(range(2, 20))


@dataclass(frozen=True)
class Carried:
    """Motion of the soft tissue around a far fragment.

    Attributes:
        motion: of the fragment.
        segment: lowest number of the segments that move.
        level: world height (y, mm) in that segment below which it moves.
        digit: the only finger that moves, or 0 for the limb.
    """

    motion: Motion
    segment: int
    level: float
    digit: int = 0

    def move(self, capsule: Capsule) -> Capsule:
        """The capsule, moved if it is beyond the fracture."""
        beyond = capsule.segment > self.segment or (
            capsule.segment == self.segment and 0.5 * (capsule.start[1] + capsule.stop[1]) > self.level
        )
        affected = self.digit in (0, capsule.digit)
        return capsule.moved(self.motion) if beyond and affected else capsule


Broken = tuple[tuple[Bone, ...], tuple[Lesion, ...], tuple[Carried, ...]]


def forearm(bones: tuple[Bone, ...], site: str, age: float, random: np.random.Generator) -> Broken:
    """Break radius, ulna or both at one third of the forearm."""
    low, high = SITES[site]
    share = float(random.uniform(low, high))
    chances = {"proximal": (0.35, 0.4, 0.25), "midshaft": (0.25, 0.15, 0.6), "distal": (0.5, 0.05, 0.45)}[site]
    choice = random.choice(3, p=chances)
    names = (("radius",), ("ulna",), ("radius", "ulna"))[choice]
    pattern = _pattern(site, age, random)
    loose = len(names) == 2 or site == "distal"
    lesions: list[Lesion] = []
    motion: Motion | None = None
    template = draw_plan(names[0], 0.0, pattern, 11.0, loose, random)
    if site == "proximal":
        template = replace(template, angulation=0.55 * template.angulation)
    for order, name in enumerate(names):
        length = max(bone.parts[0].length for bone in bones if bone.name == name)
        at = (share if order == 0 else float(np.clip(share + random.uniform(-0.03, 0.03), low, high))) * length
        plan = _relocate(template, name, at, random)
        bones, lesion, moved = break_bone(
            bones, plan, random, BELOW_ELBOW if name == "radius" else frozenset(), motion if order else None
        )
        lesions.append(lesion)
        if plan.pattern not in ("torus", "hairline") and motion is None:
            motion = moved
    moves = names[0] == "radius" and motion is not None
    carried = (Carried(motion, FOREARM, float(motion.pivot[1])),) if moves and motion is not None else ()
    return bones, tuple(lesions), carried


def elbow(bones: tuple[Bone, ...], severity: str, random: np.random.Generator) -> Broken:
    """A hairline or a displaced fracture of humerus, radial neck or olecranon."""
    name = str(random.choice(["humerus", "radius", "ulna"], p=[0.5, 0.25, 0.25]))
    length = max(bone.parts[0].length for bone in bones if bone.name == name)
    scale = length / {"humerus": HUMERUS_LENGTH, "radius": 238.0, "ulna": 262.0}[name]
    if name == "humerus":
        at, width = length - float(random.uniform(24, 34)) * scale, 22.0 * scale
    elif name == "radius":
        at, width = float(random.uniform(13, 22)) * scale, 8.0 * scale
    else:
        at, width = float(random.uniform(18, 44)) * scale, 10.0 * scale
    pattern = (
        "hairline"
        if severity == "hairline"
        else str(random.choice(["transverse", "oblique", "comminuted"], p=[0.5, 0.35, 0.15]))
    )
    plan = draw_plan(name, at, pattern, width, loose=name == "humerus", random=random)
    if severity == "displaced" and plan.displacement < 2.5:
        plan = replace(plan, displacement=float(random.uniform(2.5, 6.0)))
    carried = BELOW_HUMERUS if name == "humerus" else frozenset()
    bones, lesion, motion = break_bone(bones, plan, random, carried)
    soft_tissue = (Carried(motion, FOREARM, -1e3),) if name == "humerus" else ()
    return bones, (lesion,), soft_tissue


def hand(bones: tuple[Bone, ...], random: np.random.Generator) -> Broken:
    """A fracture of a metacarpal or phalanx, or of the distal radius."""
    names = sorted({b.name for b in bones if b.name.startswith(("metacarpal", "proximal", "middle", "distal"))})
    name = "radius" if random.random() < 0.3 else str(random.choice(names))
    whole = max((bone for bone in bones if bone.name == name), key=lambda bone: bone.parts[0].length)
    length = whole.parts[0].length
    at = float(random.uniform(*((0.86, 0.93) if name == "radius" else (0.25, 0.82)))) * length
    pattern = str(
        random.choice(["transverse", "oblique", "spiral", "comminuted", "hairline"], p=[0.25, 0.3, 0.1, 0.1, 0.25])
    )
    width = 12.0 if name == "radius" else 4.5
    plan = draw_plan(name, at, pattern, width, loose=True, random=random)
    if name == "radius":
        bones, lesion, motion = break_bone(bones, plan, random, BELOW_ELBOW)
        return bones, (lesion,), (Carried(motion, FOREARM, float(motion.pivot[1])),)
    digit = name[-1]
    ray = tuple(bone for bone in bones if bone.name[-1] == digit)
    others = tuple(bone for bone in bones if bone.name[-1] != digit)
    broken, lesion, motion = break_bone(ray, plan, random, frozenset(range(whole.segment + 1, 20)))
    soft_tissue = Carried(motion, whole.segment, float(motion.pivot[1]), int(digit))
    return (*others, *broken), (lesion,), (soft_tissue,)


def draw_plan(
    bone: str, at: float, pattern: str, width: float, loose: bool, random: np.random.Generator, view: View | None = None
) -> Plan:
    """Draw the parameters of a fracture at random.

    Args:
        bone: name.
        at: position along it, mm.
        pattern: one of `osteon.phantom.anatomy.fracture.PATTERNS`.
        width: half width of the bone, mm.
        loose: the far fragment is unsupported and may tilt.
        random: source of randomness.
        view: the only view that shows a hairline (None: chosen at random).
    """
    toward = float(random.uniform(0, 360))
    if pattern == "torus":
        return Plan(bone, at, pattern, displacement=float(random.uniform(0.09, 0.2)) * width, toward=toward)
    if pattern == "hairline":
        shown_in = view or (View.FRONTAL if random.random() < 0.5 else View.LATERAL)
        bearing = (
            (0.0 if shown_in is View.FRONTAL else 90.0)
            + float(random.normal(0.0, 9.0))
            + 180.0 * (random.random() < 0.5)
        )
        return Plan(
            bone,
            at,
            pattern,
            float(random.uniform(20, 58)),
            bearing,
            gap=float(random.uniform(0.6, 1.1)),
            roughness=0.1,
        )
    slope = {
        "transverse": random.uniform(0, 16),
        "comminuted": random.uniform(0, 20),
        "greenstick": random.uniform(0, 15),
    }.get(pattern, random.uniform(30, 55))
    if pattern == "spiral":
        slope = random.uniform(55, 66)
    severe = float(random.beta(1.3, 2.2))
    tilt = (0.3 + 0.7 * severe if pattern == "greenstick" else severe) * (20.0 if loose else 4.5)
    return Plan(
        bone,
        at,
        pattern,
        float(slope),
        float(random.uniform(0, 360)),
        gap=float(random.uniform(0.1, 0.3)) if pattern == "greenstick" else float(random.uniform(0.3, 1.3)),
        displacement=0.0 if pattern == "greenstick" else severe * (1.1 if loose else 0.6) * width,
        overlap=float(random.uniform(0.0, 0.5)) * width * (severe > 0.62),
        angulation=tilt,
        toward=toward,
        roughness=float(random.uniform(0.3, 0.8)),
    )


def _pattern(site: str, age: float, random: np.random.Generator) -> str:
    names = ["transverse", "oblique", "comminuted", "greenstick", "hairline", "torus"]
    child = {"proximal": (0.35, 0.2, 0.05, 0.1, 0.3, 0.0), "midshaft": (0.35, 0.2, 0.0, 0.3, 0.15, 0.0),
             "distal": (0.3, 0.1, 0.0, 0.2, 0.12, 0.28)}  # fmt: skip
    weights = child[site] if age < 16 else (0.35, 0.25, 0.18, 0.0, 0.22, 0.0)
    return str(random.choice(names, p=weights))


def _relocate(plan: Plan, name: str, at: float, random: np.random.Generator) -> Plan:
    """The same fracture in the neighbouring bone, with another fracture plane."""
    return replace(plan, bone=name, s=at, bearing=plan.bearing + float(random.normal(0, 12)) * (plan.bone != name))
