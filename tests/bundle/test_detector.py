"""What a manifest says of a detector and of fusion must hold together; bundles without one stay as they were."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import ValidationError

from osteon.bundle.archive import MANIFEST, open_bundle, write_bundle
from osteon.bundle.card import own_sections, render_card
from osteon.bundle.catalogue import locate, shipped
from osteon.bundle.manifest import Manifest
from osteon.core.errors import BundleError


@pytest.mark.parametrize("name", shipped())
def test_a_shipped_bundle_is_written_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    opened = open_bundle(name)
    write_bundle(tmp_path / "again.osteon", opened.manifest, opened.parts)
    assert (tmp_path / "again.osteon").read_bytes() == locate(name).read_bytes()


def test_a_bundle_without_detector_is_schema_1_and_says_nothing_of_one(bundle_file: Path) -> None:
    with zipfile.ZipFile(bundle_file) as archive:
        head = archive.read(MANIFEST)
    assert b'"schema_version": 1,' in head
    assert b"detector" not in head
    assert b"fusion" not in head


@pytest.mark.parametrize("kind", ["both", "alone"])
def test_what_was_written_is_what_opens(blobs: ModuleType, tmp_path: Path, kind: str) -> None:
    manifest: Manifest = getattr(blobs, kind)()
    opened = open_bundle(blobs.make(tmp_path / "b.osteon", manifest))
    assert opened.manifest.model_copy(update={"files": {}}) == manifest
    assert opened.detector == blobs.detector_graph()
    if kind == "both":
        assert opened.graph == blobs.graph()
    else:
        assert "model.onnx" not in opened.parts
        with pytest.raises(BundleError, match="has no classifier"):
            _ = opened.graph
    assert (opened.manifest.activation, opened.manifest.maps) == ("sigmoid", "maps" if kind == "both" else None)


def test_a_bundle_without_detector_has_none(bundle_file: Path) -> None:
    with pytest.raises(BundleError, match="has no detector"):
        _ = open_bundle(bundle_file).detector


def test_a_detector_that_is_missing_makes_a_bundle_incomplete(blobs: ModuleType, tmp_path: Path) -> None:
    manifest = blobs.both()
    parts = blobs.parts(manifest)
    del parts["detector.onnx"]
    with pytest.raises(BundleError, match=r"detector\.onnx is missing"):
        write_bundle(tmp_path / "b.osteon", manifest, parts)


@pytest.mark.parametrize(
    ("kind", "changes", "reason"),
    [
        ("both", {"schema_version": 1}, "has schema 2"),
        ("both", {"task": "classification"}, "the task is classification, but"),
        ("both", {"task": "detection"}, "the task is detection, but"),
        ("both", {"graph": None}, "but the networks are for detection"),
        ("both", {"detector": None, "task": "classification"}, "fusion needs"),
        ("alone", {"views": ["frontal", "lateral"]}, "one image at a time"),
        ("alone", {"task": "classification and detection"}, "the networks are for detection"),
    ],
)
def test_parts_that_contradict_each_other_are_refused(
    blobs: ModuleType, kind: str, changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason):
        Manifest.model_validate(getattr(blobs, kind)().model_dump() | changes)


def test_further_contradictions(blobs: ModuleType) -> None:
    alone, detector = blobs.alone().model_dump(), blobs.detector().model_dump()
    fracture, metal = blobs.detector().labels
    for changes, reason in (
        ({"fusion": blobs.fusion().model_dump()}, "fusion needs"),
        ({"preprocessing": replace(blobs.detector().preprocessing, height=128)}, "one preprocessing"),
        ({"labels": (metal, fracture)}, "labels of a detector alone"),
        ({"labels": (metal,)}, "labels of a detector alone"),
        ({"detector": detector | {"labels": (fracture, fracture)}}, "same name"),
        ({"detector": detector | {"labels": ()}}, "labels"),
    ):
        with pytest.raises(ValidationError, match=reason):
            Manifest.model_validate(alone | changes)
    both = blobs.both().model_dump()
    points = detector["points"] | {"doubt": detector["points"]["definite"], "definite": detector["points"]["doubt"]}
    with pytest.raises(ValidationError, match="doubt threshold of boxes"):
        Manifest.model_validate(both | {"detector": detector | {"points": points}})
    with pytest.raises(ValidationError, match="in the same file"):
        Manifest.model_validate(both | {"detector": detector | {"file": "model.onnx"}})


def test_the_labels_of_a_detector_alone_may_be_its_own(blobs: ModuleType) -> None:
    assert len(blobs.alone(labels=blobs.detector().labels).labels) == 2


def test_the_card_says_what_the_detector_is(blobs: ModuleType) -> None:
    card = render_card(blobs.both(blobs.fusion(weight=0.4)), {"Limits": "None."})
    for text in (
        "## Detector",
        "Bright squares, by hand. It finds: fracture, metal (does not make an image positive).",
        "96 x 96 pixels, proportions kept",
        "| doubt | 0.3000 | by hand | 0.900 | 0.500 |",
        "| definite | 0.7000 | by hand | 0.600 | 0.100 |",
        "at or above 0.1000 (by hand), all boxes are kept; elsewhere only those with a confidence above 0.5",
        "0.60 of the classifier's and 0.40 of the confidence of its best box",
    ):
        assert text in card
    assert list(own_sections(card)) == ["Limits"]
    assert "boxes do not change it" in render_card(blobs.both())
    alone = render_card(blobs.alone())
    assert "log odds of the best box's confidence" in alone
    assert "It gives no heat map." in alone
    assert "Decision fusion" not in alone


def test_findings_of_other_kinds_count_as_a_label_of_the_detector(blobs: ModuleType) -> None:
    manifest = blobs.alone()
    name = manifest.detector.labels[0].name
    told = manifest.model_copy(update={"detector": manifest.detector.model_copy(update={"rest": name})})
    again = Manifest.model_validate_json(told.model_dump_json())
    assert again.detector is not None
    assert again.detector.rest == name
    strange = told.model_copy(update={"detector": manifest.detector.model_copy(update={"rest": "nothing"})})
    with pytest.raises(ValidationError, match="a label that the detector lacks"):
        Manifest.model_validate_json(strange.model_dump_json())
