"""Every output format, over a fracture, a study of two views, findings, and an abstention."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.labels import BodyPart, Call
from osteon.core.records import Finding, HeatMap, Identifiers, Radiograph, Reading
from osteon.outputs import FORMATS
from osteon.outputs.format import Format, Need
from osteon.outputs.formats.csv import COLUMNS
from osteon.outputs.formats.json import lines, records
from osteon.outputs.result import StudyResult
from osteon.outputs.write import write_output

CHEST = Refusal(RefusalCode.BODY_PART, {"part": "chest", "allowed": ("hand", "leg")})

KEYS = ["source", "study", "bundle", "call", "reason", "probability", "findings", "overlay", "milliseconds"]


@pytest.fixture
def study(blobs: ModuleType) -> Reading:
    """Two views in two files; the second has a finding."""
    names = Identifiers(study="1.2.3", patient="S3CR3T", accession="ACC-77")
    views = tuple(
        Radiograph(blobs.film(blob), source=f"/films/{name}", identifiers=names) for blob, name in ((0, "a"), (1, "b"))
    )
    heat = np.zeros((8, 8), np.float32)
    heat[4, 4] = 1.0
    return Reading(
        source="/films",
        study="1.2.3",
        bundle="blobs@1.0.0",
        call=Call.FRACTURE,
        probability=0.912345678,
        probabilities={"fracture": 0.912345678},
        image_probabilities=(0.01, 0.912345678),
        doubt=0.3,
        definite=0.8,
        findings=(Finding("fracture", Box(70.123, 90.0, 130.0, 150.5), 0.61, image=1, definite=True),),
        finding_labels=("fracture", "metal"),
        heat_maps=(
            HeatMap(heat * 0, Box(-32, 0, 224, 256), "fracture", 0),
            HeatMap(heat, Box(-32, 0, 224, 256), "fracture", 1),
        ),
        radiographs=views,
        milliseconds={"load": 1.0, "prepare": 0.5, "infer": 2.3456, "render": 0.1, "total": 3.9456},
        notes=(Note(NoteCode.VIEW_FROM_NAME, images=(1,)), Note(NoteCode.COLOUR_REDUCED)),
    )


@pytest.fixture
def abstention(blobs: ModuleType) -> Reading:
    film = Radiograph(blobs.film(0), source="chest.dcm", body_part=BodyPart.CHEST)
    return Reading(
        source="chest.dcm",
        study="9",
        bundle="blobs@1.0.0",
        call=Call.ABSTAIN,
        refusals=(CHEST,),
        image_refusals=((CHEST,),),
        image_probabilities=(float("nan"),),
        radiographs=(film,),
        milliseconds={"total": 1.0},
    )


def test_names_and_suffixes_are_told_apart() -> None:
    assert len({one.name for one in FORMATS}) == len({one.suffix for one in FORMATS}) == len(FORMATS)


NAMELESS = [one for one in FORMATS if Need.IDENTITY not in one.needs]


@pytest.mark.parametrize("one", NAMELESS, ids=lambda one: one.name)
def test_every_format_writes_every_reading_and_nothing_of_the_patient(
    one: Format, study: Reading, abstention: Reading, tmp_path: Path
) -> None:
    assert one.suffix.startswith(".")
    assert "/" in one.media_type
    for index, reading in enumerate((study, abstention)):
        destination = tmp_path / f"{0 if one.shared else index}{one.suffix}"
        write_output(one, StudyResult.of(reading), destination)
        content = b"".join(file.read_bytes() for file in sorted(tmp_path.rglob("*")) if file.is_file())
        assert len(content) > 20
        assert b"S3CR3T" not in content
        assert b"ACC-77" not in content
    with pytest.raises(OSError, match="No such file"):
        write_output(one, StudyResult.of(study), tmp_path / "no" / f"x{one.suffix}")


def test_json_has_the_promised_keys_first(study: Reading, abstention: Reading) -> None:
    text = lines(study) + lines(abstention)
    parsed = [json.loads(line, object_pairs_hook=list) for line in text.splitlines()]
    assert len(parsed) == 3
    for pairs in parsed:
        assert [key for key, _ in pairs][: len(KEYS)] == KEYS


def test_json_gives_a_line_for_each_file_of_a_study(study: Reading) -> None:
    first, second = records(study)
    assert (first["source"], second["source"]) == ("/films/a", "/films/b")
    assert first["call"] == second["call"] == "fracture"
    assert first["probability"] == second["probability"] == 0.9123457
    assert (first["image_probability"], second["image_probability"]) == (0.01, 0.9123457)
    assert first["findings"] == []
    assert second["findings"] == [
        {"label": "fracture", "box": [70.12, 90.0, 130.0, 150.5], "score": 0.61, "definite": True}
    ]
    assert first["milliseconds"]["infer"] == 2.35


def test_json_of_an_abstention_has_a_reason_and_no_probability(abstention: Reading) -> None:
    (record,) = records(abstention)
    assert (record["call"], record["probability"], record["image_probability"]) == ("abstain", None, None)
    assert record["reason"] == abstention.reason
    refused = {"code": "body_part", "values": {"part": "chest", "allowed": ["hand", "leg"]}}
    assert record["refusals"] == [refused]
    assert record["image_refusals"] == [{"image": 0, **refused}]


def test_frames_of_one_file_make_one_line(study: Reading) -> None:
    frames = tuple(replace(view, source="/films/loop.dcm") for view in study.radiographs)
    (record,) = records(replace(study, radiographs=frames))
    assert record["image_probability"] == 0.9123457
    assert len(record["findings"]) == 1


def test_json_survives_any_file_name(study: Reading) -> None:
    film = replace(study.radiographs[0], source="bad\udcff\n\u2028é.png")
    text = lines(replace(study, radiographs=(film,), findings=(), heat_maps=(), image_probabilities=(0.5,)))
    assert text.count("\n") == 1
    assert text.isascii()
    assert json.loads(text)["source"] == film.source


def test_csv_has_one_head_and_a_row_for_each_file(study: Reading, abstention: Reading, tmp_path: Path) -> None:
    one = next(one for one in FORMATS if one.name == "csv")
    for reading in (study, abstention):
        write_output(one, StudyResult.of(reading), tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(newline="", encoding="utf-8") as stream:
        head, *rows = list(csv.reader(stream))
    assert tuple(head) == COLUMNS
    assert [row[0] for row in rows] == ["/films/a", "/films/b", "chest.dcm"]
    table = [dict(zip(head, row, strict=True)) for row in rows]
    assert [row["findings"] for row in table] == ["0", "1", "0"]
    assert [row["boxes"] for row in table] == ["", "fracture 0.61 definite 70.12 90 130 150.5", ""]
    assert table[2]["probability"] == ""


def test_png_can_be_opened_and_carries_no_text(study: Reading, tmp_path: Path) -> None:
    one = next(one for one in FORMATS if one.name == "overlay")
    write_output(one, StudyResult.of(study), tmp_path / "o.png")
    with Image.open(tmp_path / "o.png") as picture:
        picture.load()
        assert picture.format == "PNG"
        assert picture.info == {}
