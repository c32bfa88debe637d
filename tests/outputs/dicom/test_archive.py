"""Objects go into an archive and come out as they went in."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread
from tests.outputs.dicom.cases import Case
from tests.outputs.dicom.conftest import Archive

from osteon.outputs.dicom import KINDS, Options, make, to_bytes
from osteon.outputs.dicom.kinds import CAPTURE, MEASUREMENTS
from osteon.outputs.dicom.options import Compression

pytestmark = pytest.mark.pacs

STORESCU = "/usr/bin/storescu"
"""That of dcmtk; pynetdicom brings another program of the name."""

Give = Callable[[str], Case]


def objects(case: Give, folder: Path) -> dict[str, Path]:
    """Objects of some studies, by SOPInstanceUID; studies here share files, so each gets a version of its own."""
    found: dict[str, Path] = {}
    for place, name in enumerate(("positive", "negative", "refused", "multi-frame"), 1):
        for kind in KINDS:
            for one in make(kind, case(name).result, Options(version=place)):
                found[one.SOPInstanceUID] = folder / f"{one.SOPInstanceUID}.dcm"
                found[one.SOPInstanceUID].write_bytes(to_bytes(one))
    return found


def same(stored: bytes, sent: bytes) -> bool:
    """Whether two files hold the same, to the byte, after the group of the file itself, which an archive writes anew."""
    first, second = dcmread(BytesIO(stored)), dcmread(BytesIO(sent))
    assert first.file_meta.TransferSyntaxUID == second.file_meta.TransferSyntaxUID
    begin = [132 + 12 + one.file_meta.FileMetaInformationGroupLength for one in (first, second)]
    return stored[begin[0] :] == sent[begin[1] :]


@pytest.mark.dcmtk
def test_objects_stored_by_dicom_come_back_as_they_were(
    archive: Archive, case: Give, run: Callable[..., str], tmp_path: Path
) -> None:
    sent = objects(case, tmp_path)
    plain = [file for file in sent.values() if "JPEG" not in dcmread(file).file_meta.TransferSyntaxUID.name]
    jpeg = [file for file in sent.values() if file not in plain]
    assert jpeg
    address = ("-R", "-aet", "OSTEON", "-aec", archive.title, "127.0.0.1", archive.port)
    run(STORESCU, *address, *plain)
    run(STORESCU, "-xy", *address, *jpeg)
    stored = archive.files()
    assert stored.keys() == sent.keys()
    for uid, file in sent.items():
        assert same(stored[uid], file.read_bytes()), dcmread(file).SeriesDescription
        assert to_bytes(dcmread(BytesIO(stored[uid])))


def test_objects_stored_by_the_web_come_back_as_they_were(archive: Archive, case: Give) -> None:
    pytest.importorskip("dicomweb_client")
    from dicomweb_client.api import DICOMwebClient

    web = DICOMwebClient(f"{archive.url}/dicom-web")
    study = case("two views").result
    options = Options(version=77, compression=Compression.JPEG_LS)
    sent = {one.SOPInstanceUID: one for kind in KINDS for one in make(kind, study, options)}
    # The client writes data sets as they are: only one that came from a file has all that a file needs.
    answer = web.store_instances([dcmread(BytesIO(to_bytes(made))) for made in sent.values()])
    assert not answer.get("FailedSOPSequence")
    stored = archive.files()
    for uid, made in sent.items():
        assert same(stored[uid], to_bytes(made)), made.SeriesDescription
        fetched = web.retrieve_instance(
            made.StudyInstanceUID, made.SeriesInstanceUID, uid, media_types=(("application/dicom", "*"),)
        )
        assert fetched == dcmread(BytesIO(to_bytes(made)))


def test_an_object_sent_again_changes_nothing(archive: Archive, case: Give) -> None:
    pytest.importorskip("dicomweb_client")
    from dicomweb_client.api import DICOMwebClient

    web = DICOMwebClient(f"{archive.url}/dicom-web")
    (made,) = make(MEASUREMENTS, case("positive").result, Options(version=78))
    for _ in range(2):
        web.store_instances([dcmread(BytesIO(to_bytes(made)))])
    assert same(archive.files()[made.SOPInstanceUID], to_bytes(made))
    (capture,) = make(CAPTURE, case("positive").result, Options(version=78))
    assert capture.SOPInstanceUID not in archive.files()
