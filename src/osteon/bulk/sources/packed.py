"""Members of containers and files behind a URL, in pieces that are copied to this machine before they are read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

from osteon.bulk.sources.containers import is_container, members_or_itself
from osteon.bulk.sources.item import Item, Place, file_system
from osteon.bulk.unit import Unit
from osteon.core.errors import DataError

BYTES: Final = 1 << 30
"""Of a unit, after which it ends where the folder changes."""

LONGEST: Final = 4
"""Times its size that a unit may have within one folder."""


def packed_units(items: Iterable[Item], size: int) -> Iterator[Unit]:
    """Files in the order in which they come, as units that end where the folder changes.

    A folder of more than ``LONGEST * size`` files, or as many times ``BYTES``, is divided: files of one study must then stand one
    after the other, and one that is divided all the same is told of at the end.

    Args:
        items: of a container, or behind a URL.
        size: files of a unit.
    """
    batch: list[Item] = []
    held = 0
    for item in items:
        full = len(batch) >= size or held >= BYTES
        brimming = len(batch) >= LONGEST * size or held >= LONGEST * BYTES
        if batch and (brimming or (full and batch[-1].folder != item.folder)):
            yield Unit(tuple(batch))
            batch, held = [], 0
        batch.append(item)
        held += item.size
    if batch:
        yield Unit(tuple(batch))


def url_units(url: str, size: int) -> Iterator[Unit]:
    """What lies at a URL: a file, a container, or everything below it.

    Raises:
        DataError: it cannot be reached.
    """
    system, path = file_system(url)
    try:
        if not system.isdir(path):
            found: list[Item] = [_url_item(system, system.info(path))]
        else:
            details = cast("dict[str, dict[str, Any]]", system.find(path, detail=True))
            found = [_url_item(system, details[name]) for name in sorted(details) if not _hidden(name[len(path) :])]
    except (OSError, ValueError) as error:
        raise DataError(f"{url} cannot be listed", got=str(error) or type(error).__name__) from error
    yield from packed_units((item for item in found if not is_container(item.location)), size)
    for item in found:
        if is_container(item.location):
            yield from packed_units(members_or_itself(item.location), size)


def _url_item(system: Any, info: dict[str, Any]) -> Item:
    location = str(system.unstrip_protocol(info["name"]))
    state = next((str(info[key]) for key in ("ETag", "etag", "mtime", "LastModified", "created") if info.get(key)), "")
    return Item(location, Place.URL, location, size=int(info.get("size") or 0), state=state)


def _hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
