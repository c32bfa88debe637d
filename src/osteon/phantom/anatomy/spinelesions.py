"""The seven lesions of the detection task of VinDr-SpineXR, put into the spine in three dimensions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from osteon.core.labels import View
from osteon.phantom.anatomy.patient import Patient
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.anatomy.vertebra import Level
from osteon.phantom.geometry.shapes import Bone, End, Part
from osteon.phantom.geometry.silhouettes import tube
from osteon.phantom.geometry.space import Vector, frame
from osteon.phantom.treatment.hardware import rod

LESIONS: tuple[str, ...] = (
    "Osteophytes",
    "Disc space narrowing",
    "Surgical implant",
    "Spondylolysthesis",
    "Vertebral collapse",
    "Foraminal stenosis",
    "Other lesions",
)
"""The detector's classes, spelt as the dataset spells them."""

LUMBAR = ("L1", "L2", "L3", "L4", "L5")
BOTH = (View.FRONTAL, View.LATERAL)


@dataclass(frozen=True)
class State:
    """Abnormalities of a spine, by the name of the vertebra (for a disc, of the vertebra above it).

    Attributes:
        narrow: share of the disc's height that remains.
        slip: forward slip of a vertebra on the one below, as a share of its depth.
        wedge: share of the front height that is lost.
        crush: share of the middle height that is lost.
        facet: growth of the articular processes that narrow the foramen above.
        spurs: vertebra, aspect (``front``, ``left`` or ``right``), ``upper`` or ``lower`` rim, and length in mm.
        implant: first and last level of a fixation.
        other: vertebra and kind of another lesion.
    """

    narrow: Mapping[str, float] = field(default_factory=dict[str, float])
    slip: Mapping[str, float] = field(default_factory=dict[str, float])
    wedge: Mapping[str, float] = field(default_factory=dict[str, float])
    crush: Mapping[str, float] = field(default_factory=dict[str, float])
    facet: Mapping[str, float] = field(default_factory=dict[str, float])
    spurs: tuple[tuple[str, str, str, float], ...] = ()
    implant: tuple[int, int] | None = None
    other: tuple[str, str] | None = None


@dataclass(frozen=True)
class LesionBodies:
    """Bodies that the lesions add to a scene, and the lesions themselves."""

    bones: tuple[Bone, ...]
    inclusions: tuple[Bone, ...]
    lesions: tuple[Lesion, ...]


def draw(finding: str, patient: Patient, random: np.random.Generator) -> State:
    """Draw a spine's lesions: the named one always, and those that often accompany it at random."""
    if finding == "normal":
        return State()

    def has(label: str, probability: float) -> bool:
        return random.random() < probability or finding == label

    degeneration = 0.25 + 0.5 * (patient.age > 50)
    narrow = (
        {str(n): float(random.uniform(0.25, 0.5)) for n in _some(("L2", "L3", "L4", "L5"), 2, random)}
        if has("Disc space narrowing", 0.25)
        else {}
    )
    slip = (
        {str(random.choice(["L3", "L4", "L5"])): float(random.uniform(0.14, 0.34))}
        if has("Spondylolysthesis", 0.06)
        else {}
    )
    wedge: dict[str, float] = {}
    crush: dict[str, float] = {}
    if has("Vertebral collapse", 0.06):
        name = str(random.choice(["T12", "L1", "L2", "L3"]))
        wedge[name], crush[name] = float(random.uniform(0.28, 0.6)), float(random.uniform(0.0, 0.7))
    facet = (
        {str(n): float(random.uniform(0.6, 1.0)) for n in _some(("L4", "L5"), 1, random)}
        if has("Foraminal stenosis", 0.07)
        else {}
    )
    spurs: list[tuple[str, str, str, float]] = []
    if has("Osteophytes", degeneration):
        for name in _some(LUMBAR, 4, random):
            for aspect in ("front", "left", "right"):
                rims = [rim for rim in ("upper", "lower") if random.random() < 0.42]
                spurs += [(name, aspect, rim, float(random.uniform(4.0, 9.5))) for rim in rims]
        if not spurs:
            spurs.append(("L3", "front", "lower", 7.0))
    implant = None
    if has("Surgical implant", 0.05):
        first = int(random.integers(4, 7))
        implant = (first, min(first + int(random.integers(1, 3)), 7))
    other = None
    if has("Other lesions", 0.05):
        kind = str(random.choice(["Sclerotic lesion", "Foreign body", "Other lesions"], p=[0.5, 0.2, 0.3]))
        other = (str(random.choice(LUMBAR)), kind)
    return State(narrow, slip, wedge, crush, facet, tuple(spurs), implant, other)


