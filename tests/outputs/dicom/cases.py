"""Studies whose readings are made into DICOM objects: source files that keep to the standard, and readings of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from tests.dicom_files import write_dicom

from osteon.core.codes.note import Note, NoteCode
from osteon.core.codes.refusal import Refusal, RefusalCode
from osteon.core.geometry import Box
from osteon.core.identity import InstanceIdentity
from osteon.core.labels import BodyPart, Call, Code
from osteon.core.records import Finding, HeatMap, Radiograph, Reading
from osteon.imaging.load import load
from osteon.inference.results import read_header
from osteon.outputs.result import BundleInfo, SourceInstance, StudyDetails, StudyResult

CR = "1.2.840.10008.5.1.4.1.1.1"
RF = "1.2.840.10008.5.1.4.1.1.12.2"
STUDY = "1.2.826.0.1.3680043.8.498.4711"
READ = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
BUNDLE = BundleInfo(
    "blobs@1.0.0",
    "ab" * 32,
    "Shows bright blobs.",
    ("Diagnosis.",),
    {"fracture": Code("125605004", "Fracture of bone"), "metal": Code("260787004", "Physical object")},
)

BLANK = Refusal(RefusalCode.BLANK)
CHEST = Refusal(RefusalCode.BODY_PART, {"part": "chest", "allowed": ("hand", "leg")})


def picture(seed: int = 0, rows: int = 256, columns: int = 192) -> NDArray[np.uint16]:
    """12 bit samples with something like a bone."""
    y, x = np.mgrid[0:rows, 0:columns]
    bone = 2500 * np.exp(-(((x - columns / 2) / (columns / 6)) ** 2)) + 600 * np.sin(y / 9 + seed) + 700
    return np.clip(bone + np.random.default_rng(seed).normal(0, 30, bone.shape), 0, 4095).astype(np.uint16)


def elements(number: int = 1, **more: Any) -> dict[str, Any]:
    """Elements of a CR image that keeps to its definition."""
    kept = {
        "SOPInstanceUID": f"{STUDY}.3.{number}",
        "SeriesInstanceUID": f"{STUDY}.2.{number}",
        "StudyInstanceUID": STUDY,
        "SeriesNumber": number,
        "InstanceNumber": 1,
        "StudyDate": "20260301",
        "StudyTime": "101112",
        "StudyID": "S1",
        "AccessionNumber": "ACC7",
        "StudyDescription": "Wrist",
        "ReferringPhysicianName": "Doctor^Who",
        "PatientName": "Test^Anna",
        "PatientID": "P1",
        "PatientBirthDate": "19800102",
        "PatientSex": "F",
        "PatientOrientation": ["L", "F"],
        "BodyPartExamined": "WRIST",
        "ViewPosition": "PA" if number == 1 else "LL",
        "Laterality": "L",
        "Manufacturer": "Maker",
        "ImageType": ["ORIGINAL", "PRIMARY"],
        "WindowCenter": "2000",
        "WindowWidth": "3600",
        "ImagerPixelSpacing": ["0.2", "0.2"],
        "AcquisitionDate": "20260301",
        "AcquisitionTime": "101113",
        "BurnedInAnnotation": "NO",
    }
    return {key: value for key, value in {**kept, **more}.items() if value is not None}


def write_source(folder: Path, number: int = 1, words: NDArray[Any] | None = None, **more: Any) -> Path:
    """A source file; an element that is None is left out."""
    file = folder / f"source-{number}.dcm"
    names = elements(number, **more)
    file.write_bytes(write_dicom(picture(number) if words is None else words, **names))
    return file


def multi_frame(folder: Path, frames: int = 3) -> Path:
    """A fluoroscopic loop."""
    words = np.stack([picture(frame) for frame in range(frames)])
    pointer = 0x00181063
    return write_source(
        folder, 1, words, SOPClassUID=RF, Modality="RF", FrameTime="40", FrameIncrementPointer=pointer,
        PixelIntensityRelationship="LIN", KVP="70", XRayTubeCurrent=None, ExposureTime="10", Exposure="2",
        RadiationSetting="GR", LossyImageCompression="00", ImagerPixelSpacing=None, ViewPosition=None,
        ImageType=["ORIGINAL", "PRIMARY", "SINGLE PLANE"],
    )  # fmt: skip


def coded(value: str, scheme: str, meaning: str) -> Items:
    """A code sequence."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return Items([item])


