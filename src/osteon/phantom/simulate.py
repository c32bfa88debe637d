"""From a seed to radiographs with their truth: `simulate` for one view, `simulate_pair` for both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from osteon.core.labels import Laterality, View
from osteon.phantom.acquisition.beam import expose, transmission
from osteon.phantom.acquisition.marker import mark
from osteon.phantom.acquisition.readout_artefacts import field, frame_field, unevenness
from osteon.phantom.acquisition.style import draw_style
from osteon.phantom.acquisition.xray_detector import develop
from osteon.phantom.anatomy import limbs, spine
from osteon.phantom.anatomy.scene import Image, Scene, materials
from osteon.phantom.geometry.camera import Camera
from osteon.phantom.geometry.space import rotation
from osteon.phantom.phantom import Phantom, TrueFinding
from osteon.phantom.truth import project

KINDS: tuple[str, ...] = ("forearm", "elbow", "spine", "hand")

FINDINGS: dict[str, tuple[str, ...]] = {**limbs.FINDINGS, "spine": spine.LESIONS}
"""What a phantom of each kind may have, besides being ``normal``."""

GENERATION: int = 2
"""Counts the changes after which a seed gives other phantoms; what was simulated before is not mixed with what comes."""

METALS: tuple[str, ...] = ("titanium", "steel", "lead")

CAPTIONS: dict[View, str] = {View.FRONTAL: "AP", View.LATERAL: "LAT"}


def simulate(
    kind: str,
    seed: int,
    *,
    view: View = View.FRONTAL,
    size: int = 512,
    finding: str | None = None,
    coupled: bool = False,
) -> Phantom:
    """Simulate one view.

    Args:
        kind: one of `KINDS`.
        seed: the same seed gives the same patient in every view, and the same pixels each time.
        view: frontal or lateral.
        size: longer edge of the image in pixels.
        finding: ``normal``, one of ``FINDINGS[kind]``, or None to let the seed choose (half are normal).
        coupled: casts and metal are more frequent with a fracture, as in practice; by default they are independent of it.

    Raises:
        ValueError: no such kind, finding or view, or a size under 64.
    """
    _check(kind, size, finding, view)
    scene = build(kind, seed, finding, coupled=coupled)
    return shoot(scene, seed, view, size)


def simulate_pair(
    kind: str, seed: int, *, size: int = 512, finding: str | None = None, coupled: bool = False
) -> tuple[Phantom, Phantom]:
    """Simulate the frontal and the lateral view of one volume (see `simulate`)."""
    _check(kind, size, finding, View.FRONTAL)
    scene = build(kind, seed, finding, coupled=coupled)
    return shoot(scene, seed, View.FRONTAL, size), shoot(scene, seed, View.LATERAL, size)


def _check(kind: str, size: int, finding: str | None, view: View) -> None:
    if kind not in KINDS:
        raise ValueError(f"expected a kind of {KINDS}, got {kind!r}")
    if finding not in (None, "normal", *FINDINGS[kind]):
        raise ValueError(f"expected a finding of {('normal', *FINDINGS[kind])}, got {finding!r}")
    if view not in (View.FRONTAL, View.LATERAL):
        raise ValueError(f"expected a frontal or a lateral view, got {view}")
    if size < 64:
        raise ValueError(f"expected a size of at least 64 pixels, got {size}")


def build(kind: str, seed: int, finding: str | None = None, *, coupled: bool = False) -> Scene:
    """The three-dimensional scene of a seed (arguments as for `simulate`)."""
    random = np.random.default_rng([seed, KINDS.index(kind)])
    draw = float(random.random())
    if finding is None:
        options = FINDINGS[kind]
        finding = "normal" if draw < 0.5 else options[int((draw - 0.5) * 2 * len(options))]
    if kind == "spine":
        return spine.build(finding, random, seed)
    return limbs.build(kind, finding, random, seed, coupled=coupled)


def shows(scene: Scene, seed: int, view: View, size: int) -> bool:
    """Whether a view of a scene shows one of its lesions at that size: what `shoot` would say, without the image."""
    posed = scene.lateral if view is View.LATERAL and scene.lateral is not None else scene
    camera = aim(posed, seed, view, size)
    maps = materials(posed, camera)
    projected = (project(lesion, camera, maps, view) for lesion in posed.lesions)
    return any(truth is not None and truth.visible for truth in projected)


def shoot(scene: Scene, seed: int, view: View, size: int) -> Phantom:
    """Take one view of a scene."""
    scene = scene.lateral if view is View.LATERAL and scene.lateral is not None else scene
    style = draw_style(np.random.default_rng([seed, 13]), scene.scatter, scene.exposure)
    random = np.random.default_rng([seed, 7, int(view is View.LATERAL)])
    camera = aim(scene, seed, view, size)
    maps = materials(scene, camera)
    projected = [project(lesion, camera, maps, view) for lesion in scene.lesions]
    shape = (camera.height, camera.width)
    inside = field(style.border, shape, random)
    down, across = unevenness(style.readout, shape, random)
    signal = expose(transmission(maps), style.exposure, camera.spacing, random)
    signal *= down
    signal *= across
    pixels = develop(signal, style.processing, camera.spacing, inside & ~metal(maps))
    side = scene.patient.side if scene.kind != "spine" else None
    truths = tuple(item for item in projected if item is not None)
    if side is Laterality.LEFT:
        pixels = np.ascontiguousarray(pixels[:, ::-1])
        truths = tuple(_mirror(item, camera.width) for item in truths)
        inside = inside[:, ::-1]
    pixels = frame_field(pixels, inside, style.border)
    caption = f"{scene.body_part.value} {CAPTIONS[view]}".upper()
    mark(pixels, scene.patient.side.value, caption, style.marker, inside)
    return Phantom(
        pixels=pixels,
        kind=scene.kind,
        seed=seed,
        view=view,
        body_part=scene.body_part,
        laterality=side,
        age=scene.patient.age,
        sex=scene.patient.sex,
        spacing=camera.spacing,
        finding=scene.finding,
        findings=truths,
        cast=any(inclusion.name == "cast" for inclusion in scene.inclusions),
        hardware=any(inclusion.material in METALS for inclusion in scene.inclusions),
    )


def metal(maps: dict[str, Image]) -> NDArray[np.bool_]:
    """Mask (H, W) of the rays that meet metal: machines exclude them when they choose a window."""
    planes = [plane for name, plane in maps.items() if name in METALS]
    return np.logical_or.reduce([plane > 0.05 for plane in planes]) if planes else np.zeros((1, 1), np.bool_)


def aim(scene: Scene, seed: int, view: View, size: int) -> Camera:
    """Position the patient (the same in both views) and the detector; ``size`` is its longer edge, pixels."""
    random = np.random.default_rng([seed, 11])
    lean = (
        rotation("z", float(random.normal(0, 6.5 * scene.slack)))
        @ rotation("x", float(random.normal(0, 3.0 * scene.slack)))
        @ rotation("y", float(random.normal(0, 6.0 * scene.slack)))
    )
    turn = rotation("y", 90.0 if view is View.LATERAL else 0.0) @ lean
    centre = turn @ scene.centre
    share = scene.width * float(random.uniform(0.92, 1.12))
    height, width = (size, round(size * share)) if share <= 1 else (round(size / share), size)
    spacing = scene.extent / height
    left, top = float(centre[0]) - 0.5 * width * spacing, float(centre[1]) - 0.5 * scene.extent
    return Camera(turn, left, top, spacing, height, width)


def _mirror(item: TrueFinding, width: int) -> TrueFinding:
    box = item.box._replace(x0=width - item.box.x1, x1=width - item.box.x0)
    return replace(item, box=box, mask=np.ascontiguousarray(item.mask[:, ::-1]))
