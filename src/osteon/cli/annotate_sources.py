"""Where studies of a project come from besides the reading room: a dataset, and archives asked by query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from osteon.core.errors import DataError, InputError, OsteonError

if TYPE_CHECKING:
    from osteon.clinic.annotation.filling import Gathered
    from osteon.clinic.dicom.retrieve.query import Query
    from osteon.clinic.dicom.settings import Dicom
    from osteon.clinic.dicom.sources import Archive
    from osteon.deidentify import Options, Secret

TABLES: Final = ("cases.parquet", "cases.csv")
"""A folder with one of these is a table of ``osteon data``."""


class Cleaning(NamedTuple):
    """How files are de-identified on their way."""

    options: Options
    secret: Secret


def of_dataset(data: Path, dataset: str, cleaning: Cleaning | None) -> Iterator[Gathered | OsteonError]:
    """The studies of a dataset, in the order of its table.

    Args:
        data: its folder, or the table in it.
        dataset: its format; empty: ``listed`` where there is a table, else ``dicom``.
        cleaning: how files are de-identified; None leaves them as they are.

    Raises:
        DataError: it is no such dataset.
    """
    from osteon.clinic.annotation.filling import Gathered
    from osteon.data.datasets import read
    from osteon.data.files.names import as_path

    root, kind = _place(data, dataset)
    table = read(kind, root)
    for remark in table.skipped:
        yield DataError(f"the dataset leaves it out: {remark.kind}")
    studies: dict[str, list[dict[str, Any]]] = {}
    for row in table.frame.select("image", "study", "patient", "view").iter_rows(named=True):
        studies.setdefault(row["study"], []).append(row)
    for rows in studies.values():
        try:
            files = [(_named(row), as_path(root, row["image"]).read_bytes()) for row in rows]
        except OSError as error:
            yield DataError("a file of the dataset cannot be read", got=error.strerror or type(error).__name__)
            continue
        patient = f"{table.dataset} {rows[0]['patient']}" if rows[0]["patient"] else ""
        yield _cleaned(Gathered(files, patient[:64]), cleaning)


def of_archive(
    settings: Dicom, source: Archive, query: Query, limit: int, folder: Path, cleaning: Cleaning | None
) -> Iterator[Gathered | OsteonError]:
    """The studies of an archive that match, fetched one after the other.

    Args:
        settings: of the DICOM node.
        source: the archive.
        query: which studies.
        limit: how many may match.
        folder: an empty one, in which each study lies until it is sent.
        cleaning: how files are de-identified; None leaves them as they are.

    Raises:
        PeerError: the archive does not answer.
        OsteonError: more match, or none does.
    """
    from contextlib import ExitStack

    from osteon.clinic.annotation.filling import Gathered
    from osteon.clinic.dicom.retrieve.opening import open_archive
    from osteon.clinic.dicom.retrieve.pull import find, missing, pull
    from osteon.clinic.dicom.retrieve.sink import FolderSink

    archive = open_archive(settings, source)
    studies = find(archive, query, limit)
    absent = missing(query, studies)
    if not studies and not absent:
        raise OsteonError("the archive has no study that matches")
    sink = FolderSink(folder, settings.instance_bytes)
    with ExitStack() as stack:
        stack.callback(sink.close)
        if source.peer and source.way == "move":
            from osteon.clinic.dicom.retrieve.landing import landing

            stack.enter_context(landing(settings, sink))
        for outcome in absent:
            yield outcome.error or OsteonError("the archive has no such study")
        for outcome in pull(archive, sink, studies):
            if outcome.error is not None:
                yield outcome.error
            paths = sorted(folder.glob("*.dcm"))
            files = [(path.name, path.read_bytes()) for path in paths]
            for path in paths:
                path.unlink()
            if files:
                yield _cleaned(Gathered(files), cleaning)


def _place(data: Path, dataset: str) -> tuple[Path, str]:
    """Folder and format of a dataset."""
    if data.is_file():
        if data.name not in TABLES:
            raise DataError("this is no table of a dataset", expected=" or ".join(TABLES), got=data.name)
        return data.parent, dataset or "listed"
    listed = any((data / name).is_file() for name in TABLES)
    return data, dataset or ("listed" if listed else "dicom")


def _named(row: dict[str, Any]) -> str:
    """The name of a file, which says its view where the table knows it: an image without a header does not."""
    from osteon.inference.views import view_of_name

    path = Path(row["image"])
    if row["view"] is None or str(view_of_name(path)) == row["view"]:
        return path.name
    return f"image-{row['view']}{path.suffix}"


def _cleaned(study: Gathered, cleaning: Cleaning | None) -> Gathered | OsteonError:
    """The study without what says who the patient is; an error where a file of it cannot be de-identified."""
    if cleaning is None:
        return study
    from osteon.clinic.annotation.filling import Gathered
    from osteon.deidentify import deidentify
    from osteon.deidentify.flag import FlagCode

    looked = {FlagCode.TEXT_LEFT, FlagCode.TEXT_NOT_FOUND, FlagCode.TEXT_BLANKED}
    files: list[tuple[str, bytes]] = []
    text_found = False
    for number, (name, data) in enumerate(study.files):
        try:
            cleaned = deidentify(data, cleaning.options, cleaning.secret, name=name)
        except InputError as error:
            # Whole or not at all: half a study would be read as one.
            return error
        text_found |= any(flag.code in looked for flag in cleaned.flags)
        view = f"-{cleaned.view}" if cleaned.view is not None else ""
        files.append((f"{number}{view}{Path(cleaned.path).suffix}", cleaned.data))
    patient = cleaning.secret.pseudonym("patient", study.pseudonym) if study.pseudonym else ""
    return Gathered(files, patient, text_found)


def counted(problems: Iterable[tuple[str, int]]) -> Iterator[str]:
    """A line for each cause, the most frequent first."""
    for problem, count in sorted(problems, key=lambda one: (-one[1], one[0])):
        yield f"left out: {count:,} times: {problem}"