def _some(names: tuple[str, ...], maximum: int, random: np.random.Generator) -> list[str]:
    count = int(random.integers(1, maximum + 1))
    return sorted(str(name) for name in random.choice(names, count, replace=False))


def make(state: State, levels: tuple[Level, ...], gaps: tuple[float, ...], random: np.random.Generator) -> LesionBodies:
    """The bodies of the lesions other than the deformed vertebrae, and the truth of all lesions."""
    at = {level.name: i for i, level in enumerate(levels)}
    bones: list[Bone] = []
    inclusions: list[Bone] = []
    lesions: list[Lesion] = []
    for name, share in state.narrow.items():
        truth = {
            "level": name,
            "type": "Disc space narrowing",
            "height_mm": round(gaps[at[name]], 2),
            "share": round(share, 3),
        }
        lesions.append(Lesion("Disc space narrowing", (_disc(levels[at[name]], gaps[at[name]], 5.0),), truth=truth))
    for name, share in state.slip.items():
        truth = {"level": name, "type": "Spondylolysthesis", "slip": round(share, 3)}
        zone = _disc(levels[at[name]], gaps[at[name]], 22.0)
        lesions.append(Lesion("Spondylolysthesis", (zone,), truth=truth, views=(View.LATERAL,)))
    for name, share in state.wedge.items():
        truth = {"level": name, "type": "Vertebral collapse", "wedge": round(share, 3)}
        lesions.append(Lesion("Vertebral collapse", (_block(levels[at[name]]),), truth=truth))
    for name, grown in state.facet.items():
        level = levels[at[name]]
        truth = {"level": name, "type": "Foraminal stenosis", "growth": round(grown, 3)}
        lesions.append(Lesion("Foraminal stenosis", (_foramen(level),), truth=truth, views=(View.LATERAL,)))
    for name, aspect, rim, length in state.spurs:
        spur = _spur(levels[at[name]], aspect, rim, length, random)
        bones.append(spur)
        truth = {"level": name, "type": "Osteophytes", "place": f"{aspect} {rim}", "length_mm": round(length, 2)}
        views = (View.LATERAL,) if aspect == "front" else (View.FRONTAL,)
        lesions.append(Lesion("Osteophytes", (spur,), truth=truth, views=views))
    if state.implant is not None:
        metal = _fixation(levels[state.implant[0] : state.implant[1] + 1], random)
        inclusions += metal
        lesions.append(Lesion("Surgical implant", metal, truth={"type": "Surgical implant"}))
    if state.other is not None:
        level, kind = levels[at[state.other[0]]], state.other[1]
        body = _other(level, kind, random)
        (inclusions if kind == "Foreign body" else bones).append(body)
        lesions.append(Lesion("Other lesions", (body,), truth={"level": level.name, "type": kind}))
    return LesionBodies(tuple(bones), tuple(inclusions), tuple(lesions))


def _solid(
    start: Vector, axes: np.ndarray, length: float, rows: list[tuple[float, float, float, float, float]], end: float
) -> Part:
    return tube(
        start,
        axes,
        length,
        rows,
        cortex=[(0.0, 99.0), (1.0, 99.0)],
        start=End(rounding=end, plate=0.0),
        stop=End(rounding=end, plate=0.0),
    )


def _disc(level: Level, gap: float, margin: float) -> Bone:
    """The disc under a level and a margin of the bodies around it."""
    w, d = level.width, level.depth
    rows = [(0.0, w, w, d, d), (1.0, w, w, d, d)]
    start = level.point(0.0, 0.0, level.height - 0.5 * margin)
    return Bone("disc", (_solid(start, level.axes, gap + margin, rows, 0.0),))


def _block(level: Level) -> Bone:
    w, d = level.width, level.depth * 1.05
    rows = [(0.0, w, w, d, d), (1.0, w, w, d, d)]
    return Bone("body", (_solid(level.origin, level.axes, level.height, rows, 0.0),))


def _foramen(level: Level) -> Bone:
    """The foramen above a level's pedicle, as a rod across the body."""
    start = level.point(-20.0, -level.depth - 8.0, -3.0)
    rows = [(0.0, 9.0, 9.0, 8.0, 8.0), (1.0, 9.0, 9.0, 8.0, 8.0)]
    return Bone("foramen", (_solid(start, frame(level.axes[0], level.axes[2]), 40.0, rows, 2.0),))


