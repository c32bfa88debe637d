"""Writing an output: a format is given what it declares to need, and identifiers only where they are allowed."""

from __future__ import annotations

from pathlib import Path

from osteon.core.errors import OsteonError
from osteon.outputs.format import Format, Need
from osteon.outputs.result import StudyResult


class OutputError(OsteonError):
    """A format that cannot be written, because it needs what it may not have.

    Args:
        need: what it needs.
        problem: see ``OsteonError``, also for what follows.
        expected: what would have been right.
        got: what came instead.
        hint: what the user can do about it.
    """

    def __init__(self, need: Need, problem: str, *, expected: str = "", got: str = "", hint: str = "") -> None:
        self.need = need
        super().__init__(problem, expected=expected, got=got, hint=hint)


def write_output(form: Format, result: StudyResult, destination: Path, *, identity: bool = False) -> None:
    """Write the result of a study in one format.

    Args:
        form: the format.
        result: of the study.
        destination: the file to write; a shared format appends to it.
        identity: whether whoever gets the file may know the patient.

    Raises:
        OSError: the file cannot be written.
        OutputError: the format needs identifiers, DICOM objects or all images, and may not have them.
    """
    form.write(narrowed(form, result, identity=identity), destination)


def narrowed(form: Format, result: StudyResult, *, identity: bool = False) -> StudyResult:
    """The part of a result that a format is given.

    Raises:
        OutputError: the format needs identifiers, DICOM objects or all images, and may not have them.
    """
    if Need.IDENTITY in form.needs:
        if not identity:
            raise OutputError(
                Need.IDENTITY,
                f"the format {form.name} names the patient",
                expected="a destination that may know the patient",
                hint="Allow identifiers for this destination, or choose another format.",
            )
    else:
        result = result.without_identity()
    if Need.ALL_IMAGES in form.needs and not result.whole:
        raise OutputError(
            Need.ALL_IMAGES, f"the format {form.name} describes a whole study", got="a part of its images"
        )
    if Need.DICOM in form.needs and any(one.header is None for one in result.instances if one.index is not None):
        raise OutputError(
            Need.DICOM,
            f"the format {form.name} refers to DICOM objects",
            expected="images from DICOM files",
            got="at least one other image",
            hint="Choose another format for these.",
        )
    return result if Need.PIXELS in form.needs else result.without_pixels()