def reading(radiographs: Sequence[Radiograph], call: Call, **more: Any) -> Reading:
    """A reading of radiographs with boxes and heat maps where its call has them."""
    count = len(radiographs)
    if call is Call.ABSTAIN:
        refusals = more.pop("refusals", (CHEST,))
        return Reading(
            "s", STUDY, "blobs@1.0.0", call, refusals=refusals, image_refusals=(refusals,) * count,
            image_probabilities=(float("nan"),) * count, doubt=0.31, definite=0.62,
            radiographs=tuple(radiographs), **more,
        )  # fmt: skip
    probability = {Call.FRACTURE: 0.8734567, Call.DOUBT: 0.412, Call.NO_FRACTURE: 0.0413}[call]
    last = count - 1
    findings = (
        Finding("fracture", Box(20.25, 40.5, 80.125, 121.75), 0.8734567, last, True),
        Finding("metal", Box(90.0, 130.0, 150.0, 190.0), 0.402, last, False),
    )
    heat = np.zeros((8, 6), np.float32)
    heat[2, 1] = 1.0 if call is Call.FRACTURE else 0.1
    return Reading(
        "s", STUDY, "blobs@1.0.0", call, probability=probability, probabilities={"fracture": probability},
        image_probabilities=(0.05,) * last + (probability,), image_refusals=((),) * count, doubt=0.31, definite=0.62,
        findings=() if call is Call.NO_FRACTURE else findings, finding_labels=("fracture", "metal"),
        heat_maps=tuple(HeatMap(heat, Box(0, 0, one.width, one.height), "fracture", n)
                        for n, one in enumerate(radiographs)),
        radiographs=tuple(radiographs), **more,
    )  # fmt: skip


def result(files: Sequence[Path], call: Call = Call.FRACTURE, **more: Any) -> StudyResult:
    """The result of files, as the command line and the reading room make it."""
    radiographs: list[Radiograph] = []
    instances: list[SourceInstance] = []
    for file in files:
        for frame, radiograph in enumerate(load(file), 1):
            names = radiograph.identifiers
            identity = InstanceIdentity(names.sop_class, names.instance.sop_instance_uid, names.series)
            decode = partial(_same, radiograph)
            instances.append(SourceInstance(len(radiographs), frame, identity, decode, partial(read_header, file)))
            radiographs.append(radiograph)
    details = replace(StudyDetails.of(radiographs), read=READ, body_part=BodyPart.WRIST)
    return StudyResult(reading(radiographs, call, **more), tuple(instances), BUNDLE, details)


def _same(radiograph: Radiograph) -> Radiograph:
    return radiograph


@dataclass(frozen=True)
class Case:
    """A study with its reading.

    Attributes:
        files: its sources.
        result: of the study.
    """

    files: tuple[Path, ...]
    result: StudyResult


NAMES = (
    "positive", "doubt", "negative", "abstained", "refused", "two views", "multi-frame", "inverted", "partly read"
)  # fmt: skip


def make_case(name: str, folder: Path) -> Case:
    """The case of a name, with its files in a folder."""
    if name == "multi-frame":
        files = (multi_frame(folder),)
        return Case(files, result(files, notes=(Note(NoteCode.FLUOROSCOPY),)))
    if name in ("two views", "partly read"):
        files = (write_source(folder, 1), write_source(folder, 2))
        found = result(files)
        if name == "partly read":
            unread = replace(
                found.reading,
                image_probabilities=(float("nan"), 0.8734567),
                image_refusals=((BLANK,), ()),
                heat_maps=found.reading.heat_maps[1:],
            )
            found = replace(found, reading=unread)
        return Case(files, found)
    if name == "inverted":
        files = (
            write_source(
                folder, PhotometricInterpretation="MONOCHROME1", ImagerPixelSpacing=None, RescaleSlope="2",
                RescaleIntercept="-100", RescaleType="US", WindowCenter="4000", WindowWidth="8000",
            ),
        )  # fmt: skip
        return Case(files, result(files))
    files = (write_source(folder),)
    calls = {
        "positive": Call.FRACTURE,
        "doubt": Call.DOUBT,
        "negative": Call.NO_FRACTURE,
        "abstained": Call.ABSTAIN,
        "refused": Call.ABSTAIN,
    }
    more = {"refusals": (BLANK,)} if name == "refused" else {}
    return Case(files, result(files, calls[name], **more))