def _spur(level: Level, aspect: str, rim: str, length: float, random: np.random.Generator) -> Bone:
    """A claw of bone at a rim of a vertebral body, bent towards the neighbour."""
    s = 1.5 if rim == "upper" else level.height - 1.5
    toward = -1.0 if rim == "upper" else 1.0
    if aspect == "front":
        out, across = level.axes[1], level.axes[0]
        start = level.point(0.0, level.depth - 4.0, s)
        broad = 0.6 * level.width
    else:
        side = -1.0 if aspect == "left" else 1.0
        out, across = level.axes[0] * side, level.axes[1]
        start = level.point(side * (level.width - 4.0), 0.0, s)
        broad = 0.6 * level.depth
    lift = float(random.uniform(0.15, 0.55)) * toward
    axes = frame(out + lift * level.axes[2], across)
    up = float(np.sign(axes[1] @ level.axes[2])) * toward
    thick = 2.2 + 0.2 * length
    part = tube(
        start, axes, length + 4.0,
        [(0.0, broad, broad, thick, thick), (0.5, 0.8 * broad, 0.8 * broad, 0.8 * thick, 0.8 * thick),
         (1.0, 0.35 * broad, 0.35 * broad, 0.9, 0.9)],
        bow=[(0.0, 0.0, 0.0), (0.5, 0.0, 0.4 * up), (1.0, 0.0, 0.28 * length * up)],
        cortex=[(0.0, 0.9), (1.0, 1.2)], trabecular=[(0.0, 0.2), (1.0, 0.3)],
        start=End(rounding=0.5, plate=0.0), stop=End(rounding=1.5, plate=0.8),
    )  # fmt: skip
    return Bone("osteophyte", (part,), texture=0.5)


def _fixation(levels: tuple[Level, ...], random: np.random.Generator) -> tuple[Bone, ...]:
    """Pedicle screws joined by two rods."""
    metal = "titanium" if random.random() < 0.75 else "steel"
    parts: list[Bone] = []
    for side in (-1.0, 1.0):
        heads: list[Vector] = []
        for level in levels:
            x = side * level.width * 0.62
            head = level.point(x * 1.08, -level.depth - 17.0, 0.22 * level.height)
            tip = level.point(x * 0.62, level.depth * 0.55, 0.30 * level.height)
            parts.append(rod("screw", head, tip, 2.7, metal))
            parts.append(rod("screw head", head - 3.0 * level.axes[1], head + 7.0 * level.axes[1], 5.4, metal))
            heads.append(head - 2.0 * level.axes[1])
        for a, b in itertools.pairwise(heads):
            along = (b - a) / np.linalg.norm(b - a)
            parts.append(rod("rod", a - 7.0 * along, b + 7.0 * along, 2.7, metal))
    return tuple(parts)


def _other(level: Level, kind: str, random: np.random.Generator) -> Bone:
    """A dense focus, a metal clip, or a calcification next to the spine."""
    if kind == "Foreign body":
        start = level.point(float(random.uniform(-60, 60)), float(random.uniform(30, 70)), 10.0)
        return rod("clip", start, start + np.array([3.0, 7.0, 2.0]), 1.1, "steel")
    if kind == "Sclerotic lesion":
        position = level.point(
            float(random.uniform(-0.5, 0.5)) * level.width,
            float(random.uniform(-0.4, 0.4)) * level.depth,
            0.25 * level.height,
        )
        r = float(random.uniform(4.0, 8.0))
        rows = [(0.0, r, r, r, r), (1.0, r, r, r, r)]
        start, axes, long = position, level.axes, 1.6 * r
        share = 0.28
    else:
        r = float(random.uniform(2.0, 4.0))
        start, axes, long = level.point(-5.0, level.depth + 14.0, -10.0), level.axes, 35.0
        rows = [(0.0, 8.0, 8.0, r, r), (1.0, 8.0, 8.0, r, r)]
        share = 0.22
    part = tube(start, axes, long, rows, cortex=[(0.0, 0.0), (1.0, 0.0)], trabecular=[(0.0, share), (1.0, share)],
                start=End(rounding=r, plate=0.0), stop=End(rounding=r, plate=0.0))  # fmt: skip
    return Bone("focus", (part,), texture=1.5)
