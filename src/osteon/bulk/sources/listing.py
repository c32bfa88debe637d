"""All units of what the user named, in order, listed as they are needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from osteon.bulk.sources.containers import is_container, members, members_or_itself
from osteon.bulk.sources.folders import file_units, folder_units
from osteon.bulk.sources.item import Item
from osteon.bulk.sources.packed import packed_units, url_units
from osteon.bulk.unit import Unit
from osteon.core.errors import DataError
from osteon.core.labels import View


def units(sources: Sequence[str], size: int, views: Sequence[View] = ()) -> Iterator[Unit]:
    """The units of all sources; the same as long as the sources are.

    Args:
        sources: folders, image files, zip and tar files, and URLs that ``fsspec`` knows.
        size: files of a unit, about.
        views: that the bundle sees at once, see ``osteon.inference.studies.discover``.

    Raises:
        DataError: a source is not there, lies within another one, or cannot be listed.
    """
    _apart(sources)
    files = [Path(source) for source in sources if _is_image_file(source)]
    try:
        if files:
            yield file_units(files, views)
        for source in sources:
            if _is_image_file(source):
                continue
            if "://" in source:
                yield from url_units(source, size)
            elif Path(source).is_dir():
                yield from _of_folder(Path(source), size, views)
            else:
                yield from packed_units(members(source), size)
    except OSError as error:
        raise DataError("a source cannot be listed", got=error.strerror or type(error).__name__) from error


def _of_folder(folder: Path, size: int, views: Sequence[View]) -> Iterator[Unit]:
    for found in folder_units(folder, size, views):
        if isinstance(found, Item):
            yield from packed_units(members_or_itself(found.location), size)
        else:
            yield found


def _is_image_file(source: str) -> bool:
    return "://" not in source and not is_container(source) and Path(source).is_file()


def _apart(sources: Sequence[str]) -> None:
    """Check that the sources are there and none lies within another: images would be read twice."""
    local = {source: Path(source).resolve() for source in sources if "://" not in source}
    for source, path in local.items():
        if not path.exists():
            raise DataError(f"{source} does not exist")
    places = list(local.items())
    for index, (source, path) in enumerate(places):
        for other, holder in places[:index] + places[index + 1 :]:
            if path == holder or holder in path.parents:
                raise DataError(f"{source} lies within {other}", hint="Name it once: its images would be read twice.")
    if len(set(sources)) < len(sources):
        raise DataError("a source is named twice", hint="Name it once: its images would be read twice.")
