"""A project of spine radiographs with its files, as records."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.clinic.annotation import contents

from osteon.clinic.annotation.records.consensus import ConsensusRule
from osteon.clinic.annotation.records.project_content import ProjectContent
from osteon.clinic.annotation.snapshots.take import take
from osteon.core.instance import InstanceRef

BOX = (10.25, 20.5, 60.75, 90.0)
OTHER = (5.0, 100.0, 40.0, 150.0)
STUDIES = 15


@pytest.fixture(scope="session")
def spine(dicom: Callable[..., bytes], tmp_path_factory: pytest.TempPathFactory) -> tuple[ProjectContent, Path]:
    """A project of fifteen studies of two views with their files: DICOM, and every fifth study PNG."""
    folder = tmp_path_factory.mktemp("store")
    items, reads = [], []
    for number in range(1, STUDIES + 1):
        item = contents.item(number)
        images = []
        for image in item.images:
            words = np.random.default_rng(100 * number + image.position).integers(0, 4000, (200, 100), np.uint16)
            if number % 5 == 0:
                stream = io.BytesIO()
                Image.fromarray(words).save(stream, "PNG")
                data, form, uid = stream.getvalue(), "PNG", ""
            else:
                form, uid = "DICOM", image.instance.sop_instance_uid
                data = dicom(words, SOPInstanceUID=uid, StudyInstanceUID=item.uid, SeriesInstanceUID=image.series)
            digest = hashlib.sha256(data).hexdigest()
            (folder / digest).write_bytes(data)
            images.append(replace(image, digest=digest, format=form, instance=InstanceRef(uid, 1)))
        items.append(replace(item, images=tuple(images)))
        for reader in (1, 2):
            marks: list[Any] = [("osteophytes", 0, BOX)] if number % 2 else []
            marks += [("fracture", 1, OTHER)] if number % 3 == 0 else []
            normal = {("no_finding", place): 1 for place in (0, 1) if place not in {image for _, image, _ in marks}}
            reads.append(contents.read(len(reads) + 1, reader, number, normal, marks))
    return contents.content(items, reads), folder


def written(spine: tuple[ProjectContent, Path], out: Path, to: str = "listed", pictures: str = "png") -> Any:
    """Write a snapshot of the project, its studies decided by majority; the table that was written."""
    from osteon.data.snapshots.write import write_snapshot

    content, folder = spine
    snapshot = take(content, contents.START, ConsensusRule.MAJORITY)
    return write_snapshot(snapshot, lambda digest: folder / digest, out, to=to, pictures=pictures)
