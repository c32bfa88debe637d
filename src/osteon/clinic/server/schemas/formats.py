"""Output formats."""

from __future__ import annotations

from pydantic import BaseModel, Field

from osteon.outputs.format import Need


class OutputFormat(BaseModel):
    """A format in which a reading can be had from `GET /studies/{study}/outputs/{name}`."""

    name: str
    label: str = Field(description="For people.")
    media_type: str = Field(description="Of a file; a format that writes several files gives a zip archive of them.")
    extension: str = Field(description="Of the files, with its dot.")
    needs: list[Need] = Field(
        description="`pixels`: images are decoded for it. `identity`: it names the patient, and is given to readers. "
        "`dicom`: every image must come from a DICOM file. `all-images`: it describes a whole study, and cannot be had of "
        "one image."
    )
