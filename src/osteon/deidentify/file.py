"""De-identification of a file of any supported format, from its bytes."""

from __future__ import annotations

from pathlib import PurePosixPath

from osteon.core.labels import View
from osteon.deidentify.cleaned import Cleaned, Origin
from osteon.deidentify.flag import text_flag
from osteon.deidentify.options import Options
from osteon.deidentify.secret import Secret
from osteon.imaging.limits import DEFAULT_LIMITS, Limits
from osteon.imaging.sniff import HEAD, Kind, sniff

_VIEWS = {
    "front": View.FRONTAL,
    "frontal": View.FRONTAL,
    "ap": View.FRONTAL,
    "side": View.LATERAL,
    "lateral": View.LATERAL,
}


def deidentify(
    data: bytes, options: Options, secret: Secret, *, name: str = "", limits: Limits = DEFAULT_LIMITS
) -> Cleaned:
    """De-identify a DICOM radiograph, or strip a JPEG, PNG or TIFF image to its pixels.

    Args:
        data: the whole file.
        options: of the profile.
        secret: from which UIDs, pseudonyms and date shifts are derived.
        name: path of the file below its folder, with ``/``; the pseudonyms of raster images are derived from it.
        limits: for the file.

    Raises:
        InputError: it cannot be de-identified; the message does not quote the file.
    """
    limits.check_bytes(len(data))
    kind = sniff(data[:HEAD])
    if kind is Kind.DICOM:
        from osteon.deidentify.dicom import deidentify_dicom

        return deidentify_dicom(data, options, secret, limits)
    from osteon.deidentify.pixels.raster import strip

    stripped, text = strip(data, kind, limits, clean=options.clean_pixels)
    path = PurePosixPath(name)
    lines = sum(map(len, text))
    return Cleaned(
        data=stripped,
        kind=kind,
        study=secret.pseudonym("folder", str(path.parent)),
        series="",
        instance=secret.pseudonym("picture", str(path)),
        patient="",
        text=text,
        blanked=options.clean_pixels and lines > 0,
        flags=(text_flag(lines, blanked=options.clean_pixels),) if lines else (),
        view=_VIEWS.get(path.stem.lower()),
        age=None,
        sex=None,
        origin=Origin(study=str(path.parent), instance=str(path)),
    )
