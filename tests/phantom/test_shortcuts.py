"""What must not tell the label: treatment, markers, field, file."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from osteon.data.audit.checks.shortcuts import auc_of
from osteon.phantom.acquisition.style import draw_style
from osteon.phantom.anatomy.scene import Lesion
from osteon.phantom.geometry.shapes import Bone
from osteon.phantom.layouts import write
from osteon.phantom.simulate import build
from osteon.phantom.treatment.treatment import draw_treatment

BROKEN = (Lesion("fracture", (), truth={}),)


def shares(*, coupled: bool, lesions: tuple[Lesion, ...]) -> dict[str, float]:
    random = np.random.default_rng(5)
    drawn = [draw_treatment("hand", lesions, random, coupled=coupled) for _ in range(4000)]
    return {name: drawn.count(name) / len(drawn) for name in ("cast", "metal")}


def test_casts_and_metal_are_as_common_in_whole_arms() -> None:
    assert shares(coupled=False, lesions=()) == shares(coupled=False, lesions=BROKEN)


def test_coupled_they_go_with_fractures() -> None:
    whole, broken = shares(coupled=True, lesions=()), shares(coupled=True, lesions=BROKEN)
    assert broken["cast"] > 4 * whole["cast"]
    assert broken["metal"] > 4 * whole["metal"]


def test_an_elbow_wears_no_cast() -> None:
    random = np.random.default_rng(0)
    assert "cast" not in {draw_treatment("elbow", (), random, coupled=False) for _ in range(500)}


@pytest.mark.parametrize("kind", ["forearm", "hand", "elbow"])
def test_metal_can_be_put_into_every_case(kind: str) -> None:
    """Among many patients some carry metal, whole and broken, displaced and set."""

    def metal(bones: tuple[Bone, ...]) -> bool:
        return any(bone.material in ("steel", "titanium") for bone in bones)

    finding = {"forearm": "midshaft", "hand": "fracture", "elbow": "displaced"}[kind]
    for one in ("normal", finding):
        assert any(metal(build(kind, seed, one).inclusions) for seed in range(90))


def test_the_department_does_not_know_the_finding() -> None:
    """The style is drawn from the seed alone: the same for the whole and for the broken arm."""
    assert draw_style(np.random.default_rng([4, 13])) == draw_style(np.random.default_rng([4, 13]))


@pytest.mark.slow
def test_no_attribute_of_a_phantom_tells_its_label(tmp_path: Path) -> None:
    """None of these, of 240 hands, has an interval (at 95 % for all of them together) that leaves 0.5 out."""
    root = write("hand", "fracatlas", 240, 11, tmp_path / "hands", size=128)
    images = json.loads((root / "truth.json").read_text())["images"]
    pictures = [cv2.imread(str(root / image["image"]), cv2.IMREAD_GRAYSCALE) for image in images]
    edges = [np.concatenate([one[0], one[-1], one[:, 0], one[:, -1]]) for one in pictures if one is not None]
    attributes: dict[str, list[float]] = {
        "bytes per pixel": [(root / one["image"]).stat().st_size / (one["width"] * one["height"]) for one in images],
        "brightness": [float(one.mean()) for one in pictures if one is not None],
        "contrast": [float(one.std()) for one in pictures if one is not None],
        "white border": [float((edge > 230).mean()) for edge in edges],
        "black border": [float((edge < 6).mean()) for edge in edges],
        "shape": [one["width"] / one["height"] for one in images],
        "spacing": [one["spacing_mm"] for one in images],
        "age": [one["age"] for one in images],
        "sex": [float(one["sex"] == "F") for one in images],
        "side": [float(one["laterality"] == "L") for one in images],
        "view": [float(one["view"] == "frontal") for one in images],
        "cast": [float(one["cast"]) for one in images],
        "metal": [float(one["hardware"]) for one in images],
    }
    broken = np.array([one["finding"] != "normal" for one in images])
    for name, values in attributes.items():
        _, low, high = auc_of(np.array(values), broken, confidence=1 - 0.05 / len(attributes))
        assert low <= 0.5 <= high, name
