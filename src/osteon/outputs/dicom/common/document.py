"""The modules of structured reports: flags, evidence, and who verified (PS3.3 section C.17.2)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.dataset import Dataset

from osteon.core.labels import Code
from osteon.imaging.dicom.header import items
from osteon.outputs.dicom.common import codes
from osteon.outputs.dicom.common.base import MANUFACTURER, MODEL, Job, evidence, new_object, predecessors
from osteon.outputs.dicom.common.content import CONTEXT, MODIFIER, code, text, uid
from osteon.outputs.dicom.common.source import Sources, stated
from osteon.outputs.dicom.kinds import Kind
from osteon.outputs.dicom.options import ObjectReference


def new_document(
    job: Job, kind: Kind, sop_class: str, root: Dataset, replaces: Sequence[ObjectReference], *parts: str
) -> Dataset:
    """A structured report: complete, unverified and preliminary.

    Args:
        job: what it is made of.
        kind: of object.
        sop_class: its SOPClassUID.
        root: of its content.
        replaces: reports whose content it takes in or takes the place of.
        parts: what tells it from others of its kind and study.

    Raises:
        ValueError: it would replace itself: a new result of the same bundle needs a version of its own.
    """
    made = new_object(job, kind, sop_class, *parts)
    if any(one.sop_instance_uid == made.SOPInstanceUID for one in replaces):
        raise ValueError("a report cannot replace itself: give a result that was read anew the next version")
    made.ContentDate, made.ContentTime = made.InstanceCreationDate, made.InstanceCreationTime
    made.CompletionFlag, made.VerificationFlag, made.PreliminaryFlag = "COMPLETE", "UNVERIFIED", "PRELIMINARY"
    made.ReferencedPerformedProcedureStepSequence = []
    made.PerformedProcedureCodeSequence = []
    made.CurrentRequestedProcedureEvidenceSequence = [evidence(job, job.sources.files)]
    if replaces:
        made.PredecessorDocumentsSequence = [predecessors(job, replaces)]
    add_root(made, root)
    return made


def add_root(made: Dataset, root: Dataset) -> None:
    """Give an object its content."""
    for element in root:
        made[element.tag] = element
    if _private(made):
        scheme = Dataset()
        scheme.CodingSchemeDesignator, scheme.CodingSchemeName = codes.PRIVATE, "Labels of Osteon's bundles"
        scheme.CodingSchemeResponsibleOrganization = MANUFACTURER
        made.CodingSchemeIdentificationSequence = [scheme]


def _private(item: Dataset) -> bool:
    """Whether a private code stands in an item or below it."""
    if item.get("CodingSchemeDesignator") == codes.PRIVATE:
        return True
    return any(_private(one) for element in item if element.VR == "SQ" for one in element.value)


def language() -> Dataset:
    """The language of all that is written (TID 1204)."""
    return code(MODIFIER, codes.LANGUAGE, codes.ENGLISH)


def device_observer(job: Job) -> list[Dataset]:
    """The bundle as the one who observed (TID 1004)."""
    return [
        code(CONTEXT, codes.OBSERVER_TYPE, codes.DEVICE),
        uid(CONTEXT, codes.DEVICE_UID, job.device),
        text(CONTEXT, codes.DEVICE_NAME, MODEL),
        text(CONTEXT, codes.DEVICE_MANUFACTURER, MANUFACTURER),
        text(CONTEXT, codes.DEVICE_MODEL, job.result.bundle.identity),
    ]


def procedures(sources: Sources) -> list[Dataset]:
    """The procedures that were done, as the files code them; an X-ray of an unspecified region where they do not."""
    found: dict[tuple[str, str], Code] = {}
    for image in sources.files:
        for sequence in ("ProcedureCodeSequence", "RequestedProcedureCodeSequence", "PerformedProtocolCodeSequence"):
            for item in items(image.header, sequence):
                one = Code(
                    stated(item, "CodeValue"), stated(item, "CodeMeaning"), stated(item, "CodingSchemeDesignator")
                )
                # An item of a private scheme may lack its designator: it would mean nothing to anybody else.
                if one.value and one.meaning and one.scheme:
                    found.setdefault((one.value, one.scheme), one)
    return [code(MODIFIER, codes.PROCEDURE, one) for one in found.values() or (codes.UNSPECIFIED_XRAY,)]
