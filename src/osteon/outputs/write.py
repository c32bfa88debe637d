"""Writing an output: a format is given what it declares to need, and identifiers only where they are allowed."""

from __future__ import annotations

from pathlib import Path

from osteon.core.errors import OsteonError
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult


class OutputError(OsteonError):
    """A format that cannot be written, because it needs what its destination may not have."""


def write_output(form: Format, result: StudyResult, destination: Path, *, identity: bool = False) -> None:
    """Write the result of a study in one format.

    Args:
        form: the format.
        result: of the study.
        destination: the file to write; a shared format appends to it.
        identity: whether whoever gets the file may know the patient.

    Raises:
        OSError: the file cannot be written.
        OutputError: the format needs identifiers or all images, and may not have them.
    """
    form.write(narrowed(form, result, identity=identity), destination)


def narrowed(form: Format, result: StudyResult, *, identity: bool = False) -> StudyResult:
    """The part of a result that a format is given.

    Raises:
        OutputError: the format needs identifiers or all images, and may not have them.
    """
    if Need.IDENTITY in form.needs:
        if not identity:
            raise OutputError(
                f"the format {form.name} names the patient",
                expected="a destination that may know the patient",
                hint="Allow identifiers for this destination, or choose another format.",
            )
    else:
        result = result.without_identity()
    if Need.ALL_IMAGES in form.needs and not result.whole:
        raise OutputError(f"the format {form.name} describes a whole study", got="a part of its images")
    return result if Need.PIXELS in form.needs else result.without_pixels()
