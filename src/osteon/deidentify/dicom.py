"""A DICOM object by PS3.15's Basic Application Level Confidentiality Profile and its options."""

from __future__ import annotations

import io
from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from osteon.core.codes.fault import FaultCode
from osteon.core.codes.note import NoteCode
from osteon.core.errors import InputError
from osteon.deidentify.cleaned import Cleaned, Origin
from osteon.deidentify.flag import Flag, FlagCode, text_flag
from osteon.deidentify.header.cleaner import HeaderCleaner
from osteon.deidentify.header.display import is_displayed_equally
from osteon.deidentify.header.patient import Patient, read_age, read_patient
from osteon.deidentify.header.private import safe_private
from osteon.deidentify.header.profile import EDITION
from osteon.deidentify.header.values import is_standard_uid
from osteon.deidentify.options import Dates, Options
from osteon.deidentify.pixels.overlays import clean_overlays
from osteon.deidentify.pixels.pixels import DecodedImage, decode_pixels, write_pixels
from osteon.deidentify.secret import Secret
from osteon.imaging.dicom import header as head
from osteon.imaging.dicom import scope
from osteon.imaging.dicom.dataset import UNPARSABLE, open_dataset
from osteon.imaging.limits import Limits
from osteon.imaging.quiet import quiet
from osteon.imaging.sniff import Kind

_IMPLEMENTATION: Final = "2.25.225047120843021347206011417213219062104"
"""ImplementationClassUID of the files written here."""
_METHOD: Final = (f"Osteon, PS3.15 {EDITION} basic profile", "What is not known to be safe is removed")
_SCANNED: Final = frozenset({"DF", "SD", "SI", "WSD", "DRW", "DV"})


def deidentify_dicom(data: bytes, options: Options, secret: Secret, limits: Limits) -> Cleaned:
    """De-identify a DICOM object; its pixels are decoded, so damaged files are refused.

    Raises:
        InputError: it is not a radiograph, truncated, damaged, or above the limits; the message holds none of its values.
        MemoryError: there is not enough memory.
    """
    old = open_dataset(data, limits)
    try:
        with quiet():
            _check(old)
        image = _read(old, limits)
        with quiet():
            return _clean(old, image, options, secret)
    except MemoryError:
        raise
    except UNPARSABLE as error:
        raise InputError(FaultCode.DICOM_DAMAGED, {"error": type(error).__name__}) from None


def _read(old: Dataset, limits: Limits) -> DecodedImage:
    """The decoded pixels; errors do not quote the header."""
    try:
        return decode_pixels(old, limits)
    except InputError as error:
        raise error.without_got() from None


def _check(old: Dataset) -> None:
    """Refuse what is not a radiograph, without quoting it."""
    sop_class = head.text(old, "SOPClassUID")
    try:
        scope.check_radiograph(old)
    except InputError:
        known = is_standard_uid(sop_class) and sop_class not in scope.ACCEPTED
        raise InputError(FaultCode.NOT_DEIDENTIFIED, {"object": UID(sop_class).name} if known else {}) from None
    if not sop_class:
        raise InputError(FaultCode.CLASS_MISSING)


def _clean(old: Dataset, image: DecodedImage, options: Options, secret: Secret) -> Cleaned:
    patient = read_patient(old, secret)
    new = HeaderCleaner(options, secret, patient, swapped=old.original_encoding[1] is False).clean(old)
    flags = _flags(old, image, options)
    _identify(new, old, patient, options, secret)
    if options.clean_graphics and clean_overlays(old, new):
        flags.append(Flag(FlagCode.OVERLAYS_REMOVED))
    if options.keep_private:
        for element in safe_private(old):
            new.add(element)
    if not is_displayed_equally(old, new, image.pixels, image.stored):
        flags.append(Flag(FlagCode.DISPLAY_CHANGED))
    syntax = write_pixels(image, new, blank_text=options.clean_pixels)
    _declare(new, old, image, options)
    origin = Origin(
        patient=head.text(old, "PatientID"),
        study=head.text(old, "StudyInstanceUID"),
        series=head.text(old, "SeriesInstanceUID"),
        instance=head.text(old, "SOPInstanceUID"),
        days=patient.days if options.dates is not Dates.REMOVE else 0,
    )
    age = read_age(old, cap=options.cap_age) if options.keep_patient else None
    return Cleaned(
        data=_write(new, syntax),
        kind=Kind.DICOM,
        study=str(new.StudyInstanceUID),
        series=str(new.SeriesInstanceUID),
        instance=str(new.SOPInstanceUID),
        patient=patient.pseudonym,
        text=image.text,
        blanked=options.clean_pixels and any(image.text),
        flags=tuple(flags),
        view=head.view(old),
        age=_years(age),
        sex=head.sex(old) if options.keep_patient else None,
        origin=origin,
    )


