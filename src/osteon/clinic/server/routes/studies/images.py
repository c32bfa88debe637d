"""Images of a study: pixels, thumbnails, heat maps, the original file."""

from __future__ import annotations

import gzip
from enum import IntEnum
from typing import Annotated, Any, Final

import numpy as np
from fastapi import Depends, Header, Query, Request, Response
from numpy.typing import NDArray
from starlette.responses import FileResponse

from osteon.clinic.reading.radiographs import whole
from osteon.clinic.role import Role
from osteon.clinic.server.access.access import Person, needs
from osteon.clinic.server.context import Context, context
from osteon.clinic.server.problems import missing
from osteon.clinic.server.routes.router import api_router
from osteon.clinic.server.schemas.problem import refusals
from osteon.clinic.settings import is_loopback
from osteon.clinic.store.studies import studies as store
from osteon.clinic.store.studies.queue import UNKNOWN
from osteon.clinic.store.studies.readings import heat_of, heat_values, restore_heat
from osteon.clinic.store.tables.studies import Image, Original
from osteon.imaging.limits import Limits
from osteon.outputs.drawing.colour import colours
from osteon.outputs.drawing.overlay import spread

router: Final = api_router(prefix="/api/v1/studies/{study}", tags=["images"], responses=refusals(404))

Viewer = Annotated[Person, Depends(needs(Role.VIEWER))]
Tag = Annotated[str, Header(alias="If-None-Match")]

CACHE: Final = "private, no-cache"
"""A browser may keep a picture, and asks each time whether it may still be shown."""

PACKED: Final = 1 << 16
"""Bytes from which pixels are compressed on their way to another machine."""

MEDIA: Final = {"DICOM": "application/dicom", "JPEG": "image/jpeg", "PNG": "image/png", "TIFF": "image/tiff"}


class Depth(IntEnum):
    """Bits of a grey picture."""

    EIGHT = 8
    SIXTEEN = 16


