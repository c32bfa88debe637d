"""What outputs are made of: a reading together with its source files and the bundle that read it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from osteon.bundle.archive import Bundle
from osteon.bundle.manifest import Manifest
from osteon.core.identity import InstanceIdentity, StudyIdentity
from osteon.core.labels import Code
from osteon.core.records import Radiograph, Reading
from osteon.inference.studies import Study
from osteon.outputs.result import BundleInfo, Decode, SourceInstance, StudyDetails, StudyResult

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


def bundle_info(bundle: Bundle) -> BundleInfo:
    """A bundle as outputs name it."""
    manifest = bundle.manifest
    indication = manifest.indication
    return BundleInfo(
        manifest.identity, bundle.digest, indication.intended_use, tuple(indication.not_for), _codes(manifest)
    )


def _codes(manifest: Manifest) -> dict[str, Code]:
    labels = [*manifest.labels, *(manifest.detector.labels if manifest.detector is not None else ())]
    return {one.name: Code(one.code.value, one.code.meaning, one.code.scheme) for one in labels if one.code is not None}


def study_result(reading: Reading, study: Study, bundle: BundleInfo, *, identity: bool = False) -> StudyResult:
    """The result of files that were read just now.

    Args:
        reading: with its radiographs.
        study: the files, those that could not be decoded among them.
        bundle: that read them.
        identity: whether some destination may have identifiers: for others no header is read again, so files that could
            not be decoded have none here.
    """
    frames: Counter[str] = Counter()
    instances: list[SourceInstance] = []
    for index, radiograph in enumerate(reading.radiographs):
        frames[radiograph.source] += 1
        instances.append(
            SourceInstance(
                index, frames[radiograph.source], _identity(radiograph), _decode(radiograph), _header(radiograph)
            )
        )
    instances += [
        SourceInstance(None, identity=_read_identity(study, place)[1] if identity else None)
        for place, file in enumerate(study.files)
        if str(file) not in frames
    ]
    details = StudyDetails.of(reading.radiographs)
    return StudyResult(reading, tuple(instances), bundle, details, identity=lambda: _read_identity(study, 0)[0])


def _identity(radiograph: Radiograph) -> InstanceIdentity | None:
    """None for a picture that is no DICOM object."""
    names = radiograph.identifiers
    if not names.sop_class:
        return None
    return InstanceIdentity(names.sop_class, names.instance.sop_instance_uid, names.series)


def _header(radiograph: Radiograph) -> Callable[[], Dataset] | None:
    return partial(read_header, Path(radiograph.source)) if radiograph.identifiers.sop_class else None


def read_header(file: Path) -> Dataset:
    """The header of a DICOM file, for outputs that repeat it; see ``open_dataset``."""
    from osteon.imaging.dicom.dataset import open_dataset

    return open_dataset(file, pixels=False)


def _decode(radiograph: Radiograph) -> Decode:
    return lambda: radiograph


def _read_identity(study: Study, place: int) -> tuple[StudyIdentity, InstanceIdentity]:
    from osteon.imaging.identity import read_identity

    return read_identity(study.files[place])