def _years(age: str | None) -> int | None:
    """Completed years of an AS."""
    if age is None:
        return None
    return int(int(age[:3]) / {"Y": 1, "M": 12, "W": 52.18, "D": 365.25}[age[3]])


def _identify(new: Dataset, old: Dataset, patient: Patient, options: Options, secret: Secret) -> None:
    """Write pseudonyms, age, and UIDs where the original had none."""
    new.PatientID = new.PatientName = patient.pseudonym
    age = read_age(old, cap=options.cap_age) if options.keep_patient else None
    if age is not None:
        new.PatientAge = age
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"):
        if not new.get(keyword):
            raise InputError(FaultCode.IDENTIFIER_MISSING, {"element": keyword})
        if not options.keep_uids and str(new[keyword].value) == head.text(old, keyword):
            setattr(new, keyword, secret.uid(head.text(old, keyword)))


def _flags(old: Dataset, image: DecodedImage, options: Options) -> list[Flag]:
    flags: list[Flag] = []
    lines = sum(map(len, image.text))
    if lines:
        flags.append(text_flag(lines, blanked=options.clean_pixels))
    if head.text(old, "BurnedInAnnotation").upper() == "YES" and not lines:
        flags.append(Flag(FlagCode.TEXT_NOT_FOUND))
    if scope.ACCEPTED.get(head.text(old, "SOPClassUID")) is NoteCode.SECONDARY_CAPTURE:
        flags.append(Flag(FlagCode.SECONDARY_CAPTURE))
    elif head.text(old, "ConversionType").upper() in _SCANNED:
        flags.append(Flag(FlagCode.SCANNED))
    if image.stray:
        flags.append(Flag(FlagCode.BITS_CLEARED))
    return flags


def _declare(new: Dataset, old: Dataset, image: DecodedImage, options: Options) -> None:
    """Declare what was done (PS3.15 section E.1.1, item 6; PS3.3 section C.12.1.1)."""
    new.PatientIdentityRemoved = "YES"
    new.DeidentificationMethod = list(_METHOD)
    codes: list[Dataset] = []
    for value, meaning in options.codes:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
        codes.append(item)
    new.DeidentificationMethodCodeSequence = Sequence(codes)
    new.LongitudinalTemporalInformationModified = "REMOVED" if options.dates is Dates.REMOVE else "MODIFIED"
    burned = _burned_in(old, image, options)
    if burned:
        new.BurnedInAnnotation = burned
    if any(not str(element.value).isascii() for element in new.iterall() if element.VR not in ("SQ", "OB", "OW")):
        new.SpecificCharacterSet = "ISO_IR 192"


def _burned_in(old: Dataset, image: DecodedImage, options: Options) -> str:
    """BurnedInAnnotation: YES where text remains or is stated, NO where it was denied or cleaned, otherwise empty."""
    stated = head.text(old, "BurnedInAnnotation").upper()
    if any(image.text):
        return "NO" if options.clean_pixels else "YES"
    if stated == "YES":
        return "YES"
    return "NO" if stated == "NO" or options.clean_pixels else ""


def _write(new: Dataset, syntax: str) -> bytes:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = new.SOPClassUID
    meta.MediaStorageSOPInstanceUID = new.SOPInstanceUID
    meta.TransferSyntaxUID = UID(syntax)
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    meta.ImplementationVersionName = "OSTEON"
    new.file_meta = meta
    new.preamble = bytes(128)
    stream = io.BytesIO()
    new.save_as(stream, enforce_file_format=True, implicit_vr=False, little_endian=True)
    return stream.getvalue()
