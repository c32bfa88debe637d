"""A data set and all its sequences, copied as far as profile, options and allowed attributes permit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydicom.datadict import dictionary_has_tag, dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from osteon.deidentify.header import profile, retained, values
from osteon.deidentify.header.allowed import RULES, Rule, Terms
from osteon.deidentify.header.codes import clean_codes
from osteon.deidentify.header.dates import clean_time, shift_date, shift_date_time
from osteon.deidentify.header.dummies import dummy
from osteon.deidentify.header.patient import Patient
from osteon.deidentify.header.profile import Action
from osteon.deidentify.header.tables import table
from osteon.deidentify.header.vocabulary import descriptive_words
from osteon.deidentify.options import Dates, Options
from osteon.deidentify.secret import Secret
from osteon.imaging.dicom import header as head

_PIXELS = 0x7FE00010
_DEEPEST = 32
_RETAINED = retained.PATIENT | retained.DEVICE | retained.INSTITUTION | retained.DESCRIPTORS


@dataclass(frozen=True)
class HeaderCleaner:
    """Cleans the attributes of an object.

    Attributes:
        options: of the profile.
        secret: for UIDs.
        patient: of the object.
        swapped: whether the original is big endian.
    """

    options: Options
    secret: Secret
    patient: Patient
    swapped: bool = False

    def clean(self, old: Dataset, depth: int = 0) -> Dataset:
        """The copy of a data set or of an item; private attributes, pixels, overlays and curves are not in it."""
        new = Dataset()
        if depth > _DEEPEST:
            return new
        for tag in sorted(old.keys()):
            if tag.group < 8 or tag.element == 0 or tag == _PIXELS or not self._may_keep(int(tag)):
                continue
            try:
                element = old[tag]
            except head.UNREADABLE:  # a value that cannot be parsed is not kept
                continue
            cleaned = self._clean(element, old, depth)
            if cleaned is not None:
                new.add(cleaned)
        return new

    def _may_keep(self, tag: int) -> bool:
        """Whether an attribute may be kept in some form; others need not be parsed."""
        if not dictionary_has_tag(tag):  # private and unknown attributes, overlays, curves
            return False
        action = profile.action(tag)
        if tag in RULES or tag in _RETAINED or action not in (None, Action.REMOVE):
            return True
        shifting = self.options.dates is not Dates.REMOVE and action is not None
        return shifting and _vr(tag) in ("DA", "DT", "TM")

    def _clean(self, element: DataElement, old: Dataset, depth: int) -> DataElement | None:
        kept = self._retain(element)
        if kept is not None:
            return kept
        action = profile.action(int(element.tag))
        if action is None:
            rule = RULES.get(int(element.tag))
            if rule is Rule.TABLE or rule is Rule.SEGMENTS:
                return table(element, old, rule, swapped=self.swapped)
            if rule is Rule.DESCRIPTOR:
                vr = "SS" if element.VR == "SS" else "US"
                return _new_element(int(element.tag), vr, values.descriptor(old, element.keyword, signed=vr == "SS"))
            if rule is Rule.WINDOW:
                return _new_element(int(element.tag), "DS", values.windows(old, element.keyword))
            return None if rule is None else self._keep(element, rule, depth)
        return self._act(element, action, depth)

    def _retain(self, element: DataElement) -> DataElement | None:
        """The element as an option keeps or cleans it; None where no option does."""
        tag, options = int(element.tag), self.options
        vr = _vr(tag)
        if options.keep_patient and tag in retained.PATIENT:
            return _characteristic(element)
        if (options.keep_device and tag in retained.DEVICE) or (
            options.keep_institution and tag in retained.INSTITUTION
        ):
            if vr == "UI":
                return _new_element(
                    tag, vr, [values.uid(uid, self.secret, keep=options.keep_uids) for uid in _strings(element)]
                )
            return _new_element(tag, vr, _raw_codes(element) if vr == "SQ" else _strings(element))
        if options.clean_descriptors and tag in retained.DESCRIPTORS:
            left = [
                found for uid_text in _strings(element) if (found := descriptive_words(uid_text, self.patient.names))
            ]
            return _new_element(tag, vr, [phrase[:64].strip() for phrase in left]) if left else None
        if options.dates is not Dates.REMOVE and profile.action(tag) is not None and tag not in retained.NEVER_SHIFTED:
            return self._shift(element, vr)
        return None

    def _shift(self, element: DataElement, vr: str) -> DataElement | None:
        days, time = self.patient.days, self.options.dates is Dates.SHIFT
        if vr == "DA":
            moved = [shift_date(value, days) for value in _strings(element)]
        elif vr == "DT":
            moved = [shift_date_time(value, days, time=time) for value in _strings(element)]
        elif vr == "TM" and time:
            moved = [clean_time(value) for value in _strings(element)]
        else:
            return None
        return None if not moved or None in moved else _new_element(int(element.tag), vr, moved)

    def _act(self, element: DataElement, action: Action, depth: int) -> DataElement | None:
        tag = int(element.tag)
        vr = _vr(tag)
        if action is Action.REMOVE:
            return None
        if action is Action.EMPTY:
            return _new_element(tag, vr, [])
        if action is Action.DUMMY:
            return None if vr == "SQ" else DataElement(tag, vr, dummy(vr))
        if vr == "SQ":
            return self._recurse(element, depth)
        keep = self.options.keep_uids
        return _new_element(tag, vr, [values.uid(uid, self.secret, keep=keep) for uid in _strings(element) if uid])

    def _recurse(self, element: DataElement, depth: int) -> DataElement:
        items = [self.clean(item, depth + 1) for item in element.value or () if isinstance(item, Dataset)]
        return DataElement(element.tag, "SQ", Sequence([item for item in items if len(item)]))

    def _keep(self, element: DataElement, rule: Rule | Terms, depth: int) -> DataElement | None:
        tag = int(element.tag)
        vr = _vr(tag, element.VR)
        if isinstance(rule, Terms):
            return _new_element(tag, vr, values.terms(_strings(element), rule))
        if rule is Rule.CODES:
            return DataElement(tag, "SQ", Sequence(clean_codes(_items(element))))
        if rule is Rule.SEQUENCE:
            return self._recurse(element, depth)
        if rule is Rule.FRAMES:
            return DataElement(tag, "SQ", Sequence([self.clean(item, depth + 1) for item in _items(element)]))
        if rule is Rule.WITHHELD:
            return DataElement(tag, vr, dummy(vr))
        texts = _strings(element)
        if rule is Rule.ORIENTATION:
            return _new_element(tag, vr, values.orientation(texts))
        if rule is Rule.NUMBER:
            return _new_element(tag, vr, values.numbers(texts, vr))
        cleaners: dict[Rule, Callable[[str], str | int | None]] = {
            Rule.COUNTER: values.counter,
            Rule.PART: values.body_part,
            Rule.VIEW: values.view,
            Rule.MAKER: values.maker,
            Rule.UID: self._uid,
        }
        return _new_element(
            tag, vr, [found for text in texts[:1] if text and (found := cleaners[rule](text)) is not None]
        )

    def _uid(self, value: str) -> str:
        return values.uid(value, self.secret)


def _vr(tag: int, given: str = "") -> str:
    """The value representation in the dictionary; of several, the given one, otherwise the first."""
    choices = dictionary_VR(Tag(tag)).split(" or ")
    return given if given in choices else choices[0]


def _new_element(tag: int, vr: str, found: Any) -> DataElement:
    """An element with the given values: empty without any, single with one."""
    several = list(found)
    if vr == "SQ":
        return DataElement(tag, vr, Sequence(several))
    if vr in ("LT", "ST", "UT", "UR"):
        return DataElement(tag, vr, "\\".join(several))
    return DataElement(tag, vr, None if not several else several[0] if len(several) == 1 else several)


def _strings(element: DataElement) -> list[str]:
    """All values as strings; bytes have none."""
    value = element.value
    if value is None or isinstance(value, (bytes, Sequence)):
        return []
    several = list(value) if isinstance(value, (MultiValue, list, tuple)) else [value]
    return [str(value).strip("\0") for value in several if value is not None]


def _items(element: DataElement) -> list[Dataset]:
    return [item for item in element.value or () if isinstance(item, Dataset)] if element.VR == "SQ" else []


def _raw_codes(element: DataElement) -> list[Dataset]:
    """The codes of an institution, unchanged: value, scheme and meaning."""
    found: list[Dataset] = []
    for item in _items(element):
        new = Dataset()
        for keyword in ("CodeValue", "CodingSchemeDesignator", "CodeMeaning"):
            setattr(new, keyword, head.text(item, keyword))
        found.append(new)
    return found


def _characteristic(element: DataElement) -> DataElement | None:
    """A characteristic of the patient that is well-formed; the age is written elsewhere."""
    allowed = {"PatientSex": ("F", "M", "O"), "SmokingStatus": ("YES", "NO", "UNKNOWN"), "PregnancyStatus": "1234"}
    tag, vr = int(element.tag), _vr(int(element.tag))
    text = "".join(_strings(element)[:1]).strip().upper()
    for keyword, terms in allowed.items():
        if tag == tag_for_keyword(keyword):
            return _new_element(tag, vr, [int(text) if vr == "US" else text]) if text in terms and text else None
    if vr != "DS":
        return None
    found = values.number(text, vr)
    return None if found is None else _new_element(tag, vr, [found])
