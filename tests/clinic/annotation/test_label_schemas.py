"""Label schemas: those that are shipped, what is refused and why, and what their rules demand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from osteon.cli import application
from osteon.clinic.annotation import codec
from osteon.clinic.annotation.records.read import Answer, Region
from osteon.clinic.annotation.rules import broken
from osteon.clinic.annotation.schema.parse import check_file, parse, parse_text, read_schema
from osteon.clinic.annotation.schema.records import LabelSchema, LabelScope, RegionKind, RuleKind
from osteon.clinic.annotation.schema.shipped import SHIPPED, shipped
from osteon.core.errors import DataError
from osteon.data.datasets.spinexr import LESIONS, NO_FINDING

GOOD: dict[str, Any] = {
    "name": "test",
    "title": "Test",
    "labels": [
        {"id": "normal", "name": "Normal", "scope": "image", "hotkey": "n"},
        {
            "id": "lesion",
            "name": "Lesion",
            "scope": "region",
            "children": [{"id": "cyst", "name": "Cyst", "scope": "region"}],
        },
        {"id": "sure", "name": "Sure", "scope": "study"},
    ],
    "rules": [
        {"kind": "excludes", "label": "normal", "labels": ["lesion"]},
        {"kind": "required", "labels": ["sure"]},
    ],
}


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_schemas_survive_json(name: str) -> None:
    schema = shipped(name)
    assert schema.name == name
    assert codec.restore(LabelSchema, json.loads(json.dumps(codec.dump(schema)))) == schema
    keys = [label.hotkey for label in schema.walk() if label.selectable]
    assert all(keys), "each label can be said by a key"


def test_the_spine_schema_has_the_labels_of_the_dataset() -> None:
    regions = [label.id for label in shipped("vindr_spinexr").walk() if label.scope is LabelScope.REGION]
    assert tuple(regions) == LESIONS
    assert shipped("vindr_spinexr").find(NO_FINDING) is not None


def test_yaml_and_json_say_the_same(tmp_path: Path) -> None:
    import yaml

    (tmp_path / "a.yaml").write_text(yaml.safe_dump(GOOD))
    (tmp_path / "a.json").write_text(json.dumps(GOOD))
    assert read_schema(tmp_path / "a.yaml") == read_schema(tmp_path / "a.json") == parse(GOOD)


def changed(**fields: Any) -> dict[str, Any]:
    return {**GOOD, **fields}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ([], "expected an object"),
        ({}, "name: field required"),
        (changed(colour="red"), "colour: extra inputs"),
        (changed(labels=[*GOOD["labels"], GOOD["labels"][0]]), "each identifier may be there once, *; got normal|once"),
        (
            changed(labels=[{"id": "a", "name": "A", "scope": "image", "kinds": ["box"]}], rules=[]),
            "does not fit its scope",
        ),
        (changed(rules=[{"kind": "one_of", "labels": ["sure", "normal"]}]), "mixes labels"),
        (changed(rules=[{"kind": "one_of", "labels": ["nothing"]}]), "there are not"),
        (changed(rules=[{"kind": "excludes", "labels": ["lesion"]}]), "not complete"),
        (changed(rules=[{"kind": "required", "labels": ["lesion"]}]), "some_of"),
        (changed(labels=[{"id": "A b", "name": "A", "scope": "image"}], rules=[]), "labels.0.id"),
    ],
)
def test_what_is_wrong_is_named(content: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        parse(content)


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"{", b"a: [", b"[" * 5_000, b"x" * (1 << 21), b"&a [*a]", b"!!python/object:x {}"]
)
def test_files_that_are_no_schemas(data: bytes) -> None:
    with pytest.raises(DataError):
        parse_text(data)


def box(label: str, image: int = 0) -> Region:
    return Region(f"{label}{image}", label, image, RegionKind.BOX, ((1.0, 1.0), (9.0, 9.0)))


def test_rules_hold_on_each_image_for_itself() -> None:
    schema = shipped("vindr_spinexr")
    clean, found = Answer("no_finding", 1, 0), box("osteophytes", 1)
    assert broken(schema, [clean], [found], [0, 1]) == ()
    (missing,) = broken(schema, [clean], [], [0, 1])
    assert (missing.kind, missing.image) == (RuleKind.SOME_OF, 1)
    (clash,) = broken(schema, [clean, Answer("no_finding", 1, 1)], [found], [0, 1])
    assert (clash.kind, clash.image, clash.labels) == (RuleKind.EXCLUDES, 1, ("osteophytes",))


def test_a_child_says_its_parent_and_unknown_is_an_answer() -> None:
    schema = parse(GOOD)
    (clash,) = broken(schema, [Answer("normal", 1, 0), Answer("sure", -1)], [box("cyst")], [0])
    assert clash.labels == ("lesion",)
    (missing,) = broken(schema, [], [], [0])
    assert (missing.kind, missing.labels) == (RuleKind.REQUIRED, ("sure",))


def test_exactly_one_of() -> None:
    schema = shipped("mobilenet_elbow")
    assert broken(schema, [Answer("normal", 1, 0), Answer("hairline", 0, 0)], [], [0]) == ()
    (both,) = broken(schema, [Answer("normal", 1, 0), Answer("hairline", 1, 0)], [], [0])
    assert both.labels == ("normal", "hairline")


FAULTY = """name: elbows
title: Elbow fractures
labels:
  - {id: normal, name: Normal, scope: image, hotkey: n}
  - id: fracture
    name: Fracture
    scope: region
    scope: region
    hotkey: n
    children:
      - {id: normal, name: Again, scope: study, kinds: [box]}
rules:
  - {kind: one_of, labels: [nothing]}
  - {kind: some_of, scale: ordinal, labels: [fracture]}
"""


def test_faults_say_their_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(FAULTY)
    assert [(fault.line, fault.field) for fault in check_file(file)] == [
        (8, "labels.1.scope"),
        (9, "labels.1.hotkey"),
        (11, "labels.1.children.0.id"),
        (11, "labels.1.children.0.kinds"),
        (13, "rules.0.labels"),
        (14, "rules.1.scale"),
    ]
    with pytest.raises(DataError, match=r"line 8, labels\.1\.scope: a key is there twice \(5 more"):
        read_schema(file)
    file.write_text(
        '{\n "name": "A b",\n "title": "T",\n "labels": [\n  {"id": "a", "nme": "A", "scope": "image"}\n ]\n}'
    )
    assert [(fault.line, fault.field, fault.error.problem) for fault in check_file(file)] == [
        (2, "name", "this is no identifier"),
        (5, "labels.0.name", "this key is missing"),
        (5, "labels.0.nme", "there is no such key here"),
    ]
    file.write_text('{"name":\t"a",\n\t"title": 1, "labels": []}')
    assert [(fault.line, fault.field) for fault in check_file(file)] == [(2, "title"), (2, "labels")]


def test_the_command_checks_files(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.yaml"
    good.write_text(json.dumps(GOOD))
    bad.write_text(FAULTY)
    done = CliRunner().invoke(application("annotate"), ["annotate", "schema", "check", str(good), str(bad)])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [f"{good}: Test (test), 4 labels, 2 rules: valid"]
    assert f"{bad}: line 9, labels.1.hotkey: each hotkey may be there once; got n" in done.stderr
    assert CliRunner().invoke(application("annotate"), ["annotate", "schema", "check", str(good)]).exit_code == 0