@router.get(
    "/images/{image}/pixels",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}, 304: {}},
)
def get_pixels(
    request: Request,
    study: str,
    image: int,
    person: Viewer,
    known: Tag = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Brightness, row by row: uint8 where the file has at most 8 bits, else little-endian uint16; black is 0.

    `X-Osteon-Bits` says which; rows and columns are those of the image. Where the image has a `window`, the pixels hold all
    that the file holds, and the window is what it wants to be shown of that.
    """
    del person
    return pixels_of(request, study, image, known, accept_encoding)


def pixels_of(request: Request, study: str, image: int, known: str, accept_encoding: str, mark: str = "") -> Response:
    """The answer with the pixels of an image.

    Args:
        request: that asks.
        study: identifier.
        image: position.
        known: `If-None-Match` of the request.
        accept_encoding: of the request.
        mark: tells the answer from others instead of what names the file.
    """
    here = context(request)
    with here.database.session() as session:
        row = session.get(Image, (study, image))
        file = None if row is None else session.get(Original, (study, row.original))
    if row is None or file is None:
        raise missing("image")
    bits = 8 if row.bits <= 8 else 16
    key = f'"{file.digest[:32]}-{row.frame}-{bits}"'
    tag = f'"{mark}-{bits}"' if mark else key
    headers = {"ETag": tag, "Cache-Control": CACHE, "X-Osteon-Bits": str(bits), "Vary": "Accept-Encoding"}
    if same(known, tag):
        return Response(status_code=304, headers=headers)
    data = _pixels(here, file, row, bits, key)
    far = request.client is not None and not is_loopback(request.client.host)
    if far and len(data) >= PACKED and "gzip" in accept_encoding:
        headers["Content-Encoding"] = "gzip"
        data = gzip.compress(data, 1)
    return Response(data, headers=headers, media_type="application/octet-stream")


def _pixels(here: Context, file: Original, row: Image, bits: int, key: str) -> bytes:
    """The samples of an image, decoded when its turn comes, unless somebody has had them decoded by then."""
    found = here.image_cache.get(key)
    if found is not None:
        return found
    with here.budget.hold(UNKNOWN if file.pixels is None else file.pixels):
        found = here.image_cache.get(key)
        if found is None:
            brightness = whole(here.files, file, row, limits(here))
            full = np.float32(2**bits - 1)
            brightness = (
                np.multiply(brightness, full, out=brightness) if brightness.flags.writeable else brightness * full
            )
            found = np.rint(brightness, out=brightness).astype(np.uint8 if bits == 8 else "<u2").tobytes()
            here.image_cache.put(key, found)
    return found


@router.get(
    "/images/{image}/thumbnail", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}, 304: {}}
)
def get_thumbnail(request: Request, study: str, image: int, person: Viewer, known: Tag = "") -> Response:
    """A small JPEG."""
    del person
    return thumbnail_of(request, study, image, known, f"{study}-{image}")


def thumbnail_of(request: Request, study: str, image: int, known: str, mark: str) -> Response:
    """The answer with the thumbnail of an image; ``mark`` tells it from others."""
    tag = f'"{mark}-small"'
    headers = {"ETag": tag, "Cache-Control": CACHE}
    with context(request).database.session() as session:
        found = store.thumbnail(session, study, image)
    if found is None:
        raise missing("image")
    if same(known, tag):
        return Response(status_code=304, headers=headers)
    return Response(found, headers=headers, media_type="image/jpeg")


@router.get("/images/{image}/heat", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def get_heat_map(
    request: Request, study: str, image: int, person: Viewer, bits: Annotated[Depth, Query()] = Depth.EIGHT
) -> Response:
    """The heat map as a grey PNG of its own, coarse size; `X-Osteon-Extent` is what it covers, in pixels of the image.

    Black is 0 and white is 1. It is shown from 0.4: an image below *doubt* stays below that.
    """
    del person
    found = heat_of(_content(request, study), image)
    if found is None:
        raise missing("heat map")
    values = heat_values(found)
    grey = values if bits is Depth.SIXTEEN else np.rint(values / 257.0).astype(np.uint8)
    extent = ",".join(f"{side:.3f}" for side in found["extent"])
    headers = {"Cache-Control": CACHE, "X-Osteon-Extent": extent, "X-Osteon-Label": found["label"]}
    return Response(_png(grey), headers=headers, media_type="image/png")


@router.get("/images/{image}/heat.png", response_class=Response, responses={200: {"content": {"image/png": {}}}})
def get_coloured_heat_map(
    request: Request,
    study: str,
    image: int,
    person: Viewer,
    size: Annotated[int, Query(ge=16, le=4096, description="The longer side, pixels.")] = 1024,
) -> Response:
    """The heat map in colours, transparent where nothing is shown, to be laid over the whole image."""
    del person
    content = _content(request, study)
    found = restore_heat(content, image)
    with context(request).database.session() as session:
        row = session.get(Image, (study, image))
    if found is None or row is None:
        raise missing("heat map")
    scale = size / max(row.rows, row.columns)
    shape = max(1, round(row.columns * scale)), max(1, round(row.rows * scale))
    layer = colours(spread(found, (row.rows, row.columns), shape))
    return Response(
        _png(
            np.ascontiguousarray(layer[..., [2, 1, 0, 3]])  # OpenCV writes blue first
        ),
        headers={"Cache-Control": CACHE},
        media_type="image/png",
    )


@router.get(
    "/files/{position}",
    response_class=FileResponse,
    responses={200: {"content": {item: {} for item in MEDIA.values()}}},
)
def get_original_file(
    request: Request, study: str, position: int, person: Annotated[Person, Depends(needs(Role.READER))]
) -> Response:
    """An original file, with all patient data that it holds."""
    del person
    here = context(request)
    with here.database.session() as session:
        file = session.get(Original, (study, position))
    if file is None:
        raise missing("file")
    suffix = {"DICOM": ".dcm", "JPEG": ".jpg", "PNG": ".png", "TIFF": ".tif"}[file.format]
    return FileResponse(
        here.files.path(file.digest),
        media_type=MEDIA[file.format],
        filename=f"{study}-{position + 1}{suffix}",
        headers={"Cache-Control": "no-store"},
    )


def _content(request: Request, study: str) -> dict[str, Any]:
    with context(request).database.session() as session:
        content = store.content(session, study)
    if content is None:
        raise missing("reading")
    return content


def limits(here: Context) -> Limits:
    """How much a file may ask for when it is decoded again."""
    return Limits(max_pixels=here.settings.pixels)


def same(known: str, tag: str) -> bool:
    """Whether the client has it already."""
    return tag in {item.strip().removeprefix("W/") for item in known.split(",")}


def _png(image: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    import cv2

    _, encoded = cv2.imencode(".png", image)
    return encoded.tobytes()
